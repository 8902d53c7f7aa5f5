"""Read the luma plane of a picture, bounded and in sensor orientation.

Sensor noise belongs to photosites, so a picture is never rotated, rescaled or colour-managed here: an orientation tag
is ignored, and undone where a decoder applies it by itself.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import ExifTags, Image, UnidentifiedImageError

from prnu.bit_depth import deep_levels, is_deep
from prnu.file_types import FORMATS, READABLE, SUFFIXES, check_kind, unreadable
from prnu.planes import (
    LUMA_WEIGHTS,
    MAX_PIXELS,
    MIN_SIDE,
    FloatArray,
    ImageError,
    centre_crop,
    check_luma,
    check_plane,
    luma_from_array,
    luma_from_planes,
    too_large,
)
from prnu.tiff_pages import Directory, photo_page

__all__ = [
    "DECODER_ERRORS",
    "FORMATS",
    "MAX_PIXELS",
    "MIN_SIDE",
    "SUFFIXES",
    "FloatArray",
    "ImageError",
    "Source",
    "as_luma",
    "centre_crop",
    "check_luma",
    "check_plane",
    "decode_luma",
    "eight_bit",
    "load_luma",
    "luma_from_array",
    "luma_from_planes",
    "name_of",
    "open_image",
    "open_picture",
]

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

pillow_heif.register_heif_opener(thumbnails=False)

_STRIP = 256  # rows that are turned into luma at a time, to hold only those in float32 in colour
DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, OverflowError, LookupError, TypeError, MemoryError, RuntimeError),
    *(struct.error, zlib.error),
)
"""What decoders raise on damaged files: found by fuzzing each format, or known from Pillow's and libheif's code."""


def load_luma(source: Source, name: str | None = None) -> FloatArray:
    """Read a picture's luma in sensor orientation.

    A JPEG's own Y plane is taken as it was stored, without a trip through RGB, which would round and clip it: this
    alone raised the PCE of a real camera by 13 %.

    Parameters
    ----------
    source : path, bytes or binary file
        JPEG, PNG, TIFF, WebP, HEIC or AVIF, at least `MIN_SIDE` pixels on a side and at most `MAX_PIXELS` in all.
    name : str, optional
        What to call the picture in an error. Default: the file's name.

    Returns
    -------
    ndarray, shape (H, W), float32, 0..255

    Raises
    ------
    ImageError
        If there is no such file or it is no picture, is a raw file, damaged, animated, transparent, too small or large,
        of a colour mode that holds no sensor noise, or has levels whose white cannot be known.
    """
    name = name or name_of(source)
    with open_image(source, name) as image:
        luma = decode_luma(image, name)
    return luma


@contextmanager
def open_image(source: Source, name: str) -> Generator[Image.Image]:
    """Open a picture file that `load_luma` takes. What goes wrong while it is open is an `ImageError`.

    Raises
    ------
    ImageError
        As `load_luma`.
    """
    with open_picture(source, name) as image:
        _check_header(image, name)
        yield image


@contextmanager
def open_picture(source: Source, name: str) -> Generator[Image.Image]:
    """Open a picture file at its photo, to be shown: it may be small, of few colours or the first of several.

    What goes wrong while it is open is an `ImageError`.

    Raises
    ------
    ImageError
        If there is no such file or it is no picture, a raw file or a video, damaged or too large, or if only a preview
        of the photo can be read in it.
    """
    found: list[Directory] = []
    try:
        with _open(source, name) as file, warnings.catch_warnings():
            # Sizes and odd tags are judged here. Should threads meet, this filter stays, which does no harm.
            warnings.filterwarnings("ignore", module="PIL")
            file = _seekable(file)
            found = check_kind(file, name)
            with Image.open(file, formats=FORMATS) as image:
                _turn_to_photo(image, found, name)
                if image.width * image.height > MAX_PIXELS:
                    raise too_large(name, f"{image.width}x{image.height}")
                yield image
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise too_large(name, "") from error
    except UnidentifiedImageError as error:
        raise unreadable(name, found) from error
    except DECODER_ERRORS as error:
        problem = f"the file is damaged or cut short ({error})"
        raise ImageError(name, problem, "Copy it from the camera again") from error


def decode_luma(image: Image.Image, name: str) -> FloatArray:
    """Luma of an open picture in sensor orientation, as `load_luma` returns it.

    Its colours are still there afterwards, decoded, unless it is a JPEG: of that only the Y plane is decoded, and
    ``image.mode`` becomes "L". Of colours with 16 bits the upper 8 are there; see `eight_bit`.
    """
    steps = _applied_steps(image)
    image.draft("L", image.size)
    if is_deep(image):
        levels, white = deep_levels(image, name)
        luma = _weighted(levels, np.float32(255.0 / white))
    else:
        luma = _luma_of(image, name)
    return check_luma(np.ascontiguousarray(_undo(steps, luma)), name)


def eight_bit(image: Image.Image, name: str) -> Image.Image:
    """Return an open picture, not decoded yet, with 8 bits for a level, as it is shown: itself where it has no more.

    Raises
    ------
    ImageError
        If its levels cannot be decoded, or where white is among them cannot be known.
    """
    if not is_deep(image):
        return image
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    levels, white = deep_levels(image, name)
    shown = Image.fromarray(cv2.convertScaleAbs(np.ascontiguousarray(levels), alpha=255.0 / white))
    if image.format == "PNG":  # decoders turn the others
        shown.getexif()[ExifTags.Base.Orientation] = orientation
    return shown


def as_luma(image: Source | npt.NDArray[Any], name: str | None = None) -> FloatArray:
    """Luma of a path, file, bytes or array: whatever a caller has.

    Raises
    ------
    ImageError
        As `load_luma` and `luma_from_array`.
    """
    if isinstance(image, np.ndarray):
        return luma_from_array(image, name or "image")
    return load_luma(image, name)


def name_of(source: Source | npt.NDArray[Any]) -> str:
    """Tell what to call a picture: its file's name, or just "image"."""
    name = source if isinstance(source, str | os.PathLike) else getattr(source, "name", None)
    if not isinstance(name, str | os.PathLike):
        return "image"
    return Path(name).name or str(name)


def _open(source: Source, name: str) -> AbstractContextManager[BinaryIO]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    if not isinstance(source, str | os.PathLike):
        return nullcontext(source)  # closing it is up to the caller
    try:
        return Path(source).open("rb")
    except FileNotFoundError as error:
        raise ImageError(name, "there is no such file", "Check the path") from error
    except IsADirectoryError as error:
        raise ImageError(name, "this is a folder", "Give the photos in it") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(name, f"the file cannot be opened ({reason})", "Check the path and its permissions") from error


def _seekable(file: BinaryIO) -> BinaryIO:
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation):
        return io.BytesIO(file.read())
    return file


def _turn_to_photo(image: Image.Image, found: list[Directory], name: str) -> None:
    """Go to the picture of a file that is the photo, so that no preview is taken for it."""
    if image.format == "TIFF":
        image.seek(photo_page(found, name))
    elif image.format == "HEIF":
        heif: Any = image
        sizes = [one.size for one in heif._heif_file]  # no public name tells them without decoding
        (width, height), (most, high) = image.size, max(sizes, key=lambda size: size[0] * size[1])
        if 2 * width <= most and 2 * height <= high:
            problem = f"its main picture of {width}x{height} pixels is a preview of another, of {most}x{high}"
            raise ImageError(name, problem, "Let the camera or phone save the photo as JPEG")


def _check_header(image: Image.Image, name: str) -> None:
    """Refuse, before anything is decoded, what could not be used afterwards."""
    if image.format not in ("MPO", "HEIF", "TIFF") and getattr(image, "n_frames", 1) > 1:
        raise ImageError(name, "this is an animation or has several pages", "Use a single photo")
    if image.mode in ("1", "P"):
        raise ImageError(
            name, f"a picture of {2 if image.mode == '1' else 256} colours, so its noise is gone", READABLE
        )


def _luma_of(image: Image.Image, name: str) -> FloatArray:
    """Decode a picture with 8 bits for a level to luma."""
    mode = image.mode
    if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        if image.getchannel(len(image.getbands()) - 1).getextrema()[0] != 255:
            raise ImageError(name, "parts of the picture are transparent", READABLE)
        image = image.convert("RGB" if mode.startswith("RGB") else "L")
    if image.mode in ("L", "YCbCr"):
        return np.asarray(image.getchannel(0), dtype=np.float32)
    if image.mode == "RGB":
        return _weighted(np.asarray(image), np.float32(1.0))
    raise ImageError(name, f"colour mode {image.mode} is not one that cameras write", READABLE)


def _weighted(pixels: npt.NDArray[Any], scale: np.float32) -> FloatArray:
    """Luma of grey or of red, green and blue, times a factor."""
    luma = np.empty(pixels.shape[:2], np.float32)
    for top in range(0, len(luma), _STRIP):
        rows = pixels[top : top + _STRIP].astype(np.float32)
        luma[top : top + _STRIP] = (rows @ LUMA_WEIGHTS if rows.ndim == 3 else rows) * scale
    return luma


# What Pillow does to a TIFF, by its EXIF orientation, in the words of HEIF: degrees counter-clockwise, and the axis
# along which it is mirrored (0 top to bottom, 1 left to right).
_TIFF_STEPS = {
    2: (("imir", 1),),
    3: (("irot", 180),),
    4: (("imir", 0),),
    5: (("irot", 270), ("imir", 1)),
    6: (("irot", 270),),
    7: (("irot", 270), ("imir", 0)),
    8: (("irot", 90),),
}


def _applied_steps(image: Image.Image) -> Sequence[tuple[str, int]]:
    """Tell how the decoder will turn the picture by itself: Pillow does so with TIFF, libheif with HEIF."""
    if image.format == "TIFF":
        return _TIFF_STEPS.get(image.getexif().get(ExifTags.Base.Orientation, 1), ())
    if image.format == "HEIF":
        # pillow_heif has no public name for this. Cropping ("clap") is among the steps, and stays.
        heif: Any = image
        return [step[:2] for step in heif._heif_file[heif.tell()]._c_image.transformations]
    return ()


def _undo(steps: Sequence[tuple[str, int]], luma: FloatArray) -> FloatArray:
    for step, value in reversed(steps):
        if step == "irot":
            luma = np.rot90(luma, -value // 90)
        elif step == "imir":
            luma = luma[:, ::-1] if value else luma[::-1]
    return luma
