"""A printed photo held into a camera, in motion: what the tests and tables of the face factor attack with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np

SIZE = (480, 640)
_FOCAL = 700.0  # pixels: a webcam's 50 degrees across

Pose = dict[str, float]


def _swing(t: float, period: float = 3.0) -> float:
    return float(np.sin(2 * np.pi * t / period))


MOTIONS: dict[str, Callable[[float], Pose]] = {
    "still": lambda t: {},
    "waved": lambda t: {"roll": 6 * _swing(t), "right": 60 * _swing(t, 1.5), "down": 15 * _swing(t)},
    "tilted sideways to 45 degrees": lambda t: {"yaw": 45 * _swing(t)},
    "tilted up and down to 40 degrees": lambda t: {"pitch": 40 * _swing(t)},
    "zoomed": lambda t: {"zoom": 1 + 0.4 * _swing(t)},
    "all at once": lambda t: {
        "yaw": 40 * _swing(t),
        "pitch": 15 * _swing(t, 2.1),
        "roll": 10 * _swing(t + 1, 3.2),
        "zoom": 1 + 0.15 * _swing(t, 6.3),
        "right": 30 * _swing(t),
        "down": 10 * _swing(t),
    },
}


def show(photo: np.ndarray, height: float = 420.0, **pose: float) -> np.ndarray:
    """A photo in front of a pinhole camera, `height` pixels high when upright; angles in degrees."""
    h, w = photo.shape[:2]
    scale = height / h * pose.get("zoom", 1.0)
    corners = np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]]) / 2 * scale
    angles = [np.deg2rad(pose.get(name, 0.0)) for name in ("pitch", "yaw", "roll")]
    rotation = np.eye(3)
    for axis, angle in enumerate(angles):
        vector = np.zeros(3)
        vector[axis] = angle
        rotation = rotation @ cv2.Rodrigues(vector)[0]
    placed = corners @ rotation.T + [0, 0, _FOCAL]
    centre = [SIZE[1] / 2 + pose.get("right", 0.0), SIZE[0] / 2 + pose.get("down", 0.0)]
    seen = placed[:, :2] / placed[:, 2:] * _FOCAL + centre
    source = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, seen.astype(np.float32))
    return cv2.warpPerspective(photo, matrix, SIZE[::-1], flags=cv2.INTER_AREA, borderValue=(100, 95, 90))


def film(
    photo: np.ndarray, motion: str, seconds: float = 6.0, rate: float = 15.0
) -> Iterator[tuple[np.ndarray, float]]:
    """Frames of a held photo with camera noise, and their times."""
    rng = np.random.default_rng(0)
    for number in range(round(seconds * rate)):
        frame = show(photo, **MOTIONS[motion](number / rate))
        noisy = frame + rng.normal(0, 2, frame.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8), number / rate
