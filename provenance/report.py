"""An advisory look at where an uploaded file comes from. It never decides: traces are easily removed or forged."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from prnu.images import ImageError, load_luma, name_of, open_picture
from provenance.compression import AMPLIFICATION, DoubleJpeg, ErrorLevel, Table, double_jpeg, error_level
from provenance.credentials import UNTRUSTED, Credentials, read_credentials
from provenance.finding import GENERATED, Finding, quoted
from provenance.metadata import read_metadata

__all__ = ["ELA_CAVEAT", "Finding", "Provenance", "examine"]

ELA_CAVEAT = (
    "Bright is what changes when the picture is saved once more as JPEG (error-level analysis, times "
    f"{AMPLIFICATION}). Texture, edges and earlier saves show as much as edits do: it proves nothing."
)
"""What to say next to `Provenance.error_level`."""

_FAILURES = {
    "assertion.dataHash.mismatch": "the picture was changed after it was signed",
    "assertion.bmffHash.mismatch": "the picture was changed after it was signed",
    "assertion.boxesHash.mismatch": "the picture was changed after it was signed",
    "assertion.hashedURI.mismatch": "what the note says was changed after it was signed",
    "claimSignature.mismatch": "the signature does not fit the note",
    "signingCredential.expired": "the signer's certificate had expired",
    "signingCredential.invalid": "the signer's certificate is not fit for this",
}


@dataclass(frozen=True, eq=False)
class Provenance:
    """What a file tells of its own history. Advisory: none of it is proof, in neither direction.

    Attributes
    ----------
    name : str
    format : str
        "JPEG", "MPO" (a JPEG with more than one picture), "PNG", "TIFF", "WEBP", "HEIF" or "AVIF".
    size : (int, int)
        Width and height in pixels, in sensor orientation.
    findings : tuple of Finding
        In the order in which to show them: credentials, metadata, compression.
    exif : mapping of str to str
        Some EXIF fields by name, as text from the file; no place.
    error_level : ErrorLevel or None
        None for a picture that no JPEG can hold. Show `ELA_CAVEAT` with it.
    double_jpeg : DoubleJpeg or None
        None if it is no JPEG with a luma plane.
    credentials : Credentials or None
        None if the file has none.
    """

    name: str
    format: str
    size: tuple[int, int]
    findings: tuple[Finding, ...]
    exif: Mapping[str, str]
    error_level: ErrorLevel | None
    double_jpeg: DoubleJpeg | None
    credentials: Credentials | None


def examine(
    data: bytes | str | os.PathLike[str], name: str = "", *, trust_anchors: str = "", now: datetime | None = None
) -> Provenance:
    """Look at a file's metadata, compression and content credentials. Nothing is asked of the network.

    Parameters
    ----------
    data : bytes or path
    name : str, optional
        What to call it in an error. Default: the file's name.
    trust_anchors : str, optional
        Certificates of authorities whose content credentials to trust, PEM; see `read_credentials`.
    now : datetime, optional
        With its time zone. Default: the present.

    Returns
    -------
    Provenance

    Raises
    ------
    ImageError
        If it is no usable picture: see `prnu.load_luma`.
    ValueError
        If the trust anchors are no certificates.
    """
    name = name or name_of(data)
    luma = load_luma(data, name)
    try:
        with io.BytesIO(data) if isinstance(data, bytes) else Path(data).open("rb") as file:
            with open_picture(file, name) as image:
                format_ = image.format or ""
                exif, about_metadata = read_metadata(image, luma, now or datetime.now(UTC))
                table = _luma_table(image)
            file.seek(0)
            credentials = read_credentials(file, format_, trust_anchors)
    except OSError as error:
        raise ImageError(
            name, f"the file cannot be read again ({error})", "Check the path and try once more"
        ) from error
    double = None if table is None else double_jpeg(luma, table)
    # Saved again at the quality of its last save, a picture does not change at all.
    errors = error_level(luma, 80 if double and abs(double.quality - 90) <= 2 else 90)
    findings = (*_about_credentials(credentials), *about_metadata, *_about_compression(format_, double))
    return Provenance(name, format_, (luma.shape[1], luma.shape[0]), findings, exif, errors, double, credentials)


def _luma_table(image: Image.Image) -> Table | None:
    """Quantisation steps of a JPEG's luma plane; None if it is no JPEG, or stores red, green and blue."""
    tables, layers = getattr(image, "quantization", None), getattr(image, "layer", None)
    if image.format not in ("JPEG", "MPO") or not tables or not layers:
        return None
    rgb = len(layers) == 3 and (image.info.get("adobe_transform") == 0 or [part[0] for part in layers] == [82, 71, 66])
    steps = tables.get(layers[0][3])
    if rgb or steps is None or len(steps) != 64 or min(steps) < 1:
        return None
    return np.array(steps, np.int64).reshape(8, 8)


def _about_credentials(found: Credentials | None) -> Iterator[Finding]:
    if found is None:
        text = "It has no content credentials (C2PA), a signed note of who made it. Very few photos have one."
        yield Finding("credentials-absent", "info", text)
        return
    note = "It has content credentials (C2PA), a signed note of who made it"
    signer = quoted(found.signer) if found.signer else "nobody named"
    if found.state == "remote":
        text = f"{note}, but only at a web address. LensLock asks nothing of the network, so it was not checked."
        yield Finding("credentials-remote", "info", text)
    elif found.state == "unreadable":
        yield Finding("credentials-unreadable", "warn", f"{note}, but it cannot be read: it is damaged or made up.")
    elif found.state == "invalid":
        codes = [code for code in found.failures if code != UNTRUSTED]
        reasons = ", ".join(f"{_FAILURES[code]} ({code})" if code in _FAILURES else quoted(code) for code in codes[:5])
        text = f"{note}, by {signer}, but it does not hold: {reasons or 'no reason given'}."
        yield Finding("credentials-invalid", "warn", text)
    elif found.state == "valid":
        text = (
            f"{note}. The file is unchanged since {signer} signed it, but LensLock does not know the signer: anybody "
            "can make a certificate with any name."
        )
        yield Finding("credentials-unknown-signer", "info", text)
    else:
        text = f"{note}. The file is unchanged since {signer} signed it, whom you trust: the note is the signer's word."
        yield Finding("credentials-trusted", "good", text)
    for source in found.sources:
        if source in GENERATED:
            text = f"Its content credentials say that it, or a picture it was made from, was {GENERATED[source]}."
            yield Finding("credentials-generated", "warn", text)


def _about_compression(format_: str, found: DoubleJpeg | None) -> Iterator[Finding]:
    if found is None:
        if format_ in ("JPEG", "MPO"):
            text = "This JPEG stores its colours in an unusual way, so that earlier saves cannot be looked for."
            yield Finding("jpeg-unusual", "info", text)
        return
    if found.standard:
        text = f"It was last saved as JPEG of quality {found.quality}, as most programs and many phones do."
        yield Finding("jpeg-standard", "info", text)
    else:
        text = (
            f"It was last saved as JPEG with tables of a camera's or program's own, about quality {found.quality}. "
            "Some cameras have their own, and so do Adobe and Apple."
        )
        yield Finding("jpeg-own", "info", text)
    if found.verdict == "double":
        text = (
            f"It was saved as JPEG before, more strongly (about quality {found.earlier_quality}), and then again. A "
            "camera saves once; messengers, websites and editors save again, whether or not they change the picture."
        )
        yield Finding("jpeg-double", "warn", text)
    elif found.reason == "too-flat":
        text = "Whether it was saved as JPEG before cannot be told: there is too little detail in it."
        yield Finding("jpeg-inconclusive", "info", text)
    else:
        text = (
            "There is no clear trace of an earlier, stronger JPEG save. That does not mean there was none: cutting, "
            "scaling or a save at the same or lower quality hides it."
        )
        yield Finding("jpeg-inconclusive", "info", text)
