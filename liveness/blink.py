"""Blinks, relative to how this person's eyes were in the last two seconds."""

from __future__ import annotations

import math

from liveness.events import Baseline, Event
from liveness.landmarks import Observation

# Chosen on 45 hand-labelled closures. A fixed eye aspect ratio counted 26 blinks on a frozen deepfake.
RISE, FALL = 0.30, 0.15
"""Rise of the blink blendshape over its baseline at which the eyes count as closed, and below which as open again."""

SHUT, OPEN = 0.60, 0.75
"""Share of the usual eye aspect ratio below which the eyes count as closed, and above which as open again."""

LONGEST_S = 2.0
"""Eyes closed for longer were closed, not blinking."""


class BlinkDetector:
    """Finds blinks frame by frame; one closed frame suffices, as a blink is often no longer at 10 frames a second."""

    def __init__(self) -> None:
        self._baseline = Baseline()
        self._start: float | None = None
        self._strength = 0.0

    @property
    def closed(self) -> bool:
        """Whether the eyes are closed just now."""
        return self._start is not None

    def add(self, seen: Observation) -> Event | None:
        """Take a frame; return the blink that it ends, if any."""
        if math.isnan(seen.ear) or math.isnan(seen.blink):
            self._baseline.clear()
            self._start = None
            return None
        # Both eyes must close: a wink is no blink, nor is a lid that a tilted photo makes the tracker misplace.
        ear, lids = max(seen.ear_left, seen.ear_right), min(seen.blink_left, seen.blink_right)
        start = self._start
        # While the eyes are closed the baseline stands still, as of when they closed: closed is not their usual.
        usual = self._baseline.median(seen.time_s if start is None else start)
        if usual is None or usual[0] <= 0.0:
            self._baseline.add(seen.time_s, ear, lids)
            return None
        ratio, rise = ear / usual[0], lids - usual[1]
        if start is None:
            if rise > RISE or ratio < SHUT:
                self._start, self._strength = seen.time_s, rise
            else:
                self._baseline.add(seen.time_s, ear, lids)
            return None
        self._strength = max(self._strength, rise)
        if rise < FALL and ratio > OPEN:
            self._start = None
            return Event("blink", start, seen.time_s, self._strength)
        if seen.time_s - start > LONGEST_S:
            self._start = None
            self._baseline.clear()
        return None
