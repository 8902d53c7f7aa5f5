from __future__ import annotations

import cv2
import numpy as np
import pytest

from attacks.face.behaviour import REACTION_S
from attacks.face.expression import Expression
from attacks.types import LONG_SIDE, RATE, Acted, Played, Spliced, as_streamed, i420, no_sensor, sensor
from prnu.sensor import SimulatedCamera

SHAPE = (96, 128)


class Page:
    """A face that shows its expression as a shade: grey is ahead, bright to the left, and a row for closed lids."""

    def frame(self, pose: Expression) -> np.ndarray:
        scene = np.full((*SHAPE, 3), 128 + 4 * round(pose.yaw), np.uint8)
        scene[0] = 255 if pose.blink_left > 0.9 else 0
        return scene


class Closing:
    """Something to be closed."""

    closed = False

    def frame(self, step, now_s):
        return np.full((*SHAPE, 3), 7, np.uint8)

    def still(self):
        return np.full((*SHAPE, 3), 8, np.uint8)

    def close(self):
        self.closed = True


def shades(*values):
    return [np.full((*SHAPE, 3), value, np.uint8) for value in values]


def shown(presentation, step, seconds, start_s=0.0):
    return [presentation.frame(step, start_s + number / RATE) for number in range(round(seconds * RATE))]


def test_a_face_turns_when_it_is_asked_to_after_a_moment_and_to_the_side_that_is_asked():
    for step, sign in (("turn left", 1), ("turn right", -1)):
        presentation = Acted(Page(), no_sensor, seed=3)
        before = shown(presentation, None, 1.0)
        after = shown(presentation, step, 4.0, 1.0)
        turn = [sign * (int(frame[-1, 0, 0]) - 128) / 4 for frame in after]
        assert all(abs(int(frame[-1, 0, 0]) - 128) < 12 for frame in before)
        assert max(turn[: int(REACTION_S[0] * RATE)]) < 5
        assert max(turn) > 20


def test_a_face_blinks_when_it_is_asked_to():
    presentation = Acted(Page(), no_sensor, seed=1)
    closed = [frame[0, 0, 0] == 255 for frame in shown(presentation, "blink twice", 2.2)]
    assert sum(now and not before for before, now in zip([False, *closed], closed, strict=False)) >= 2


def test_a_still_is_of_the_moment_of_the_last_frame():
    presentation = Acted(Page(), no_sensor, seed=2)
    for number in range(30):
        frame = presentation.frame("turn left", number / RATE)
        assert np.array_equal(presentation.still(), frame)


def test_a_film_takes_no_notice_of_what_is_asked():
    asked, idle = (Played(lambda: iter(shades(*range(40))), no_sensor) for _ in range(2))
    for one, other in zip(shown(asked, "turn left", 3), shown(idle, None, 3), strict=True):
        assert np.array_equal(one, other)


def test_a_film_begins_again_at_its_end():
    frames = shown(Played(lambda: iter(shades(1, 2, 3)), no_sensor), None, 8 / RATE)
    assert [int(frame[0, 0, 0]) for frame in frames] == [1, 2, 3, 1, 2, 3, 1, 2]


def test_a_film_keeps_its_time_when_it_is_asked_more_or_less_often():
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    asked = [number / 2 / RATE for number in range(8)]
    assert [int(film.frame(None, now_s + 1e-6)[0, 0, 0]) for now_s in asked] == [0, 0, 1, 1, 2, 2, 3, 3]
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    assert [int(film.frame(None, 2 * number / RATE + 1e-6)[0, 0, 0]) for number in range(4)] == [0, 2, 4, 6]


def test_a_film_that_was_left_alone_for_long_keeps_nobody_waiting_until_it_has_caught_up():
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    assert [int(film.frame(None, now_s)[0, 0, 0]) for now_s in (0.0, 1.0, 2.0, 2.0)] == [0, 2, 4, 6]


def test_stills_and_stream_can_come_from_two_sources():
    stream = Closing()
    stills = iter(shades(50, 60))
    spliced = Spliced(stream, lambda: next(stills))
    assert spliced.frame(None, 0.0)[0, 0, 0] == 7
    assert [int(spliced.still()[0, 0, 0]) for _ in range(2)] == [50, 60]
    spliced.close()
    assert stream.closed


@pytest.mark.parametrize("made", [Acted(Page(), no_sensor), Played(lambda: iter(shades(1)), no_sensor)])
def test_there_is_no_still_before_the_first_frame(made):
    with pytest.raises(RuntimeError, match="ask for a frame before a still"):
        made.still()


def test_a_camera_gives_every_still_noise_of_its_own_from_the_shot_on_that_it_is_told():
    camera = SimulatedCamera(SHAPE, seed=4, jpeg_quality=None)
    (scene,) = shades(120)
    take = sensor(camera, first_shot=9)
    first, second = take(scene), take(scene)
    assert np.array_equal(first, camera.photograph(scene, shot=9))
    assert np.array_equal(second, camera.photograph(scene, shot=10))
    assert not np.array_equal(first, second)


def test_a_stream_shows_a_scene_small_and_never_enlarged():
    assert as_streamed(np.zeros((720, 1280, 3), np.uint8)).shape == (360, LONG_SIDE, 3)
    assert as_streamed(np.zeros((1280, 720, 3), np.uint8)).shape == (LONG_SIDE, 360, 3)
    small = np.zeros((*SHAPE, 3), np.uint8)
    assert as_streamed(small) is small


def test_the_planes_are_those_that_a_browser_hands_in():
    picture = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    planes = i420(picture)
    assert planes.shape == (SHAPE[0] * 3 // 2, SHAPE[1])
    grey = np.repeat(picture[..., :1], 3, axis=2)
    assert np.abs(cv2.cvtColor(i420(grey), cv2.COLOR_YUV2RGB_I420).astype(int) - grey).max() <= 2
