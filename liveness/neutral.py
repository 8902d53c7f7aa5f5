"""How a person holds the head when looking straight ahead: what turns are measured from."""

from __future__ import annotations

import math
from collections import deque

from liveness.landmarks import FloatArray, Observation

STRAIGHT = 15.0
"""Degrees of yaw within which a head may look straight: no camera sits quite in the line of sight, and estimates of yaw
differ by some degrees from face to face."""

SETTLED_S = 0.5
"""Seconds for which the head must keep still to be taken as neutral."""

STEADY = 4.0
"""Degrees of yaw within which it keeps still in these; heads that turn on request do ten times that."""

ASIDE, PATIENCE_S = 25.0, 3.0
"""Degrees up to which a head is taken as straight after all when it keeps still for so many seconds: the camera sits
aside. Also how a changed posture becomes neutral."""

NEAR = 8.0
"""Degrees from neutral within which the head looks straight."""


class NeutralPose:
    """Follows the head until it is straight and still, and from then on for anything straighter.

    Until then the straightest frame so far stands in, if it is straight.

    Attributes
    ----------
    settled : bool
        Whether the head was straight and still for a moment.
    """

    def __init__(self) -> None:
        self.settled = False
        self._past: deque[Observation] = deque()
        self._pose: Observation | None = None

    @property
    def yaw(self) -> float:
        """Degrees; NaN before it is known."""
        return math.nan if self._pose is None else self._pose.yaw

    @property
    def landmarks(self) -> FloatArray | None:
        """Of the frame that shows it, shape (478, 3) in pixels; None before it is known."""
        return None if self._pose is None else self._pose.landmarks

    def near(self, yaw: float) -> bool:
        """Whether a head at so many degrees looks straight ahead; False before it has settled."""
        return self.settled and abs(yaw - self.yaw) <= NEAR

    def add(self, seen: Observation, moving: bool = False) -> None:
        """Take a frame with a face.

        Parameters
        ----------
        seen : Observation
        moving : bool
            Whether a turn is asked for. A head that is held aside then answers, and is no new posture.
        """
        if self._past and seen.time_s - self._past[-1].time_s > SETTLED_S:
            self._past.clear()
        self._past.append(seen)
        while self._past[0].time_s < seen.time_s - PATIENCE_S - SETTLED_S:
            self._past.popleft()
        now = self._still(SETTLED_S, STEADY)
        if now and abs(now.yaw) <= STRAIGHT and not (self.settled and abs(now.yaw) >= abs(self.yaw)):
            self._pose, self.settled = now, True
        elif not moving and (long := self._still(PATIENCE_S, 2 * STEADY)) and abs(long.yaw) <= ASIDE:
            self._pose, self.settled = long, True
        elif not self.settled and abs(seen.yaw) <= STRAIGHT and not abs(seen.yaw) >= abs(self.yaw):
            self._pose = seen

    def _still(self, seconds: float, steady: float) -> Observation | None:
        """The middle one of the last frames, if the head kept still in them for so many seconds."""
        last_s = self._past[-1].time_s
        if last_s - self._past[0].time_s < seconds:
            return None
        stretch = sorted((one for one in self._past if one.time_s >= last_s - seconds), key=lambda one: one.yaw)
        if len(stretch) < 3 or stretch[-1].yaw - stretch[0].yaw > steady:
            return None
        return stretch[len(stretch) // 2]
