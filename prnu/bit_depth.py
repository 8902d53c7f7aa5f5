"""Pictures with more than 8 bits for a level, and where white is in them.

A file of 16 bits may hold 16, or the 10, 12 or 14 of a sensor at their low end. Taken for 16, such a picture would be
nearly black. So white is taken from what the file says, or from levels that leave no choice; else it is not guessed.
"""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import Image, ImageFile, TiffImagePlugin

from prnu.planes import ImageError

FULL = 65_535
"""White of a picture that uses all 16 bits."""

DeepArray = npt.NDArray[np.uint16]

_BITS, _MOST_LEVEL, _PLANES = 258, 281, 284  # tags of TIFF 6.0
_SENSOR_WHITES = (1023, 4095, 16383)  # of 10, 12 and 14 bits
_CLIPPED = 16  # pixels at exactly such a white that cannot be chance: one in 4096 would be
_HEAD = 65_536  # bytes in which the chunks before a PNG's pixels lie


def is_deep(image: Image.Image) -> bool:
    """Tell whether an open picture, not decoded yet, has more than 8 bits for a level."""
    if image.mode.startswith("I;16"):
        return True
    if image.mode not in ("RGB", "RGBA", "LA"):
        return False
    if image.format == "HEIF":
        return int(image.info.get("bit_depth", 8)) > 8
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return max(image.tag_v2.get(_BITS, (8,))) > 8
    tiles: Any = image.tile if image.format == "PNG" and isinstance(image, ImageFile.ImageFile) else ()
    return any(";16" in str(tile[3]) for tile in tiles)  # how Pillow means to unpack it: "RGB;16B"


def deep_levels(image: Image.Image, name: str) -> tuple[DeepArray, int]:
    """Decode a picture for which `is_deep` holds.

    Pillow has no mode for colours of 16 bits and keeps their upper halves, so OpenCV decodes those, and of HEIF
    libheif.

    Parameters
    ----------
    image : Image
        Open. Decoded afterwards, so that damage has shown, unless it is HEIF.
    name : str
        What to call it in an error.

    Returns
    -------
    levels : ndarray, shape (H, W) or (H, W, 3), uint16
        Grey or RGB. A TIFF is turned by its orientation tag and a HEIF by its boxes, as decoders do by themselves, a
        PNG is not.
    white : int
        Level of white.

    Raises
    ------
    ImageError
        If it is partly transparent, cannot be decoded, or its white cannot be known.
    """
    if image.format == "HEIF":
        return _heif_levels(image, name)
    said = _stated_bits(image)
    if image.mode.startswith("I;16"):
        levels = np.asarray(image).astype(np.uint16, copy=False)
        return levels, white_level(levels, *said, name)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(_PLANES, 1) != 1:
        raise _undecodable(name)  # one plane for each colour, which OpenCV mixes up
    page, data = image.tell(), np.frombuffer(_content(image), np.uint8)
    image.load()  # refuses what is cut short or damaged
    try:
        if page:
            _, pages = cv2.imdecodemulti(data, cv2.IMREAD_UNCHANGED, range=(page, page + 1))
            stored: npt.NDArray[Any] | None = pages[0] if pages else None
        else:
            stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _undecodable(name) from error
    if stored is None or stored.dtype != np.uint16 or stored.shape[:2] != image.size[::-1]:
        raise _undecodable(name)
    opaque = _opaque(stored, FULL, name)
    levels = opaque if opaque.ndim == 2 else opaque[..., ::-1]
    return levels, white_level(levels, *said, name)


def white_level(levels: DeepArray, bits: int | None, sure: bool, name: str) -> int:
    """Tell which level is white.

    Parameters
    ----------
    levels : ndarray, uint16
    bits : int or None
        How many count, as the file has it; not believed where levels lie above.
    sure : bool
        Whether that fixes white, as in a TIFF. By the standard of PNG levels are spread over all 16 bits whatever
        counts, but there are writers that leave them at the low end.
    name : str
        What to call the picture in an error.

    Raises
    ------
    ImageError
        If the file does not say it and levels do not show it: 12 bits, or a dark picture of 16?
    """
    top = int(levels.max())
    if bits and not top >> bits and (sure or (levels & ((1 << 16 - bits) - 1)).any()):
        return (1 << bits) - 1
    spread = bits and not sure and top >> bits
    if spread or top > _SENSOR_WHITES[-1] or not (levels % 257).any():  # 8 bits made 16 are multiples of 257
        return FULL
    if top in _SENSOR_WHITES and np.count_nonzero(levels == top) >= _CLIPPED:
        return top
    problem = f"its levels end at {top:,} of {FULL:,}, and whether that is bright or dark it does not say"
    raise ImageError(name, problem, "Save it as JPEG or with 8 bits for a level")


def _heif_levels(image: Image.Image, name: str) -> tuple[DeepArray, int]:
    """Decode 10 or 12 bits of a HEIF, which libheif puts at the high end of 16: white is not all ones then."""
    white = FULL - (FULL >> int(image.info["bit_depth"]))
    stored = np.asarray(pillow_heif.open_heif(_content(image), convert_hdr_to_8bit=False)[image.tell()])
    if stored.dtype != np.uint16:
        raise _undecodable(name)
    return _opaque(stored, white, name), white


def _opaque(stored: npt.NDArray[np.uint16], white: int, name: str) -> DeepArray:
    """Drop the channel of transparency, which must be white all over."""
    if stored.ndim == 2 or stored.shape[2] == 3:
        return stored
    if stored[..., -1].min() < white:
        raise ImageError(name, "parts of the picture are transparent", "Use a photo straight from the camera")
    colours = stored[..., :-1]
    return colours[..., 0] if colours.shape[2] == 1 else colours


def _undecodable(name: str) -> ImageError:
    return ImageError(name, "its 16-bit levels cannot be decoded", "Save it as JPEG, or with 8 bits for a level")


def _stated_bits(image: Image.Image) -> tuple[int | None, bool]:
    """How many bits count as the file states it, and whether that fixes white."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        bits, most = image.tag_v2.get(_BITS, (16,)), image.tag_v2.get(_MOST_LEVEL)
        if bits[0] < 16:
            return int(bits[0]), True
        most = most[0] if isinstance(most, tuple) and most else most
        # Some write the picture's own largest level there, which says nothing: white is all ones.
        if isinstance(most, int) and 255 <= most <= FULL and not most & (most + 1):
            return most.bit_length(), True
        return None, False
    return (_png_bits(_content(image, _HEAD)) if image.format == "PNG" else None), False


def _png_bits(head: bytes) -> int | None:
    """Significant bits by a PNG's chunk sBIT."""
    at = 8
    while at + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind == b"sBIT" and at + 8 + length <= len(head) and 0 < length <= 4:
            bits = max(head[at + 8 : at + 8 + min(length, 3)])
            return bits if 8 <= bits <= 16 else None
        if kind == b"IDAT":
            return None
        at += 12 + length
    return None


def _content(image: Image.Image, most: int = -1) -> bytes:
    """Bytes of the file an open picture comes from; its position stays."""
    file = image.fp if isinstance(image, ImageFile.ImageFile) else None
    if file is None:
        return b""
    at = file.tell()
    file.seek(0)
    content = file.read(most)
    file.seek(at)
    return content
