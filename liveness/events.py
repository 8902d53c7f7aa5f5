"""What a person did: blinks, glances, head turns."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["blink", "glance left", "glance right", "turn left", "turn right"]

BASELINE_S = 2.0
"""Seconds of the past that say what is usual for this person, in this light, with these glasses."""


@dataclass(frozen=True)
class Event:
    """Something a person did.

    Attributes
    ----------
    kind : str
        "blink", "glance left", "glance right", "turn left" or "turn right"; left is the person's left.
    start_s, end_s : float
        First frame that shows it, and the first that shows its end.
    strength : float
        Largest rise of the blink blendshape, change of gaze (0..2), or turn in degrees.
    """

    kind: Kind
    start_s: float
    end_s: float
    strength: float


class Baseline:
    """Running medians of some signals over the last two seconds: causal, so usable live.

    Parameters
    ----------
    seconds : float
        How far back to look.
    """

    def __init__(self, seconds: float = BASELINE_S) -> None:
        self._seconds = seconds
        self._past: deque[tuple[float, tuple[float, ...]]] = deque()

    def median(self, time_s: float) -> tuple[float, ...] | None:
        """Medians of the frames before `time_s`; None of fewer than three."""
        while self._past and self._past[0][0] < time_s - self._seconds:
            self._past.popleft()
        if len(self._past) < 3:
            return None
        return tuple(np.median([values for _, values in self._past], axis=0).tolist())

    def usual(self, time_s: float) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Those medians with the spreads about them: 1.4826 times the median distance, as of a normal distribution."""
        middle = self.median(time_s)
        if middle is None:
            return None
        away = np.abs(np.array([values for _, values in self._past]) - middle)
        return middle, tuple((1.4826 * np.median(away, axis=0)).tolist())

    def add(self, time_s: float, *values: float) -> None:
        """Remember a frame."""
        self._past.append((time_s, values))

    def rest(self, seconds: float) -> None:
        """Let so many seconds not count, in which nothing could be learnt: what came before is as fresh as then."""
        self._past = deque((time_s + seconds, values) for time_s, values in self._past)

    def clear(self) -> None:
        """Forget everything: the face was lost, and may come back as another."""
        self._past.clear()
