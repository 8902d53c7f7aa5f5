from __future__ import annotations

import cv2
import numpy as np
import pytest

from attacks.show.acted import Acted
from attacks.types import no_sensor
from tests.ui.live.conftest import until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.director import View
from ui.live.session import LiveSession
from ui.live.simulated_visitor import Stage

SHAPE = (256, 320)


class Mask:
    """A face of one grey level, which remembers what it was asked to show."""

    def __init__(self) -> None:
        self.poses: list = []

    def frame(self, pose):
        self.poses.append(pose)
        return np.full((*SHAPE, 3), 100, np.uint8)


class Prompter(Notes):
    step = None

    def frame(self, seen, embedding, trouble):
        super().frame(seen, embedding, trouble)
        return View("prompting", "In whatever words", step=self.step)


@pytest.fixture
def begin():
    sessions = []

    def make(director):
        sessions.append(LiveSession(director, sight=Glance))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        assert session.join(20)


def test_it_hands_in_frames_at_the_rate_of_a_browser_until_the_session_is_over(begin):
    director, face = Notes(), Mask()
    session = begin(director)
    stage = Stage(session, Acted(face, no_sensor))
    stage.start()
    until(lambda: len(director.times) >= 15)
    assert 0.6 < director.times[14] - director.times[0] < 5.0  # 14 steps of 1/15 s, or slower on a busy machine
    session.close()
    assert stage.join(10)
    played = len(face.poses)
    assert played >= 15


def test_stills_that_are_asked_for_come_from_the_sensor_and_others_do_not(begin):
    director = Notes()
    session = begin(director)
    shots: list[int] = []

    def sensor(scene):
        shots.append(len(shots))
        return scene + np.uint8(40)

    Stage(session, Acted(Mask(), sensor)).start()
    until(lambda: director.times)
    assert not director.stills
    director.wanted = 2
    until(lambda: len(director.stills) == 2)
    assert [number for number, *_ in director.stills] == [1, 2]
    assert shots == [0, 1]
    for _, picture, received_s in director.stills:
        planes = cv2.cvtColor(np.full((*SHAPE, 3), 140, np.uint8), cv2.COLOR_RGB2YUV_I420)
        assert picture.luma.shape == SHAPE
        assert picture.luma.mean() == planes[: SHAPE[0]].mean()
        assert picture.pixel_format == "I420"
        assert received_s > 0


@pytest.mark.parametrize(("step", "shown"), [("turn left", lambda pose: pose.yaw > 15), ("blink twice", None)])
def test_it_does_what_the_view_asks_for(begin, step, shown):
    director, face = Prompter(), Mask()
    Stage(begin(director), Acted(face, no_sensor, seed=4)).start()
    until(lambda: director.times)
    director.step = step
    shown = shown or (lambda pose: pose.blink_left > 0.9)
    until(lambda: any(shown(pose) for pose in face.poses))


def test_a_still_that_is_not_taken_is_not_the_end(begin, caplog):
    director = Notes()
    session = begin(director)
    stage = Stage(session, Acted(Mask(), no_sensor))
    director.ledger._size = (640, 480)  # as if the first still had had another size
    with caplog.at_level("INFO"):
        stage.start()
        until(lambda: director.times)
        director.wanted = 1
        until(lambda: "was not taken" in caplog.text)
    count = len(director.times)
    until(lambda: len(director.times) > count)


def test_a_play_that_breaks_down_ends_the_session_and_says_so_in_the_log(begin, caplog):
    class Broken(Mask):
        def frame(self, pose):
            raise RuntimeError("no face")

    session = begin(Notes())
    stage = Stage(session, Acted(Broken(), no_sensor))
    stage.start()
    assert stage.join(10)
    assert session.over
    assert "could not be played" in caplog.text
