"""What is said of a challenge that was not answered, from streams of made-up observations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bank.capture import Capture
from bank.factors import Factor
from bank.liveness_factor import judge_liveness, too_slow
from bank.policy import Policy
from bank.unanswered import movements
from liveness.challenge import Challenge
from liveness.events import Event
from testing.observations import mesh, nobody, seen
from testing.selfie import RATE, movement

PROFILE = Policy.load().profile("demo")
CHALLENGE = Challenge(("turn left", "look right", "blink twice"))


def judged(moves: Callable[[str, float], dict[str, Any]], seconds: float = 40.0, rate: float = RATE) -> Factor:
    """Play somebody who does `moves`; no face where these say so."""
    capture = Capture(PROFILE, CHALLENGE)
    asked, since = "", 0.0
    for number in range(round(seconds * rate)):
        now = number / rate
        changes = moves(asked, now - since)
        state = capture.observe(nobody(now) if changes.pop("away", False) else seen(now, **changes))
        if (state.step or "") != asked:
            asked, since = state.step or "", now
        if state.done:
            break
    return judge_liveness(capture, PROFILE.liveness)


def only(step: str, instead: Callable[[float], dict[str, Any]]) -> Callable[[str, float], dict[str, Any]]:
    """Answer all but one step."""
    return lambda asked, t: instead(t) if asked == step else movement(asked, t)


def turned(yaw: float) -> dict[str, Any]:
    return {"yaw": yaw, "landmarks": mesh(yaw)}


def test_a_step_without_an_answer_is_named_with_its_time():
    factor = judged(only("look right", lambda t: {}))
    assert factor.reason == "timeout"
    assert "“Look to your right, with your eyes only” was not answered within 7 s." in factor.advice
    assert "Seen meanwhile: nothing." in factor.advice
    assert "“Turn" not in factor.advice, "that one was answered"
    assert factor.details["step 2: look right, seen"] == "nothing"
    assert "step 1: turn left, seen" not in factor.details


def test_what_was_seen_instead_is_named():
    factor = judged(only("look right", lambda t: movement("blink twice", t)))
    assert "Seen meanwhile: 2 blinks." in factor.advice
    assert factor.details["step 2: look right, seen"] == "2 blinks"


@pytest.mark.parametrize(
    ("step", "changes", "told"),
    [
        ("turn left", turned(14.0), "The head turned to the left by 14° at most; it takes 20°."),
        ("turn left", turned(-14.0), "The head turned to the left by 0° at most; it takes 20°."),
        ("look right", {"gaze": -0.3}, "The eyes moved to the right by 0.30 at most (gaze, 0 to 2); it takes 0.50."),
    ],
)
def test_a_movement_that_was_too_small_is_told_with_what_it_takes(step, changes, told):
    factor = judged(only(step, lambda t: changes if 1.0 < t < 1.6 else {}))
    assert factor.reason == "timeout"
    assert told in factor.advice


def test_a_face_that_was_away_is_the_cause_and_not_a_movement():
    factor = judged(only("look right", lambda t: {"away": 0.5 < t < 6.0}))
    assert "of that time nothing could be judged: no face in sight. Look into the camera." in factor.advice
    assert "at most" not in factor.advice


def test_other_movements_than_asked_for_are_named():
    factor = judged(only("blink twice", lambda t: turned(-30.0 if t % 1.4 < 0.7 else 0.0)))
    assert factor.reason == "wrong-answers"
    assert "After “Blink twice”: 4 turns to the right." in factor.advice


def test_an_answer_before_it_could_be_read_is_told_with_its_time():
    factor = judged(only("turn left", lambda t: movement("turn left", t + 0.5) if t < 0.3 else {}))
    assert factor.reason == "early-answer"
    assert "Too early came “Turn your head to your left, then back” 0." in factor.advice
    assert "nobody can answer within 0.25 s" in factor.advice


def test_a_pause_that_took_too_long_is_the_cause():
    capture = Capture(PROFILE, CHALLENGE)
    now = 0.0
    while capture.state is None or capture.state.phase == "waiting":
        capture.observe(seen(now))
        now += 1 / RATE
    now += 31.0
    while not capture.state.done:
        capture.observe(seen(now))
        now += 1 / RATE
    advice = judge_liveness(capture, PROFILE.liveness).advice
    assert "the video was paused for 31 seconds, and 30 are allowed" in advice


@pytest.mark.parametrize(("rate", "said"), [(3.0, "3"), (9.97, "9.9")])
def test_a_video_that_is_too_slow_is_told_with_its_rate_never_rounded_up_to_what_is_needed(rate, said):
    factor = judged(lambda asked, t: {}, rate=rate)
    assert factor.reason == "low-rate"
    assert f"{said} frames a second were looked at, and 10 are needed" in factor.advice


def test_of_a_video_that_was_fast_enough_the_rate_is_in_the_record():
    factor = judged(only("look right", lambda t: {}))
    assert factor.details["frames a second"] == pytest.approx(RATE, rel=0.1)
    assert too_slow(Capture(PROFILE, CHALLENGE)) == ""


def test_movements_are_counted_in_the_order_in_which_they_began():
    kinds = ["turn left", "blink", "blink", "glance right", "blink"]
    events = [Event(kind, float(number), number + 0.1, 1.0) for number, kind in enumerate(kinds)]  # type: ignore[arg-type]
    assert movements(events) == "a turn to the left, 3 blinks and a glance to the right"
    assert movements(events[:1]) == "a turn to the left"
    assert movements([]) == "nothing"
