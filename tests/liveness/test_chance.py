"""How likely early movements are by chance."""

from __future__ import annotations

import numpy as np
import pytest

from liveness.chance import BLINKS, PEOPLE, Earliness, Habit, OwnHabits
from liveness.events import Event
from liveness.session import CHANCE, FASTEST_S


def test_counts_follow_the_negative_binomial_distribution_that_rates_of_gamma_give():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(2.0, 1 / 4.8, 200_000) * 7.0)
    for events in range(1, 12):
        assert Habit(2.0, 4.8).fewer(events, 7.0) == pytest.approx((counts < events).mean(), abs=0.005)
    assert Habit(2.0, 4.8).fewer(0, 7.0) == 0.0
    assert Habit(2.0, 4.8).at_least(0, 7.0) == 1.0


def test_what_was_seen_sharpens_the_rate():
    calm, busy = BLINKS.after(1, 60.0), BLINKS.after(60, 60.0)
    assert calm.at_least(1, FASTEST_S) < 0.02 < BLINKS.at_least(1, FASTEST_S) < 0.15 < busy.at_least(1, FASTEST_S)


def early(*counts: int, kind="blink") -> Earliness:
    found = Earliness()
    for count in counts:
        found.ask(kind, FASTEST_S)
        for _ in range(count):
            found.add(kind)
    return found


def test_early_blinks_in_three_steps_are_within_chance_and_early_turns_of_a_calm_head_are_not():
    nothing_known = OwnHabits()
    assert early(0, 0, 0).chance(nothing_known) == 1.0
    assert early(1).chance(nothing_known) > 0.05
    assert early(1, 1, 1).chance(nothing_known) > CHANCE
    assert early(1, kind="glance left").chance(nothing_known) > CHANCE
    assert early(1, 1, kind="glance left").chance(nothing_known) < CHANCE
    assert early(1, kind="turn left").chance(nothing_known) < CHANCE


def test_movements_that_were_asked_for_are_no_habit():
    habits = OwnHabits()
    blink = Event("blink", 1.0, 1.2, 0.5)
    habits.watch(10.0, [blink], "blink")
    assert habits.of("blink") == PEOPLE["blink"]
    assert habits.of("turn left") == PEOPLE["turn left"].after(0, 10.0)
    habits.watch(10.0, [blink], None)
    assert habits.of("blink") == PEOPLE["blink"].after(1, 10.0)
