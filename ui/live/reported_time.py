"""Times that a browser reports, on the session's clock, and believed no further than the server saw.

A busy machine or a slow connection hands a frame in late, and shows a prompt late. Who answers must not pay for it, so
the browser says when it captured a frame and when it had painted a prompt.

What an attacker gains at most, who controls the browser and so every report: a frame may be dated back by `MOST_S` from
its arrival, and a prompt be said to be shown `MOST_S` after it was sent. So an answer may take up to twice `MOST_S`
longer to compute than a step's limit allows; movements of the first `MOST_S` after a prompt count as none instead of as
early; and what the stream shows twice `MOST_S` after a still was asked for may pass for what it showed then, once for
the frame's time and once for the still's (`bank.capture.LATEST_S`). No answer can
come before its prompt was sent, no frame from the future, and no frame before an earlier one. Who reports nothing is
measured by the server's clock alone.
"""

from __future__ import annotations

import math
from collections import deque

MOST_S = 1.0
"""Seconds by which a report may move a time. A browser that has one frame under way at a time and whose frames are
older has less than one a second, and no check can be made of that."""

_MEMORY_S = 10.0  # clocks of two machines part by a millisecond in that time
_SET_BACK = 5  # reports running that are late beyond belief: it is another clock, as that of a new connection


class ReportedTime:
    """Maps one clock of a client's to the session's. Any origin, seconds; belongs to one thread.

    A report never comes before what it tells of. So the least of the delays of late tells how the clocks stand to each
    other, up to the fastest way that a report had; what a single one was held up by is not taken for the clock's.
    """

    def __init__(self) -> None:
        self._delays: deque[tuple[float, float]] = deque()
        self._late, self._last_s = 0, -math.inf

    def heard(self, said_s: float, arrived_s: float) -> None:
        """Learn that the client's clock said so when it sent something.

        Parameters
        ----------
        said_s : float
            On the client's clock. What is not finite is passed over.
        arrived_s : float
            When it arrived, on the session's clock.
        """
        if not math.isfinite(said_s):
            return
        delay = arrived_s - said_s
        late = bool(self._delays) and delay - self._least_s > MOST_S
        self._late = self._late + 1 if late else 0
        if self._late >= _SET_BACK:
            self._delays.clear()
        self._delays.append((arrived_s, delay))
        while self._delays[0][0] < arrived_s - _MEMORY_S:
            self._delays.popleft()

    def moment(self, said_s: float, arrived_s: float) -> float:
        """Return when something was, on the session's clock: at most `MOST_S` before its report arrived.

        Where nothing was heard of the client's clock, or what was said is no time, it is when it arrived.
        """
        told_s = self.told(said_s)
        return arrived_s if math.isnan(told_s) else min(max(told_s, arrived_s - MOST_S), arrived_s)

    def told(self, said_s: float) -> float:
        """Return when something was, on the session's clock, whatever that is worth: who uses it sets its bounds.

        NaN where nothing was heard of the client's clock, or what was said is no time.
        """
        return said_s + self._least_s if self._delays and math.isfinite(said_s) else math.nan

    def frame(self, captured_s: float, arrived_s: float) -> float:
        """Return when a frame was captured, as `moment`, and never before the one before."""
        self._last_s = max(self.moment(captured_s, arrived_s), self._last_s)
        return self._last_s

    @property
    def _least_s(self) -> float:
        return min(delay for _, delay in self._delays)


def shown(said_s: float, sent_s: float, arrived_s: float) -> float:
    """Return when a prompt was shown: not before it was sent, not after the report of it, and soon after it was sent.

    Parameters
    ----------
    said_s : float
        As it was reported, on the session's clock.
    sent_s, arrived_s : float
        When the server sent the prompt, and had the report.
    """
    return max(min(said_s, arrived_s, sent_s + MOST_S), sent_s)
