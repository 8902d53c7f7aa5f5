"""Read pictures that a browser hands in: JPEG frames of the stream, and lossless stills as raw planes or PNG.

Everything is checked before it is decoded: what a picture claims to be costs no more than its header.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from bank.pictures import Picture
from prnu.images import DECODER_ERRORS, MIN_SIDE
from ui.live.limits import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

FrameArray: TypeAlias = npt.NDArray[np.uint8]

FRAME_SIDE = 640
"""Pixels on the longer side of a frame of the stream: the tracker looks at no more."""

FRAME_BYTES = 300_000
"""A JPEG of that size at quality 80 has 30 to 60 kB."""

STILL_PIXELS = 1920 * 1200
"""Pixels of the largest still: the largest mode that the component asks a camera for is 1920x1080."""

STILL_BYTES = 8_000_000
"""A PNG of noise has a little over three bytes a pixel."""

_FRAME_MIN = 64
_MODES = ("L", "RGB", "RGBA")
_RAW = {"I420": 3, "NV12": 2}  # planes
FORMATS = (*_RAW, "PNG")
"""Formats of stills, as the header X-Format names them."""


@dataclass(frozen=True, eq=False)
class RawStill:
    """A still as it waits for its turn: half the memory of pixels in colour.

    Attributes
    ----------
    number : int
        As the director gave it.
    received_s : float
        When the server had all of it, on the session's clock.
    pixel_format : {"I420", "NV12", "PNG"}
        How it came.
    planes : ndarray, shape (H * 3 / 2, W), uint8
        I420: luma, then both chroma planes.
    taken_s : float
        When it was taken, on the session's clock, as the browser says; NaN if it does not.
    """

    number: int
    received_s: float
    pixel_format: str
    planes: FrameArray
    taken_s: float = math.nan

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        rows, width = self.planes.shape
        return width, rows * 2 // 3

    def picture(self) -> Picture:
        """Turn it into what both factors take.

        Raises
        ------
        prnu.images.ImageError
            If it cannot be used.
        """
        width, height = self.size
        picture = Picture.from_i420(self.planes.reshape(-1).data, width, height, f"still {self.number}")
        return Picture(picture.name, picture.luma, picture.rgb, self.pixel_format)


def read_frame(body: bytes) -> FrameArray:
    """Decode a frame of the stream.

    Parameters
    ----------
    body : bytes
        A JPEG file, at most `FRAME_SIDE` pixels on a side.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        RGB.

    Raises
    ------
    Refused
        If it is anything else, or damaged.
    """
    return _decode(body, "JPEG", _check_frame)


def read_still(body: bytes, headers: Mapping[str, str]) -> FrameArray:
    """Read a still.

    Luma is exact where raw planes came. A PNG came out of the browser's conversion to RGB, which is turned back by
    BT.601 (limited range): exact too in Chromium, but for colours so saturated that they were clipped.

    Parameters
    ----------
    body : bytes
        Planes as `VideoFrame.copyTo` writes them, or a PNG file.
    headers : mapping
        X-Format, X-Width and X-Height, and for planes X-Layout, the JSON list of each plane's offset and stride.

    Returns
    -------
    ndarray, shape (H * 3 / 2, W), uint8
        I420 without padding.

    Raises
    ------
    Refused
        If headers and body do not fit together, or the size is out of bounds.
    """
    pixel_format = headers.get("x-format", "")
    if pixel_format not in FORMATS:
        text = f"Stills are taken as {', '.join(FORMATS)} in X-Format, not as {pixel_format[:20]!r}."
        raise Refused(415, "format", text)
    width, height = _whole(headers, "x-width"), _whole(headers, "x-height")
    _check_still(width, height)
    if pixel_format == "PNG":
        rgb = _decode(body, "PNG", lambda w, h: _check_same((w, h), (width, height)))
        return cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
    planes = _planes(body, _layout(headers.get("x-layout", ""), _RAW[pixel_format]), width, height)
    return np.concatenate([plane.reshape(-1) for plane in planes]).reshape(height * 3 // 2, width)


def _check_frame(width: int, height: int) -> None:
    if not (min(width, height) >= _FRAME_MIN and max(width, height) <= FRAME_SIDE):
        text = f"A frame of {width}x{height} pixels: {_FRAME_MIN} to {FRAME_SIDE} on a side are taken."
        raise Refused(422, "dimensions", text)


def _check_still(width: int, height: int) -> None:
    if width % 2 or height % 2 or min(width, height) < MIN_SIDE or width * height > STILL_PIXELS:
        text = f"A still of {width}x{height} pixels: both even, {MIN_SIDE} or more, {STILL_PIXELS:,} in all at most."
        raise Refused(422, "dimensions", text)


def _check_same(found: tuple[int, int], said: tuple[int, int]) -> None:
    if found != said:
        raise Refused(422, "dimensions", f"The picture has {found[0]}x{found[1]} pixels, its headers say {said}.")


def _whole(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise Refused(422, "dimensions", f"{name} must be a whole number of pixels, not {text[:20]!r}.")
    return int(text)


def _layout(text: str, planes: int) -> list[tuple[int, int]]:
    problem = Refused(422, "layout", f"X-Layout must be a JSON list of {planes} objects with offset and stride.")
    if len(text) > 1000:
        raise problem
    try:
        found = json.loads(text)
        layout = [(plane["offset"], plane["stride"]) for plane in found]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise problem from error
    if len(layout) != planes or not all(type(n) is int and 0 <= n <= STILL_BYTES for pair in layout for n in pair):
        raise problem
    return layout


def _planes(body: bytes, layout: Sequence[tuple[int, int]], width: int, height: int) -> list[FrameArray]:
    """Luma and both chroma planes, whatever padding they came with."""
    wide, high = width // 2, height // 2
    chroma = (2 * wide, high) if len(layout) == 2 else (wide, high)
    sizes = [(width, height), *[chroma] * (len(layout) - 1)]
    found, ends = [], [0]
    for (offset, stride), (columns, rows) in zip(layout, sizes, strict=True):
        end = offset + stride * (rows - 1) + columns
        if offset < ends[-1] or stride < columns or end > len(body):
            text = f"{len(body):,} bytes do not hold {width}x{height} pixels in the planes of X-Layout."
            raise Refused(422, "layout", text)
        ends.append(end)
        flat = np.frombuffer(body, np.uint8, count=end - offset, offset=offset)
        found.append(np.lib.stride_tricks.as_strided(flat, (rows, columns), (stride, 1), writeable=False))
    if len(body) > ends[-1] + layout[-1][1]:
        raise Refused(422, "layout", f"{len(body):,} bytes, but the planes of X-Layout end at {ends[-1]:,}.")
    return found if len(layout) == 3 else [found[0], found[1][:, ::2], found[1][:, 1::2]]


def _decode(body: bytes, kind: str, check_size: Callable[[int, int], None]) -> FrameArray:
    try:
        with Image.open(io.BytesIO(body), formats=[kind]) as image:
            check_size(*image.size)
            if image.mode not in _MODES:
                raise Refused(422, "not-an-image", f"A picture of mode {image.mode}: 8-bit colours are taken.")
            return np.asarray(image.convert("RGB"))
    except (*DECODER_ERRORS, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(422, "not-an-image", f"The body is no complete {kind} picture.") from error
