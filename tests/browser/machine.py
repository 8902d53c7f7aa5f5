"""How much of the machine is left over, so that a test asks of a program what the machine can give."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import TracebackType

_TICKS = os.sysconf("SC_CLK_TCK")
_LEFT = 0.1  # share of all cores' time below which the machine, and not the program, sets the pace


class Spare:
    """Measures, as a context, which share of all cores' time nobody used.

    Attributes
    ----------
    share : float
        0..1, known at the end of the context.
    """

    def __enter__(self) -> Spare:
        self.share = 1.0
        self._begun, self._idle = time.monotonic(), _idle_s()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        cores = os.cpu_count() or 1
        self.share = (_idle_s() - self._idle) / (cores * (time.monotonic() - self._begun))

    def least(self, rate: float) -> float:
        """Return the rate to ask for: a third of it where nothing was left over.

        Two browsers that paint in software keep two cores busy by themselves, and leave each other 3 to 5 frames/s on a
        slow day of one machine, 14 on a good one, with the same code.
        """
        return rate if self.left else rate / 3

    @property
    def left(self) -> bool:
        """Whether cores had time left."""
        return self.share >= _LEFT


def _idle_s() -> float:
    """Seconds so far for which cores had nothing to do or waited for a disk; Linux."""
    idle, waiting = Path("/proc/stat").read_text().split(maxsplit=6)[4:6]
    return (int(idle) + int(waiting)) / _TICKS
