"""A camera that swaps left and right is told from answers, and turned back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from liveness.__main__ import NOT_LIVE, UNUSABLE, main
from liveness.answers import StepResult
from liveness.challenge import Challenge
from liveness.events import Event
from liveness.landmarks import FaceBox
from liveness.mirroring import Sides, answered_sides
from liveness.session import LivenessSession
from liveness.video import analyse_video
from liveness.watcher import Watcher
from testing.observations import mesh, seen
from testing.selfie import RATE, movement
from ui.text.liveness import challenge_verdict


def step(kind: str, asked_s: float, answered_s: float = math.nan) -> StepResult:
    return StepResult(kind, asked_s, answered_s, 0, 0)  # type: ignore[arg-type]


def event(kind: str, start_s: float) -> Event:
    return Event(kind, start_s, start_s + 0.2, 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sides", "swapped"),
    [
        (Sides(0, 2), True),
        (Sides(0, 1), False),
        (Sides(1, 5), False),
        (Sides(), False),
        (Sides(0, 1) + Sides(0, 1), True),
    ],
)
def test_two_answers_to_the_other_side_and_none_to_the_right_one_mean_that_sides_are_swapped(sides, swapped):
    assert sides.swapped == swapped


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("turn right", 3.0), ("turn right", 4.5)], Sides(0, 2)),
        ([("turn right", 3.0), ("turn left", 4.5)], Sides(1, 1)),
        ([("glance right", 3.0), ("blink", 4.0)], Sides()),  # eyes follow a turning head, and it was no glance
        ([("turn right", 1.0), ("turn right", 2.1)], Sides()),  # before the prompt, and too soon after it
        ([("glance left", 11.0), ("turn left", 11.0)], Sides(0, 1)),
        ([("turn left", 6.5)], Sides()),  # while blinks were asked for
    ],
)
def test_only_the_movement_that_was_asked_for_and_came_after_its_prompt_answers_it(events, expected):
    steps = [step("turn left", 2.0, 5.0), step("blink twice", 6.0, 8.0), step("look right", 10.0)]
    assert answered_sides(steps, [event(*one) for one in events]) == expected


def test_who_was_asked_for_nothing_answered_nothing():
    assert answered_sides([], [event("turn left", 1.0)]) == Sides()


def test_an_observation_with_its_sides_swapped_keeps_its_place_in_the_frame():
    before = seen(1.0, gaze=0.4, yaw=20.0, roll=5.0, pitch=3.0, ear_left=0.1, blink_right=0.7)
    after = before.mirrored()
    assert (after.gaze, after.yaw, after.roll, after.pitch) == (-0.4, -20.0, -5.0, 3.0)
    assert (after.ear_right, after.blink_left) == (0.1, 0.7)
    assert (after.box, after.size) == (before.box, before.size)
    assert after.landmarks is before.landmarks
    assert after.mirrored().gaze == before.gaze


def play(challenge: Challenge, mirrored_camera: bool, switched: bool, seconds: float = 60.0) -> LivenessSession:
    """Somebody who does what is asked, again and again, before a camera that may be mirrored."""
    session = LivenessSession(challenge)
    asked, since = ("", 0), 0.0
    for number in range(round(seconds * RATE)):
        now = number / RATE
        shown = seen(now, **movement(asked[0], (now - since) % 2.0 if asked[0] else now))
        shown = shown.mirrored() if mirrored_camera else shown
        state = session.feed(shown.mirrored() if switched else shown)
        asking = (state.step or "", len(state.steps))
        if asking != asked:
            asked, since = asking, now
        if state.done:
            break
    return session


@pytest.mark.parametrize(
    "steps", [("blink twice", "turn left", "look right"), ("look left", "turn right", "blink twice")]
)
@pytest.mark.parametrize("mirrored_camera", [False, True])
@pytest.mark.parametrize("switched", [False, True])
def test_a_person_passes_where_camera_and_switch_agree_and_is_seen_to_be_swapped_elsewhere(
    steps, mirrored_camera, switched
):
    session = play(Challenge(steps), mirrored_camera, switched)
    right = mirrored_camera == switched
    assert (session.reason == "") == right
    assert answered_sides(session.steps, session.events).swapped != right


class Table:
    def observe(self, frame, time_s):
        return seen(time_s, yaw=25.0, landmarks=mesh(25.0), box=FaceBox(100, 100, 200, 240))

    def close(self) -> None:
        pass


def test_a_watcher_turns_a_mirrored_camera_back():
    frame = np.zeros((480, 640, 3), np.uint8)
    for mirrored, yaw in ((False, 25.0), (True, -25.0)):
        with Watcher(Table(), recognise=False, mirrored=mirrored) as watcher:
            found = watcher.look(frame, 0.0)
            assert found is not None
            assert (found.seen.yaw, found.seen.box) == (yaw, FaceBox(100, 100, 200, 240))


class Filmed:
    """Turns the head to the right twice: 1 s after the first prompt, and 2 s later."""

    def observe(self, frame, time_s):
        yaw = -30.0 if 2.6 < time_s < 3.2 or 4.6 < time_s < 5.2 else 0.0
        return seen(time_s, yaw=yaw, landmarks=mesh(yaw))

    def close(self) -> None:
        pass


@pytest.fixture
def filmed(monkeypatch):
    frame = np.zeros((480, 640, 3), np.uint8)
    monkeypatch.setattr("liveness.video.frames_of", lambda *_: ((frame, n / RATE, n / 180) for n in range(180)))
    monkeypatch.setattr("liveness.watcher.FaceTracker", Filmed)
    monkeypatch.setattr("liveness.watcher.FaceMatcher", lambda: None)


def test_a_film_that_is_mirrored_is_told_and_can_be_turned_back(filmed, capsys):
    challenge = Challenge(("turn left", "blink twice", "look left"))
    report = analyse_video("film.mp4", challenge=challenge)
    assert (report.swapped, report.phase) == (True, "failed")
    told = challenge_verdict(report, challenge)
    assert told.kind == "unclear"
    assert "mirror" in told.detail
    turned_back = analyse_video("film.mp4", challenge=challenge, mirrored=True)
    assert not turned_back.swapped
    assert turned_back.steps[0].answered
    command = ["film.mp4", "--challenge", *challenge.steps]
    assert main(command) == UNUSABLE
    assert "say so with --mirrored" in capsys.readouterr().out
    assert main([*command, "--mirrored"]) == NOT_LIVE
    assert "swapped" not in capsys.readouterr().out
