"""Head turns that a flat picture cannot make."""

from __future__ import annotations

import math
from collections import deque

import cv2
import numpy as np

from liveness.events import Event
from liveness.landmarks import FloatArray, Observation
from liveness.neutral import NeutralPose

TURN = 20.0
"""Degrees of yaw from the person's own neutral that are a turn. A photo tilted to 45 degrees reached 18."""

BACK = 10.0
"""Degrees of yaw below which the head is back."""

PARALLAX = 0.15
"""Least parallax of a turn. Real turns of 20 degrees show .21 and more, held photos in any motion .10 and less."""

AWAY = 10.0
"""Degrees of yaw to its side that a turned head ends at: one that only comes back to the camera has not turned."""

BEGUN = 3.0
"""Degrees from where the head was, in the second before it left neutral, at which its turn begins."""

_PAST_S = 1.0
_GAP_S = 0.3  # without a frame, after which nobody saw when the turn began: it may have been as early as that


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
        self.neutral = NeutralPose()
        self._past: deque[tuple[float, float]] = deque()
        self._side = 0.0
        self._start_s = math.nan
        self._told = False

    def add(self, seen: Observation, asked: bool = False) -> Event | None:
        """Take a frame; return the turn that it confirms, once for each.

        Parameters
        ----------
        seen : Observation
        asked : bool
            Whether a turn is asked for just now.
        """
        if seen.landmarks is None or math.isnan(seen.yaw):
            return None  # a turn is not over because the face was lost in it
        self.neutral.add(seen, moving=asked)
        if self.neutral.landmarks is None:
            return None
        turn = seen.yaw - self.neutral.yaw
        side = 0.0 if abs(turn) < BACK else math.copysign(1.0, turn)
        if first := side != self._side:
            self._side, self._told = side, False
            self._start_s = self._begin(seen.time_s, side)
        self._past.append((seen.time_s, seen.yaw))
        while self._past[0][0] < seen.time_s - _PAST_S:
            self._past.popleft()
        # A single frame can be wrong: the head must have been on its way in the one before.
        if first or self._told or abs(turn) < TURN or side * seen.yaw < AWAY:
            return None
        depth = parallax(self.neutral.landmarks, seen.landmarks)
        if math.isnan(depth) or depth < PARALLAX:
            return None
        self._told = True
        return Event("turn left" if turn > 0 else "turn right", self._start_s, seen.time_s, abs(turn))

    def _begin(self, now_s: float, side: float) -> float:
        """When the head, now beyond `BACK`, left where it was."""
        past = [(time_s, max(side * (yaw - self.neutral.yaw), 0.0)) for time_s, yaw in self._past]
        if not past:
            return now_s
        rest = min(turn for _, turn in past) + BEGUN
        last = max(number for number, (_, turn) in enumerate(past) if turn <= rest)
        first_s = past[last + 1][0] if last + 1 < len(past) else now_s
        return first_s if first_s - past[last][0] <= _GAP_S else past[last][0]
