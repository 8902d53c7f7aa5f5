from __future__ import annotations

import numpy as np
import pytest

from attacks.face.expression import Expression
from attacks.show.chosen_stills import LESSER, Chosen, cut_out, lesser_mode
from attacks.show.played import Played
from attacks.types import RATE, no_sensor
from prnu import Fingerprint, match, scenes
from prnu.sensor import SimulatedCamera

SHAPE = (720, 1280)
YAWS = (0, -26, 26, -13, 13)


@pytest.fixture(scope="module")
def cameras():
    return [SimulatedCamera(SHAPE, seed=seed, jpeg_quality=None) for seed in (1, 2)]


@pytest.fixture(scope="module")
def fingerprint(cameras):
    walls = (cameras[0].photograph(scenes.flat(SHAPE, seed=n), shot=n) for n in range(6))
    return Fingerprint.from_images(walls)


@pytest.fixture(scope="module")
def hoard(target):
    return [target.face.frame(Expression(yaw=yaw)) for yaw in YAWS]


def scene(seed):
    return scenes.photo("coffee", SHAPE, seed)


def showing(target, yaws):
    """A stream of the victim's face at these angles, each for half a second."""
    frames = [target.face.frame(Expression(yaw=yaw)) for yaw in yaws for _ in range(8)]
    return Played(lambda: iter(frames), no_sensor)


def test_the_still_in_the_pose_of_the_moment_is_chosen_and_each_one_once(target, hoard):
    chosen = Chosen(showing(target, (26, -26)), hoard)
    taken = []
    for number in range(16):
        chosen.frame(None, number / RATE)
        if number in (6, 7, 15):
            still = chosen.still()
            taken += [yaw for yaw, one in zip(YAWS, hoard, strict=True) if np.array_equal(one, still)]
    assert taken == [26, 13, -26]
    chosen.close()


def test_stills_that_are_used_up_begin_again_and_a_sensor_makes_them_when_they_are_chosen(target, hoard):
    made = []

    def sensor(picture):
        made.append(picture)
        return picture // 2

    chosen = Chosen(showing(target, (0,)), hoard[:2], sensor)
    chosen.frame(None, 0.0)
    assert not made
    stills = [chosen.still() for _ in range(3)]
    assert np.array_equal(stills[0], hoard[0] // 2)
    assert np.array_equal(stills[1], hoard[1] // 2)
    assert np.array_equal(stills[2], stills[0])
    chosen.close()


def test_a_hoard_without_a_face_is_told(target, hoard):
    wall = scenes.flat(SHAPE)
    with pytest.raises(ValueError, match="at least one still with a face, got 1 without"):
        Chosen(showing(target, (0,)), [wall])
    chosen = Chosen(showing(target, (0,)), [wall, hoard[0]])
    chosen.frame(None, 0.0)
    assert all(np.array_equal(chosen.still(), hoard[0]) for _ in range(2)), "the wall is left out"
    chosen.close()


def test_stills_of_a_lesser_mode_have_the_pattern_only_where_they_are_scaled_back_to_their_place(cameras, fingerprint):
    def pce(aligned):
        take = lesser_mode(cameras[0], 20, aligned=aligned)
        stills = [take(scene(n)) for n in range(3)]
        assert {still.shape for still in stills} == {(*SHAPE, 3)}
        return match(fingerprint, stills).pce

    assert pce(aligned=False) < 50 < pce(aligned=True)


def test_a_lesser_mode_shows_the_middle_of_the_scene():
    camera = SimulatedCamera(SHAPE, seed=1, prnu=0.0, jpeg_quality=None)
    light = np.full((*SHAPE, 3), 60, np.uint8)
    light[:, 640:] = 180
    aligned = lesser_mode(camera, 0, aligned=True)(light)
    assert aligned[:, :600].mean() < 80 < 160 < aligned[:, 680:].mean()
    assert LESSER[1] / LESSER[0] < SHAPE[1] / SHAPE[0]
    assert np.array_equal(aligned[:, 0], aligned[:, 150]), "beside its place there is nothing but its border"


def test_a_still_cut_out_elsewhere_shows_the_scene_with_the_pattern_shifted(cameras, fingerprint):
    for offset in ((40, -96), (-24, 60)):
        own, other = cameras
        take = cut_out(own, other, 20, offset)
        stills = [take(scene(n)) for n in range(3)]
        assert np.abs(stills[0].astype(int) - scene(0)).mean() < 6
        found = match(fingerprint, stills)
        assert found.pce < 50
        moved = [np.roll(still, offset, (0, 1)) for still in stills]
        assert match(fingerprint, moved).pce > 500


def test_a_still_cut_out_of_the_middle_is_a_genuine_one(cameras, fingerprint):
    own, other = cameras
    take = cut_out(own, other, 20, (0, 0))
    assert np.array_equal(take(scene(1)), own.photograph(scene(1), shot=20))
