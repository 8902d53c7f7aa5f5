"""People before the camera: as different, and as unruly, as people are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from attacks.face.behaviour import Actor, script
from attacks.face.temperament import BLINKS_A_MINUTE, CALM, Even, Skewed, Temperament, Waiting, drawn
from liveness.challenge import StepKind

FPS = 20.0
PEOPLE = 100


@pytest.fixture(scope="module")
def people() -> list[Temperament]:
    return [Actor(seed).temperament for seed in range(600)]


@pytest.fixture(scope="module")
def lives() -> list[list]:
    """Many people who are asked for three things: at 4, 8 and 12 s."""
    steps: tuple[StepKind, ...] = ("blink twice", "look left", "turn right")
    return [
        list(script([(4.0 + 4.0 * n, steps[(seed + n) % 3]) for n in range(3)], FPS, 16.0, seed))
        for seed in range(PEOPLE)
    ]


def starts(values, over, fps=FPS) -> list[float]:
    """When a value rises above another, in seconds."""
    above = [value > over for value in values]
    return [number / fps for number, (before, now) in enumerate(pairwise(above), 1) if now and not before]


def lids(faces) -> list[float]:
    return [face.blink_left for face in faces]


def test_people_blink_8_to_70_times_a_minute_most_of_them_about_20_times(people):
    rates = np.array([60.0 / one.blink_every_s.mean for one in people])
    assert BLINKS_A_MINUTE[0] <= rates.min() < 9
    assert 55 < rates.max() <= BLINKS_A_MINUTE[1]
    assert 18 < np.median(rates) < 22
    assert 17 < rates.mean() < 26  # at rest and in conversation: Bentivoglio et al. 1997


@pytest.mark.parametrize("rate", [8.0, 20.0, 70.0])
def test_blinks_come_at_any_moment_but_not_within_another(rate):
    rng = np.random.default_rng(3)
    waits = np.array([Waiting(60.0 / rate, 0.45).draw(rng) for _ in range(4000)])
    assert waits.min() >= 0.45
    assert waits.mean() == pytest.approx(60.0 / rate, rel=0.06)
    rest = waits - 0.45
    assert rest.std() == pytest.approx(rest.mean(), rel=0.1)  # as of an exponential: the past tells nothing


def test_one_prompt_in_ten_or_so_has_an_unasked_blink_right_behind_it(lives):
    """Found in people: 12 % of all moments, 3 to 29 % by person."""
    begun = [
        any(at <= time_s < at + 0.25 for time_s in starts(lids(life), 0.25)) for life in lives for at in (4, 8, 12)
    ]
    assert 0.05 < np.mean(begun) < 0.2


def test_people_blink_between_two_answers_too(lives):
    between = [starts(lids(life)[int(10.5 * FPS) : int(12 * FPS)], 0.5) for life in lives]
    assert 0.15 < np.mean([bool(times) for times in between]) < 0.7


def test_some_blinks_are_half_and_some_come_in_twos():
    depths, gaps = list[float](), list[float]()
    for seed in range(20):
        shut = np.array(lids(list(script([], 30.0, 40.0, seed))))
        edges = starts(shut, 0.2, 30.0)
        depths += [float(shut[round(a * 30) : round(a * 30) + 12].max()) for a in edges]
        gaps += np.diff(edges).tolist()
    assert 0.03 < np.mean(np.array(depths) < 0.75) < 0.3
    assert 0.02 < np.mean(np.array(gaps) < 0.7) < 0.4


def test_reactions_have_a_tail_and_none_comes_before_the_prompt_can_be_read(people):
    rng = np.random.default_rng(5)
    times = np.array([one.reaction_s.draw(rng) for one in people for _ in range(10)])
    assert times.min() >= 0.35
    assert 0.8 < np.median(times) < 1.3
    assert np.percentile(times, 99) > 2 * np.median(times)
    assert any(one.distracted > 0 for one in people)


def test_eyes_go_to_the_prompts_text_before_the_answer(lives):
    glances = [max(abs(face.gaze) for face in life[int(8.1 * FPS) : int(8.6 * FPS)]) for life in lives]
    before = [max(abs(face.gaze) for face in life[int(7.0 * FPS) : int(7.5 * FPS)]) for life in lives]
    small = [0.08 < most < 0.45 for most in glances]
    assert np.mean(small) > 0.2 + np.mean([0.08 < most < 0.45 for most in before])


def test_heads_overshoot_on_their_way_back():
    past = list[float]()
    for seed in range(25):
        yaw = np.array([face.yaw for face in script([(1.0, "turn left")], FPS, 7.0, seed, sway=0.0)])
        rests = Actor(seed).temperament.yaw
        past.append(rests - yaw[yaw.argmax() :].min())
    assert np.median(past) > 0.5
    assert max(past) > 3.0


def test_a_head_is_never_neutral(people):
    for part, least in (("yaw", 1.0), ("pitch", 2.0), ("roll", 1.5)):
        angles = np.array([getattr(one, part) for one in people])
        assert angles.std() > least
        assert np.abs(angles).max() < 10.0
        assert abs(angles.mean()) < 0.5
    assert (CALM.yaw, CALM.pitch, CALM.roll) == (0.0, 0.0, 0.0)


def test_some_look_aside_when_the_camera_starts():
    turned = [max(abs(face.yaw) for face in script([], FPS, 0.3, seed)) > 10.0 for seed in range(200)]
    assert 0.05 < np.mean(turned) < 0.3


def test_people_smile_talk_and_yawn_and_look_around():
    faces = [face for seed in range(80) for face in script([], 5.0, 40.0, seed)]
    shares = {name: np.mean([getattr(face, name) > 0.1 for face in faces]) for name in ("smile", "mouth")}
    assert 0.01 < shares["smile"] < 0.3
    assert 0.005 < shares["mouth"] < 0.3
    assert max(face.mouth for face in faces) > 0.7
    assert 0.01 < np.mean([abs(face.gaze) > 0.3 for face in faces]) < 0.2


def test_most_try_again_while_the_prompt_stays_and_some_wait(people):
    again = np.array([one.again_s.low for one in people])
    assert 0.1 < np.mean(np.isinf(again)) < 0.3
    assert again[np.isfinite(again)].min() >= 1.0


def test_who_turns_to_the_wrong_side_puts_it_right():
    confused = drawn(np.random.default_rng(1)).__class__(**{**vars(CALM), "mistakes": 1.0})
    yaw = np.array([face.yaw for face in script([(1.0, "turn left")], FPS, 7.0, 0, confused, 0.0)])
    assert yaw.argmin() < yaw.argmax()
    assert yaw.min() < -20 < 20 < yaw.max()


def test_a_person_is_the_same_again_for_the_same_calls_and_another_for_another_seed():
    steps: list[tuple[float, StepKind]] = [(1.0, "turn left"), (5.0, "blink twice")]
    lives = [list(script(steps, FPS, 9.0, seed)) for seed in (3, 3, 4)]
    assert lives[0] == lives[1] != lives[2]
    assert Actor(3).temperament == Actor(3).temperament != Actor(4).temperament


def test_a_spread_stays_within_its_limits():
    rng = np.random.default_rng(0)
    for spread in (Even(1.0, 2.0), Skewed(1.2, 1.0, 1.0, 2.0)):
        values = [spread.draw(rng) for _ in range(500)]
        assert 1.0 <= min(values) < 1.2
        assert 1.8 < max(values) <= 2.0
