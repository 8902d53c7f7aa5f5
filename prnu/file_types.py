"""What kind of file a picture comes in. The content decides; a name is asked only where the content says nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from prnu.planes import ImageError
from prnu.tiff_pages import Directory, directories

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF")
"""Pillow's names of the formats that are read. JPEG includes MPO, a JPEG with a second picture behind it as some
phones write."""

SUFFIXES = (
    *(".jpg", ".jpeg", ".heic", ".heif", ".hif", ".png", ".tif", ".tiff", ".webp", ".avif"),
    *(".jfif", ".jpe", ".mpo"),
)
"""Endings of files that are read. Sony's and Canon's HEIF ends in .HIF."""

RAW_SUFFIXES = (
    *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".raf", ".orf", ".rw2", ".rwl", ".pef"),
    *(".srw", ".x3f", ".3fr", ".fff", ".iiq", ".erf", ".mrw", ".kdc", ".dcr", ".mef", ".mos", ".gpr"),
)
"""Endings of raw files: what a sensor measured, before the camera made a picture of it."""

READABLE = "Use a photo straight from the camera (JPEG, PNG, TIFF, WebP or HEIC)"

_ODD_DEPTHS = {10, 12, 14, 24, 32, 64}  # bits of a level that a TIFF may have and that are not read; 12 of grey are
_HEAD = 64  # bytes in which a kind of file shows
_RAW_SIGNS = (
    *((0, b"FUJIFILMCCD-RAW", "RAF"), (0, b"IIRO", "ORF"), (0, b"IIRS", "ORF"), (0, b"MMOR", "ORF")),
    *((0, b"IIU\0", "RW2"), (0, b"FOVb", "X3F"), (0, b"\0MRM", "MRW"), (6, b"HEAPCCDR", "CRW")),
    (4, b"ftypcrx ", "CR3"),
)
_RAW_TIFF_SIGNS = {b"CR\x02": "CR2", b"III": "IIQ", b"MMM": "IIQ"}  # after the eight bytes of a TIFF's header
_VIDEO_BRANDS = (b"qt  ", b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp")
_PICTURE_SIGNS = (
    *((0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n\x1a\n"), (0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+")),
    *((8, b"WEBP"), (4, b"ftyphei"), (4, b"ftyphev"), (4, b"ftypmif"), (4, b"ftypmsf"), (4, b"ftypavi")),
)


@dataclass(frozen=True)
class Listing:
    """Files of a folder.

    Attributes
    ----------
    pictures : tuple of Path
        Those to read, by name.
    ignored : tuple of (str, str)
        Name of each other one, and why it is none; hidden files are left out.
    """

    pictures: tuple[Path, ...]
    ignored: tuple[tuple[str, str], ...]


def list_pictures(folder: str | os.PathLike[str]) -> Listing:
    """Find the pictures of a folder.

    A file is one if its content or its name says so. What only its name calls a picture is refused when it is read,
    with the reason. Files whose names begin with a dot, which systems leave behind, are not looked at.

    Parameters
    ----------
    folder : path
        Need not exist.

    Returns
    -------
    Listing
    """
    pictures, ignored = list[Path](), list[tuple[str, str]]()
    for path in sorted(Path(folder).glob("[!.]*")):
        reason = _no_picture(path)
        if reason:
            ignored.append((path.name, reason))
        else:
            pictures.append(path)
    return Listing(tuple(pictures), tuple(ignored))


def check_kind(file: BinaryIO, name: str) -> list[Directory]:
    """Refuse files that are known for something else than a picture, by their content.

    Parameters
    ----------
    file : binary file
        Its position changes.
    name : str
        What to call it in an error.

    Returns
    -------
    list of Directory
        Of a TIFF; none of other files.

    Raises
    ------
    ImageError
        If it is a raw file, a video, or a picture of a kind that is not read.
    """
    file.seek(0)
    head = file.read(_HEAD)
    found = directories(file)
    if (kind := _raw_kind(head, found, name)) is not None:
        raise raw_file(name, kind)
    if (head[4:8] == b"ftyp" and head[8:12].startswith(_VIDEO_BRANDS)) or head.startswith(b"\x1aE\xdf\xa3"):
        raise ImageError(name, "this is a video", "Use a photo: a video is compressed too much to show sensor noise")
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")):
        raise ImageError(name, "this is JPEG XL, which is not read", "Let the camera save JPEG or HEIC")
    return found


def unreadable(name: str, found: Iterable[Directory] = ()) -> ImageError:
    """Refuse a file that no decoder knows; its name may tell what it was meant to be.

    Parameters
    ----------
    name : str
    found : iterable of Directory
        Of a TIFF, from `check_kind`.
    """
    suffix = Path(name).suffix.lower()
    if suffix in RAW_SUFFIXES:
        return raw_file(name, suffix[1:].upper())
    if depths := sorted({one.bits for one in found} & _ODD_DEPTHS):
        bits = ", ".join(map(str, depths))
        return ImageError(
            name, f"this is a TIFF with {bits} bits for a level, which is not read", "Save it with 8 or 16"
        )
    return ImageError(name, "this is not a picture that can be read", READABLE)


def raw_file(name: str, kind: str) -> ImageError:
    """Refuse a raw file. `kind` is what cameras call it, such as "DNG"; empty where that is not known."""
    problem = f"this is a raw file{f' ({kind})' if kind else ''}, from which no photo has been made yet"
    return ImageError(name, problem, "Use the camera's JPEG of it, or export it in full size")


def _raw_kind(head: bytes, found: Iterable[Directory], name: str) -> str | None:
    """What cameras call such a raw file; None if it is none."""
    for at, sign, kind in _RAW_SIGNS:
        if head[at : at + len(sign)] == sign:
            return kind
    if head[:4] in (b"II*\0", b"MM\0*") and head[8:11] in _RAW_TIFF_SIGNS:
        return _RAW_TIFF_SIGNS[head[8:11]]
    if any(one.raw for one in found):
        suffix = Path(name).suffix.lower()
        return suffix[1:].upper() if suffix in RAW_SUFFIXES else ""
    return None


def _no_picture(path: Path) -> str:
    """Why a file of a folder is no picture to read; empty if it is one."""
    suffix = path.suffix.lower()
    if path.is_dir():
        return "this is a folder. Give the photos in it."
    try:
        with path.open("rb") as file:
            check_kind(file, path.name)
            file.seek(0)
            head = file.read(_HEAD)
    except ImageError as error:
        return f"{error.problem}. {error.remedy}."
    except OSError as error:
        return f"the file cannot be opened ({error.strerror or error})."
    if suffix in SUFFIXES or any(head[at : at + len(sign)] == sign for at, sign in _PICTURE_SIGNS):
        return ""
    if suffix in RAW_SUFFIXES:
        named = unreadable(path.name)
        return f"{named.problem}. {named.remedy}."
    return "neither its name nor its content is that of a picture."
