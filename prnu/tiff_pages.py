"""The directories of a TIFF: which page is the photo, and whether the file is a camera's raw data.

Raw files are TIFF, too, and begin with a small preview that decoders take for the picture; scanners and editors put a
thumbnail first or second. So all directories are looked at before one of them is decoded.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from prnu.planes import ImageError

MOST_DIRECTORIES = 64
"""More are not looked at: raw files have 3 to 8, and a damaged file may name itself as its next one."""

_MOST_ENTRIES, _MOST_VALUES = 1000, 64
_SIZES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # types that hold whole numbers, TIFF 6.0 and BigTIFF
_SUBTYPE, _OLD_SUBTYPE, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 254, 255, 256, 257, 258, 259, 262
_PARTS, _CFA_SIZE, _CFA, _DNG = 330, 33421, 33422, 50706
_MOSAIC = {32803, 34892}  # data of a colour filter array, and the same with its colours separated (DNG 1.7)
_RAW_COMPRESSIONS = {262, 32767, 32769, 32770, 32772, 34713, 34892, 65000, 65535}
"""Kodak, Sony, packed (Epson and others), two of Samsung, Nikon, lossy DNG, Kodak, Pentax; as ExifTool lists them."""


@dataclass(frozen=True)
class Directory:
    """One picture of a TIFF, as its directory describes it.

    Attributes
    ----------
    page : int or None
        Number in the chain of pages; None where another directory points to it, as to raw data.
    width, height : int
    bits : int
        Of a sample; 1 where it is not said, as TIFF 6.0 has it.
    reduced, mask, raw : bool
        Whether it calls itself a smaller copy or a mask, and whether it holds, or belongs to, a sensor's raw data.
    """

    page: int | None
    width: int
    height: int
    bits: int
    reduced: bool
    mask: bool
    raw: bool

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height


def directories(file: BinaryIO) -> list[Directory]:
    """Read all directories of a TIFF, as far as they can be read; none where the file is no TIFF.

    Parameters
    ----------
    file : binary file
        Its position changes.

    Returns
    -------
    list of Directory
        First the pages, in their order. Where the file is damaged the list ends early: the decoder says so afterwards.
    """
    return list(_walk(file))


def photo_page(found: list[Directory], name: str) -> int:
    """Tell which page is the photo.

    Parameters
    ----------
    found : list of Directory
    name : str
        What to call the file in an error.

    Raises
    ------
    ImageError
        If none is or several are: only a smaller copy of the photo can be read, or there are several photos.
    """
    pages = [one for one in found if one.page is not None and not one.mask]
    if not pages:
        return 0  # not even the first could be read here: the decoder says what is wrong
    photo, largest = max(pages, key=lambda one: one.pixels), max(found, key=lambda one: one.pixels)
    if photo.reduced or photo.pixels < largest.pixels:
        problem = f"only a preview of the photo can be read in it, of {photo.width}x{photo.height} pixels"
        raise ImageError(name, problem, "Export the photo in full size, as JPEG or TIFF")
    if any(not one.reduced and not _small_beside(one, photo) for one in pages if one is not photo):
        raise ImageError(name, "this is an animation or has several pages", "Use a single photo")
    return photo.page or 0


def _small_beside(one: Directory, photo: Directory) -> bool:
    """Whether a page is small enough for a thumbnail, though it does not call itself one."""
    return 2 * one.width <= photo.width and 2 * one.height <= photo.height


def _walk(file: BinaryIO) -> Iterator[Directory]:
    file.seek(0)
    header = file.read(16)
    order = {b"II": "<", b"MM": ">"}.get(header[:2])
    try:
        magic = struct.unpack_from(f"{order}H", header, 2)[0] if order else 0
        if magic not in (42, 43):
            return
        form = _Form(str(order), magic == 43)
        parts: list[int] = []
        seen: set[int] = set()
        at, page = struct.unpack_from(f"{order}{form.offset}", header, 8 if form.big else 4)[0], 0
        while at and at not in seen and len(seen) < MOST_DIRECTORIES:
            seen.add(at)
            tags, at = form.read(file, at)
            parts += tags.get(_PARTS, ())
            yield _described(tags, page)
            page += 1
        for part in parts:
            if part not in seen and len(seen) < MOST_DIRECTORIES:
                seen.add(part)
                yield _described(form.read(file, part)[0], None)
    except (struct.error, OverflowError, OSError):
        return  # cut short or damaged: what is missing here is missing for the decoder, too


def _described(tags: dict[int, tuple[int, ...]], page: int | None) -> Directory:
    def first(tag: int, otherwise: int = 0) -> int:
        return (tags.get(tag) or (otherwise,))[0]

    subtype = first(_SUBTYPE)
    raw = first(_PHOTOMETRIC) in _MOSAIC or first(_COMPRESSION) in _RAW_COMPRESSIONS
    return Directory(
        page,
        first(_WIDTH),
        first(_HEIGHT),
        first(_BITS, 1),
        bool(subtype & 1) or first(_OLD_SUBTYPE) == 2,
        bool(subtype & 4),
        raw or any(tag in tags for tag in (_CFA_SIZE, _CFA, _DNG)),
    )


@dataclass(frozen=True)
class _Form:
    """How a TIFF writes its numbers."""

    order: str
    big: bool

    @property
    def offset(self) -> str:
        return "Q" if self.big else "I"

    def read(self, file: BinaryIO, at: int) -> tuple[dict[int, tuple[int, ...]], int]:
        """Read one directory: whole numbers by tag, and where the next one is."""
        file.seek(at)
        head = "Q" if self.big else "H"
        count = min(self._unpack(head, file.read(struct.calcsize(f"{self.order}{head}")))[0], _MOST_ENTRIES)
        entry = f"HH{self.offset}"
        size, room = struct.calcsize(f"{self.order}{entry}"), struct.calcsize(f"{self.order}{self.offset}")
        table = io.BytesIO(file.read(count * (size + room)))
        following = file.read(room)
        tags: dict[int, tuple[int, ...]] = {}
        for _ in range(count):
            tag, kind, number = self._unpack(entry, table.read(size))
            value = table.read(room)
            if kind in _SIZES and number:
                form = f"{min(number, _MOST_VALUES)}{_SIZES[kind]}"
                needed = struct.calcsize(f"{self.order}{form}")
                if number * struct.calcsize(f"{self.order}{_SIZES[kind]}") > room:
                    file.seek(self._unpack(self.offset, value)[0])
                    value = file.read(needed)
                if len(value) >= needed:  # a value that lies beyond the end of the file is as good as missing
                    tags[tag] = self._unpack(form, value[:needed])
        return tags, self._unpack(self.offset, following)[0] if len(following) == room else 0

    def _unpack(self, form: str, data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"{self.order}{form}", data)
