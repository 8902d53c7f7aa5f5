"""The rule decides by both of its conditions; the calibrated one finds more at the same false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from prnu import Fingerprint, match, scenes
from prnu.match import Match
from prnu.rules import CALIBRATED, PAPER, RULES
from prnu.sensor import SimulatedCamera


def found(pce: float, p_value: float, searched: int = 1) -> Match:
    return Match(pce, p_value, 5.0, 0.1, 0.02, (0, 0), 1.0, searched, 1, np.zeros((65, 65), np.float32))


@pytest.mark.parametrize(
    ("pce", "p_value", "paper", "calibrated"),
    [
        (60, 1e-9, True, True),
        (50, 1e-6, True, True),
        (49.9, 1e-9, False, True),
        (30, 1e-6, False, True),
        (29.9, 1e-9, False, False),
        (49.9, 2e-6, False, False),
        (400, 2e-6, False, False),
        (math.nan, 1e-9, False, False),
        (-60, 1.0, False, False),
    ],
)
def test_both_conditions_must_hold(pce, p_value, paper, calibrated):
    assert PAPER.passed(found(pce, p_value)) is paper
    assert CALIBRATED.passed(found(pce, p_value)) is calibrated
    assert PAPER.passed(found(pce, p_value)) is found(pce, p_value).passed()


def test_a_search_raises_what_a_rule_asks_for():
    assert CALIBRATED.passed(found(38, 1e-9, 50))
    assert not CALIBRATED.passed(found(37, 1e-9, 50))  # 30 + 2 ln(50) = 37.8


@pytest.mark.parametrize(
    ("pce", "p_value", "cameras", "passes"),
    [
        (90, 3e-7, 3, True),
        (90, 3e-7, 4, False),  # 1.2e-6 of four
        (32, 1e-12, 2, True),
        (32, 1e-12, 3, False),  # 30 + 2 ln(3) = 32.2
    ],
)
def test_of_the_best_of_several_cameras_more_is_asked_of_score_and_probability(pce, p_value, cameras, passes):
    one = found(pce, p_value)
    assert CALIBRATED.passed(one)
    assert CALIBRATED.passed(one, cameras) is passes
    assert one.passed(CALIBRATED.pce, cameras, CALIBRATED.false_alarm) is passes
    assert one.false_alarm(cameras) == pytest.approx(cameras * p_value)


@pytest.mark.parametrize("alike", [False, True], ids=["cameras that have nothing in common", "cameras of one make"])
def test_the_best_of_many_cameras_is_as_seldom_a_false_alarm_as_one(alike):
    # Scores of 40,000 photos of none of 20 cameras, at a higher level than a match has: else there would be none.
    drawn = np.random.default_rng(4).standard_normal((40_000, 20))
    z = drawn + 2.0 * np.random.default_rng(5).standard_normal((40_000, 1)) * alike
    best = norm.sf(z.max(axis=1) / z.std())
    level = 0.05
    taken = np.mean([found(100, float(p)).false_alarm(20) <= level for p in best])
    assert taken < 1.05 * level
    assert np.mean(best <= level) > 3 * level, "uncorrected, several times as many"
    if not alike:
        assert taken > 0.9 * level, "and it costs nothing where cameras have nothing in common"


def test_no_probability_is_above_one():
    assert found(0.1, 0.4).false_alarm(20) == 1.0


def test_rules_are_known_by_name_and_ask_for_the_same_false_alarms():
    assert list(RULES) == ["paper", "calibrated"]
    assert all(RULES[name].name == name for name in RULES)
    assert PAPER.false_alarm == CALIBRATED.false_alarm
    assert CALIBRATED.pce < PAPER.pce


def test_the_calibrated_rule_finds_small_photos_that_the_papers_misses_and_takes_no_other_camera():
    shape, found_by, taken = (256, 256), {"paper": 0, "calibrated": 0}, 0
    cameras = [SimulatedCamera(shape, seed=seed, prnu=0.003, jpeg_quality=None) for seed in (31, 32, 33)]
    prints = [
        Fingerprint.from_images(camera.photograph(scenes.flat(shape, seed=n), shot=n) for n in range(8))
        for camera in cameras
    ]
    for number, camera in enumerate(cameras):
        for shot in range(6):
            photo = camera.photograph(scenes.sky(shape, seed=shot), shot=100 + shot)
            for other, fingerprint in enumerate(prints):
                one = match(fingerprint, photo)
                if other == number:
                    for name, rule in RULES.items():
                        found_by[name] += rule.passed(one)
                else:
                    taken += CALIBRATED.passed(one)
    assert found_by["calibrated"] >= found_by["paper"] + 3
    assert taken == 0
