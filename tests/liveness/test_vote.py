"""The paper's majority, and what decides, from made-up events."""

from __future__ import annotations

import pytest

from liveness.events import Event
from liveness.quality import Gate
from liveness.vote import PassiveVote

RATE = 15.0


def vote(seconds, signs=(), gate=lambda t: Gate(), rate=RATE) -> PassiveVote:
    """A vote over frames with a blink at each of the given times."""
    found, waiting = PassiveVote(), list(signs)
    for number in range(round(seconds * rate)):
        now = number / rate
        events = [Event("blink", now - 0.1, now, 0.5)] if waiting and waiting[0] <= now else []
        waiting = waiting[len(events) :]
        found.add(now, gate(now), events)
    return found


def test_the_majority_is_the_papers_and_counts_windows_before_the_first_blink():
    assert vote(20, range(1, 20, 3)).majority == "live"
    assert vote(20).majority == "not live"
    assert vote(20, (1.0, 1.6)).majority == "not live"
    assert vote(8, (6.5, 7.0)).majority == "not live"
    assert vote(1).majority == "inconclusive"


def test_a_window_without_a_sign_decides_nothing_before_people_had_reason_to_blink():
    assert vote(10).verdict == vote(20).verdict == "inconclusive"
    assert vote(32).verdict == "not live"
    assert vote(60, (4.0,)).verdict == "not live"


@pytest.mark.parametrize("seconds", [5, 10, 20, 40])
def test_one_sign_may_be_a_mistake_of_the_trackers(seconds):
    assert vote(seconds, (2.0,)).verdict == "inconclusive"


def test_people_who_blink_seldom_are_live():
    assert vote(8, (6.5, 7.0)).verdict == "live"
    assert vote(40, range(3, 40, 8)).verdict == "live"
    assert vote(60, range(3, 60, 8)).verdict == "live"


def test_signs_as_rare_as_a_photos_do_not_live():
    needed = [vote(seconds).needed for seconds in (5, 40, 90, 200)]
    assert needed == sorted(needed)
    assert needed[0] == 2
    assert needed[-1] > 4
    assert vote(120, (10.0, 80.0)).verdict == "not live"


def test_time_that_could_not_be_watched_counts_for_nothing():
    dark = vote(60, gate=lambda t: Gate("too-dark", True) if t < 50 else Gate())
    assert dark.watched_s == pytest.approx(10.0, abs=0.2)
    assert dark.verdict == dark.majority == "inconclusive"
    slow = vote(60, gate=lambda t: Gate("low-rate"))
    assert slow.watched_s == 0.0
    assert slow.verdict == "inconclusive"
    assert vote(60, rate=1.0).watched_s == 0.0
