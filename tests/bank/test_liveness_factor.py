"""What decides on liveness, from streams of made-up observations."""

from __future__ import annotations

from typing import Any

import pytest

from bank.capture import Capture
from bank.factors import Factor
from bank.liveness_factor import judge_liveness
from bank.policy import Policy
from liveness.challenge import Challenge
from testing.observations import seen
from testing.selfie import RATE, movement

PROFILE = Policy.load().profile("demo")
CHALLENGE = Challenge(("turn left", "look right", "blink twice"))


def judged(moves=movement, seconds: float = 40.0, after=lambda t: {}) -> Factor:
    """Play somebody who does `moves`, and `after` the last answer what that says, for so many seconds in all."""
    capture = Capture(PROFILE, CHALLENGE)
    asked, since = "", 0.0
    for number in range(round(seconds * RATE)):
        now = number / RATE
        done = capture.state is not None and capture.state.phase == "passed"
        changes: dict[str, Any] = after(now - since) if done else moves(asked, now - since)
        state = capture.observe(seen(now, **changes))
        if (state.step or "") != asked:
            asked, since = state.step or "", now
    return judge_liveness(capture, PROFILE.liveness)


def test_who_answers_and_blinks_passes_with_more_signs_than_a_photo_shows():
    factor = judged(seconds=15.0)
    assert (factor.verdict, factor.reason, factor.measure) == ("passed", "live", "blinks and glances")
    assert factor.score >= factor.threshold >= 2
    assert factor.details["majority"] in ("live", "not live")


def test_of_who_need_not_have_blinked_yet_it_cannot_tell(monkeypatch):
    monkeypatch.setattr("liveness.vote.PassiveVote.verdict", property(lambda vote: "inconclusive"))
    factor = judged(seconds=15.0)
    assert (factor.verdict, factor.reason) == ("inconclusive", "too-early-to-tell")
    assert "Start again" in factor.advice


def test_who_blinks_less_than_anybody_does_fails(monkeypatch):
    monkeypatch.setattr("liveness.vote.PassiveVote.verdict", property(lambda vote: "not live"))
    factor = judged(seconds=15.0)
    assert (factor.verdict, factor.reason) == ("failed", "not-live")


def test_a_blink_just_after_each_prompt_does_not_keep_a_person_out():
    def early(step, t):
        return movement("blink twice", 0.7) if 0.02 < t < 0.15 else movement(step, t)

    factor = judged(early, seconds=15.0)
    assert (factor.verdict, factor.reason) == ("passed", "live")


@pytest.mark.parametrize("seconds", [10.0, 20.0])
def test_the_share_of_live_windows_no_longer_decides(seconds):
    factor = judged(seconds=seconds)
    windows, live = factor.details["usable windows"], factor.details["live windows"]
    assert factor.verdict == "passed"
    assert (float(live) / float(windows) > 0.5) == (factor.details["majority"] == "live")
