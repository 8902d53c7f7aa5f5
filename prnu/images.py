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

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import ExifTags, Image, UnidentifiedImageError

FloatArray: TypeAlias = npt.NDArray[np.float32]
Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

MIN_SIDE = 256
"""Pixels on the shorter side below which a picture holds too little noise to measure."""

MAX_PIXELS = 64_000_000
"""Pixels above which a picture is refused before it is decoded: a residual of it would take over a gigabyte."""

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "HEIF")
"""Pillow's names of the formats that are read. JPEG includes MPO, a JPEG with a second picture behind it as some
phones write."""

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".heic", ".heif")

pillow_heif.register_heif_opener(thumbnails=False)

_LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601, as JPEG uses
_READABLE = "Use a photo straight from the camera (JPEG, PNG, TIFF, WebP or HEIC)"
DECODER_ERRORS = (
    *(OSError, SyntaxError, ValueError, EOFError, OverflowError, LookupError, TypeError, MemoryError, RuntimeError),
    *(struct.error, zlib.error),
)
"""What decoders raise on damaged files: found by fuzzing each format, or known from Pillow's and libheif's code."""


class ImageError(ValueError):
    """A picture cannot be used. Says which, why, and what to do.

    Parameters
    ----------
    name : str
        File name, or another word by which the user knows the picture.
    problem, remedy : str
        What is wrong, and what to do about it; sentences without the full stop.
    """

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(f"{name}: {problem}. {remedy}.")
        self.name, self.problem, self.remedy = name, problem, remedy


def load_luma(source: Source, name: str | None = None) -> FloatArray:
    """Read a picture's luma in sensor orientation.

    A JPEG's own Y plane is taken as it was stored, without a trip through RGB, which would round and clip it: this
    alone raised the PCE of a real camera by 13 %.

    Parameters
    ----------
    source : path, bytes or binary file
        JPEG, PNG, TIFF, WebP or HEIC, at least `MIN_SIDE` pixels on a side and at most `MAX_PIXELS` in all.
    name : str, optional
        What to call the picture in an error. Default: the file's name.

    Returns
    -------
    ndarray, shape (H, W), float32, 0..255

    Raises
    ------
    ImageError
        If there is no such file or it is no picture, is damaged, animated, transparent, too small, too large, or of a
        colour mode that holds no sensor noise.
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
    try:
        with _open(source, name) as file, warnings.catch_warnings():
            # Sizes and odd tags are judged here. Should threads meet, this filter stays, which does no harm.
            warnings.filterwarnings("ignore", module="PIL")
            with Image.open(file, formats=FORMATS) as image:
                _check_header(image, name)
                yield image
    except ImageError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(name, "") from error
    except UnidentifiedImageError as error:
        raise ImageError(name, "this is not a picture that can be read", _READABLE) from error
    except DECODER_ERRORS as error:
        problem = f"the file is damaged or cut short ({error})"
        raise ImageError(name, problem, "Copy it from the camera again") from error


def decode_luma(image: Image.Image, name: str) -> FloatArray:
    """Luma of an open picture in sensor orientation, as `load_luma` returns it.

    Its colours are still there afterwards, decoded, unless it is a JPEG: of that only the Y plane is decoded, and
    ``image.mode`` becomes "L".
    """
    steps = _applied_steps(image)
    image.draft("L", image.size)
    return check_luma(np.ascontiguousarray(_undo(steps, _luma_of(image, name))), name)


def luma_from_array(array: npt.NDArray[Any], name: str = "image") -> FloatArray:
    """Luma of pixels that are in memory already.

    Parameters
    ----------
    array : ndarray
        (H, W) luma, or (H, W, 3) RGB; uint8, or floating point in 0..255.
    name : str, optional
        What to call the picture in an error.

    Returns
    -------
    ndarray, shape (H, W), float32, 0..255
        The array itself where it is float32 luma already.

    Raises
    ------
    ImageError
        If shape, dtype, range or size are others.
    """
    array = np.asarray(array)
    if array.dtype != np.uint8:
        if not np.issubdtype(array.dtype, np.floating):
            raise ImageError(name, f"pixels of type {array.dtype}", "Give uint8, or floating point in 0..255")
        _check_levels(array, name)
    luma = array.astype(np.float32, copy=False)
    return check_luma(luma @ _LUMA_WEIGHTS if luma.ndim == 3 and luma.shape[2] == 3 else luma, name)


def luma_from_planes(
    data: bytes | memoryview,
    width: int,
    height: int,
    *,
    pixel_format: str = "I420",
    stride: int | None = None,
    offset: int = 0,
    name: str = "frame",
) -> npt.NDArray[np.uint8]:
    """Luma of a raw camera frame, as a browser's `VideoFrame.copyTo` delivers it.

    Parameters
    ----------
    data : bytes-like
        The whole frame: a luma plane and quarter-size chroma.
    width, height : int
        Size of the luma plane in pixels.
    pixel_format : {"I420", "NV12"}
        Both begin with the luma plane and differ in how chroma follows.
    stride : int, optional
        Bytes from one luma row to the next; default `width`.
    offset : int, optional
        Bytes before the luma plane.
    name : str, optional
        What to call the frame in an error.

    Returns
    -------
    ndarray, shape (height, width), uint8
        A copy: a view would keep the chroma in memory.

    Raises
    ------
    ImageError
        If the format is another, or the data cannot hold such a frame.
    """
    stride = width if stride is None else stride
    remedy = "Send the frame's own format, coded size and plane layout along with its bytes"
    if pixel_format not in ("I420", "NV12"):
        raise ImageError(name, f"pixel format {pixel_format!r}, expected I420 or NV12", remedy)
    if width < 1 or height < 1 or stride < width or offset < 0:
        raise ImageError(name, f"impossible layout: {width}x{height}, stride {stride}, offset {offset}", remedy)
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width}x{height}")
    chroma = 2 * ((width + 1) // 2) * ((height + 1) // 2)
    needed = offset + stride * (height - 1) + width + chroma
    if len(data) < needed:
        problem = f"{len(data):,} bytes, a {width}x{height} {pixel_format} frame needs {needed:,}"
        raise ImageError(name, problem, remedy)
    rows = np.frombuffer(data, np.uint8, count=stride * (height - 1) + width, offset=offset)
    plane = np.lib.stride_tricks.as_strided(rows, (height, width), (stride, 1), writeable=False)
    check_plane(plane, name)
    return plane.copy()


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


def check_luma(luma: npt.NDArray[Any], name: str = "image") -> FloatArray:
    """Return `luma` as float32 if it is a usable luma plane; the array itself where it is float32 already.

    Raises
    ------
    ImageError
        As `check_plane`.
    """
    check_plane(luma, name)
    return luma.astype(np.float32, copy=False)


def check_plane(luma: npt.NDArray[Any], name: str = "image") -> None:
    """Check that an array is a usable luma plane, of whatever type its levels are.

    Raises
    ------
    ImageError
        If it is not a two-dimensional, finite array in 0..255 of at least `MIN_SIDE` and at most `MAX_PIXELS` pixels.
    """
    if luma.ndim != 2:
        raise ImageError(name, f"an array of shape {luma.shape}", "Give (H, W) luma or (H, W, 3) RGB")
    height, width = luma.shape
    if min(height, width) < MIN_SIDE:
        problem = f"only {width}x{height} pixels, at least {MIN_SIDE} on each side are needed to measure sensor noise"
        raise ImageError(name, problem, "Use the photo in its original size")
    if height * width > MAX_PIXELS:
        raise _too_large(name, f"{width}x{height}")
    _check_levels(luma, name)


def centre_crop(luma: FloatArray, shape: tuple[int, int], name: str = "image") -> FloatArray:
    """Cut the centre out, on the 8x8 grid that JPEG compression lays over the frame.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32
    shape : (int, int)
        Height and width to keep, not above H and W.
    name : str, optional
        What to call the picture in an error.

    Returns
    -------
    ndarray, shape `shape`, float32
        A view. It starts up to 7 pixels above and left of the exact centre.

    Raises
    ------
    ImageError
        If the picture is smaller than the crop.
    """
    (height, width), (h, w) = luma.shape, shape
    if h > height or w > width:
        problem = f"{width}x{height} pixels, smaller than the crop of {w}x{h}"
        raise ImageError(name, problem, "Choose a smaller crop, or leave this camera out")
    top, left = (height - h) // 2 // 8 * 8, (width - w) // 2 // 8 * 8
    return luma[top : top + h, left : left + w]


def _check_levels(array: npt.NDArray[Any], name: str) -> None:
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    if not (low >= 0.0 and high <= 255.5):  # a NaN fails this too; resampling may pass 255 by a rounding error
        raise ImageError(name, f"values from {low:g} to {high:g}", "Give finite grey levels in 0..255")


def _too_large(name: str, size: str) -> ImageError:
    limit = f"the limit is {MAX_PIXELS // 1_000_000} million pixels"
    problem = f"{size} pixels are too many, {limit}" if size else f"the picture claims too many pixels, {limit}"
    return ImageError(name, problem, "Use a photo in a camera's usual size")


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


def _check_header(image: Image.Image, name: str) -> None:
    """Refuse, before anything is decoded, what could not be used afterwards."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width}x{height}")
    if image.format not in ("MPO", "HEIF") and getattr(image, "n_frames", 1) > 1:
        raise ImageError(name, "this is an animation or has several pages", "Use a single photo")
    if image.mode in ("1", "P"):
        raise ImageError(
            name, f"a picture of {2 if image.mode == '1' else 256} colours, so its noise is gone", _READABLE
        )


def _luma_of(image: Image.Image, name: str) -> FloatArray:
    """Decode to luma, in the file's own precision but for 16-bit colour, of which Pillow keeps the upper 8 bits."""
    mode = image.mode
    if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        if image.getchannel(len(image.getbands()) - 1).getextrema()[0] != 255:
            raise ImageError(name, "parts of the picture are transparent", _READABLE)
        image = image.convert("RGB" if mode.startswith("RGB") else "L")
    if image.mode in ("L", "YCbCr"):
        return np.asarray(image.getchannel(0), dtype=np.float32)
    if image.mode == "RGB":
        return np.asarray(image, dtype=np.float32) @ _LUMA_WEIGHTS
    if image.mode.startswith("I;16"):
        return np.asarray(image, dtype=np.float32) / 257.0
    raise ImageError(name, f"colour mode {image.mode} is not one that cameras write", _READABLE)


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
