"""Head turns that a flat picture cannot make."""

from __future__ import annotations

import math

import cv2
import numpy as np

from liveness.events import Event
from liveness.landmarks import FloatArray, Observation

TURN = 20.0
"""Degrees of yaw from the person's own neutral that are a turn. A photo tilted to 45 degrees reached 18."""

BACK = 10.0
"""Degrees of yaw below which the head is back."""

PARALLAX = 0.15
"""Least parallax of a turn. Real turns of 20 degrees show .21 and more, held photos in any motion .10 and less."""

NEUTRAL_FRAMES = 5
"""Frames that a person's neutral pose is taken from."""


def parallax(neutral: FloatArray, now: FloatArray) -> float:
    """How far a face's landmarks moved in ways that no flat picture can.

    The landmarks of a flat picture, however it is held, follow a homography (Hartley and Zisserman, "Multiple View
    Geometry", 2004, section 13.1). What is left after fitting one is depth: the nose moves against the cheeks.

    Parameters
    ----------
    neutral, now : ndarray, shape (478, 3), float32
        Landmarks in pixels.

    Returns
    -------
    float
        Root mean square of the remainder over the face's size; 0 for a flat picture and perfect landmarks. NaN where
        no homography can be fitted.
    """
    before, after = (points[:468, :2].astype(np.float64) for points in (neutral, now))  # float64: ill-conditioned
    size = float(np.linalg.det(np.cov(after.T))) ** 0.25
    homography, _ = cv2.findHomography(before, after, 0)
    if homography is None or not size > 0.0:
        return math.nan
    fitted = cv2.perspectiveTransform(before[None], homography)[0]
    return float(np.sqrt(((fitted - after) ** 2).sum(axis=1).mean())) / size


class TurnDetector:
    """Finds head turns frame by frame, from the person's own neutral pose."""

    def __init__(self) -> None:
        self._neutral: list[Observation] = []
        self._start: float | None = None
        self._strength = 0.0

    @property
    def neutral_yaw(self) -> float:
        """Yaw of the neutral pose in degrees; NaN before it is known."""
        if len(self._neutral) < NEUTRAL_FRAMES:
            return math.nan
        return float(np.median([seen.yaw for seen in self._neutral]))

    def add(self, seen: Observation) -> Event | None:
        """Take a frame; return the turn that it confirms, once for each."""
        if seen.landmarks is None or math.isnan(seen.yaw):
            self._start = None
            return None
        if len(self._neutral) < NEUTRAL_FRAMES:
            self._neutral.append(seen)
            return None
        turn = seen.yaw - self.neutral_yaw
        if abs(turn) < BACK:
            self._start = None
            return None
        if abs(turn) < TURN or self._start is not None:
            return None
        middle = min(self._neutral, key=lambda one: abs(one.yaw - self.neutral_yaw))
        assert middle.landmarks is not None
        depth = parallax(middle.landmarks, seen.landmarks)
        if math.isnan(depth) or depth < PARALLAX:
            return None
        self._start = seen.time_s
        return Event("turn left" if turn > 0 else "turn right", seen.time_s, seen.time_s, abs(turn))
