"""Blinks, glances and turns from made-up observations."""

from __future__ import annotations

import numpy as np
import pytest

from liveness.blink import BlinkDetector
from liveness.gaze import GlanceDetector
from liveness.head import PARALLAX, TurnDetector, parallax
from testing.observations import mesh, nobody, seen

RATE = 15.0


def run(detector, frames):
    return [event for frame in frames if (event := detector.add(frame))]


def film(seconds, change=lambda t: {}, start=0.0, rate=RATE):
    return [seen(start + n / rate, **change(start + n / rate)) for n in range(round(seconds * rate))]


def closed(ear=0.08, blink=0.6):
    return {"ear_left": ear, "ear_right": ear, "blink_left": blink, "blink_right": blink}


@pytest.mark.parametrize("rate", [10, 15, 30])
def test_every_closure_is_one_blink(rate):
    frames = film(10, lambda t: closed() if t % 2 > 1.8 else {}, rate=rate)
    events = run(BlinkDetector(), frames)
    assert len(events) == 5 - (10 - frames[-1].time_s < 0.2)
    assert all(0.09 < event.end_s - event.start_s < 0.41 for event in events)


def test_a_single_closed_frame_suffices():
    frames = film(3, lambda t: closed() if abs(t - 2) < 0.01 else {})
    assert len(run(BlinkDetector(), frames)) == 1


@pytest.mark.parametrize(
    ("ear", "blink"), [(0.30, 0.05), (0.16, 0.35), (0.45, 0.0)], ids=["usual", "narrow eyes", "wide eyes"]
)
def test_blinks_are_relative_to_the_persons_own_eyes(ear, blink):
    usual = closed(ear, blink)
    shut = closed(ear * 0.4, blink + 0.4)
    frames = film(6, lambda t: shut if 3 < t < 3.2 else usual)
    assert len(run(BlinkDetector(), frames)) == 1


def test_glasses_that_hide_the_lids_leave_the_blendshape_to_tell():
    frames = film(6, lambda t: closed(ear=0.27, blink=0.5) if 3 < t < 3.2 else {})
    assert len(run(BlinkDetector(), frames)) == 1


def test_a_wink_is_no_blink():
    frames = film(6, lambda t: {"ear_left": 0.08, "blink_left": 0.6} if 3 < t < 3.2 else {})
    assert run(BlinkDetector(), frames) == []


def test_jitter_and_slow_narrowing_are_no_blinks():
    rng = np.random.default_rng(0)
    frames = film(20, lambda t: closed(0.30 - 0.005 * t + rng.normal(0, 0.01), 0.05 + 0.005 * t))
    assert run(BlinkDetector(), frames) == []


def test_eyes_kept_closed_are_no_blink():
    frames = film(10, lambda t: closed() if 3 < t < 8 else {})
    assert run(BlinkDetector(), frames) == []


def test_a_face_that_leaves_and_comes_back_does_not_blink():
    frames = [*film(3), *[nobody(3 + n / RATE) for n in range(15)], *film(3, lambda t: closed(0.2, 0.3), start=4)]
    assert run(BlinkDetector(), frames) == []


@pytest.mark.parametrize(("gaze", "kind"), [(0.7, "glance left"), (-0.7, "glance right")])
def test_a_look_aside_is_one_glance(gaze, kind):
    frames = film(6, lambda t: {"gaze": gaze} if 3 < t < 3.6 else {})
    events = run(GlanceDetector(), frames)
    assert [event.kind for event in events] == [kind]
    assert events[0].strength == pytest.approx(0.7, abs=0.05)


def test_eyes_that_follow_a_turning_head_do_not_glance():
    frames = film(6, lambda t: {"gaze": -0.8, "yaw": 15.0} if 3 < t < 3.6 else {})
    assert run(GlanceDetector(), frames) == []


def test_a_single_wild_frame_is_no_glance():
    assert run(GlanceDetector(), film(6, lambda t: {"gaze": 0.9} if abs(t - 3) < 0.01 else {})) == []


def test_closed_eyes_do_not_glance():
    detector = GlanceDetector()
    frames = film(6, lambda t: {"gaze": 0.9} if 3 < t < 3.6 else {})
    assert not any(detector.add(frame, eyes_closed=3 < frame.time_s < 3.6) for frame in frames)


@pytest.mark.parametrize(("yaw", "kind"), [(30.0, "turn left"), (-30.0, "turn right")])
def test_a_turned_head_is_one_turn_from_the_persons_own_neutral(yaw, kind):
    frames = film(6, lambda t: {"yaw": 5 + yaw, "landmarks": mesh(yaw)} if 3 < t < 4 else {"yaw": 5.0})
    events = run(TurnDetector(), frames)
    assert [event.kind for event in events] == [kind]


def test_a_flat_picture_cannot_turn_whatever_yaw_it_claims():
    flat = mesh(0, flat=True)
    tilted = mesh(45, flat=True)
    frames = film(6, lambda t: {"yaw": 40.0, "landmarks": tilted} if 3 < t < 4 else {"landmarks": flat})
    assert run(TurnDetector(), frames) == []


def test_two_turns_need_the_head_to_come_back_between_them():
    def pose(t):
        return {"yaw": 30.0, "landmarks": mesh(30)} if 2 < t < 3 or 4 < t < 5 else {}

    assert len(run(TurnDetector(), film(6, pose))) == 2
    held = film(6, lambda t: {"yaw": 30.0 - 5 * (3 < t < 4), "landmarks": mesh(30)} if t > 2 else {})
    assert len(run(TurnDetector(), held)) == 1


@pytest.mark.parametrize("angle", [30, 37, 45])
def test_parallax_tells_depth_from_flatness(angle):
    assert parallax(mesh(0, flat=True), mesh(angle, flat=True)) < 0.01
    assert parallax(mesh(0), mesh(angle)) > PARALLAX


def test_parallax_of_a_point_is_unknown():
    assert np.isnan(parallax(mesh(0), np.ones((478, 3), np.float32)))
