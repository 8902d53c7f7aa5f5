"""A picture as the bank takes it in: luma as the sensor saw it, and colours upright, as a face is looked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from prnu.bit_depth import is_deep
from prnu.images import (
    DECODER_ERRORS,
    FloatArray,
    ImageError,
    decode_luma,
    eight_bit,
    luma_from_array,
    luma_from_planes,
    name_of,
    open_image,
    open_picture,
)

_COMPARED = 48  # pixels a side at which both views are compared to find the turn between them

# How sensor pixels become upright, by EXIF orientation (CIPA DC-008, tag 0x0112).
_TURNS: Mapping[int, Callable[[FloatArray], FloatArray]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].T,
    8: np.rot90,
}


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, seen by both factors.

    Attributes
    ----------
    name : str
    luma : ndarray, shape (H, W), float32 or uint8, 0..255
        In sensor orientation; uint8 as a raw frame has it.
    rgb : ndarray, shape (H, W, 3) or (W, H, 3), uint8
        Upright.
    pixel_format : str
        "JPEG", "PNG", "I420" and so on.
    orientation : int, 1..8
        How luma would have to be turned to be upright, in EXIF's numbers.
    """

    name: str
    luma: FloatArray | npt.NDArray[np.uint8]
    rgb: npt.NDArray[np.uint8]
    pixel_format: str
    orientation: int = 1

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the luma in pixels."""
        height, width = self.luma.shape
        return height, width

    def box_on_sensor(self, left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
        """Turn a box of the upright picture into one of the luma: left, top, width, height in pixels."""
        rows, columns = self.luma.shape
        right, bottom = left + width, top + height
        x, y = {
            1: ((left, right), (top, bottom)),
            2: ((columns - right, columns - left), (top, bottom)),
            3: ((columns - right, columns - left), (rows - bottom, rows - top)),
            4: ((left, right), (rows - bottom, rows - top)),
            5: ((top, bottom), (left, right)),
            6: ((top, bottom), (rows - right, rows - left)),
            7: ((columns - bottom, columns - top), (rows - right, rows - left)),
            8: ((columns - bottom, columns - top), (left, right)),
        }[self.orientation]
        return x[0], y[0], x[1] - x[0], y[1] - y[0]

    @classmethod
    def from_file(cls, source: str | os.PathLike[str] | bytes, name: str | None = None) -> Picture:
        """Read a photo file.

        Parameters
        ----------
        source : path or bytes
            As `prnu.load_luma` takes it.
        name : str, optional
            What to call it in an error.

        Raises
        ------
        ImageError
            As `prnu.load_luma`.
        """
        name = name or name_of(source)
        with open_image(source, name) as image:
            mode, kind, whole = image.mode, str(image.format), not is_deep(image)
            luma = decode_luma(image, name)
            rgb = _upright(image, name) if whole and image.mode == mode else load_rgb(source, name)
        return cls(name, luma, rgb, kind, _turn_between(luma, rgb))

    @classmethod
    def from_array(cls, rgb: npt.NDArray[Any], name: str = "image") -> Picture:
        """Take pixels that are in memory: RGB, shape (H, W, 3), uint8.

        Raises
        ------
        ImageError
            If they are anything else, or too small.
        """
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
            problem = f"pixels of shape {rgb.shape}, {rgb.dtype}"
            raise ImageError(name, problem, "Give RGB of shape (H, W, 3), uint8")
        return cls(name, luma_from_array(rgb, name), rgb, "RGB")

    @classmethod
    def from_i420(cls, data: bytes | memoryview, width: int, height: int, name: str = "still") -> Picture:
        """Take a raw camera frame, as a browser's `VideoFrame.copyTo` delivers it, planes tightly packed.

        Parameters
        ----------
        data : bytes-like
            Luma plane, then both chroma planes at half the size.
        width, height : int
            Both even.

        Raises
        ------
        ImageError
            If the data are not exactly such a frame.
        """
        needed = width * height * 3 // 2
        if width % 2 or height % 2 or len(data) != needed:
            problem = f"{len(data):,} bytes for {width}x{height}, an I420 frame of that size has {needed:,}"
            raise ImageError(name, problem, "Send even sizes, planes without padding")
        luma = luma_from_planes(data, width, height, name=name)
        planes = np.frombuffer(data, np.uint8).reshape(height * 3 // 2, width)
        return cls(name, luma, cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420), "I420")


def load_rgb(source: str | os.PathLike[str] | bytes, name: str | None = None) -> npt.NDArray[np.uint8]:
    """Read a photo upright, in colour, to look for a face: it may be small, unlike one whose sensor noise is measured.

    Parameters
    ----------
    source : path or bytes
    name : str, optional
        What to call it in an error.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8

    Raises
    ------
    ImageError
        If it is no picture, is a raw file, damaged, or too large.
    """
    name = name or name_of(source)
    with open_picture(source, name) as image:
        return _upright(eight_bit(image, name), name)


def _upright(image: Image.Image, name: str) -> npt.NDArray[np.uint8]:
    try:
        return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except DECODER_ERRORS as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> ImageError:
    return ImageError(name, f"it cannot be read as a picture ({error})", "Give the photo as it was taken")


def _turn_between(luma: FloatArray, rgb: npt.NDArray[np.uint8]) -> int:
    """Tell how luma must be turned to look like rgb. Files say it in several ways, and decoders act on some of them."""
    size, upright_shape = (_COMPARED, _COMPARED), rgb.shape[:2]
    upright = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    turns = [o for o, turned in _TURNS.items() if turned(luma).shape == upright_shape]
    return min(turns, key=lambda o: float(np.abs(_TURNS[o](small) - upright).mean()))
