"""What a browser says of times, and what an attacker can make of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ui.live.reported_time import MOST_S, ReportedTime, shown

AHEAD_S = 8_000.0  # of the session's clock, the browser's


def test_frames_that_are_held_up_on_the_way_have_the_times_at_which_they_were_captured():
    rng = np.random.default_rng(1)
    clock = ReportedTime()
    captured = np.arange(200) / 15
    delays = 0.02 + rng.exponential(0.15, captured.size)
    delays[rng.choice(captured.size, 20, replace=False)] = 0.9
    delays = np.minimum(delays, MOST_S - 0.01)
    found = []
    for moment_s, arrived_s in zip(captured, captured + delays, strict=True):
        clock.heard(moment_s + AHEAD_S, arrived_s)
        found.append(clock.frame(moment_s + AHEAD_S, arrived_s))
    settled = slice(50, None)
    assert np.abs(np.array(found) - captured)[settled].max() < 0.05
    assert delays[settled].max() > 0.8, "by the server's clock they would be as late as this"


def test_a_time_is_told_on_the_sessions_clock_once_something_was_heard_of_the_browsers():
    clock = ReportedTime()
    assert math.isnan(clock.told(1.0))
    clock.heard(AHEAD_S + 1.0, 1.1)
    assert clock.told(AHEAD_S + 7.0) == pytest.approx(7.1), "who uses it sets its bounds"
    assert math.isnan(clock.told(math.inf))


def test_who_says_nothing_is_measured_by_the_servers_clock():
    clock = ReportedTime()
    for arrived_s in (3.0, 3.1):
        clock.heard(math.nan, arrived_s)
        assert clock.frame(math.nan, arrived_s) == arrived_s
    assert clock.moment(2.0, 3.2) == 3.2, "nothing was heard of that clock yet"


@pytest.mark.parametrize("lie", [math.nan, math.inf, -math.inf, -1e300, 1e300, 0.0])
def test_no_report_moves_a_frame_into_the_future_or_back_by_more_than_is_said_or_before_the_one_before(lie):
    clock = ReportedTime()
    rng = np.random.default_rng(2)
    last_s = 0.0
    for arrived_s in np.arange(1, 100) / 15:
        said_s = lie if rng.random() < 0.5 else arrived_s + AHEAD_S + rng.uniform(-3, 3)
        clock.heard(said_s + rng.uniform(-3, 3), arrived_s)
        found = clock.frame(said_s, arrived_s)
        assert max(last_s, arrived_s - MOST_S) <= found <= arrived_s
        last_s = found


def test_another_clock_as_of_a_new_connection_is_soon_learnt():
    clock = ReportedTime()
    for arrived_s in np.arange(0, 60) / 15:
        clock.heard(arrived_s + AHEAD_S, arrived_s)
    for count, arrived_s in enumerate(np.arange(60, 75) / 15):
        clock.heard(arrived_s - 4.0, arrived_s + 0.1)
        found = clock.frame(arrived_s - 4.0, arrived_s + 0.1)
        assert count < 5 or found == pytest.approx(arrived_s + 0.1)


def test_one_frame_that_is_late_beyond_belief_is_no_other_clock():
    clock = ReportedTime()
    clock.heard(AHEAD_S, 0.0)
    clock.heard(AHEAD_S + 1.0, 1.0 + 3.0)
    clock.heard(AHEAD_S + 4.1, 4.1)
    assert clock.moment(AHEAD_S + 4.0, 4.3) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("said_s", "counts_s"),
    [(5.3, 5.3), (5.0, 5.0), (4.0, 5.0), (-1e9, 5.0), (5.7, 5.6), (1e9, 5.6), (5.6, 5.6)],
)
def test_a_prompt_was_shown_between_its_sending_and_the_report(said_s, counts_s):
    assert shown(said_s, sent_s=5.0, arrived_s=5.6) == counts_s


def test_a_report_that_never_seems_to_come_gives_little_more_time():
    assert shown(60.0, sent_s=5.0, arrived_s=60.0) == 5.0 + MOST_S
