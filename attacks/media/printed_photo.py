"""A printed photo held into a camera and moved: the cheapest attack on a face check.

What comes out is the light in front of the lens. `prnu.sensor.SimulatedCamera` photographs it; for a check that looks
at faces only, `noise` will do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.types import ImageArray
from prnu.scenes import check_number, check_shape

FloatArray: TypeAlias = npt.NDArray[np.float32]

FOCAL = 700 / 640
"""Focal length in frame widths: a webcam's 50 degrees across."""

PAPER = (244, 243, 240)
WALL = (100, 95, 90)

_LIMITS = {
    "pitch": (-80.0, 80.0),
    "yaw": (-80.0, 80.0),
    "roll": (-180.0, 180.0),
    "right": (-2.0, 2.0),
    "down": (-2.0, 2.0),
    "zoom": (0.05, 5.0),
}


@dataclass(frozen=True)
class Pose:
    """How something flat is held into a camera.

    Attributes
    ----------
    pitch, yaw, roll : float
        Degrees by which it is tilted, up to 80 (roll: 180).
    right, down : float
        Place of its middle in the picture, in frame heights from the middle.
    zoom : float, .05..5
        Above 1 it looks larger, as if nearer.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    pitch: float = 0.0
    yaw: float = 0.0
    roll: float = 0.0
    right: float = 0.0
    down: float = 0.0
    zoom: float = 1.0

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            check_number(name, getattr(self, name), low, high)


Motion: TypeAlias = Callable[[float], Pose]
"""A pose for each time in seconds."""


def swing(time_s: float, period_s: float = 3.0) -> float:
    """To and fro between -1 and 1, starting from 0."""
    return math.sin(2 * math.pi * time_s / period_s)


MOTIONS: dict[str, Motion] = {
    "still": lambda t: Pose(),
    "waved": lambda t: Pose(roll=6 * swing(t), right=swing(t, 1.5) / 8, down=swing(t) / 32),
    "tilted sideways to 45 degrees": lambda t: Pose(yaw=45 * swing(t)),
    "tilted up and down to 40 degrees": lambda t: Pose(pitch=40 * swing(t)),
    "zoomed": lambda t: Pose(zoom=1 + 0.4 * swing(t)),
    "all at once": lambda t: Pose(
        yaw=40 * swing(t),
        pitch=15 * swing(t, 2.1),
        roll=10 * swing(t + 1, 3.2),
        zoom=1 + 0.15 * swing(t, 6.3),
        right=swing(t) / 16,
        down=swing(t) / 48,
    ),
}
"""What people do with a photo to make it look alive. Keys are names to show."""


def projection(size: tuple[int, int], shape: tuple[int, int], pose: Pose, height: float) -> npt.NDArray[np.float64]:
    """Where a pinhole camera sees the points of something flat that is held in front of it.

    Parameters
    ----------
    size : (int, int)
        Height and width of the flat thing in its own pixels.
    shape : (int, int)
        Height and width of the frame.
    pose : Pose
    height : float
        Pixels of the frame that it is high when upright, at zoom 1.

    Returns
    -------
    ndarray, shape (3, 3), float64
        Homography from its pixels to those of the frame, both counted from 0 at the outer corner.
    """
    h, w = size
    focal = FOCAL * shape[1]
    corners = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]]) / 2 * (height / h * pose.zoom)
    rotation = np.eye(3)
    for axis, angle in zip(np.eye(3), (pose.pitch, pose.yaw, pose.roll), strict=True):
        rotation = rotation @ cv2.Rodrigues(axis * math.radians(angle))[0]
    placed = corners @ rotation.T + [0, 0, focal]
    if placed[:, 2].min() < 0.1 * focal:
        raise ValueError(f"{pose}: part of it would be behind the camera. Tilt it less or hold it farther away.")
    middle = [shape[1] / 2 + pose.right * shape[0], shape[0] / 2 + pose.down * shape[0]]
    seen = placed[:, :2] / placed[:, 2:] * focal + middle
    flat = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(flat, seen.astype(np.float32)), np.float64)


def held(
    photo: ImageArray,
    shape: tuple[int, int],
    motion: Motion,
    seconds: float,
    rate: float,
    *,
    height: float = 0.875,
    border: float = 0.0,
    detail: float = 1.5,
    scene: ImageArray | None = None,
    noise: float = 0.0,
    seed: int = 0,
) -> Iterator[ImageArray]:
    """Film a print that is held into a camera.

    Parameters
    ----------
    photo : ndarray, shape (h, w, 3), uint8
        RGB.
    shape : (int, int)
        Height and width of the film, from 64 on.
    motion : callable
        Pose of the print for a time in seconds: one of `MOTIONS`, or your own.
    seconds, rate : float
        Length, and frames a second; above 0, up to 3600 and 240.
    height : float, .05..5
        Of the photo at zoom 1, in frame heights.
    border : float, 0..0.5
        White paper around it, in heights of the photo.
    detail : float, 0.5..1000
        Pixels of the photo that are kept for each of the frame, at zoom 1; what is finer is smoothed away first. From
        2 on, pixels are skipped over, as by a camera without any blur.
    scene : ndarray, shape (height, width, 3), uint8, optional
        What is behind; by default an even wall.
    noise : float, 0..50
        Standard deviation of a camera's random noise, grey levels. It has no sensor's pattern.
    seed : int
        Of the noise.

    Returns
    -------
    iterator of ndarray, shape (height, width, 3), uint8

    Raises
    ------
    ValueError
        If an argument is not as described. While filming: if a pose brings part of the print behind the camera.

    Examples
    --------
    >>> portrait = np.full((80, 60, 3), 200, np.uint8)
    >>> film = list(held(portrait, (120, 160), MOTIONS["waved"], seconds=2, rate=5))
    >>> len(film), film[0].shape
    (10, (120, 160, 3))
    """
    rows, columns = check_shape(shape)
    check_rgb8("photo", photo)
    for name, value, low, high in (
        ("seconds", seconds, 1e-3, 3600.0),
        ("rate", rate, 1e-3, 240.0),
        ("height", height, 0.05, 5.0),
        ("border", border, 0.0, 0.5),
        ("detail", detail, 0.5, 1000.0),
        ("noise", noise, 0.0, 50.0),
    ):
        check_number(name, value, low, high)
    behind = np.full((rows, columns, 3), WALL, np.uint8) if scene is None else scene
    check_rgb8("scene", behind)
    if behind.shape[:2] != (rows, columns):
        raise ValueError(f"scene: expected {(rows, columns, 3)} as the film has, got {behind.shape}. Scale it.")
    pixels = height * rows
    paper = _print(photo, detail * pixels, border)
    pixels *= 1 + 2 * border

    def film() -> Iterator[ImageArray]:
        rng = np.random.default_rng(seed)
        grain = rng.normal(0.0, noise, behind.shape).astype(np.float32) if noise else None
        for number in range(round(seconds * rate)):
            place = projection(paper.shape[:2], (rows, columns), motion(number / rate), pixels)
            frame = _in_front(paper, behind, place)
            if grain is not None:
                # Shaken up: drawing it anew takes far longer.
                frame += np.roll(grain, rng.integers(0, min(rows, columns), 2), (0, 1))
            yield np.clip(frame, 0, 255).astype(np.uint8)

    return film()


def check_rgb8(name: str, picture: npt.NDArray[np.uint8]) -> None:
    """Refuse what is no RGB picture of bytes.

    Raises
    ------
    ValueError
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or 0 in picture.shape:
        got = f"shape {picture.shape} and type {picture.dtype}"
        raise ValueError(f"{name}: expected RGB of shape (h, w, 3), uint8; got {got}. Convert it.")


def _print(photo: ImageArray, most: float, border: float) -> ImageArray:
    """The photo, at most so many pixels high, with paper around it."""
    scale = most / photo.shape[0]
    if scale < 1:
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    around = round(border * photo.shape[0])
    return np.asarray(cv2.copyMakeBorder(photo, *(around,) * 4, cv2.BORDER_CONSTANT, value=PAPER), np.uint8)


def _in_front(paper: ImageArray, behind: ImageArray, place: npt.NDArray[np.float64]) -> FloatArray:
    across = behind.shape[1::-1]
    cover = cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), place, across, flags=cv2.INTER_LINEAR)
    share = cover[..., None].astype(np.float32) / 255
    seen = cv2.warpPerspective(paper, place, across, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(share * seen + (1 - share) * behind, np.float32)
