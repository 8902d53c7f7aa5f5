"""Content credentials (C2PA): a signed note in a file of who made it and how. Read and checked, never fetched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, TypeAlias

import c2pa  # type: ignore[import-untyped]
from cryptography import x509

from provenance.finding import GENERATED

State: TypeAlias = Literal["trusted", "valid", "invalid", "remote", "unreadable"]

UNTRUSTED = "signingCredential.untrusted"
"""Failure code of a signature whose certificate leads to no authority that we were told to trust."""

_OFFLINE: Mapping[str, Mapping[str, object]] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
    # The empty list shuts off whatever else might ask for an address; identity assertions name web documents.
    "core": {
        "allowed_network_hosts": [],
        "allow_redirects": False,
        "decode_identity_assertions": False,
        "max_decompressed_manifest_size_in_mb": 16,
    },
}
_TYPES = {
    **{"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "WEBP": "image/webp"},
    "AVIF": "image/avif",
}


@dataclass(frozen=True)
class Credentials:
    """Content credentials of a file. But for `state` and `failures`, all of it is what the signer says.

    Attributes
    ----------
    state : {"trusted", "valid", "invalid", "remote", "unreadable"}
        "trusted": unchanged since it was signed, by somebody whose certificate leads to an authority that was given.
        "valid": unchanged since it was signed, by anybody. "invalid": the file or the note was changed, or the
        signature is no good. "remote": the note is said to be at a web address, which is not asked.
        "unreadable": the note is damaged.
    failures : tuple of str
        What did not hold, in C2PA's codes, such as "assertion.dataHash.mismatch".
    generator : str
        Program that wrote the note, and its version.
    title : str
    signer : str
        Names on the certificate: organisation, then person or service.
    signed_at : str
        Time by a time-stamping authority, or empty.
    actions : tuple of str
        What is said to have been done, such as "c2pa.created", oldest first.
    sources : tuple of str
        Digital source types, last part only, such as "digitalCapture"; of the picture and what it was made from.
    problem : str
        Of "remote" and "unreadable": what the reader said.
    """

    state: State
    failures: tuple[str, ...] = ()
    generator: str = ""
    title: str = ""
    signer: str = ""
    signed_at: str = ""
    actions: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    problem: str = ""

    @property
    def generative(self) -> bool:
        """Whether it says that the picture, or a part of it, comes from no camera."""
        return any(source in GENERATED for source in self.sources)


def read_credentials(file: BinaryIO, format_: str, trust_anchors: str = "") -> Credentials | None:
    """Read and check a file's content credentials. Nothing is asked of the network.

    Parameters
    ----------
    file : binary file
    format_ : str
        Pillow's name of its format.
    trust_anchors : str, optional
        Certificates of authorities to trust, PEM. LensLock brings none, so that without them nothing is "trusted".

    Returns
    -------
    Credentials or None
        None if the file has none.

    Raises
    ------
    ValueError
        If the trust anchors are no certificates.
    """
    settings = dict(_OFFLINE)
    if trust_anchors:
        try:
            x509.load_pem_x509_certificates(trust_anchors.encode())
        except ValueError as error:
            raise ValueError(f"trust_anchors: expected certificates in PEM, which this is not ({error}).") from error
        settings["trust"] = {"trust_anchors": trust_anchors}
    with c2pa.Context.from_dict(settings) as context:
        try:
            with c2pa.Reader(_TYPES.get(format_, "image/heic"), file, context=context) as reader:
                store = json.loads(reader.json())
        except c2pa.C2paError.ManifestNotFound:
            return None
        except (c2pa.C2paError, ValueError, RecursionError) as error:
            problem = str(error)
            return Credentials("remote" if problem.startswith("Remote") else "unreadable", problem=problem)
    return _credentials(store)


def _credentials(store: Mapping[str, Any]) -> Credentials:
    states: Mapping[str, State] = {"Trusted": "trusted", "Valid": "valid"}
    manifests = _mapping(store.get("manifests"))
    active = _mapping(manifests.get(str(store.get("active_manifest"))))
    signature = _mapping(active.get("signature_info"))
    return Credentials(
        state=states.get(str(store.get("validation_state")), "invalid"),
        failures=_unique(_mapping(status).get("code") for status in _list(store.get("validation_status"))),
        generator=_generator(active),
        title=_string(active.get("title")),
        signer=", ".join(_unique(signature.get(key) for key in ("issuer", "common_name"))),
        signed_at=_string(signature.get("time")),
        actions=tuple(_string(action.get("action")) for action in _actions(active)),
        sources=_unique(
            _string(action.get("digitalSourceType")).rstrip("/").rpartition("/")[2]
            for manifest in manifests.values()
            for action in _actions(_mapping(manifest))
        ),
    )


def _generator(manifest: Mapping[str, Any]) -> str:
    infos = [_mapping(info) for info in _list(manifest.get("claim_generator_info"))]
    names = [" ".join(_unique((info.get("name"), info.get("version")))) for info in infos]
    return ", ".join(filter(None, names)) or _string(manifest.get("claim_generator"))


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in map(_mapping, _list(manifest.get("assertions"))):
        if _string(assertion.get("label")).startswith("c2pa.actions"):
            yield from map(_mapping, _list(_mapping(assertion.get("data")).get("actions")))


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
