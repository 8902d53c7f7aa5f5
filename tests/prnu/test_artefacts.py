"""What software adds to the photos of many cameras is found in a fingerprint and taken out of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from prnu import Fingerprint, match, scenes
from prnu.artefacts import REPEATS, ROUNDS, repetition, without_repetition
from prnu.enrol import Enrolment, EnrolmentRefused
from prnu.images import FloatArray
from prnu.sensor import PRESETS, SimulatedCamera
from testing.some import some

SHAPE = (256, 320)
ROWS, COLUMNS = np.mgrid[: SHAPE[0], : SHAPE[1]]


def random(*shape: int) -> FloatArray:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def tile(height, width) -> FloatArray:
    times = (-(-SHAPE[0] // height), -(-SHAPE[1] // width))
    return np.tile(random(height, width), times)[: SHAPE[0], : SHAPE[1]]


ADDED = {
    "diagonal lines": random(sum(SHAPE))[ROWS + COLUMNS],
    "diagonal lines the other way": random(sum(SHAPE))[ROWS - COLUMNS + SHAPE[1]],
    "slanted lines": random(sum(SHAPE) * 2)[2 * ROWS + COLUMNS],
    "diagonal wave": np.sin(2 * np.pi * (ROWS + COLUMNS) / 7.3),
    "tiles of 64": tile(64, 64),
    "tiles of 50": tile(50, 50),
    "tiles of 16": tile(16, 16),
    "tiles of 7": tile(7, 7),
    "tiles of 3": tile(3, 3),
    "tiles of 24 by 40": tile(24, 40),
    "one strip of tiles": tile(SHAPE[0], 48),
    "checks": np.sign(np.sin(2 * np.pi * ROWS / 12) * np.sin(2 * np.pi * COLUMNS / 20)),
}
"""What an editor's dither, a filter's grain or a display's mesh look like."""


def added(name) -> FloatArray:
    pattern = ADDED[name] - ADDED[name].mean()
    return (pattern / pattern.std()).astype(np.float32)


def shoot(camera, scene, pattern, strength=0.5) -> bytes:
    """A photo of a camera whose software adds a pattern, in grey levels."""
    pixels = camera.photograph(scene) + strength * pattern[..., None]
    file = io.BytesIO()
    Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.fixture(scope="module")
def two():
    return [SimulatedCamera(SHAPE, seed=seed, prnu=0.012, jpeg_quality=None) for seed in (1, 2)]


def enrolled(camera, pattern, strength=0.5, count=8) -> Enrolment:
    enrolment = Enrolment()
    for number in range(count):
        enrolment.add(shoot(camera, scenes.flat(SHAPE, seed=number), pattern, strength), f"wall {number}")
    return enrolment


@pytest.mark.parametrize("name", sorted(ADDED.keys() - {"diagonal wave", "tiles of 3"}))  # whitened away, nearly
def test_a_repeating_part_is_found_and_goes(name):
    pattern, lags = random(*SHAPE) + np.float32(0.6) * added(name), list[tuple[int, int]]()
    assert repetition(pattern).z > REPEATS
    while (found := repetition(pattern, lags)).z > REPEATS and len(lags) < ROUNDS:
        pattern = without_repetition(pattern, found.lag)
        lags.append(found.lag)
    assert found.z < REPEATS
    assert abs(np.corrcoef(pattern.ravel(), added(name).ravel())[0, 1]) < 0.05  # .5 before
    assert np.corrcoef(pattern.ravel(), random(*SHAPE).ravel())[0, 1] > 0.75


def test_noise_does_not_repeat_itself():
    assert max(repetition(np.random.default_rng(seed).standard_normal(SHAPE, np.float32)).z for seed in range(10)) < 6.5


@pytest.mark.parametrize("lag", [(6, -6), (0, 48), (64, 0), (13, 7)])
def test_what_repeats_by_a_lag_goes_whatever_its_strength_and_little_else_does(lag):
    phase = ROWS % lag[0] if lag[0] else COLUMNS % lag[1]
    _, chains = np.unique((ROWS * lag[1] - COLUMNS * lag[0]) * 1000 + phase, return_inverse=True)
    common = random(chains.max() + 1)[chains.reshape(SHAPE)]
    assert np.array_equal(
        common[lag[0] :, max(lag[1], 0) : SHAPE[1] + min(lag[1], 0)],
        common[: SHAPE[0] - lag[0], max(-lag[1], 0) : SHAPE[1] - max(lag[1], 0)],
    )
    falling = common * np.linspace(1.0, 0.5, SHAPE[1], dtype=np.float32)
    sensor = np.random.default_rng(8).standard_normal(SHAPE, np.float32)
    left = without_repetition(sensor + falling, lag)
    assert abs(np.corrcoef(left.ravel(), falling.ravel())[0, 1]) < 0.03
    assert np.corrcoef(left.ravel(), sensor.ravel())[0, 1] > 0.8


@pytest.mark.parametrize("preset", PRESETS)
def test_simulated_cameras_of_every_kind_do_not_repeat_themselves(preset):
    camera = SimulatedCamera.preset(preset, seed=3, shape=SHAPE)
    walls = [camera.photograph_jpeg(scenes.flat(SHAPE, seed=number)) for number in range(4)]
    assert repetition(Fingerprint.from_images(walls).pattern).z < REPEATS


@pytest.mark.parametrize(
    ("name", "strength"),
    [*((name, 0.5) for name in ADDED), ("diagonal lines", 0.25), ("one strip of tiles", 1.0), ("tiles of 3", 1.0)],
)
def test_other_cameras_do_not_match_by_a_shared_pattern_and_the_own_does(two, name, strength):
    own, other = two
    enrolment = enrolled(own, added(name), strength)
    probes = [shoot(camera, scenes.sky(SHAPE, seed=1), added(name), strength) for camera in (own, other)]
    fingerprint = enrolment.fingerprint()
    assert fingerprint.images == 8
    assert match(fingerprint, probes[0]).passed()
    assert match(fingerprint, probes[1]).pce < 35
    said = [issue.advice for issue in enrolment.quality.issues if issue.code == "repeats"]
    assert all("It was taken out" in advice for advice in said)
    harmful = match(some(enrolment.preview()), probes[1]).passed()
    assert said or not harmful


def test_without_it_nothing_is_taken_out(two):
    enrolment = enrolled(two[0], np.zeros(SHAPE, np.float32))
    assert {issue.code for issue in enrolment.quality.issues} == {"few"}
    assert np.array_equal(enrolment.fingerprint().pattern, some(enrolment.preview()).pattern)


def test_two_cameras_that_share_a_pattern_are_two_still(two):
    enrolment = Enrolment()
    for camera, letter in zip(two, "ab", strict=True):
        for number in range(6):
            wall = shoot(camera, scenes.flat(SHAPE, seed=number), added("diagonal lines"))
            enrolment.add(wall, f"{letter}{number}")
    with pytest.raises(EnrolmentRefused, match="not of one sensor"):
        enrolment.fingerprint()


def test_what_cannot_be_taken_out_refuses_the_set(two, monkeypatch):
    monkeypatch.setattr("prnu.enrol.ROUNDS", 0)
    enrolment = enrolled(two[0], added("tiles of 50"), count=4)
    with pytest.raises(EnrolmentRefused, match=r"share a pattern that repeats itself.*cannot be taken out"):
        enrolment.fingerprint()
