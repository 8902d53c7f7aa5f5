"""The passive vote: a result for every ten frames with the majority over all of them, and what decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from liveness.chance import BLINKS, Habit
from liveness.events import Event
from liveness.quality import Gate

WINDOW = 10
"""Processed frames to a window, as in Mukherjee and Mohanty."""

MEMORY_S = 3.0
"""Seconds for which a blink or glance speaks for the windows after it: people blink every 2 to 6 seconds, and a window
lasts less than one."""

FALSE_SIGNS = Habit(0.5, 60.0)
"""Blinks and glances that are seen on what does not live. Films of held photos had fewer than one in a minute."""

LEAST_SIGNS = 2
"""Blinks and glances that it takes at least: a single one may always be a mistake of the tracker's."""

SURE = 0.05
"""Probability below which something that does not live does not show so many of them."""

SILENT = 0.02
"""Probability below which a person does not show so few: without any, after 29 seconds."""

_GAP_S = 0.5  # without a frame, in which a blink may have passed unseen: not watched

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

    The majority over all windows is the paper's. It counts every window without a sign against the person, also where
    nobody had reason to blink yet: a third of real people in short clips are outvoted so. What decides is therefore
    how many signs there were in the time that was watched: more than a photo shows, fewer than people do, or neither.
    """

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.signs = 0
        self.watched_s = 0.0
        self._start_s = self._last_s = 0.0
        self._gates: list[Gate] = []
        self._event: Event | None = None

    def add(self, time_s: float, gate: Gate, events: list[Event]) -> Window | None:
        """Take a frame with what ended in it; return the window that it completes, if any."""
        if not self._gates:
            self._start_s = time_s
        if (self._gates or self.windows) and not gate.blocking and gate.code != "low-rate":
            gap_s = time_s - self._last_s
            self.watched_s += gap_s if gap_s <= _GAP_S else 0.0
        self._last_s = time_s
        self._gates.append(gate)
        for event in events:
            if event.kind == "blink" or event.kind.startswith("glance"):
                self._event = event
                self.signs += 1
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
    def majority(self) -> Verdict:
        """Majority over all usable windows; "inconclusive" with fewer than three, or when most are unusable."""
        usable = self._usable()
        if usable is None:
            return "inconclusive"
        live = sum(window.vote == "live" for window in usable)
        return "live" if 2 * live > len(usable) else "not live"

    @property
    def verdict(self) -> Verdict:
        """What decides; "inconclusive", too, where the majority is or where it is too early to tell."""
        if self._usable() is None:
            return "inconclusive"
        if self.signs >= self.needed:
            return "live"
        return "not live" if BLINKS.fewer(self.signs + 1, self.watched_s) < SILENT else "inconclusive"

    @property
    def needed(self) -> int:
        """Signs that are more than a photo shows in the time that was watched."""
        signs = LEAST_SIGNS
        while FALSE_SIGNS.at_least(signs, self.watched_s) >= SURE:
            signs += 1
        return signs

    def _usable(self) -> list[Window] | None:
        """Windows that count; None of too few."""
        usable = [window for window in self.windows if window.vote != "unusable"]
        return None if len(usable) < 3 or 2 * len(usable) < len(self.windows) else usable
