from __future__ import annotations

import numpy as np
import pytest

from attacks.show.played import Played, Spliced
from attacks.types import RATE, no_sensor

SHAPE = (96, 128)


class Closing:
    """Something to be closed."""

    closed = False

    def frame(self, step, now_s):
        return np.full((*SHAPE, 3), 7, np.uint8)

    def still(self):
        return np.full((*SHAPE, 3), 8, np.uint8)

    def close(self):
        self.closed = True


def shades(*values):
    return [np.full((*SHAPE, 3), value, np.uint8) for value in values]


def shown(presentation, step, seconds, start_s=0.0):
    return [presentation.frame(step, start_s + number / RATE) for number in range(round(seconds * RATE))]


def test_each_frame_of_a_film_is_shown_once_at_its_time():
    film = Played(lambda: iter(shades(*(number % 250 for number in range(600)))), no_sensor)
    found = [int(scene[0, 0, 0]) for scene in shown(film, None, 40)]
    assert found == [number % 250 for number in range(600)]


def test_a_film_takes_no_notice_of_what_is_asked():
    asked, idle = (Played(lambda: iter(shades(*range(40))), no_sensor) for _ in range(2))
    for one, other in zip(shown(asked, "turn left", 3), shown(idle, None, 3), strict=True):
        assert np.array_equal(one, other)


def test_a_film_begins_again_at_its_end():
    frames = shown(Played(lambda: iter(shades(1, 2, 3)), no_sensor), None, 8 / RATE)
    assert [int(frame[0, 0, 0]) for frame in frames] == [1, 2, 3, 1, 2, 3, 1, 2]


def test_a_film_keeps_its_time_when_it_is_asked_more_or_less_often():
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    asked = [number / 2 / RATE for number in range(8)]
    assert [int(film.frame(None, now_s + 1e-6)[0, 0, 0]) for now_s in asked] == [0, 0, 1, 1, 2, 2, 3, 3]
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    assert [int(film.frame(None, 2 * number / RATE + 1e-6)[0, 0, 0]) for number in range(4)] == [0, 2, 4, 6]


def test_a_film_that_was_left_alone_for_long_keeps_nobody_waiting_until_it_has_caught_up():
    film = Played(lambda: iter(shades(*range(100))), no_sensor)
    assert [int(film.frame(None, now_s)[0, 0, 0]) for now_s in (0.0, 1.0, 2.0, 2.0)] == [0, 2, 4, 6]


def test_stills_and_stream_can_come_from_two_sources():
    stream = Closing()
    stills = iter(shades(50, 60))
    spliced = Spliced(stream, lambda: next(stills))
    assert spliced.frame(None, 0.0)[0, 0, 0] == 7
    assert [int(spliced.still()[0, 0, 0]) for _ in range(2)] == [50, 60]
    spliced.close()
    assert stream.closed


def test_there_is_no_still_before_the_first_frame():
    with pytest.raises(RuntimeError, match="ask for a frame before a still"):
        Played(lambda: iter(shades(1)), no_sensor).still()
