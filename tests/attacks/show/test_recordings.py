from __future__ import annotations

import numpy as np
import pytest

from attacks.show.played import Played
from attacks.show.recordings import ANSWERS, Recorded, Recording, Rerun, record
from attacks.types import RATE, no_sensor
from liveness.challenge import STEP_KINDS

SHAPE = (90, 160)


def numbered(count):
    return [np.full((*SHAPE, 3), 2 * number, np.uint8) for number in range(count)]


class Counting:
    """Shows how many frames it has shown, and hands in the same with 1 added; notes what it is asked."""

    def __init__(self):
        self.number, self.asked, self.closed = -1, [], False

    def frame(self, step, now_s):
        self.number += 1
        self.asked.append((round(now_s, 2), step))
        return np.full((*SHAPE, 3), 2 * self.number, np.uint8)

    def still(self):
        return np.full((*SHAPE, 3), 2 * self.number + 1, np.uint8)

    def close(self):
        self.closed = True


def shade(picture):
    return round(float(picture.mean()))


def test_an_earlier_check_can_have_asked_for_all_that_a_check_asks_for():
    assert sorted(ANSWERS) == sorted(STEP_KINDS)


def test_what_is_recorded_is_shown_unchanged_meanwhile():
    recorded, plain = Recorded(Counting()), Counting()
    for number in range(5):
        assert np.array_equal(recorded.frame(None, number / RATE), plain.frame(None, number / RATE))
    assert np.array_equal(recorded.still(), plain.still())


def test_a_recording_has_the_frames_in_their_time_and_the_stills_bit_by_bit():
    recorded = Recorded(Counting())
    for number in range(6):
        recorded.frame(None, 10.0 + number / RATE)
        if number in (2, 4):
            recorded.still()
    recording = recorded.recording()
    assert recording.length == 6
    assert [shade(frame) for frame in recording.film()] == pytest.approx([0, 2, 4, 6, 8, 10], abs=1)
    assert [time_s for time_s, _ in recording.stills] == pytest.approx([2 / RATE, 4 / RATE])
    assert [set(still.ravel()) for _, still in recording.stills] == [{5}, {9}]


def test_a_recording_with_gaps_is_played_in_its_own_time():
    recorded = Recorded(Counting())
    for now_s in (0.0, 3 / RATE, 4 / RATE):
        recorded.frame(None, now_s)
    assert [shade(frame) for frame in recorded.recording().film()] == pytest.approx([0, 0, 0, 2, 4], abs=1)


def test_nothing_recorded_is_told():
    with pytest.raises(RuntimeError, match="nothing to show again"):
        Recorded(Counting()).recording()


def test_recording_asks_when_it_is_told_to_takes_stills_and_closes():
    shown = Counting()
    recording = record(shown, [(0.2, "turn left"), (0.4, "blink twice")], 0.6, every_s=0.2, rate=10)
    assert shown.asked == [
        (0.0, None), (0.1, None), (0.2, "turn left"), (0.3, "turn left"), (0.4, "blink twice"), (0.5, "blink twice"),
    ]  # fmt: skip
    assert [shade(still) for _, still in recording.stills] == [1, 5, 9]
    assert shown.closed


def test_a_rerun_shows_the_recording_whatever_is_asked_and_begins_again():
    recording = record(Counting(), [], 5 / RATE)
    rerun = Rerun(recording)
    frames = [rerun.frame("turn left", number / RATE) for number in range(8)]
    assert [shade(frame) for frame in frames] == pytest.approx([0, 2, 4, 6, 8, 0, 2, 4], abs=1)


def test_a_rerun_hands_in_the_still_nearest_in_time_and_each_one_once():
    stills = tuple((time_s, np.full((*SHAPE, 3), value, np.uint8)) for time_s, value in ((0.0, 1), (1.0, 2), (2.0, 3)))
    recording = Recording(record(Counting(), [], 3.0).frames, stills)
    rerun = Rerun(recording)
    rerun.frame(None, 1.1)
    assert [shade(rerun.still()) for _ in range(3)] == [2, 3, 1]
    assert shade(rerun.still()) == 2, "after the last one they begin again"


def test_a_rerun_of_scenes_lets_a_sensor_make_the_stills():
    rerun = Rerun(record(Counting(), [], 0.2), lambda scene: scene + np.uint8(100))
    rerun.frame(None, 0.0)
    assert shade(rerun.still()) == 101


def test_a_rerun_needs_stills():
    film = record(Played(lambda: iter(numbered(2)), no_sensor), [], 0.1)
    with pytest.raises(ValueError, match="at least one still"):
        Rerun(Recording(film.frames, ()))
