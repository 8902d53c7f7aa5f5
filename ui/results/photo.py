"""Photos as the pages hand them on: a name, the file's bytes, and whether a simulated camera wrote them."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from prnu.file_types import RAW_SUFFIXES, SUFFIXES
from prnu.images import DECODER_ERRORS, ImageError, eight_bit, open_picture
from prnu.sensor import SIMULATED

TYPES = [suffix.removeprefix(".") for suffix in (*SUFFIXES, *RAW_SUFFIXES)]
"""File endings for `st.file_uploader`. Raw files are let in to be refused with words that help: the widget itself only
says that they are not allowed."""

_HEAD = 65_536  # bytes in which EXIF data and comment of a file lie


class Upload(Protocol):
    """A file as `st.file_uploader` returns it."""

    name: str
    file_id: str

    def getvalue(self) -> bytes:
        """All of it."""
        ...


class _NamedFile(io.BytesIO):
    """A file in memory that knows its name, as `prnu.images.name_of` asks for it."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


@dataclass(frozen=True)
class Photo:
    """One photo file.

    Attributes
    ----------
    name : str
        What to call it on a page.
    data : bytes
        The file.
    key : str
        The same for the same file in one session, so that its noise is measured only once.
    """

    name: str
    data: bytes
    key: str

    @property
    def simulated(self) -> bool:
        """Whether one of our simulated cameras wrote it: they say so in every file."""
        return SIMULATED.encode() in self.data[:_HEAD]

    def open(self) -> _NamedFile:
        """Open it for reading."""
        return _NamedFile(self.data, self.name)


def from_uploads(files: Iterable[Upload]) -> list[Photo]:
    """Photos from what `st.file_uploader` returns."""
    return [Photo(file.name, file.getvalue(), file.file_id) for file in files]


def common_size_first(photos: Iterable[Photo]) -> list[Photo]:
    """The photos, those of the most common size in front: an enrolment takes its size from the first."""
    given = list(photos)
    sizes = [_size(photo) for photo in given]
    known = Counter(size for size in sizes if size)
    votes = [known[size] if size else 0 for size in sizes]
    return [given[index] for index in sorted(range(len(given)), key=lambda index: -votes[index])]


def _size(photo: Photo) -> tuple[int, int] | None:
    """Width and height that the file's head tells; None where it tells none."""
    try:
        with open_picture(photo.open(), photo.name) as image:
            return image.size
    except ImageError:
        return None


def pixel_format(photo: Photo) -> str:
    """How a photo that can be read keeps its pixels: "JPEG", "PNG" and so on."""
    with open_picture(photo.open(), photo.name) as image:
        return str(image.format)


def thumbnail(photo: Photo, side: int = 320) -> bytes:
    """A small upright JPEG of a photo; plain grey where the file cannot be shown."""
    return _small_jpeg(_decoded_small(photo, side), side)


def thumbnail_of(rgb: npt.NDArray[np.uint8], side: int = 320) -> bytes:
    """The same of a photo that was decoded already: upright, RGB."""
    return _small_jpeg(Image.fromarray(rgb), side)


def _decoded_small(photo: Photo, side: int) -> Image.Image:
    """About twice as large as wanted, upright: a JPEG need not be decoded whole for that."""
    try:
        with open_picture(photo.open(), photo.name) as image:
            image.draft("RGB", (2 * side, 2 * side))
            shown = eight_bit(image, photo.name)
            shown.thumbnail((2 * side, 2 * side))
            return _upright(shown).convert("RGB")
    except ImageError:
        return Image.new("RGB", (side, side * 3 // 4), "grey")


def _small_jpeg(small: Image.Image, side: int) -> bytes:
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return file.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    """Turn it as its EXIF data say; where those are damaged it stays as the sensor saw it."""
    try:
        return ImageOps.exif_transpose(image)
    except DECODER_ERRORS:
        return image


def data_url(jpeg: bytes) -> str:
    """A JPEG as a table cell takes it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
