from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from attacks.face.behaviour import CALM, Actor, ease, lid, script
from attacks.face.expression import LIMITS, Expression
from attacks.face.temperament import NEVER
from liveness.challenge import STEP_KINDS

FPS = 60.0
UNKNOWN: Any = "look down"
REACTION_S, BLINK_EVERY_S, BLINK_S = (0.5, 1.2), (2.0, 5.0), 0.38
"""Of somebody who has rehearsed."""


def acted(steps, seconds=10.0, seed=0, sway=0.0, fps=FPS):
    return list(script(steps, fps, seconds, seed, CALM, sway))


def lived(steps, seconds, seed, fps=30.0):
    """What a person does, whose temperament is drawn."""
    return list(script(steps, fps, seconds, seed))


def first(values, wanted) -> float:
    """Seconds until the first value that is wanted."""
    return next(number for number, value in enumerate(values) if wanted(value)) / FPS


def closures(faces) -> list[float]:
    """When the eyes close."""
    shut = [face.blink_left > 0.5 for face in faces]
    return [number / FPS for number, (before, now) in enumerate(pairwise(shut), 1) if now and not before]


def test_a_movement_starts_and_ends_at_rest_and_never_turns_round():
    way = np.array([ease(share) for share in np.linspace(0, 1, 101)])
    speed = np.diff(way)
    assert (way[0], way[50], way[100]) == pytest.approx((0, 0.5, 1))
    assert (speed > 0).all()
    assert max(speed[0], speed[-1]) < 0.01 * speed.max()
    assert (ease(-1.0), ease(2.0)) == (0.0, 1.0)


def test_lids_fall_faster_than_they_rise():
    down = [lid(share) for share in np.linspace(0, 1, 201)]
    assert (down[0], max(down), down[-1]) == pytest.approx((0, 1, 0))
    half = [number for number, value in enumerate(down) if value > 0.5]
    shut = [number for number, value in enumerate(down) if value > 0.999]
    assert shut[0] - half[0] < half[-1] - shut[-1]


@pytest.mark.parametrize("step", STEP_KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_who_has_rehearsed_answers_a_step_after_half_a_second_to_one_and_a_bit(step, seed):
    faces = acted([(4.0, step)], seed=seed)
    measure = {"blink": lambda face: face.blink_left, "look": lambda face: abs(face.gaze)}.get(
        step.split()[0], lambda face: abs(face.yaw)
    )
    until_asked = 4.0 + REACTION_S[0]
    began = first([measure(face) if number / FPS >= until_asked else 0 for number, face in enumerate(faces)], bool)
    assert REACTION_S[0] <= began - 4.0 <= REACTION_S[1] + 2 / FPS


@pytest.mark.parametrize("side", ["left", "right"])
def test_turns_and_looks_go_to_the_side_that_was_asked_for_and_come_back(side):
    sign = 1 if side == "left" else -1
    turned = acted([(0.0, f"turn {side}")])
    yaw = sign * np.array([face.yaw for face in turned])
    assert 24 < yaw.max() < 30
    assert yaw.min() == 0
    assert yaw[-1] == 0
    looked = sign * np.array([face.gaze for face in acted([(0.0, f"look {side}")])])
    assert looked.max() > 0.75
    assert looked.min() == 0
    assert looked[-1] == 0


def test_asked_to_blink_twice_the_eyes_close_twice_and_open_between():
    times = [time_s for time_s in closures(acted([(2.0, "blink twice")], 4.5, seed=1)) if time_s > 2.0]
    assert len(times) == 2
    assert BLINK_S < times[1] - times[0] < BLINK_S + 0.5


@pytest.mark.parametrize("seed", range(5))
def test_who_has_rehearsed_blinks_every_two_to_five_seconds(seed):
    gaps = np.diff(closures(acted([], 60.0, seed)))
    assert len(gaps) > 60 / BLINK_EVERY_S[1] - 2
    assert gaps.min() >= BLINK_EVERY_S[0] - 2 / FPS
    assert gaps.max() <= BLINK_EVERY_S[1] + 2 / FPS


@pytest.mark.parametrize("seed", range(10))
def test_who_has_rehearsed_does_not_blink_between_a_prompt_and_its_answer(seed):
    asked = 4.0
    times = closures(acted([(asked, "blink twice")], 10.0, seed))
    assert not [time_s for time_s in times if asked + BLINK_S < time_s < asked + REACTION_S[0]]


def test_idle_people_are_never_quite_still_nor_move_much():
    faces = acted([], 60.0, sway=1.0)
    for name, most in (("yaw", 5.0), ("pitch", 4.0), ("roll", 4.0), ("shift_x", 0.08), ("scale", 0.03)):
        values = np.array([getattr(face, name) for face in faces])
        assert (np.diff(values) != 0).all()
        assert 0.2 * most < np.ptp(values) < 2 * most
        assert np.abs(np.diff(values)).max() < 0.1 * most  # nothing jumps


def test_one_seed_acts_the_same_again_and_another_otherwise():
    steps = [(1.0, "turn left"), (4.0, "blink twice")]
    assert acted(steps, seed=3) == acted(steps, seed=3)
    assert acted(steps, seed=3) != acted(steps, seed=4)


def test_the_same_prompt_said_with_each_frame_is_one_prompt():
    actor, yaws = Actor(temperament=CALM, sway=0.0), list[float]()
    for number in range(150):
        actor.asked("turn right", number / FPS)
        yaws.append(actor.expression(number / FPS).yaw)
    moving = np.array(yaws) < -1.0
    assert np.count_nonzero(moving[1:] & ~moving[:-1]) == 1


def test_an_answer_that_was_not_understood_is_given_again():
    actor, yaws = Actor(temperament=CALM, sway=0.0), list[float]()
    for number in range(int(7 * FPS)):
        actor.asked("turn right", number / FPS)
        yaws.append(actor.expression(number / FPS).yaw)
    moving = np.array(yaws) < -1.0
    assert np.count_nonzero(moving[1:] & ~moving[:-1]) == 2


@pytest.mark.parametrize(("again_from_s", "times"), [(2.8, 2), (1.3, 1)])
def test_who_is_asked_again_does_it_once_more_unless_it_is_on_its_way(again_from_s, times):
    actor, yaws = Actor(temperament=replace(CALM, again_s=NEVER), sway=0.0), list[float]()
    for number in range(int(6 * FPS)):
        now_s = number / FPS
        actor.asked("turn right", now_s, again=now_s > again_from_s)
        yaws.append(actor.expression(now_s).yaw)
    moving = np.array(yaws) < -1.0
    starts = np.flatnonzero(moving[1:] & ~moving[:-1]) / FPS
    assert len(starts) == times
    assert times == 1 or starts[1] > again_from_s + REACTION_S[0]


def test_a_new_prompt_waits_for_the_movement_to_end():
    actor, yaws = Actor(temperament=CALM, sway=0.0), list[float]()
    for number in range(int(6 * FPS)):
        now_s = number / FPS
        turned = bool(yaws) and min(yaws) < -20
        actor.asked("turn left" if turned else "turn right", now_s)
        yaws.append(actor.expression(now_s).yaw)
    assert min(yaws) < -24
    assert max(yaws) > 24
    assert np.abs(np.diff(yaws)).max() < 130 / FPS  # degrees a second: nothing jumps


def test_a_script_has_a_face_for_each_frame_and_may_ask_the_same_twice():
    faces = acted([(0.0, "turn left"), (5.0, "turn left")], seconds=9.0, fps=15)
    assert len(faces) == 135
    turned = np.array([face.yaw for face in faces]) > 20
    assert np.count_nonzero(turned[1:] & ~turned[:-1]) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Expression(yaw=45), "yaw: expected -30 to 30, got 45"),
        (lambda: Expression(blink_left=math.nan), "blink_left: expected 0 to 1, got nan"),
        (lambda: Actor(-1), "seed: expected 0 or more, got -1"),
        (lambda: Actor(sway=9), "sway: expected 0 to 3, got 9"),
        (lambda: Actor().asked(UNKNOWN, 0), "unknown step 'look down': choose from blink twice"),
        (lambda: Actor().expression(math.nan), "time nan"),
        (lambda: script([(0, UNKNOWN)], 15, 1), "steps: choose from blink twice"),
        (lambda: script([(2, "turn left"), (1, "turn right")], 15, 1), "times from 0 on that rise"),
        (lambda: script([(-1, "turn left")], 15, 1), "times from 0 on that rise"),
        (lambda: script([], 0, 1), "fps and seconds above 0, got 0 and 1"),
        (lambda: script([], 15, math.inf), "fps and seconds above 0"),
    ],
)
def test_bad_arguments_are_told(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_time_does_not_run_backwards():
    actor = Actor()
    actor.expression(2.0)
    with pytest.raises(ValueError, match=r"time 1\.0: expected seconds from 2 on"):
        actor.asked("turn left", 1.0)


def test_eyes_and_mouth_leave_the_head_where_it_is():
    assert not Expression(blink_left=1, blink_right=0.5, gaze=-1, mouth=1).moves_head
    for name, (low, high) in LIMITS.items():
        if not name.startswith(("blink", "gaze", "mouth")):
            assert Expression(**{name: low if high == 1 and name == "scale" else high}).moves_head
