"""Visits to the liveness check by whatever can say what a tracker would see: no frame, no still and no bank needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np

from attacks.trial import LONGEST_S
from bank.capture import Capture
from bank.factor import Factor
from bank.liveness_factor import judge_liveness
from bank.profiles import Profile
from bank.still_plan import StillPlan
from liveness.challenge import STEP_KINDS, Challenge, StepKind
from liveness.landmarks import FloatArray, FrameArray, Observation
from liveness.watcher import Watched, Watcher

_NO_FRAME = np.empty((0, 0, 3), np.uint8)


class Visitor(Protocol):
    """Somebody, or a film, before the camera."""

    rate: float
    """Frames a second."""

    def see(self, step: StepKind | None, now_s: float, again: bool) -> Watched:
        """What the tracker sees now, where a step is asked for, perhaps again; with an embedding of any usable face."""
        ...


@dataclass(frozen=True)
class Visit:
    """What came of it.

    Attributes
    ----------
    factor : Factor
        What the bank says of liveness.
    shown : list of Watched
        All that was seen: a recording of it.
    """

    factor: Factor
    shown: list[Watched] = field(repr=False)

    @property
    def outcome(self) -> str:
        """In the words of the tables."""
        return {"passed": "passed", "inconclusive": "step-up", "failed": "refused"}[self.factor.verdict]


def visit(visitor: Visitor, challenge: Challenge, profile: Profile) -> Visit:
    """Take the check to the bank's decision about liveness. Stills are asked for as ever, and none arrives."""
    capture, eyes = Capture(profile, challenge), _Eyes()
    plan, step, again, shown = StillPlan(capture), None, False, list[Watched]()
    with Watcher(eyes, eyes) as watcher:
        for number in range(round(LONGEST_S * visitor.rate)):
            now_s = number / visitor.rate
            eyes.now = visitor.see(step, now_s, again)
            shown.append(eyes.now)
            watched = watcher.look(_NO_FRAME, now_s)
            assert watched is not None  # times rise
            state = capture.observe(*watched)
            if plan.frame(watched.seen, state):
                break
            for still in plan.asked(plan.wanted(), now_s):
                capture.ledger.take(still)
                capture.ledger.done(still)
            step, again = state.step, state.again
    return Visit(judge_liveness(capture, profile.liveness), shown)


class _Eyes:
    """Tracker and matcher that see what a visitor says: the watcher decides, as ever, when the face is embedded."""

    now: Watched

    def observe(self, frame: FrameArray, time_s: float) -> Observation | None:
        return self.now.seen

    def try_embed(self, rgb: FrameArray, /) -> tuple[FloatArray | None, str]:
        return self.now.embedding, self.now.trouble

    def close(self) -> None:
        pass


def drawn_challenge(rng: np.random.Generator, other: Challenge | None = None) -> Challenge:
    """A challenge as `liveness.challenge.random_challenge` makes them, the same for a seed: not the other one."""
    while True:
        turn = ("turn left", "turn right")[rng.integers(2)]
        steps: list[StepKind] = ["blink twice", turn, STEP_KINDS[rng.integers(len(STEP_KINDS))]]  # type: ignore[list-item]
        mixed = tuple(steps[n] for n in rng.permutation(3))
        if all(a != b for a, b in pairwise(mixed)) and (other is None or mixed != other.steps):
            return Challenge(mixed)
