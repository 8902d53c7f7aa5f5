"""Glances to the side, counted only while the head keeps still."""

from __future__ import annotations

import math

from liveness.events import Baseline, Event
from liveness.landmarks import Observation

CHANGE = 0.50
"""Change of gaze that is a glance. Asked to look aside, people reach .6 to .9; the highest of 78 films of held photos
in motion was .46."""

BACK = 0.15
"""Change below which the eyes are back."""

ASIDE = 0.20
"""Gaze to its side that a glance ends at: eyes that only come back to the camera have not glanced."""

HEAD_STILL = 8.0
"""Degrees of yaw, pitch and roll within which gaze tells of the eyes: beyond, it follows the head (correlation with
yaw -.84 to -.98)."""


class GlanceDetector:
    """Finds glances frame by frame; a glance counts from its second frame on, as single frames can be wrong."""

    def __init__(self) -> None:
        self._baseline = Baseline()
        self._start: float | None = None
        self._frames = 0
        self._strength = 0.0

    def add(self, seen: Observation, eyes_closed: bool = False) -> Event | None:
        """Take a frame; return the glance that it confirms, once for each.

        Parameters
        ----------
        seen : Observation
        eyes_closed : bool
            Closed eyes look nowhere: the frame is left out.
        """
        if math.isnan(seen.gaze) or math.isnan(seen.yaw):
            self._baseline.clear()
            self._start = None
            return None
        if eyes_closed:
            return None
        pose = (seen.gaze, seen.yaw, seen.pitch, seen.roll)
        usual = self._baseline.median(seen.time_s)
        if usual is None:
            self._baseline.add(seen.time_s, *pose)
            return None
        change = seen.gaze - usual[0]
        moved = max(abs(now - before) for now, before in zip(pose[1:], usual[1:], strict=True))
        if self._start is not None and change * self._strength <= 0:
            self._start = None  # to the other side, or back: the way back need not show in a frame of its own
        if self._start is None:
            glances = abs(change) >= CHANGE and math.copysign(1.0, change) * seen.gaze >= ASIDE
        else:
            glances = abs(change) >= BACK
        if moved > HEAD_STILL or not glances:
            self._start = None
            self._baseline.add(seen.time_s, *pose)
            return None
        # A glance is not part of what is usual, unless it stays: then the baseline follows slowly.
        if self._start is None:
            self._start, self._frames, self._strength = seen.time_s, 0, change
        self._frames += 1
        if seen.time_s - self._start > 1.0:
            self._baseline.add(seen.time_s, *pose)
        if self._frames == 2:
            return Event("glance left" if change > 0 else "glance right", self._start, seen.time_s, abs(change))
        return None
