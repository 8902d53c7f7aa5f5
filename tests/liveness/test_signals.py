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


@pytest.mark.parametrize("rate", [10, 15, 30])
def test_lids_that_open_only_halfway_between_two_closures_are_two_blinks(rate):
    def lids(t):
        if not 3 < t < 3.95:
            return {}
        return closed(0.19, 0.27) if 3.25 < t < 3.65 else closed(0.03, 0.65)

    events = run(BlinkDetector(), film(6, lids, rate=rate))
    assert [round(event.start_s, 1) for event in events] == pytest.approx([3.0, 3.7], abs=0.11)


def test_a_blink_whose_deepest_moment_is_between_two_frames_is_seen_by_both_signals_together():
    frames = film(6, lambda t: closed(0.20, 0.28) if abs(t - 3) < 0.04 else {}, rate=10)
    assert len(run(BlinkDetector(), frames)) == 1
    at_full_rate = film(6, lambda t: closed(0.20, 0.28) if 3 < t < 3.1 else {}, rate=30)
    assert run(BlinkDetector(), at_full_rate) == []


@pytest.mark.parametrize("ear", [0.02, 0.06, 0.10, 0.14])
@pytest.mark.parametrize("rate", [10, 20])
def test_the_noise_of_shut_or_narrow_eyes_on_a_photo_is_no_blink(ear, rate):
    rng = np.random.default_rng(0)

    def noisy(t):
        both, each = rng.normal(0, 0.015), rng.normal(0, 0.01, 4)
        left, right = np.maximum(ear + both + each[:2], 0.0)
        lids = 0.45 - 3 * both + 3 * each[2:]
        return {"ear_left": left, "ear_right": right, "blink_left": lids[0], "blink_right": lids[1]}

    assert run(BlinkDetector(), film(30, noisy, rate=rate)) == []


def test_eyes_that_were_shut_for_long_do_not_blink_when_they_open():
    frames = film(12, lambda t: closed() if 3 < t < 6 else {})
    assert run(BlinkDetector(), frames) == []


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


@pytest.mark.parametrize("rate", [10, 12, 15, 20, 25])
@pytest.mark.parametrize("way_back", [False, True])
def test_two_glances_to_opposite_sides_are_two_with_and_without_a_return_between_them(rate, way_back):
    def sides(t):
        if way_back and 3.5 < t < 3.8:
            return {}
        return {"gaze": 0.8 if t < 3.6 else -0.8} if 3 < t < 4.2 else {}

    events = run(GlanceDetector(), film(6, sides, rate=rate))
    assert [event.kind for event in events] == ["glance left", "glance right"]
    assert events[1].start_s == pytest.approx(3.8 if way_back else 3.6, abs=1.5 / rate)


def test_eyes_that_already_look_half_aside_have_less_way_to_go():
    def half(t):
        return {"gaze": 0.8 if 3 < t < 3.6 else -0.3 if 5 < t < 5.6 else 0.45}

    assert [event.kind for event in run(GlanceDetector(), film(7, half))] == ["glance left", "glance right"]
    less = film(6, lambda t: {"gaze": 0.35 if 3 < t < 3.6 else 0.0})
    assert run(GlanceDetector(), less) == []


def test_a_gaze_that_jitters_is_no_glance():
    jitter = [0.6, 0.35, 0.16, 0.3, 0.55, 0.25, 0.1]  # of a photo with narrow eyes, 65 pixels wide
    frames = film(9, lambda t: {"gaze": jitter[round(t * RATE) % 7] if t > 3 else 0.0})
    assert run(GlanceDetector(), frames) == []


def test_shut_eyes_on_a_photo_do_not_glance_whatever_the_tracker_makes_of_them():
    shut = {"ear_left": 0.12, "ear_right": 0.05}
    assert run(GlanceDetector(), film(6, lambda t: shut | {"gaze": 0.95 if 3 < t < 3.6 else 0.0})) == []


def test_eyes_that_come_back_from_a_long_look_aside_do_not_glance():
    events = run(GlanceDetector(), film(6, lambda t: {"gaze": 0.8} if t < 3 else {}))
    assert events == []


def test_eyes_that_follow_a_turning_head_do_not_glance():
    frames = film(6, lambda t: {"gaze": -0.8, "yaw": 15.0} if 3 < t < 3.6 else {})
    assert run(GlanceDetector(), frames) == []


@pytest.mark.parametrize("seconds", [0.8, 1.4, 1.9])
def test_a_glance_right_after_a_turn_is_found(seconds):
    """The eyes stayed on the screen while the head was turned: that is not what is usual for them."""

    def turned(t):
        back = 3 + seconds
        return {"gaze": -0.8, "yaw": 25.0} if 3 < t < back else {"gaze": -0.75 if back + 0.2 < t < back + 0.8 else 0.0}

    events = run(GlanceDetector(), film(8, turned))
    assert [event.kind for event in events] == ["glance right"]
    assert events[0].start_s == pytest.approx(3.2 + seconds, abs=1.5 / RATE)


def test_where_a_head_has_moved_to_glances_are_found_soon():
    def leaning(t):
        return {"pitch": 12.0, "gaze": 0.75 if 6 < t < 6.6 else 0.0} if t > 3 else {}

    assert [event.kind for event in run(GlanceDetector(), film(8, leaning))] == ["glance left"]


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


def pose(yaw):
    return {"yaw": yaw, "landmarks": mesh(yaw)}


@pytest.mark.parametrize("at", [0.0, 6.0])
def test_a_turn_counts_from_where_the_head_leaves_not_from_where_it_arrives(at):
    frames = film(6, lambda t: pose(at + float(np.clip(50 * (t - 3), 0, 30))))
    (event,) = run(TurnDetector(), frames)
    assert event.start_s == pytest.approx(3.05, abs=1.5 / RATE)
    assert event.end_s - event.start_s > 0.25


def test_a_turn_from_one_side_to_the_other_begins_in_the_middle():
    frames = film(8, lambda t: pose(float(np.interp(t, [3, 3.5, 4.5, 5.5], [0, 30, 30, -30]))))
    left, right = run(TurnDetector(), frames)
    assert (left.kind, right.kind) == ("turn left", "turn right")
    assert right.start_s == pytest.approx(5.05, abs=1.5 / RATE)


def test_a_turn_that_was_hidden_began_when_the_face_was_last_seen():
    hidden = [nobody(3 + n / RATE) for n in range(15)]
    frames = [*film(3, lambda t: pose(0.0)), *hidden, *film(1, lambda t: pose(30.0), start=4)]
    (event,) = run(TurnDetector(), frames)
    assert event.start_s < 3.0 < 4.0 <= event.end_s


def test_a_head_that_comes_back_towards_the_camera_does_not_turn():
    assert run(TurnDetector(), film(8, lambda t: pose(-30.0 if t < 4 else 0.0))) == []
    assert run(TurnDetector(), film(8, lambda t: pose(-24.0 if t < 4 else 0.0))) == []


@pytest.mark.parametrize("aside", [30.0, -30.0])
def test_a_look_aside_at_the_start_does_not_become_neutral(aside):
    turn = "turn left", "turn right"
    frames = film(8, lambda t: pose(aside if t < 0.4 or 4 < t < 5 else -aside if 6 < t < 7 else 0.0))
    events = run(TurnDetector(), frames)
    assert [event.kind for event in events] == list(turn if aside > 0 else turn[::-1])


def test_neutral_is_taken_again_when_the_head_is_seen_straighter():
    detector = TurnDetector()
    run(detector, film(3, lambda t: pose(12.0)))
    assert detector.neutral.yaw == 12.0
    run(detector, film(1, lambda t: pose(2.0), start=3))
    assert detector.neutral.yaw == 2.0
    run(detector, film(1, lambda t: pose(9.0), start=4))
    assert detector.neutral.yaw == 2.0
    run(detector, film(4, lambda t: pose(9.0), start=5))
    assert detector.neutral.yaw == 9.0  # a new posture


def test_a_head_that_is_held_aside_when_asked_to_turn_is_no_new_posture():
    detector = TurnDetector()
    run(detector, film(3, lambda t: pose(0.0)))
    for frame in film(6, lambda t: pose(15.0), start=3):
        detector.add(frame, asked=True)
    assert detector.neutral.yaw == 0.0


def test_a_head_that_moves_all_the_time_has_not_settled_and_turns_from_its_straightest_moment():
    detector = TurnDetector()
    events = run(detector, film(5, lambda t: pose(-35 * np.cos(4 * t))))
    assert not detector.neutral.settled
    assert not detector.neutral.near(0.0)
    assert abs(detector.neutral.yaw) < 6
    assert {event.kind for event in events} == {"turn left", "turn right"}


def test_a_single_wild_frame_is_no_turn():
    assert run(TurnDetector(), film(6, lambda t: pose(-56.0 if abs(t - 3) < 0.01 else 0.0))) == []


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
