"""A recording filmed off a screen: tone, stripes, moire and geometry, and whose pattern it shows."""

from __future__ import annotations

from dataclasses import asdict

import cv2
import numpy as np
import pytest
import skimage.data

from attacks.media.printed_photo import Pose
from attacks.media.screen import Screen, in_a_stand, in_the_hand, replayed
from prnu import Fingerprint, match, scenes
from prnu.sensor import SimulatedCamera, srgb_to_linear

SHAPE = (240, 320)
BARE = Screen(gamma=2.2, black=0, reflection=0, grid=0, blur=0)


def upright(time_s):
    return Pose()


def grey(level, shape=SHAPE):
    return np.full((*shape, 3), level, np.uint8)


def one(frame, screen=BARE, shape=SHAPE, **options):
    return next(replayed([frame], shape, screen, **{"motion": upright, "fill": 1.0, **options}))


def low_part(picture):
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 4)[20:-20, 20:-20]


def test_a_bare_screen_that_fills_the_frame_gives_the_picture_back():
    photo = cv2.resize(skimage.data.astronaut(), SHAPE[::-1], interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(photo, (0, 0), 2)
    difference = one(smooth).astype(float) - smooth
    assert np.abs(difference[4:-4, 4:-4]).mean() < 2  # 2.2 is not quite the curve of sRGB


@pytest.mark.parametrize("gamma", [1.8, 2.2, 2.6])
def test_gamma_black_and_reflection_make_the_light_that_they_should(gamma):
    screen = Screen(gamma=gamma, black=0.01, reflection=0.05, grid=0)
    light = srgb_to_linear(one(grey(128), screen)[200:, 280:] / 255).mean()
    assert light == pytest.approx(0.01 + 0.99 * (128 / 255) ** gamma + 0.025, rel=0.03)


def test_the_stripes_keep_the_mean_light():
    plain, striped = (one(grey(120), Screen(grid=grid, reflection=0)) for grid in (0.0, 1.0))
    lights = [srgb_to_linear(frame / 255).mean() for frame in (plain, striped)]
    assert lights[1] == pytest.approx(lights[0], rel=0.02)


def test_a_close_camera_sees_red_green_and_blue_stripes_side_by_side():
    seen = one(grey(70), Screen(rows=120, reflection=0, blur=0), shape=(960, 1280))  # eight pixels for each
    columns = seen[:, 640:648].mean(axis=0)
    brightest = columns.argmax(axis=0)
    assert brightest[0] < brightest[1] < brightest[2]
    assert columns.max() > 4 * columns.min()


def test_stripes_come_back_as_coloured_moire_much_coarser_than_themselves():
    near = Screen(rows=490, reflection=0, blur=0.2)  # about two pixels of the screen for each of the sensor
    striped, plain = (low_part(one(grey(120), screen)) for screen in (near, BARE))
    assert striped.std(axis=(0, 1)).min() > 2 > 4 * plain.std(axis=(0, 1)).max()
    assert (striped[..., 0] - striped[..., 2]).std() > 2


def test_a_softer_lens_leaves_less_moire():
    spreads = [low_part(one(grey(120), Screen(rows=490, reflection=0, blur=blur))).std() for blur in (0.2, 0.6, 1.5)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_flicker_draws_bands_across_that_wander():
    screen = Screen(grid=0, reflection=0, flicker=0.3, flicker_hz=110)
    first, second = replayed([grey(120)] * 2, SHAPE, screen, upright, rate=15)
    rows = first.astype(float).mean(axis=(1, 2))
    assert rows.std() > 5
    assert first.astype(float).mean(axis=(0, 2)).std() < 1
    assert np.abs(rows - second.astype(float).mean(axis=(1, 2))).max() > 5


def test_a_screen_smaller_than_the_frame_stands_in_a_dark_room():
    seen = one(grey(200), Screen(), fill=0.5)
    assert seen[120, 160].mean() > 150
    assert seen[5:40].mean() < 60


def test_a_screen_in_the_hand_moves_and_one_in_a_stand_does_not():
    checks = np.kron(np.indices((12, 16)).sum(axis=0) % 2, np.ones((20, 20)))[..., None] * np.full(3, 200)
    frames = [checks.astype(np.uint8)] * 2
    stood = list(replayed(frames, SHAPE, motion=in_a_stand, rate=2))
    hand = list(replayed(frames, SHAPE, motion=in_the_hand, rate=2))
    np.testing.assert_array_equal(stood[0], stood[1])
    assert np.abs(hand[0].astype(float) - hand[1]).mean() > 1


def test_a_replay_shows_the_second_cameras_pattern_and_no_longer_the_first_ones():
    shape = (384, 512)
    first, second = SimulatedCamera(shape, seed=1), SimulatedCamera(shape, seed=2)
    recording = [first.photograph(skimage.data.astronaut()) for _ in range(4)]
    filmed = [second.photograph(frame) for frame in replayed(recording, shape)]
    fingerprints = [
        Fingerprint.from_images(camera.photograph(scenes.flat(shape, seed=n)) for n in range(6))
        for camera in (first, second)
    ]
    assert match(fingerprints[0], recording).pce > 100
    assert match(fingerprints[0], filmed).pce < 10
    assert match(fingerprints[1], filmed).pce > 50


def test_frames_are_taken_one_at_a_time():
    def endless():
        while True:
            yield grey(100)

    film = replayed(endless(), SHAPE)
    assert next(film).shape == next(film).shape == (*SHAPE, 3)


@pytest.mark.parametrize("name", sorted(set(asdict(Screen()))))
def test_impossible_screens_are_told(name):
    with pytest.raises(ValueError, match=name):
        Screen(**{name: -1})


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match="shape"):
        replayed([], (10, 10))
    with pytest.raises(ValueError, match="rate"):
        replayed([], SHAPE, rate=0)
    with pytest.raises(ValueError, match="fill"):
        replayed([], SHAPE, fill=100)
    with pytest.raises(ValueError, match="frame 0: expected RGB"):
        next(replayed([np.zeros(SHAPE, np.uint8)], SHAPE))
    with pytest.raises(ValueError, match=r"frame 1: expected \(240, 320\) as the first one has"):
        list(replayed([grey(1), grey(1, (240, 330))], SHAPE))
