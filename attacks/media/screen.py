"""A genuine recording, played on a screen and filmed off it by another camera.

The eye sees the person; the sensor sees a grid of red, green and blue stripes, and samples it with a grid of its own.
What comes out is the light in front of the second lens, for `prnu.sensor.SimulatedCamera` to photograph.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.media.printed_photo import Motion, Pose, check_rgb8, projection, swing
from attacks.types import ImageArray
from prnu.scenes import check_number, check_shape
from prnu.sensor import linear_to_srgb

FloatArray: TypeAlias = npt.NDArray[np.float32]

_LIMITS = {
    "rows": (120, 8640),
    "gamma": (1.0, 4.0),
    "black": (0.0, 0.2),
    "reflection": (0.0, 0.5),
    "grid": (0.0, 1.0),
    "blur": (0.0, 5.0),
    "flicker": (0.0, 1.0),
    "flicker_hz": (1.0, 10_000.0),
}
_STRIPE = 0.28  # of a screen pixel's width that each colour takes; the rest is the black between
_LIT = 0.85  # and of its height
_PIXEL = 1 / math.sqrt(12)  # standard deviation of a box that is one pixel wide
_READOUT_S = 1 / 60  # from the first row of a rolling shutter to the last
# OpenCV counts from the middle of the first pixel, `projection` from its outer corner.
_FROM_INDEX = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
_TO_INDEX = np.linalg.inv(_FROM_INDEX)
_TONE = np.rint(255 * linear_to_srgb(np.arange(4096) / 4095)).astype(np.uint8)


@dataclass(frozen=True)
class Screen:
    """A flat screen, and how it is filmed.

    Attributes
    ----------
    rows : int, 120..8640
        Rows of screen pixels that the recording fills; its columns follow from the recording's proportions.
    gamma : float, 1..4
        Light is the value to this power. 2.2 undoes what cameras do.
    black : float, 0..0.2
        Light of a black pixel, as a share of a white one's.
    reflection : float, 0..0.5
        Light of the room on the glass, likewise: a soft window in the upper left.
    grid : float, 0..1
        Contrast of the stripes: 1 as on a liquid crystal screen, 0 none.
    blur : float, 0..5
        Of the filming lens, in pixels of its camera. Less leaves more moire.
    flicker : float, 0..1
        Depth to which the lamp is dimmed by switching. A rolling shutter turns it into bands that wander.
    flicker_hz : float, 1..10000
        Times a second.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    rows: int = 1080
    gamma: float = 2.2
    black: float = 0.003
    reflection: float = 0.02
    grid: float = 1.0
    blur: float = 0.6
    flicker: float = 0.0
    flicker_hz: float = 110.0

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            check_number(name, getattr(self, name), low, high)


def in_a_stand(time_s: float) -> Pose:
    """Screen and camera at rest, a little askew."""
    return Pose(pitch=2.0, yaw=-3.0, roll=0.8)


def in_the_hand(time_s: float) -> Pose:
    """A telephone in front of the camera that is held as still as hands can."""
    return Pose(
        pitch=2.0 + 0.8 * swing(time_s, 3.7),
        yaw=-3.0 + 1.2 * swing(time_s, 2.9),
        roll=0.8 + 0.6 * swing(time_s, 4.3),
        right=0.006 * swing(time_s, 2.3),
        down=0.005 * swing(time_s, 1.7),
        zoom=1 + 0.01 * swing(time_s, 5.1),
    )


def replayed(
    frames: Iterable[ImageArray],
    shape: tuple[int, int],
    screen: Screen | None = None,
    motion: Motion = in_a_stand,
    *,
    rate: float = 15.0,
    fill: float = 1.12,
) -> Iterator[ImageArray]:
    """Film a recording off a screen.

    Each sensor pixel gathers the light of the part of the screen that it looks at: the picture there, times the exact
    integral of the stripes over a box as wide as the pixel and the lens's blur. What the stripes are too fine for
    comes back as moire, in other places for each colour.

    Parameters
    ----------
    frames : iterable of ndarray, shape (h, w, 3), uint8
        The recording, RGB; all of one size. Read one at a time.
    shape : (int, int)
        Height and width of what the second camera films, from 64 on: the shape of its sensor.
    screen : Screen, optional
    motion : callable
        Pose of the screen in front of that camera for a time in seconds.
    rate : float, .001..240
        Frames a second.
    fill : float, .05..5
        Size of the screen at zoom 1: 1 just covers the frame when upright, less shows a dark room around it.

    Returns
    -------
    iterator of ndarray, shape (height, width, 3), uint8

    Raises
    ------
    ValueError
        If an argument is not as described; while filming, if a frame is not.

    Examples
    --------
    >>> recording = [np.full((120, 160, 3), 128, np.uint8)] * 3
    >>> [frame.shape for frame in replayed(recording, (96, 128))]
    [(96, 128, 3), (96, 128, 3), (96, 128, 3)]
    """
    shape = check_shape(shape)
    check_number("rate", rate, 1e-3, 240.0)
    check_number("fill", fill, 0.05, 5.0)
    return _filmed(frames, shape, screen or Screen(), motion, rate, fill)


def _filmed(
    frames: Iterable[ImageArray], shape: tuple[int, int], screen: Screen, motion: Motion, rate: float, fill: float
) -> Iterator[ImageArray]:
    light = (screen.black + (1 - screen.black) * (np.arange(256) / 255) ** screen.gamma).astype(np.float32)
    glare = screen.reflection * _window(shape)
    size: tuple[int, int] | None = None
    pose: Pose | None = None
    place, grid, spread = np.eye(3), glare, 0.0
    for number, frame in enumerate(frames):
        check_rgb8(f"frame {number}", frame)
        if frame.shape[:2] != (size or frame.shape[:2]):
            raise ValueError(f"frame {number}: expected {size} as the first one has, got {frame.shape[:2]}.")
        now_s = number / rate
        if motion(now_s) != pose:
            pose, size = motion(now_s), (frame.shape[0], frame.shape[1])
            height = fill * max(shape[0], shape[1] * size[0] / size[1])
            place = projection(size, shape, pose, height)
            grid = _grid(place, shape, screen, size[0])
            spread = math.hypot(screen.blur, _PIXEL) * size[0] / (height * pose.zoom)
        shown = cv2.GaussianBlur(cv2.LUT(frame, light), (0, 0), spread)
        seen = cv2.warpPerspective(shown, _TO_INDEX @ place @ _FROM_INDEX, shape[::-1], flags=cv2.INTER_LINEAR)
        seen *= grid
        if screen.flicker:
            seen *= _bands(shape[0], now_s, screen)
        seen += glare
        yield _TONE[np.clip(seen * np.float32(4095) + np.float32(0.5), 0, 4095).astype(np.uint16)]


def _grid(place: npt.NDArray[np.float64], shape: tuple[int, int], screen: Screen, rows: int) -> FloatArray:
    """Share of the stripes' mean light that each sensor pixel gathers in each colour, shape (H, W, 3)."""
    if not screen.grid:
        return np.ones((*shape, 3), np.float32)
    fine = screen.rows / rows
    back = (np.diag([fine, fine, 1.0]) @ np.linalg.inv(place)).astype(np.float32)
    y, x = np.ogrid[: shape[0], : shape[1]]
    x, y = x.astype(np.float32) + np.float32(0.5), y.astype(np.float32) + np.float32(0.5)
    depth = back[2, 0] * x + back[2, 1] * y + back[2, 2]
    aperture = np.float32(math.hypot(1.0, screen.blur / _PIXEL))
    middles, widths = [], []
    for to_x, to_y, start in back[:2]:
        at = (to_x * x + to_y * y + start) / depth
        middles.append(at)
        widths.append(aperture * cv2.magnitude((to_x - at * back[2, 0]) / depth, (to_y - at * back[2, 1]) / depth))
    lines = _gathered(middles[1], widths[1], 0.5, _LIT)
    stripes = (_gathered(middles[0], widths[0], (colour + 0.5) / 3, _STRIPE) for colour in range(3))
    grid = cv2.merge([lines * stripe for stripe in stripes])
    return np.asarray(1 + np.float32(screen.grid) * (grid - 1), np.float32)


def _gathered(middle: FloatArray, width: FloatArray, centre: float, lit: float) -> FloatArray:
    """Mean, over a box, of what is bright for the share `lit` around `centre` of each unit; 1 over many units."""
    start, half = np.float32(centre - lit / 2), width * np.float32(0.5)

    def integral(end: FloatArray) -> FloatArray:
        whole = np.floor(end)
        return np.asarray(whole + np.minimum((end - whole) / np.float32(lit), 1), np.float32)

    middle = middle - start
    return np.asarray((integral(middle + half) - integral(middle - half)) / width, np.float32)


def _bands(rows: int, now_s: float, screen: Screen) -> FloatArray:
    """Factor on each row's light, shape (H, 1, 1): the lamp while a rolling shutter reads that row."""
    when = now_s + np.arange(rows) / rows * _READOUT_S
    return (1 + screen.flicker * np.sin(2 * np.pi * screen.flicker_hz * when)).astype(np.float32)[:, None, None]


def _window(shape: tuple[int, int]) -> FloatArray:
    """Light of a room as glass mirrors it, shape (H, W, 1): even, and twice as bright where a window is; 0..1."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    distance = (x / shape[1] - 0.28) ** 2 / 0.04 + (y / shape[0] - 0.24) ** 2 / 0.06
    return (0.5 + 0.5 * np.exp(-(distance**2))).astype(np.float32)[..., None]
