"""Let one person's face move another's photo: what a tracker sees becomes an `Expression` of the puppet."""

from __future__ import annotations

import math
from collections import deque
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from attacks.face.expression import LIMITS, Expression
from attacks.face.head_warp import CHIN, LEFT_EAR, RIGHT_EAR, TOP
from attacks.face.smoothing import OneEuro
from liveness.events import Baseline
from liveness.landmarks import Observation

FloatArray: TypeAlias = npt.NDArray[np.float32]

NEUTRAL_S = 1.0
"""Seconds from the first face from which the person's neutral pose is taken."""

LOST_S = 0.5
"""Seconds without a face for which the last expression is held; then the puppet goes back to neutral."""

CLOSED_S = 5.0
"""Seconds that eyes may stay closed: after that this counts as how they usually look."""

_POSE = ("gaze", "yaw", "pitch", "roll", "shift_x", "shift_y", "scale", "smile")
_UNITS = np.array([0.5, 20.0, 15.0, 15.0, 0.3, 0.3, 0.2, 0.5], np.float32)  # what counts as much of each
_LIDS = (0.08, 0.38)  # rise of the eyeBlink blendshape at which lids start to close, and are closed
_RATIOS = (0.85, 0.50)  # and share of the usual eye aspect ratio
_SMILE = 0.22  # growth of the mouth over the distance of the eyes that is a full smile
_SMILE_FROM = 0.04  # and from which: less is talk
_JITTER, _AGILITY = 1.0, 12.0  # cut-off at rest in hertz, and its rise with units a second
_MOUTH_RIGHT, _MOUTH_LEFT, _EYE_RIGHT, _EYE_LEFT = 61, 291, 33, 263


class Driver:
    """Follows a person, in a video or live, and says what a puppet should show.

    All is relative to how the person sat in the first second: look straight ahead, with open eyes, then. Lids are
    relative to the last two seconds, as `liveness.blink` has it, and not smoothed, so that no blink is missed; the
    rest is smoothed where it rests (`attacks.face.smoothing.OneEuro`). Left stays the person's left.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the person: the next second is neutral."""
        self._first: deque[FloatArray] = deque(maxlen=120)
        self._neutral: FloatArray | None = None
        self._start_s = math.nan
        self._last_s = -math.inf
        self._seen_s = -math.inf
        self._eyes = (Baseline(), Baseline())
        self._open_s = [-math.inf, -math.inf]
        self._smoother = OneEuro(_JITTER, _AGILITY)
        self._current = Expression()

    @property
    def ready(self) -> bool:
        """Whether the neutral pose is known: it still changes in the first second."""
        return self._seen_s - self._start_s >= NEUTRAL_S

    def expression(self, seen: Observation) -> Expression:
        """Return the expression for what was just seen.

        Parameters
        ----------
        seen : liveness.landmarks.Observation
            Of frames in order, mirrored ones turned back (`FaceTracker(mirrored=True)`).

        Returns
        -------
        Expression
            Within `LIMITS`. Neutral before a face was seen, and half a second after it was lost.

        Raises
        ------
        ValueError
            If time falls.
        """
        if not seen.time_s >= self._last_s:
            raise ValueError(f"time {seen.time_s}: expected seconds from {self._last_s:g} on.")
        self._last_s = seen.time_s
        if seen.landmarks is None:
            if seen.time_s - self._seen_s > LOST_S:
                self._current = Expression()
                self._smoother.reset()
            return self._current
        if math.isnan(self._start_s):
            self._start_s = seen.time_s
        measured = _measure(seen)
        if self._neutral is None or seen.time_s - self._start_s < NEUTRAL_S:
            self._first.append(measured)
            self._neutral = np.median(self._first, axis=0).astype(np.float32)
        self._seen_s = seen.time_s
        pose = dict(zip(_POSE, self._smoother.smooth(self._pose(measured) / _UNITS, seen.time_s) * _UNITS, strict=True))
        closed = [self._closed(seen, side) for side in (0, 1)]
        # People blink with both eyes: what tells the two apart is mostly the angle that they are seen at.
        if abs(closed[0] - closed[1]) < 0.6:
            closed = [max(closed)] * 2
        values = {**pose, "blink_left": closed[0], "blink_right": closed[1]}
        self._current = Expression(**{name: float(np.clip(value, *LIMITS[name])) for name, value in values.items()})
        return self._current

    def _pose(self, measured: FloatArray) -> FloatArray:
        """How a pose differs from the neutral one, in the order of `_POSE`."""
        assert self._neutral is not None
        change = measured - self._neutral
        size, up = float(self._neutral[5]), self._neutral[8:]
        # The puppet's head tilts about its chin, which is the part of the movement that must not count twice.
        angle = math.radians(float(change[3]))
        tilt = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        shift = (change[6:8] - (tilt @ up - up)) / size
        grown = max(float(change[4]) - _SMILE_FROM, 0.0) / (_SMILE - _SMILE_FROM)
        return np.array([*change[:4], *shift, measured[5] / size, grown], np.float32)

    def _closed(self, seen: Observation, side: int) -> float:
        """How far one eye is closed, 0..1, by blendshape and aspect ratio together."""
        lids = (seen.blink_left, seen.blink_right)[side]
        ratio = (seen.ear_left, seen.ear_right)[side]
        if seen.time_s - self._open_s[side] > CLOSED_S:
            self._eyes[side].clear()
        # While an eye is closed its baseline stands still: closed is not its usual.
        usual = self._eyes[side].median(min(seen.time_s, self._open_s[side]))
        shut = 0.0
        if usual is not None and usual[1] > 0.0:
            by_lids = float(np.interp(lids - usual[0], _LIDS, (0.0, 1.0)))
            by_ratio = float(np.interp(-ratio / usual[1], (-_RATIOS[0], -_RATIOS[1]), (0.0, 1.0)))
            shut = (by_lids + by_ratio) / 2
        if shut < 0.5:
            self._open_s[side] = seen.time_s
            self._eyes[side].add(seen.time_s, lids, ratio)
        return shut


def _measure(seen: Observation) -> FloatArray:
    """Gaze, yaw, pitch, roll, mouth over eyes, size, and where the head is and stands up from, in pixels."""
    points = seen.landmarks
    assert points is not None
    # In space, so that a turn does not make the face smaller.
    across, tall = (float(np.linalg.norm(points[a] - points[b])) for a, b in ((LEFT_EAR, RIGHT_EAR), (TOP, CHIN)))
    smile = np.linalg.norm(points[_MOUTH_LEFT] - points[_MOUTH_RIGHT]) / np.linalg.norm(
        points[_EYE_LEFT] - points[_EYE_RIGHT]
    )
    middle = points[[LEFT_EAR, RIGHT_EAR], :2].mean(axis=0)
    up = middle - points[CHIN, :2]
    size = math.sqrt(across * tall)
    return np.array([seen.gaze, seen.yaw, seen.pitch, seen.roll, smile, size, *middle, *up], np.float32)
