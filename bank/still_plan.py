"""When a live check asks for stills, and when it has all that it can decide on."""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Sequence

from bank.capture import Capture
from bank.freshness import TELLING_DEG
from liveness.events import Baseline
from liveness.landmarks import Observation
from liveness.quality import Gate
from liveness.session import PAUSE_S as LONGEST_GAP_S
from liveness.session import SessionState

SPARE = 6
"""Stills taken beyond those that the policy asks for: some come late or show no face."""

BURST = 2
"""Stills taken when the head is turned, so that they show the answer."""

PACE_S = (0.4, 1.0)
"""Shortest and longest time between two other stills: drawn anew each time, so that nobody can prepare."""

LONGER_S = 12.0
"""Seconds after the last answer in which missing stills and votes may still come."""

ARRIVE_S = 3.0
"""Seconds for which the decision waits for stills on their way."""


class StillPlan:
    """Plans the stills of one attempt: at telling moments, and at moments that nobody can foresee.

    Parameters
    ----------
    capture : Capture
        Of the attempt; it also takes in the stills.
    draw : random.Random, optional
        Draws the moments: only for checks that are simulated. Default: the operating system's randomness.

    Attributes
    ----------
    target : int
        Stills to ask for when nothing happens.
    """

    def __init__(self, capture: Capture, draw: random.Random | None = None) -> None:
        rules = capture.profile
        self._capture = capture
        self.target = min(rules.camera.min_stills + SPARE, rules.capture.max_stills)
        self._most = rules.capture.max_stills
        self._windows, self._tellings = rules.liveness.min_windows, rules.freshness.min_telling
        self._draw = draw or secrets.SystemRandom()
        self._usual = Baseline()
        self._wanted = self._turns = 0
        self._turned = False
        self._next_s, self._over_s = 0.0, math.nan
        self._last_s = math.nan

    def frame(self, seen: Observation, state: SessionState) -> bool:
        """Plan after a frame of the stream.

        Parameters
        ----------
        seen : Observation
        state : SessionState
            What the capture's session made of it.

        Returns
        -------
        bool
            Whether to decide now.
        """
        if state.done and math.isnan(self._over_s):
            self._over_s = seen.time_s
        if (gap := seen.time_s - self._last_s) > LONGEST_GAP_S:
            self._over_s += gap  # what is missing still has its time to come
        self._last_s = seen.time_s
        if state.phase != "failed":
            self._plan(seen, state.gate)
        # The frame that shows the last step answered may be the one that a burst is due for.
        return not self._wanted and self._complete(state, seen.time_s)

    def wanted(self) -> int:
        """Tell how many stills to take now, once."""
        wanted, self._wanted = self._wanted, 0
        return min(wanted, self._most - len(self._capture.ledger))

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills that are asked for at a time of the stream's clock."""
        return [self._capture.ask(now_s) for _ in range(stills)]

    def _plan(self, seen: Observation, gate: Gate) -> None:
        """Decide whether this is a moment for stills."""
        usable, usual = not gate.blocking, self._usual.median(seen.time_s)
        turn = abs(seen.yaw - usual[0]) if usual else 0.0
        if usable and turn < TELLING_DEG:
            self._usual.add(seen.time_s, seen.yaw)
        turned = usable and turn >= TELLING_DEG
        if turned and not self._turned and self._turns <= self._tellings + 1:
            self._wanted, self._turns = BURST, self._turns + 1
        elif usable and len(self._capture.ledger) < self.target and seen.time_s >= self._next_s:
            self._wanted = 1
        self._turned = turned
        if self._wanted:
            self._next_s = seen.time_s + self._draw.uniform(*PACE_S)

    def _complete(self, state: SessionState, now_s: float) -> bool:
        if not state.done:
            return False
        waiting = self._capture.ledger.waits(now_s, ARRIVE_S)
        if state.phase == "failed":
            return not waiting
        usable = sum(window.vote != "unusable" for window in self._capture.session.vote.windows)
        # Who answered quickly may not have blinked by the way yet, and people do so every few seconds.
        enough = len(self._capture.ledger) >= self.target and usable >= self._windows and state.verdict == "live"
        return (enough or now_s - self._over_s > LONGER_S) and not waiting
