from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attacks.show.deepfakes import Driven
from attacks.show.excused import QUIET_S, Excused
from attacks.show.recordings import ANSWER_S
from attacks.types import RATE, declines, no_sensor
from liveness.challenge import StepKind

ANSWERS: tuple[StepKind, ...] = ("turn left", "blink twice", "look right", "turn left")


MASK: Any = SimpleNamespace(frame=lambda pose: np.zeros((2, 2, 3), np.uint8))


def excused(in_order: bool) -> Excused:
    """A recording in which each frame's level is ten times its second."""
    film: Any = SimpleNamespace(at=lambda time_s: np.full((2, 2, 3), int(10 * time_s), np.uint8))
    return Excused(film, ANSWERS, in_order)


def second(one: Excused, step, now_s: float) -> float:
    return float(one.frame(step, now_s)[0, 0, 0]) / 10


def begins(number: int) -> float:
    return QUIET_S + ANSWER_S * number


def test_each_answer_is_played_when_it_is_asked_and_once():
    one = excused(in_order=False)
    assert second(one, None, 1.0) == 1.0
    assert second(one, "look right", 4.0) == begins(2)
    assert second(one, "look right", 5.5) == begins(2) + 1.5
    assert second(one, None, 6.0) == begins(2) + 2.0, "a movement does not stop halfway"
    assert declines(one, "look right"), "it would be seen that the video loops"
    for number in (0, 3):
        assert not declines(one, "turn left")
        assert second(one, "turn left", 10.0 + number) == begins(number)
        second(one, None, 10.5 + number)
    assert declines(one, "turn left")


def test_what_is_not_in_the_recording_is_declined():
    one = excused(in_order=False)
    lacking: tuple[StepKind, ...] = ("turn right", "look left")
    assert all(declines(one, step) for step in lacking)
    assert not declines(one, "blink twice")
    assert not declines(one, None)


def test_played_in_order_all_but_the_next_answer_is_declined():
    one = excused(in_order=True)
    assert [declines(one, step) for step in ANSWERS] == [False, True, True, False]
    second(one, "turn left", 1.0)
    second(one, None, 4.5)
    assert [declines(one, step) for step in ANSWERS] == [True, False, True, True]


def test_an_answer_that_was_not_taken_for_one_is_declined_when_it_is_over():
    one = excused(in_order=False)
    second(one, "blink twice", 1.0)
    second(one, "blink twice", 1.0 + ANSWER_S - 1 / RATE)
    assert not declines(one, "blink twice")
    second(one, "blink twice", 1.0 + ANSWER_S)
    assert declines(one, "blink twice")


def test_while_nothing_is_asked_the_quiet_beginning_goes_forth_and_back():
    one = excused(in_order=False)
    assert [second(one, None, now_s) for now_s in (0.0, 5.0, 6.0, 7.0, 12.0, 13.0)] == [0.0, 5.0, 6.0, 5.0, 0.0, 1.0]


def test_who_follows_somebody_that_declines_declines_with_them():
    one = Driven(excused(in_order=False), MASK, no_sensor)
    assert declines(one, "turn right")
    assert not declines(one, "turn left")


def test_who_never_declines_need_not_say_so():
    from attacks.show.played import Played

    assert not declines(Played(lambda: iter([np.zeros((2, 2, 3), np.uint8)]), no_sensor), "turn left")


def test_there_is_no_still_before_the_first_frame():
    with pytest.raises(RuntimeError, match="ask for a frame before a still"):
        excused(in_order=True).still()
