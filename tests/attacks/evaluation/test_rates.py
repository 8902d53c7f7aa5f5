"""What is counted: rates with their intervals, attacks, factors, and genuine customers."""

from __future__ import annotations

import math

import pytest

from attacks.evaluation.rates import Attempt, Finding, rate, summary
from attacks.recipe import GENUINE
from bank.policy import FACTORS


def attempt(attack="swap", strength="injected", number=0, outcome="refused", camera="laptop", real=False, **verdicts):
    named = {name.replace("_", " "): verdict for name, verdict in verdicts.items()}
    factors = {name: Finding(named.get(name, "passed"), "any", 1.0) for name in FACTORS}
    return Attempt(attack, strength, number, camera, real, "somebody", outcome, "any", factors, 12, 8.0)


def not_made(**fields):
    return Attempt("swap", "injected", 9, "laptop", False, "", "", "", {}, trouble="PortraitError: no face", **fields)


# R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods", Statistics in
# Medicine 17, 1998, table I, method 5 (Clopper and Pearson).
@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_intervals_are_those_that_newcombe_published(count, n, low, high):
    found = rate(count, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    assert found.share == count / n


def test_of_no_trial_nothing_is_known():
    found = rate(0, 0)
    assert math.isnan(found.share)
    assert (found.low, found.high) == (0.0, 1.0)


def test_apcer_is_the_share_that_was_accepted():
    outcomes = ["accepted", "refused", "step-up", "accepted"]
    row = summary(attempt(number=n, outcome=outcome) for n, outcome in enumerate(outcomes)).attacks[0]
    assert (row.accepted.count, row.accepted.n, row.step_up) == (2, 4, 1)


def test_what_a_factor_cannot_tell_is_not_passed_and_counted_apart():
    verdicts = ["passed", "inconclusive", "inconclusive", "failed"]
    row = summary(attempt(number=n, face_region=verdict) for n, verdict in enumerate(verdicts)).attacks[0]
    cell = row.cells["face region"]
    assert (cell.passed.count, cell.inconclusive, cell.failed) == (1, 2, 1)
    assert row.cells["face"].passed.count == 4


def test_trials_that_could_not_be_made_count_nowhere_but_are_told():
    row = summary([attempt(), not_made()]).attacks[0]
    assert row.n == 1
    assert row.troubles == ("PortraitError: no face",)
    alone = summary([not_made()])
    assert alone.attacks[0].n == 0
    assert alone.apcer == {}
    assert alone.through == ()


def test_of_an_attack_the_worst_way_counts_and_the_worst_attack_comes_first():
    attempts = [
        attempt("puppet", "injected", outcome="refused"),
        attempt("swap", "filmed", outcome="refused"),
        attempt("swap", "genuine", 0, outcome="accepted"),
        attempt("swap", "genuine", 1, outcome="refused"),
        attempt("copy", "50", outcome="accepted"),
    ]
    matrix = summary(attempts)
    assert {code: found.share for code, found in matrix.apcer.items()} == {"puppet": 0.0, "swap": 0.5, "copy": 1.0}
    assert [(row.attack, row.strength) for row in matrix.through] == [("copy", "50"), ("swap", "genuine")]
    assert [row.strength for row in matrix.attacks] == ["injected", "filmed", "genuine", "50"]


def test_bpcer_is_the_share_of_genuine_customers_not_accepted_in_all_and_by_camera():
    attempts = [
        attempt(GENUINE, "", 0, "accepted", "gopro", True),
        attempt(GENUINE, "", 1, "step-up", "gopro", True),
        attempt(GENUINE, "", 2, "refused", "laptop"),
        attempt(GENUINE, "", 3, "accepted", "laptop"),
        attempt(GENUINE, "", 4, "accepted", "laptop"),
    ]
    matrix = summary(attempts)
    found = {row.strength: (row.rejected.count, row.n, row.step_up) for row in matrix.genuine}
    expected = {"": (2, 5, 1), "real noise": (1, 2, 1), "simulated": (1, 3, 0), "gopro": (1, 2, 1), "laptop": (1, 3, 0)}
    assert found == expected
    assert [one.number for one in matrix.refused] == [1, 2]
    assert matrix.attacks == ()
