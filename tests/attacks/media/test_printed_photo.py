"""A held print: geometry of the pinhole camera, paper and scene, and what a sensor sees of it."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import skimage.data

from attacks.media.printed_photo import FOCAL, MOTIONS, PAPER, WALL, Pose, held, projection
from prnu import Fingerprint, match, scenes
from prnu.sensor import SimulatedCamera

SHAPE = (240, 320)
CYAN = np.full((90, 60, 3), (0, 200, 200), np.uint8)


def still(time_s):
    return Pose()


def first(photo, pose, shape=SHAPE, **options):
    return next(held(photo, shape, lambda time_s: pose, seconds=1, rate=1, **options))


def seen_at(place, x, y):
    a, b, depth = place @ [x, y, 1.0]
    return a / depth, b / depth


def test_an_upright_print_lies_in_the_middle_in_the_size_asked_for():
    place = projection((90, 60), SHAPE, Pose(), height=180)
    assert seen_at(place, 0, 0) == pytest.approx((100, 30))
    assert seen_at(place, 60, 90) == pytest.approx((220, 210))


def test_a_turned_print_is_seen_as_a_pinhole_camera_sees_it():
    focal, yaw = FOCAL * 320, math.radians(40)
    place = projection((90, 60), SHAPE, Pose(yaw=40), height=90)
    left, right = seen_at(place, 0, 45), seen_at(place, 60, 45)
    assert left[0] == pytest.approx(160 - focal * 30 * math.cos(yaw) / (focal + 30 * math.sin(yaw)), abs=1e-3)
    assert right[0] == pytest.approx(160 + focal * 30 * math.cos(yaw) / (focal - 30 * math.sin(yaw)), abs=1e-3)


def test_shift_and_zoom_are_in_frame_heights_and_factors():
    place = projection((90, 60), SHAPE, Pose(right=0.1, down=-0.05, zoom=1.5), height=60)
    assert seen_at(place, 30, 45) == pytest.approx((160 + 24, 120 - 12), abs=1e-3)
    assert seen_at(place, 30, 90)[1] - seen_at(place, 30, 0)[1] == pytest.approx(90, abs=1e-3)


def test_print_paper_and_wall_are_where_they_belong():
    frame = first(CYAN, Pose(), height=0.5, border=0.1)
    assert frame[120, 160].tolist() == [0, 200, 200]
    assert frame[120 - 66, 160].tolist() == list(PAPER)
    assert frame[10, 10].tolist() == list(WALL)


def test_the_scene_shows_around_the_print():
    room = scenes.sky(SHAPE, seed=3)
    frame = first(CYAN, Pose(), height=0.5, scene=room)
    np.testing.assert_array_equal(frame[:50], room[:50])


def test_a_photo_of_many_pixels_is_smoothed_and_not_skipped_through():
    fine = np.where(np.indices((1800, 1200)).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    middle = first(np.dstack([fine] * 3), Pose())[60:180, 130:190]
    assert middle.std() < 6
    assert middle.mean() == pytest.approx(127.5, abs=2)


@pytest.mark.parametrize("name", [name for name in MOTIONS if name != "still"])
@pytest.mark.parametrize("shape", [SHAPE, (360, 640)])
def test_every_motion_moves_in_any_frame(name, shape):
    frames = list(held(CYAN, shape, MOTIONS[name], seconds=2, rate=5))
    assert len(frames) == 10
    assert all(frame.shape == (*shape, 3) and frame.dtype == np.uint8 for frame in frames)
    assert all((a != b).any() for a, b in pairwise(frames))


def test_a_still_print_differs_by_the_noise_alone():
    a, b = held(CYAN, SHAPE, MOTIONS["still"], seconds=1, rate=2, noise=2.0)
    difference = a[:, :, 2].astype(float) - b[:, :, 2]
    assert difference.std() == pytest.approx(2 * math.sqrt(2), rel=0.05)
    again = next(held(CYAN, SHAPE, MOTIONS["still"], seconds=1, rate=2, noise=2.0))
    np.testing.assert_array_equal(a, again)
    first, second = held(CYAN, SHAPE, MOTIONS["still"], seconds=1, rate=2)
    np.testing.assert_array_equal(first, second)


def test_a_print_shows_the_pattern_of_the_camera_that_films_it_not_of_the_one_that_took_it():
    shape = (384, 512)
    victims, films = SimulatedCamera(shape, seed=1), SimulatedCamera(shape, seed=2)
    photo = victims.photograph(skimage.data.astronaut())
    frames = held(photo, shape, MOTIONS["all at once"], seconds=1, rate=6, height=1.3)
    filmed = [films.photograph(frame) for frame in frames]
    fingerprints = [
        Fingerprint.from_images(camera.photograph(scenes.flat(shape, seed=n)) for n in range(6))
        for camera in (victims, films)
    ]
    assert match(fingerprints[0], photo).pce > 50
    assert match(fingerprints[0], filmed).pce < 10
    assert match(fingerprints[1], filmed).pce > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"photo": np.zeros((90, 60), np.uint8)}, r"photo: expected RGB.*\(90, 60\)"),
        ({"photo": np.zeros((90, 60, 3), np.float32)}, "photo: .*float32"),
        ({"scene": np.zeros((10, 10, 3), np.uint8)}, r"scene: expected \(240, 320, 3\)"),
        ({"seconds": 0.0}, "seconds"),
        ({"rate": math.inf}, "rate"),
        ({"height": 9.0}, "height"),
        ({"border": -0.1}, "border"),
        ({"noise": -1.0}, "noise"),
        ({"detail": 0.0}, "detail"),
        ({"shape": (10, 10)}, "shape"),
    ],
)
def test_wrong_arguments_are_told_before_filming(change, said):
    arguments = {"photo": CYAN, "shape": SHAPE, "motion": still, "seconds": 1.0, "rate": 2.0} | change
    with pytest.raises(ValueError, match=said):
        held(**arguments)


def test_impossible_poses_are_told():
    with pytest.raises(ValueError, match="yaw"):
        Pose(yaw=90)
    with pytest.raises(ValueError, match="behind the camera"):
        first(CYAN, Pose(pitch=75, zoom=5), height=2.0)
