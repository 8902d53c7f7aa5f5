"""Pictures with content credentials of a signer that we make ourselves."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass

import c2pa  # type: ignore[import-untyped]
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from PIL import Image

from prnu import scenes

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_NO_USE = dict.fromkeys(
    (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ),
    False,
)


@dataclass(frozen=True)
class Signer:
    """A certificate chain, PEM, with the key of its end, and the authority on its own."""

    chain: bytes
    key: bytes
    authority: str


def make_signer(ocsp: str = "") -> Signer:
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = (
        _certificate("Test authority", authority_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{**_NO_USE, "key_cert_sign": True, "crl_sign": True}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    builder = (
        _certificate("Test signer", key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{**_NO_USE, "digital_signature": True}), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if ocsp:
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp))
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    end = builder.sign(authority_key, hashes.SHA256())
    end_pem, authority_pem = (part.public_bytes(serialization.Encoding.PEM) for part in (end, authority))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer(end_pem + authority_pem, private, authority_pem.decode())


def sign(
    data: bytes,
    signer: Signer,
    mime: str = "image/jpeg",
    *,
    title: str = "A picture",
    actions: list[dict] | None = None,
    parent: bytes = b"",
    remote: str = "",
) -> bytes:
    """`data` with content credentials: inside, or only at the address `remote`."""
    actions = actions or [{"action": "c2pa.created", "digitalSourceType": SOURCE + "digitalCapture"}]
    note = {
        "claim_generator_info": [{"name": "LensLock tests", "version": "1"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }
    quiet = {"builder": {"thumbnail": {"enabled": False}}, "verify": {"verify_after_sign": False}}
    info = c2pa.C2paSignerInfo(b"es256", signer.chain, signer.key, None)
    out = io.BytesIO()
    with c2pa.Context.from_dict(quiet) as context, c2pa.Signer.from_info(info) as key:
        builder = c2pa.Builder(note, context=context)
        if parent:
            builder.add_ingredient(
                {"title": "before", "relationship": "parentOf", "label": "before"}, mime, io.BytesIO(parent)
            )
        if remote:
            builder.set_remote_url(remote)
            builder.set_no_embed()
        builder.sign(key, mime, io.BytesIO(data), out)
    return out.getvalue()


def picture(format_: str = "JPEG", shape: tuple[int, int] = (300, 400), **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(scenes.photo("chelsea", shape, 1))).save(out, format_, **options)
    return out.getvalue()


def _certificate(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    subject, issuer = (
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "LensLock tests"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        for common in (name, "Test authority")
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
    )
