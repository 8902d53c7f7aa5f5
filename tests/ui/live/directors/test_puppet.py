from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from attacks.types import no_sensor
from tests.ui.live.conftest import until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance, seen
from ui.live.director import View
from ui.live.directors.puppet import FOLLOWS, SETTLE, WAITS, Puppeteer
from ui.live.session import LiveSession

SMALL, LARGE = (180, 320), (360, 640)


class Mask:
    """A face brighter to the right, which remembers what it was asked to show."""

    def __init__(self, shape):
        self.scene = np.tile(np.linspace(20, 220, shape[1]).astype(np.uint8)[:, None], (shape[0], 1, 3))
        self.poses: list = []

    def frame(self, pose):
        self.poses.append(pose)
        return self.scene


class Prompter(Notes):
    def frame(self, seen, embedding, trouble):
        super().frame(seen, embedding, trouble)
        done = self.done_after is not None and len(self.times) >= self.done_after
        return View(
            "prompting",
            "Blink twice",
            0.3,
            4.2,
            votes=("live",),
            verdict="live",
            done=done,
            outcome="refused",
            text="No.",
        )


class Person:
    """In front of the camera, fifteen times a second."""

    def __init__(self, puppeteer):
        self.puppeteer, self.time_s = puppeteer, 0.0

    def sits(self, seconds, faces=1, **pose) -> View:
        return [self.moment(faces, **pose) for _ in range(round(15 * seconds))][-1]

    def moment(self, faces, **pose) -> View:
        self.time_s += 1 / 15
        return self.puppeteer.frame(replace(seen(self.time_s, faces), **pose), None, "")


@pytest.fixture
def small():
    return Mask(SMALL)


@pytest.fixture
def large():
    return Mask(LARGE)


@pytest.fixture
def puppeteer(small, large):
    made = Puppeteer(small, large)
    yield made
    made.close()
    until(lambda: not any(thread.name.startswith("puppet-stills") for thread in threading.enumerate()))


@pytest.fixture
def person(puppeteer):
    return Person(puppeteer)


@pytest.fixture
def begin():
    sessions = []

    def make(director, sight=Glance):
        sessions.append(LiveSession(director, sight=sight, played=True))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        assert session.join(20)


@pytest.mark.parametrize("side", [-1, 1])
def test_the_photo_turns_to_the_side_that_the_person_turns_to(person, small, side):
    person.sits(1.5)
    assert abs(small.poses[-1].yaw) < 1
    person.sits(1.0, yaw=20.0 * side)
    assert small.poses[-1].yaw * side > 15


def test_the_first_second_is_for_the_straight_look_and_only_counts_with_a_face(person, puppeteer):
    assert person.sits(3.0, faces=0).prompt == SETTLE
    assert person.sits(0.8).prompt == SETTLE
    assert person.sits(0.2, faces=0).advice
    assert person.sits(0.8).prompt == SETTLE
    assert not puppeteer.ready
    assert person.sits(0.5).prompt == FOLLOWS
    assert puppeteer.ready


def test_the_straight_look_can_be_learnt_anew(person, puppeteer, small):
    person.sits(1.5)
    person.sits(1.0, yaw=12.0)
    assert small.poses[-1].yaw > 8
    puppeteer.settle()
    assert person.sits(0.5, yaw=12.0).prompt == SETTLE
    assert person.sits(1.0, yaw=12.0).prompt == FOLLOWS
    assert abs(small.poses[-1].yaw) < 1


def test_onlookers_see_it_as_in_a_mirror_and_labelled(person, puppeteer, small, large):
    for picture, scene in ((person.sits(0.1).picture, small.scene), (puppeteer.unmoved(), large.scene)):
        mirrored = scene[:, ::-1]
        assert picture.shape == scene.shape
        assert (picture[: scene.shape[0] // 2] == mirrored[: scene.shape[0] // 2]).all()
        changed = (picture != mirrored).any(axis=2)
        assert changed.mean() > 0.005, "there is a label"
        assert not changed[:, : scene.shape[1] // 2].any(), "and it can be read: it is not mirrored"


def test_a_check_sees_the_puppet_without_its_label_and_the_person_reads_its_prompts(person, puppeteer, begin, small):
    frames = []

    class Sight(Glance):
        def observe(self, frame, time_s):
            frames.append(frame)
            return super().observe(frame, time_s)

    director, sight = Prompter(), Sight()
    sight.gate.clear()
    puppeteer.take_check(begin(director, lambda: sight), no_sensor)
    assert person.sits(0.1).prompt == WAITS
    sight.gate.set()
    until(lambda: director.times)
    view = person.sits(0.1)
    assert (view.prompt, view.progress, view.remaining_s) == ("Blink twice", 0.3, 4.2)
    assert (list(view.votes), view.verdict, view.done) == (["live"], "live", False)
    assert all(frame is small.scene for frame in frames)


def test_advice_on_the_persons_own_picture_comes_first(person, puppeteer, begin):
    director = Prompter()
    puppeteer.take_check(begin(director), no_sensor)
    person.sits(0.1)
    until(lambda: director.times)
    assert person.sits(0.1).advice == ""
    assert "No face in sight" in person.sits(0.1, faces=0).advice


def test_stills_are_of_the_large_photo_in_the_pose_of_the_moment_and_pass_the_sensor(person, puppeteer, begin, large):
    director = Prompter()
    puppeteer.take_check(begin(director), lambda scene: scene // 2)
    person.sits(1.5)
    until(lambda: director.times)
    assert not large.poses
    director.wanted = 2
    until(lambda: person.sits(0.1, yaw=20.0) and len(director.stills) == 2)
    assert len(large.poses) == 2
    assert min(pose.yaw for pose in large.poses) > 0
    for number, picture, received_s in director.stills:
        assert 0.0 <= received_s - director.ledger.asked_s(number) < 0.3, "what it takes to simulate it is no delay"
        assert picture.luma.shape == LARGE
        assert picture.luma.mean() < 0.6 * large.scene.mean() + 16


def test_the_end_of_the_check_is_the_end_of_the_session(person, puppeteer, begin):
    director = Prompter(done_after=1)
    check = begin(director)
    puppeteer.take_check(check, no_sensor)
    person.sits(0.1)
    until(lambda: check.outbox.closed)
    view = person.sits(0.1)
    assert (view.done, view.outcome, view.text) == (True, "refused", "No.")


def test_a_check_can_be_stopped_and_the_photo_goes_on(person, puppeteer, begin):
    check = begin(Prompter())
    puppeteer.take_check(check, no_sensor)
    person.sits(1.5)
    puppeteer.stop_check()
    assert check.over
    view = person.sits(0.1)
    assert (view.prompt, view.done) == (FOLLOWS, False)


def test_the_end_of_the_session_is_the_end_of_its_check(person, puppeteer, begin):
    first, second, late = begin(Prompter()), begin(Prompter()), begin(Prompter())
    puppeteer.take_check(first, no_sensor)
    puppeteer.take_check(second, no_sensor)
    assert first.over
    assert not second.over
    puppeteer.close()
    assert second.over
    puppeteer.take_check(late, no_sensor)
    assert late.over
    person.sits(0.1)  # a frame that was under way


def test_a_still_that_cannot_be_made_ends_the_check_and_is_in_the_log(person, puppeteer, begin, caplog):
    def broken(scene):
        raise RuntimeError("no sensor")

    director = Prompter()
    check = begin(director)
    puppeteer.take_check(check, broken)
    person.sits(0.1)
    until(lambda: director.times)
    director.wanted = 1
    until(lambda: person.sits(0.1).done)
    assert check.outcome == "closed"
    assert "could not be made" in caplog.text
