"""Pictures of one sensor are told from those of another by their noise alone, also where it is weak."""

from __future__ import annotations

import numpy as np
import pytest

from prnu import consistency
from prnu.consistency import Agreement
from prnu.images import FloatArray
from prnu.orientation import TURNS

SHAPE = (256, 320)
STRONG, WEAK, HOPELESS = 0.04, 0.01, 0.002
"""Correlations of two pictures of one camera: 11, 3 and .6 deviations of chance over that many pixels."""


def sensor(seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(SHAPE, np.float32)


def shots(camera: int, correlation: float, count: int) -> list[FloatArray]:
    """Weighted residuals of one camera: they share its pattern, and each has noise of its own."""
    rng = np.random.default_rng(1000 + camera)
    pattern = np.sqrt(correlation) * sensor(camera)
    return [pattern + np.sqrt(1 - correlation) * rng.standard_normal(SHAPE, np.float32) for _ in range(count)]


def agreement(*sets: list[FloatArray]) -> Agreement:
    made = Agreement()
    for pattern in (pattern for one in sets for pattern in one):
        assert made.add(pattern) is None
    return made


def numbers(*ranges: tuple[int, int]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(range(*one)) for one in ranges)


@pytest.mark.parametrize("correlation", [STRONG, WEAK, HOPELESS])
@pytest.mark.parametrize("count", [1, 2, 8, 16])
def test_one_camera_is_one_group_however_weak(correlation, count):
    assert agreement(shots(1, correlation, count)).groups() == numbers((0, count))


@pytest.mark.parametrize("correlation", [STRONG, WEAK])
def test_two_cameras_are_two_groups(correlation):
    assert agreement(shots(1, correlation, 10), shots(2, correlation, 8)).groups() == numbers((0, 10), (10, 18))


def test_weak_pairs_need_their_sums():
    found = agreement(shots(1, WEAK, 16))
    pairs = np.concatenate([found.shared(number) for number in range(len(found._rows))]) / found.deviation
    assert np.median(pairs) < consistency.LINK  # most pairs alone would not be linked


def test_odd_pictures_are_told_from_the_camera_and_from_each_other():
    found = agreement(shots(2, STRONG, 1), shots(1, STRONG, 8), shots(3, STRONG, 1))
    assert found.groups() == ((1, 2, 3, 4, 5, 6, 7, 8), (0,), (9,))


def test_a_dull_picture_of_the_camera_stays_where_nobody_can_tell():
    dull = shots(1, WEAK / 4, 5)[4:]
    assert len(agreement(shots(1, WEAK, 4), dull).groups()) == 1


def test_an_exposure_saved_again_is_known_and_not_counted():
    first, second = shots(1, STRONG, 2)
    made = agreement([first, second])
    noise = np.random.default_rng(5).standard_normal(SHAPE, np.float32)
    assert made.add(second + 1.2 * noise) == 1  # correlation .64
    assert made.add(first + 4.0 * noise) is None  # .24: below COPY
    assert made.groups() == numbers((0, 3))


def test_a_worn_copy_is_known_among_others():
    pictures = shots(1, STRONG, 5)
    noise = np.random.default_rng(5).standard_normal(SHAPE, np.float32)
    assert agreement(pictures).add(pictures[2] + 4.0 * noise) == 2


def test_exposures_of_a_very_strong_sensor_are_no_copies():
    agreement(shots(1, 0.25, 8))


def test_what_jpegs_grid_shares_raises_the_bar():
    """Patterns of period 8 are common to strangers whose files are compressed alike: no link."""
    tile = np.random.default_rng(7).standard_normal((8, 8)).astype(np.float32)
    grid = 0.12 * np.tile(tile, (SHAPE[0] // 8, SHAPE[1] // 8))
    strangers = [shots(seed, 0.0, 1)[0] + grid for seed in range(12)]
    found = agreement(strangers)
    assert found.deviation > 1.5 / np.sqrt(strangers[0].size)
    assert found.groups() == numbers((0, 12))  # one group, because nobody can tell
    linked = np.concatenate([found.shared(number) for number in range(len(found._rows))]).max() / found.deviation
    assert linked < consistency.LINK


def test_memory_is_bounded_and_groups_hold(monkeypatch):
    monkeypatch.setattr(consistency, "BUDGET", 8 * SHAPE[0] * SHAPE[1])
    made = agreement(shots(1, STRONG, 12), shots(2, STRONG, 12))
    assert sum(sample.nbytes for sample in made._samples) <= consistency.BUDGET
    assert made.groups() == numbers((0, 12), (12, 24))


def test_of_large_pictures_the_middle_is_compared(monkeypatch):
    monkeypatch.setattr(consistency, "SAMPLE", SHAPE[0] * SHAPE[1] // 2)
    made = agreement(shots(1, STRONG, 6), shots(2, STRONG, 6))
    assert made._samples[0].size <= consistency.SAMPLE
    assert made.groups() == numbers((0, 6), (6, 12))


@pytest.mark.parametrize("turn", [turn for turn in TURNS if turn.quarters % 2 == 0], ids=lambda turn: turn.words)
@pytest.mark.parametrize("sample", [1 << 20, 50_000])
def test_a_group_that_was_turned_over_is_known(turn, sample, monkeypatch):
    monkeypatch.setattr(consistency, "SAMPLE", sample)
    pictures = shots(1, STRONG, 6)
    turned = [turn.undo(pattern) for pattern in pictures[4:]]  # each of these turns undoes itself
    made = agreement(pictures[:4], turned)
    assert made.groups() == numbers((0, 4), (4, 6))
    assert made.turn((4, 5), (0, 1, 2, 3)) is turn


def test_another_camera_is_no_turned_one():
    made = agreement(shots(1, STRONG, 4), shots(2, STRONG, 2))
    assert made.turn((4, 5), (0, 1, 2, 3)) is None
