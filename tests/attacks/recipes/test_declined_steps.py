from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attacks.evaluation.matrix import cases
from attacks.recipes import ATTACKS, declined_steps
from attacks.recipes.declined_steps import CHECKS
from attacks.show.excused import Excused
from liveness.challenge import Challenge, random_challenge
from liveness.swaps import Swap, swap


def test_it_is_part_of_the_matrix():
    planned = cases((), ATTACKS, ("declined-steps", None), 1, 0)
    assert [case.strength for case in planned] == ["in-order", "cut"]


def answered(in_order: bool, seed: int, swaps: bool) -> bool:
    """Whether film of two earlier checks answers a challenge, as far as its movements go."""
    film, draw = random.Random(seed), random.Random(10**6 + seed)
    answers = [step for _ in range(CHECKS) for step in random_challenge(draw=film).steps]
    nothing: Any = SimpleNamespace(at=lambda time_s: np.zeros((2, 2, 3), np.uint8))
    shown, challenge = Excused(nothing, answers, in_order), random_challenge(draw=draw)
    made: list[Swap] = []
    place = 0
    while place < len(challenge.steps):
        step = challenge.steps[place]
        if not shown.declines(step):
            shown.frame(step, 10.0 * place)
            shown.frame(None, 10.0 * place + 5)
            place += 1
            continue
        found = swap(challenge, place, made, draw=draw) if swaps else None
        if found is None:
            return False
        challenge = found[0]
        made.append(found[1])
    return True


@pytest.mark.parametrize(
    ("in_order", "swaps", "share"), [(True, False, 0.03), (True, True, 0.05), (False, False, 0.53), (False, True, 0.89)]
)
def test_what_swaps_are_worth_to_a_recording_is_as_it_is_said(in_order, swaps, share):
    tries = 1500
    found = sum(answered(in_order, seed, swaps) for seed in range(tries)) / tries
    assert found == pytest.approx(share, abs=3 * (share * (1 - share) / tries) ** 0.5 + 0.005)


@pytest.mark.slow
def test_who_has_nothing_that_fits_declines_until_no_step_is_left_and_must_confirm_otherwise(tried, monkeypatch):
    seed = next(seed for seed in range(9) if random_challenge(draw=random.Random(seed)).steps[0] == "blink twice")
    asked = Challenge(("turn left", "blink twice", "look right"))
    monkeypatch.setattr("bank.bank.random_challenge", lambda *_, **__: asked)
    monkeypatch.setattr(declined_steps, "CHECKS", 1)
    decision, factors = tried("declined-steps", "in-order", seed)
    assert (decision.reason, decision.step_up) == ("liveness: cannot-do", "out-of-band")
    assert factors["liveness"] == "inconclusive"
    assert "instead of step 1, turn left" in decision.factor("liveness").details
