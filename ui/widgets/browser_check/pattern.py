"""The test picture for stills: noise whose luma is known bit by bit, as `diagnosing.js` draws it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ui.live.decode import FrameArray

STEPS = (1, 73)
"""Between two levels of luma. 1: all 220 levels that video has, from 16 to 235. 73: the four of them, 16, 89, 162 and
235, that come from whole greys (0, 85, 170, 255), so that no browser has to round when it converts a canvas."""


def luma(width: int, height: int, step: int) -> FrameArray:
    """Luma of the test picture: a hash of each pixel's place.

    Parameters
    ----------
    width, height : int
        Pixels.
    step : int
        One of `STEPS`.

    Returns
    -------
    ndarray, shape (height, width), uint8
    """
    x, y = np.arange(width, dtype=np.uint32), np.arange(height, dtype=np.uint32)
    mixed: npt.NDArray[np.uint32] = (x * np.uint32(0x9E3779B1))[None, :] ^ (y * np.uint32(0x85EBCA77))[:, None]
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    return (16 + step * ((mixed >> np.uint32(8)) % np.uint32(219 // step + 1))).astype(np.uint8)


def compare(planes: FrameArray, step: int) -> dict[str, Any]:
    """Tell how a still of the test picture differs from it.

    Parameters
    ----------
    planes : ndarray, shape (H * 3 / 2, W), uint8
        As `ui.live.decode.read_still` returns it.
    step : int

    Returns
    -------
    dict
        "pixels", "differing" and "largest", the largest difference in luma.
    """
    rows, width = planes.shape
    found = planes[: rows * 2 // 3]
    difference = np.abs(found.astype(np.int16) - luma(width, len(found), step))
    return {"pixels": found.size, "differing": int(np.count_nonzero(difference)), "largest": int(difference.max())}
