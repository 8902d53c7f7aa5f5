"""Frames that were shown before: a frozen or looped video."""

from __future__ import annotations

from collections import deque

import numpy as np

from liveness.landmarks import FloatArray, Observation

FROZEN_S = 1.0
"""Seconds without the least change after which a video counts as frozen."""

LOOP_S = 1.0
"""Seconds that must come again, frame by frame, for a video to count as looped."""

_SAME = 0.005  # mean difference of thumbnails, grey levels: only a copy of the very frame has so little
_AGAIN = 0.2  # of frames that went through a codec again; people who come back to a pose differ by .5 and more
_MEMORY = 600


class RepeatWatch:
    """Watches thumbnails of frames for repetitions. Memory is bounded by the last 600 frames."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_MEMORY)
        self._thumbnails: deque[FloatArray] = deque(maxlen=_MEMORY)
        self._changed_s: float | None = None
        self._streaks: dict[int, tuple[float, FloatArray]] = {}
        self.frozen = False
        self.looped = False

    def add(self, seen: Observation) -> None:
        """Take a frame; `frozen` and `looped` tell from then on whether the video ever was."""
        thumbnail = seen.thumbnail
        still = bool(self._thumbnails) and float(np.abs(thumbnail - self._thumbnails[-1]).mean()) < _SAME
        if not still or self._changed_s is None:
            self._changed_s = seen.time_s
        self.frozen |= seen.time_s - self._changed_s >= FROZEN_S
        if not still:
            self._watch_loops(seen.time_s, thumbnail)
        self._times.append(seen.time_s)
        self._thumbnails.append(thumbnail)

    def _watch_loops(self, time_s: float, thumbnail: FloatArray) -> None:
        """Follow, for each lag in frames, since when every frame has been a repetition of that many frames ago."""
        count = len(self._thumbnails)
        if not count:
            return
        differences = np.abs(np.stack(self._thumbnails) - thumbnail).mean(axis=(1, 2))
        streaks = {}
        for index in np.flatnonzero(differences < _AGAIN):
            lag = count - int(index)
            if time_s - self._times[index] < LOOP_S:
                continue
            start, lowest_highest = self._streaks.get(lag, (time_s, np.stack([thumbnail, thumbnail])))
            spread = np.stack([np.minimum(lowest_highest[0], thumbnail), np.maximum(lowest_highest[1], thumbnail)])
            streaks[lag] = (start, spread)
            moved = float((spread[1] - spread[0]).mean())
            # A person who just sits still repeats nothing: the streak must have seen movement.
            self.looped |= time_s - start >= LOOP_S and moved > 10 * _AGAIN
        self._streaks = streaks
