"""The live selfie check: prompts, stills at telling and at unpredictable moments, and the decision at the end."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from bank import BankError, Decision, Picture
from bank.bank import Bank, Ongoing
from bank.capture import Refusal
from bank.factors import CameraFinding
from bank.freshness import TELLING_DEG
from liveness.events import Baseline
from liveness.landmarks import FloatArray, Observation
from liveness.quality import check
from liveness.session import PAUSE_S as LONGEST_GAP_S
from liveness.session import SessionState
from ui.live.director import View

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


@dataclass(frozen=True, eq=False)
class Verified:
    """What a check came to.

    Attributes
    ----------
    decision : Decision
    finding : CameraFinding
        What maps and peaks are drawn from. Holds the fingerprint: for this process only.
    ongoing : Ongoing
        With its capture.
    """

    decision: Decision
    finding: CameraFinding
    ongoing: Ongoing


class VerifyDirector:
    """Runs one attempt of `bank.Bank` over a live session.

    Parameters
    ----------
    bank : Bank
    ongoing : Ongoing
        Just begun, with a challenge.
    """

    def __init__(self, bank: Bank, ongoing: Ongoing) -> None:
        rules = ongoing.capture.profile
        self._bank, self._ongoing, self._capture = bank, ongoing, ongoing.capture
        self._windows = rules.liveness.min_windows
        self._target = min(rules.camera.min_stills + SPARE, rules.capture.max_stills)
        self._tellings = rules.freshness.min_telling
        self._draw = secrets.SystemRandom()
        self._usual = Baseline()
        self._wanted = self._asked = self._turns = 0
        self._turned = self._usable = False
        self._next_s, self._last_asked_s, self._over_s = 0.0, -math.inf, math.nan
        self._last_s = math.nan
        self.verified: Verified | None = None
        self.problem = ""

    def prepare(self) -> None:
        """Load the models for stills."""
        self._capture.prepare()

    def close(self) -> None:
        """Free them."""
        self._capture.close()

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Take a frame of the stream; decide when all is there, once the still that is being examined is done."""
        state = self._capture.observe(seen, embedding, trouble)
        self._usable = not check(seen).blocking
        if state.done and math.isnan(self._over_s):
            self._over_s = seen.time_s
        if (gap := seen.time_s - self._last_s) > LONGEST_GAP_S:
            self._over_s += gap  # what is missing still has its time to come
        self._last_s = seen.time_s
        if state.phase != "failed":
            self._plan(seen, state)
        # The frame that shows the last step answered may be the one that a burst is due for.
        if not self._wanted and self._complete(state, seen.time_s):
            return self._decide(state)
        return self._view(state)

    def stills_wanted(self, now_s: float) -> int:
        """Tell how many stills to take now."""
        wanted, self._wanted = self._wanted, 0
        return min(wanted, self._capture.profile.capture.max_stills - self._asked)

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills."""
        self._asked += stills
        self._last_asked_s = now_s
        return [self._capture.ask(now_s) for _ in range(stills)]

    def still(self, picture: Picture, number: int, received_s: float) -> str:
        """Take in a still."""
        taken = self._capture.add(picture, number, received_s)
        return taken.text if isinstance(taken, Refusal) else ""

    def refused(self, number: int, text: str) -> None:
        """Note a still that could not be read."""
        self._capture.refuse(number, text)

    def _plan(self, seen: Observation, state: SessionState) -> None:
        """Decide whether this is a moment for stills."""
        usual = self._usual.median(seen.time_s)
        turn = abs(seen.yaw - usual[0]) if usual else 0.0
        if self._usable and turn < TELLING_DEG:
            self._usual.add(seen.time_s, seen.yaw)
        turned = self._usable and turn >= TELLING_DEG
        if turned and not self._turned and self._turns <= self._tellings + 1:
            self._wanted, self._turns = BURST, self._turns + 1
        elif self._usable and self._asked < self._target and seen.time_s >= self._next_s:
            self._wanted = 1
        self._turned = turned
        if self._wanted:
            self._next_s = seen.time_s + self._draw.uniform(*PACE_S)

    def _complete(self, state: SessionState, now_s: float) -> bool:
        if not state.done:
            return False
        under_way = self._asked - len(self._capture.stills) - len(self._capture.refusals)
        waiting = under_way > 0 and now_s - self._last_asked_s < ARRIVE_S
        if state.phase == "failed":
            return not waiting
        usable = sum(window.vote != "unusable" for window in self._capture.session.vote.windows)
        # Who answered quickly may not have blinked by the way yet, and people do so every few seconds.
        enough = self._asked >= self._target and usable >= self._windows and state.verdict == "live"
        return (enough or now_s - self._over_s > LONGER_S) and not waiting

    def _decide(self, state: SessionState) -> View:
        try:
            decision, finding = self._bank.verify_showing(self._ongoing)
        except BankError as error:
            self.problem = str(error)
            return self._view(state, done=True, outcome="problem", text=self.problem)
        self.verified = Verified(decision, finding, self._ongoing)
        return self._view(state, done=True, outcome=decision.outcome, text=decision.advice)

    def _view(self, state: SessionState, done: bool = False, outcome: str = "", text: str = "") -> View:
        prompt, advice = state.prompt, state.advice
        if state.phase == "passed" and not done:
            prompt, advice = "Well done. Look into the camera for a moment longer", state.advice
        return View(
            phase=state.phase,
            prompt=prompt,
            progress=state.progress,
            remaining_s=state.remaining_s,
            advice=advice,
            votes=[window.vote for window in self._capture.session.vote.windows],
            verdict=state.verdict,
            done=done,
            outcome=outcome,
            text=text,
        )
