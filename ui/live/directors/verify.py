"""The live selfie check: prompts, stills at telling and at unpredictable moments, and the decision at the end."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from bank import BankError, Decision, Picture
from bank.bank import Bank, Ongoing
from bank.factors import CameraFinding
from bank.ledger import StillLedger
from bank.still import Refusal
from bank.still_plan import StillPlan
from liveness.landmarks import FloatArray, Observation
from liveness.session import SessionState
from ui.live.director import View


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
    draw : random.Random, optional
        Draws the moments of stills: only for checks that are simulated. Default: the operating system's randomness.
    """

    def __init__(self, bank: Bank, ongoing: Ongoing, draw: random.Random | None = None) -> None:
        self._bank, self._ongoing, self._capture = bank, ongoing, ongoing.capture
        self._plan = StillPlan(ongoing.capture, draw)
        self.verified: Verified | None = None
        self.problem = ""

    @property
    def ended(self) -> bool:
        """Whether it was decided, or cannot be. The session's threads may be a moment ahead of a page."""
        return self.verified is not None or bool(self.problem)

    @property
    def ledger(self) -> StillLedger:
        """Of the attempt's stills."""
        return self._capture.ledger

    def prepare(self) -> None:
        """Load the models for stills."""
        self._capture.prepare()

    def close(self) -> None:
        """Free them."""
        self._capture.close()

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Take a frame of the stream; decide when all is there, once the still that is being examined is done."""
        state = self._capture.observe(seen, embedding, trouble)
        return self._decide(state) if self._plan.frame(seen, state) else self._view(state)

    def shown(self, number: int, time_s: float) -> None:
        """Measure the answer from then on."""
        self._capture.shown(number, time_s)

    def decline(self, step: str) -> bool:
        """Ask for another step in place of one that the visitor cannot do. Any thread may say so."""
        return self._bank.decline(self._ongoing, step)

    def stills_wanted(self, now_s: float) -> int:
        """Tell how many stills to take now."""
        return self._plan.wanted()

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills."""
        return self._plan.asked(stills, now_s)

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        """Take in a still."""
        try:
            taken = self._capture.add(picture, number, received_s, taken_s)
        except BankError as error:  # the customer was deleted, or the bank cannot be written: the decision will say so
            return str(error)
        return taken.text if isinstance(taken, Refusal) else ""

    def refused(self, number: int, text: str) -> None:
        """Note a still that could not be read."""
        self._capture.refuse(number, text)

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
            step=state.step,
            number=state.number if state.step else None,
            can_decline=state.step is not None,
        )
