"""Blinks, relative to how this person's eyes were in the last two seconds."""

from __future__ import annotations

import math

from liveness.events import Baseline, Event
from liveness.landmarks import Observation

# Chosen on hand-labelled closures. A fixed eye aspect ratio counted 26 blinks on a frozen deepfake.
RISE = 0.30
"""Rise of the blink blendshape over its baseline at which the eyes count as closed."""

DROP = 0.40
"""Share of the usual eye aspect ratio that it must lose for that."""

LEAST_DROP, LEAST_RISE = 0.07, 0.10
"""What it must lose besides, and the blendshape must rise, where the eye aspect ratio tells: between narrow lids a
share is little, and the noise of films of photos reached .065."""

NOISE = 5.0
"""Spreads of the last two seconds that either change must exceed."""

OPEN_EAR = 0.12
"""Eye aspect ratio that eyes must have had to close at all: lids of narrower ones cannot be told from their noise."""

REOPENED, AGAIN = 0.5, 0.6
"""A closure has ended when less than half of its depth is left, or less than .6 of what counts as closed. The eyes
close again when they do so by .6 more than that: lids need not open all the way between two blinks."""

SLOW_S = 0.05
"""Seconds between frames from which a blink's deepest moment may lie between two of them: what both signals show
together then counts."""

LONGEST_S = 2.0
"""Eyes closed for longer were closed, not blinking."""


class BlinkDetector:
    """Finds blinks frame by frame; one closed frame suffices, as a blink is often no longer at 10 frames a second."""

    def __init__(self) -> None:
        self._baseline = Baseline()
        self._start: float | None = None
        self._depth = self._strength = 0.0
        self._lowest: float | None = None  # depth since the last closure, while the eyes are not fully open again
        self._last_s = math.nan

    @property
    def closed(self) -> bool:
        """Whether the eyes are closed just now."""
        return self._start is not None

    def add(self, seen: Observation) -> Event | None:
        """Take a frame; return the blink that it ends, if any."""
        interval_s, self._last_s = seen.time_s - self._last_s, seen.time_s
        if math.isnan(seen.ear) or math.isnan(seen.blink):
            self._forget()
            return None
        # Both eyes must close: a wink is no blink, nor is a lid that a tilted photo makes the tracker misplace.
        ear, lids = max(seen.ear_left, seen.ear_right), min(seen.blink_left, seen.blink_right)
        # While the eyes are closed the baseline stands still, as of when they closed: closed is not their usual.
        since = seen.time_s if self._start is None else self._start
        known = self._baseline.usual(since)
        if known is None or known[0][0] <= 0.0:
            self._baseline.add(seen.time_s, ear, lids)
            return None
        usual, spread = known
        drop, rise = usual[0] - ear, lids - usual[1]
        by_ear, by_lids = drop / (DROP * usual[0]), rise / RISE
        depth = max(by_ear, by_lids)
        if self._start is not None:
            return self._while_closed(seen.time_s, depth, rise)
        by_ear *= drop > max(LEAST_DROP, NOISE * spread[0]) and rise > LEAST_RISE
        by_lids *= rise > NOISE * spread[1]
        closing = max(by_ear, by_lids)
        if interval_s > SLOW_S:
            closing = max(closing, math.hypot(max(by_ear, 0.0), max(by_lids, 0.0)))
        if self._lowest is not None:
            self._lowest = None if depth < AGAIN else min(self._lowest, depth)
        again = self._lowest is None or closing > self._lowest + AGAIN
        if usual[0] >= OPEN_EAR and closing > 1.0 and again:
            self._start, self._depth, self._strength = seen.time_s, depth, rise
        elif self._lowest is None:
            self._baseline.add(seen.time_s, ear, lids)
        return None

    def _while_closed(self, time_s: float, depth: float, rise: float) -> Event | None:
        assert self._start is not None
        start_s = self._start
        self._depth, self._strength = max(self._depth, depth), max(self._strength, rise)
        if depth < max(REOPENED * self._depth, AGAIN):
            self._start, self._lowest = None, depth
            return Event("blink", start_s, time_s, self._strength)
        if time_s - start_s > LONGEST_S:
            self._forget()
        return None

    def _forget(self) -> None:
        self._baseline.clear()
        self._start = self._lowest = None
