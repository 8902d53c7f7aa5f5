"""The passive vote: a result for every ten frames, and the majority over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from liveness.events import Event
from liveness.quality import Gate

WINDOW = 10
"""Processed frames to a window, as in Mukherjee and Mohanty."""

MEMORY_S = 3.0
"""Seconds for which a blink or glance speaks for the windows after it: people blink every 2 to 6 seconds, and a window
lasts less than one."""

VoteWord = Literal["live", "not live", "unusable"]
Verdict = Literal["live", "not live", "inconclusive"]


@dataclass(frozen=True)
class Window:
    """Ten frames and their vote.

    Attributes
    ----------
    start_s, end_s : float
    vote : {"live", "not live", "unusable"}
        "unusable" counts as neither: most frames could not be judged.
    reason : str
        The event that spoke for it, or why it is unusable; empty for "not live".
    """

    start_s: float
    end_s: float
    vote: VoteWord
    reason: str


class PassiveVote:
    """Votes by blinks and eye movement, without asking the person for anything.

    Small natural eye movements, a third sign in the paper, do not vote: at webcam size their landmarks jitter as
    much on held photos as on people (`benchmarks.liveness` measures both).
    """

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self._start_s = 0.0
        self._gates: list[Gate] = []
        self._event: Event | None = None

    def add(self, time_s: float, gate: Gate, events: list[Event]) -> Window | None:
        """Take a frame with what ended in it; return the window that it completes, if any."""
        if not self._gates:
            self._start_s = time_s
        self._gates.append(gate)
        for event in events:
            if event.kind == "blink" or event.kind.startswith("glance"):
                self._event = event
        if len(self._gates) < WINDOW:
            return None
        window = self._close(time_s)
        self.windows.append(window)
        self._gates = []
        return window

    def _close(self, time_s: float) -> Window:
        bad = [gate.code for gate in self._gates if gate.blocking]
        if len(bad) > WINDOW // 2:
            return Window(self._start_s, time_s, "unusable", max(set(bad), key=bad.count))
        if self._event and time_s - self._event.end_s <= MEMORY_S:
            return Window(self._start_s, time_s, "live", self._event.kind)
        return Window(self._start_s, time_s, "not live", "")

    @property
    def verdict(self) -> Verdict:
        """Majority over all usable windows; "inconclusive" with fewer than three, or when most are unusable."""
        usable = [window for window in self.windows if window.vote != "unusable"]
        if len(usable) < 3 or 2 * len(usable) < len(self.windows):
            return "inconclusive"
        live = sum(window.vote == "live" for window in usable)
        return "live" if 2 * live > len(usable) else "not live"
