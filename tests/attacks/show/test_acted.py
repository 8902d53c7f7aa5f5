from __future__ import annotations

import numpy as np
import pytest

from attacks.face.expression import Expression
from attacks.face.temperament import CALM
from attacks.show.acted import Acted
from attacks.types import RATE, no_sensor

SHAPE = (96, 128)
SOONEST_S = 0.5


class Page:
    """A face that shows its expression as a shade: grey is ahead, bright to the left, and a row for closed lids."""

    def frame(self, pose: Expression) -> np.ndarray:
        scene = np.full((*SHAPE, 3), 128 + 4 * round(pose.yaw), np.uint8)
        scene[0] = 255 if pose.blink_left > 0.9 else 0
        return scene


def shown(presentation, step, seconds, start_s=0.0):
    return [presentation.frame(step, start_s + number / RATE) for number in range(round(seconds * RATE))]


def test_a_face_turns_when_it_is_asked_to_after_a_moment_and_to_the_side_that_is_asked():
    for step, sign in (("turn left", 1), ("turn right", -1)):
        presentation = Acted(Page(), no_sensor, seed=3)
        before = shown(presentation, None, 1.0)
        after = shown(presentation, step, 4.0, 1.0)
        turn = [sign * (int(frame[-1, 0, 0]) - 128) / 4 for frame in after]
        assert all(abs(int(frame[-1, 0, 0]) - 128) < 12 for frame in before)
        assert max(turn[: int(SOONEST_S * RATE)]) < 5
        assert max(turn) > 20


def test_a_face_blinks_when_it_is_asked_to():
    presentation = Acted(Page(), no_sensor, seed=1)
    closed = [frame[0, 0, 0] == 255 for frame in shown(presentation, "blink twice", 2.2)]
    assert sum(now and not before for before, now in zip([False, *closed], closed, strict=False)) >= 2


def test_somebody_who_has_rehearsed_acts_unless_a_person_is_asked_for():
    calm, also_calm = (shown(Acted(Page(), no_sensor, 4, *how), "turn left", 3.0) for how in ((), (CALM,)))
    person = shown(Acted(Page(), no_sensor, 4, None), "turn left", 3.0)
    assert np.array_equal(calm, also_calm)
    assert not np.array_equal(calm, person)


def test_a_still_is_of_the_moment_of_the_last_frame():
    presentation = Acted(Page(), no_sensor, seed=2)
    for number in range(30):
        frame = presentation.frame("turn left", number / RATE)
        assert np.array_equal(presentation.still(), frame)


def test_there_is_no_still_before_the_first_frame():
    with pytest.raises(RuntimeError, match="ask for a frame before a still"):
        Acted(Page(), no_sensor).still()
