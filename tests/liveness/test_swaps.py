"""Who cannot do a step is asked another one that tells as much, a bounded number of times."""

from __future__ import annotations

import functools
import itertools
import random
from collections import Counter
from itertools import pairwise

import pytest

from liveness import swaps
from liveness.challenge import STEP_KINDS, Challenge
from liveness.session import LivenessSession
from liveness.swaps import MOST_SWAPS, Swap, alternatives, further, swap
from testing.observations import seen
from testing.selfie import RATE, movement
from testing.some import some

Steps = tuple[str, ...]


def allowed(steps) -> bool:
    """Whether a challenge shows all that one must show: depth, and something that moves inside the face."""
    turns = sum(step.startswith("turn") for step in steps)
    return 0 < turns < len(steps) and all(a != b for a, b in pairwise(steps))


@pytest.mark.parametrize(
    ("steps", "index", "declined", "expected"),
    [
        (("turn left", "blink twice", "look right"), 0, ("turn left",), {"turn right"}),
        (("turn left", "blink twice", "look right"), 0, ("turn left", "turn right"), set()),
        (("blink twice", "turn left", "turn right"), 0, ("blink twice",), {"look left", "look right"}),
        (("blink twice", "turn left", "turn right"), 0, ("blink twice", "look left", "look right"), set()),
        (("turn left", "blink twice", "look left"), 1, ("blink twice",), {"look right", "turn right"}),
        (("blink twice", "turn left", "look left"), 2, ("look left",), {"look right", "turn right"}),
        (("turn left", "blink twice", "turn left"), 2, ("turn left",), {"look left", "look right", "turn right"}),
    ],
)
def test_a_step_is_replaced_by_one_that_tells_as_much(steps, index, declined, expected):
    assert set(alternatives(steps, index, declined)) == expected


def test_every_swap_of_every_challenge_keeps_what_a_challenge_must_show_and_never_puts_a_blink_in():
    for steps in filter(allowed, itertools.product(STEP_KINDS, repeat=3)):
        for index in range(3):
            for other in alternatives(steps, index, {steps[index]}):
                changed = (*steps[:index], other, *steps[index + 1 :])
                assert allowed(changed)
                assert changed.count("blink twice") <= steps.count("blink twice")
                assert all(allowed((*changed, more)) for more in further(changed, {steps[index]}))


def test_a_swap_is_drawn_costs_a_further_step_and_what_was_declined_never_comes_again():
    challenge = Challenge(("blink twice", "turn left", "look left", "turn left"), 9.0)
    drawn = set()
    for _ in range(200):
        first = swap(challenge, 1, at_s=3.0)
        assert first is not None
        once, made = first
        assert made == Swap(2, "turn left", once.steps, 3.0)
        assert (made.instead, made.further) == ("turn right", once.steps[-1])
        assert (len(once.steps), once.seconds) == (5, 9.0)
        assert once.steps[:3] == ("blink twice", "turn right", "look left")
        assert "turn left" not in once.steps
        second = swap(once, 2, [made])
        assert second is not None
        assert {"turn left", "look left"}.isdisjoint(second[0].steps)
        assert allowed(second[0].steps)
        assert len(second[0].steps) == 6
        drawn.add(once.steps)
    assert len(drawn) >= 4


def test_of_a_simulated_check_the_same_seed_draws_the_same_swap():
    challenge = Challenge(("blink twice", "turn left", "look left"))
    drawn = [swap(challenge, 0, draw=random.Random(seed)) for seed in (*range(20), *range(20))]
    assert drawn[:20] == drawn[20:]
    assert len({some(one)[1].steps for one in drawn}) > 3


def test_swaps_are_few():
    challenge = Challenge(("turn left", "blink twice", "turn right"))
    made = [Swap(1, "look left", challenge.steps, 0.0)] * MOST_SWAPS
    assert swap(challenge, 1, made[:-1]) is not None
    assert swap(challenge, 1, made) is None


def probabilities(count: int) -> dict[Steps, float]:
    """How often `random_challenge` draws each challenge: all that it shuffles, but those with two alike in a row."""
    drawn: Counter[Steps] = Counter()
    for turn in ("turn left", "turn right"):
        for others in itertools.product(STEP_KINDS, repeat=count - 2):
            for order in itertools.permutations(("blink twice", turn, *others)):
                drawn[order] += all(a != b for a, b in pairwise(order))
    total = drawn.total()
    return {steps: number / total for steps, number in drawn.items() if number}


@functools.cache
def swapped(steps: Steps, place: int, step: str, declined: frozenset[str]) -> list[tuple[Steps, float]]:
    """All that a swap may come to from some place on, and how likely each is."""
    if place == len(steps):
        last = further(steps, declined)  # type: ignore[arg-type]
        return [((*steps, more), 1 / len(last)) for more in last]
    if steps[place] != step:
        return swapped(steps, place + 1, step, declined)
    instead = alternatives(steps, place, declined)  # type: ignore[arg-type]
    return [
        (found, p / len(instead))
        for other in instead
        for found, p in swapped((*steps[:place], other, *steps[place + 1 :]), place + 1, step, declined)
    ]


@functools.cache
def fits(steps: Steps, recording: Steps, at: int, declined: frozenset[str], left: int) -> float:
    """Probability that a recording answers a challenge whose steps it may decline."""
    if at == len(steps):
        return 1.0
    if steps[at] == recording[at]:
        return fits(steps, recording, at + 1, declined, left)
    if not left:
        return 0.0
    gone = declined | {steps[at]}
    return sum(p * fits(found, recording, at, gone, left - 1) for found, p in swapped(steps, at, steps[at], gone))


def odds(count: int, left: int) -> float:
    """One time in how many the best recording fits, of those that hold a challenge and each end that a swap adds.

    Left and right are alike: recordings whose first side is right fit as often as their mirror images.
    """
    drawn = probabilities(count)
    best = 0.0
    for start in (steps for steps in drawn if next(step for step in steps if step != "blink twice").endswith("left")):
        for end in itertools.product(STEP_KINDS, repeat=left):
            if all(a != b for a, b in pairwise((*start, *end))):
                best = max(
                    best, sum(p * fits(steps, (*start, *end), 0, frozenset(), left) for steps, p in drawn.items())
                )
    return 1 / best


@pytest.mark.parametrize(("left", "expected"), [(0, "22"), (1, "14"), pytest.param(2, "10", marks=pytest.mark.slow)])
def test_declining_helps_a_recording_as_little_as_the_documentation_says(left, expected):
    found = odds(3, left)
    assert f"{found:.0f}" == expected
    row = next(line for line in (swaps.__doc__ or "").splitlines() if line.startswith("3  "))
    assert row.split()[1] == str(len(probabilities(3)))
    assert row.split(" 1 in ")[1 + left].strip() == expected
    assert found >= 22 / (1 + left) - 1e-9, "as many more attempts would help a recording more"


class Person:
    """Plays somebody who says of some steps that they cannot do them, 1 s after each prompt."""

    def __init__(self, challenge: Challenge, *cannot: str) -> None:
        self.session = LivenessSession(challenge)
        self.declined: list[str] = []
        asked, since = ("", 0), 0.0
        for number in range(round(60 * RATE)):
            now = number / RATE
            moves = {} if asked[0] in cannot else movement(asked[0], now - since)
            self.state = self.session.feed(seen(now, **moves))
            if self.state.step in cannot and asked[0] == self.state.step and now - since > 1.0:
                assert self.session.decline(self.state.step)
                assert not self.session.decline(self.state.step), "a second press is for nothing"
                self.declined.append(self.state.step)
            asking = (self.state.step or "", len(self.state.steps))
            if asking != asked:
                asked, since = asking, now
            if self.state.done:
                break


def test_who_cannot_blink_is_asked_to_glance_and_passes():
    person = Person(Challenge(("blink twice", "turn left", "turn right")), "blink twice")
    assert (person.state.phase, person.declined) == ("passed", ["blink twice"])
    steps = [step.step for step in person.state.steps]
    assert steps == list(some(person.session.challenge).steps)
    assert steps[0] in ("look left", "look right")
    assert len(steps) == 4
    assert person.session.swaps[0].declined == "blink twice"


def test_who_can_turn_to_one_side_only_passes_and_is_not_asked_for_the_other_again():
    for _ in range(10):
        person = Person(Challenge(("turn left", "blink twice", "look right")), "turn left")
        steps = [step.step for step in person.state.steps]
        assert person.state.phase == "passed"
        assert steps[0] == "turn right"
        assert "turn left" not in steps


def test_who_cannot_turn_at_all_ends_without_having_failed_anything():
    person = Person(Challenge(("blink twice", "turn left", "look right")), "turn left", "turn right")
    assert (person.state.phase, person.state.reason) == ("failed", "cannot-do")
    assert "all right" in person.state.prompt
    assert person.declined == ["turn left", "turn right"]


def test_a_declined_step_gives_the_other_one_all_of_its_time_and_no_answer_to_it_counts():
    challenge = Challenge(("turn left", "blink twice", "look right"))
    session = LivenessSession(challenge)
    now = 0.0
    while (state := session.feed(seen(now))).phase == "waiting":
        now += 1 / RATE
    for _ in range(60):
        now += 1 / RATE
        state = session.feed(seen(now))
    assert state.remaining_s < 4
    assert session.decline("turn left")
    state = session.feed(seen(now + 1 / RATE))
    assert (state.step, len(state.steps)) == ("turn right", 0)
    assert state.remaining_s > challenge.seconds - 0.2


def test_only_the_step_that_is_asked_for_can_be_declined():
    session = LivenessSession(Challenge(("turn left", "blink twice", "look right")))
    assert not session.decline("turn left"), "nothing is asked yet"
    assert not LivenessSession().decline("turn left")
    *_, state = (session.feed(seen(number / RATE)) for number in range(40))
    assert state.step == "turn left"
    assert not session.decline("blink twice")
    assert not session.decline("nod")
    assert session.swaps == []
