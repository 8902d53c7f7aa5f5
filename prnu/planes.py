"""Luma planes in memory: checked, cut, and taken from arrays and raw camera frames."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]

MIN_SIDE = 256
"""Pixels on the shorter side below which a picture holds too little noise to measure."""

MAX_PIXELS = 64_000_000
"""Pixels above which a picture is refused before it is decoded: a residual of it would take over a gigabyte."""

LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Of red, green and blue: ITU-R BT.601, as JPEG uses."""


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
    return check_luma(luma @ LUMA_WEIGHTS if luma.ndim == 3 and luma.shape[2] == 3 else luma, name)


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
        raise too_large(name, f"{width}x{height}")
    chroma = 2 * ((width + 1) // 2) * ((height + 1) // 2)
    needed = offset + stride * (height - 1) + width + chroma
    if len(data) < needed:
        problem = f"{len(data):,} bytes, a {width}x{height} {pixel_format} frame needs {needed:,}"
        raise ImageError(name, problem, remedy)
    rows = np.frombuffer(data, np.uint8, count=stride * (height - 1) + width, offset=offset)
    plane = np.lib.stride_tricks.as_strided(rows, (height, width), (stride, 1), writeable=False)
    check_plane(plane, name)
    return plane.copy()


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
        raise too_large(name, f"{width}x{height}")
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


def too_large(name: str, size: str) -> ImageError:
    """Refuse a picture of that many pixels, or of a number that a file only claims where `size` is empty."""
    limit = f"the limit is {MAX_PIXELS // 1_000_000} million pixels"
    problem = f"{size} pixels are too many, {limit}" if size else f"the picture claims too many pixels, {limit}"
    remedy = "Use the camera's normal mode, 12 megapixels or so, and for the fingerprint, too: it joins pixels"
    return ImageError(name, problem, f"{remedy}, so photos of both modes cannot be compared")


def _check_levels(array: npt.NDArray[Any], name: str) -> None:
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    if not (low >= 0.0 and high <= 255.5):  # a NaN fails this too; resampling may pass 255 by a rounding error
        raise ImageError(name, f"values from {low:g} to {high:g}", "Give finite grey levels in 0..255")
