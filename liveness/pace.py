"""How many frames a second were looked at while something was asked: below some rate nothing can be told."""

from __future__ import annotations

import math

from liveness.quality import MIN_RATE


def spoken(rate: float) -> str:
    """Frames a second as people read them, to one decimal; too few are never rounded up to enough."""
    told = round(rate, 1)
    return f"{told if rate >= MIN_RATE or told < MIN_RATE else MIN_RATE - 0.1:g}"


class StepPace:
    """Counts the frames of each step of a challenge."""

    def __init__(self) -> None:
        self._rates: list[float] = []
        self._begun_s, self._frames = math.nan, 0

    def begin(self, time_s: float) -> None:
        """Begin to count, with the frame that led to a prompt."""
        self._begun_s, self._frames = time_s, 0

    def frame(self) -> None:
        """Count a frame."""
        self._frames += 1

    def end(self, time_s: float) -> None:
        """Take the rate of the step that ends with the frame of that time."""
        if time_s > self._begun_s:
            self._rates.append(self._frames / (time_s - self._begun_s))
        self.drop()

    def drop(self) -> None:
        """Forget the step under way: the stream was paused, which is no slowness."""
        self._begun_s = math.nan

    @property
    def slowest(self) -> float:
        """Frames a second in the slowest step; NaN if none has ended."""
        return min(self._rates, default=math.nan)
