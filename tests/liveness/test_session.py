from __future__ import annotations

import math
import random
from itertools import pairwise

import numpy as np
import pytest

from liveness.challenge import AGAIN, PROMPTS, STEP_KINDS, Challenge, random_challenge
from liveness.quality import ADVICE, Gate, check
from liveness.session import LivenessSession
from testing.observations import mesh, nobody, seen

RATE = 15.0
CHALLENGE = Challenge(("blink twice", "turn left", "look right"))


def movement(step: str, t: float) -> dict:
    """What a person does who was asked `step`, t seconds ago."""
    if step == "blink twice" and (0.6 < t < 0.8 or 1.2 < t < 1.4):
        return {"ear_left": 0.05, "ear_right": 0.05, "blink_left": 0.7, "blink_right": 0.7}
    if step.startswith("turn") and 0.6 < t < 1.2:
        yaw = 30.0 if step.endswith("left") else -30.0
        return {"yaw": yaw, "landmarks": mesh(yaw)}
    if step.startswith("look") and 0.6 < t < 1.2:
        return {"gaze": 0.8 if step.endswith("left") else -0.8}
    return {}


def answer(
    session: LivenessSession, how=None, seconds: float = 40.0, rate: float = RATE, embedding=None, start=0.0, idle=None
):
    """Play a person who reads prompts and does `how(step, t)`; default: what is asked. Before the first: `idle`."""
    how = how or movement
    assert session.challenge is not None
    state, asked, since = None, ("", 0), 0.0
    for number in range(round(seconds * rate)):
        now = start + number / rate
        changes = how(asked[0], now - since) if asked[0] else idle or {}
        state = session.feed(seen(now, **changes), embedding(now) if embedding else None)
        done = len(state.steps)
        asking = (session.challenge.steps[done], done) if state.phase == "prompting" else ("", done)
        if asking != asked:
            asked, since = asking, now
        if state.done:
            break
    return state


def test_a_person_who_does_what_is_asked_passes():
    session = LivenessSession(CHALLENGE)
    state = answer(session)
    assert (state.phase, state.reason, state.progress) == ("passed", "", 1.0)
    assert [step.step for step in state.steps] == list(CHALLENGE.steps)
    assert all(0.25 < step.answered_s - step.asked_s < 3 for step in state.steps)


@pytest.mark.parametrize("steps", [("turn right", "blink twice", "look left"), ("look left", "turn left", "look left")])
def test_any_order_can_be_answered(steps):
    assert answer(LivenessSession(Challenge(steps))).phase == "passed"


def test_a_person_who_does_nothing_times_out():
    state = answer(LivenessSession(CHALLENGE), how=lambda step, t: {})
    assert (state.phase, state.reason) == ("failed", "timeout")
    assert not state.steps[0].answered


def test_steps_answered_out_of_order_do_not_count():
    swapped = {"blink twice": "look right", "look right": "blink twice", "turn left": "turn left"}
    state = answer(LivenessSession(CHALLENGE), how=lambda step, t: movement(swapped[step], t))
    assert state.phase == "failed"
    assert state.progress == 0


def test_the_wrong_direction_is_noted_and_too_many_fail():
    opposite = {"turn left": "turn right", "look right": "look left", "blink twice": "blink twice"}
    state = answer(LivenessSession(CHALLENGE), how=lambda step, t: movement(opposite[step], t % 1.5))
    assert state.phase == "failed"
    assert state.steps[-1].wrong >= 1


def test_a_turn_faster_than_a_person_can_react_fails():
    def instantly(step, t):
        return {"yaw": 30.0, "landmarks": mesh(30)} if step == "turn left" and 0.05 < t < 0.6 else movement(step, t)

    state = answer(LivenessSession(CHALLENGE), how=instantly)
    assert (state.phase, state.reason) == ("failed", "early-answer")
    assert state.steps[-1].early == 1


ASIDE = {"yaw": 30.0, "landmarks": mesh(30)}
SHUT = {"ear_left": 0.05, "ear_right": 0.05, "blink_left": 0.7, "blink_right": 0.7}


def test_a_blink_just_after_each_prompt_is_no_answer_and_refuses_nobody():
    def early(step, t):
        return SHUT if 0.05 < t < 0.2 else movement(step, t)

    challenge = Challenge(("blink twice", "turn left", "blink twice", "look right", "blink twice"))
    state = answer(LivenessSession(challenge), how=early)
    assert (state.phase, state.reason) == ("passed", "")
    assert [step.early for step in state.steps] == [1, 0, 1, 0, 1]
    assert all(step.answered_s - step.asked_s > 1.2 for step in state.steps if step.step == "blink twice")


def test_one_early_blink_and_one_in_time_do_not_answer_blink_twice():
    def once(step, t):
        return SHUT if 0.05 < t < 0.2 or 0.8 < t < 1.0 else {}

    state = answer(LivenessSession(CHALLENGE), how=once)
    assert (state.phase, state.reason) == ("failed", "timeout")


def test_both_blinks_before_anybody_could_have_answered_fail():
    def both(step, t):
        return SHUT if step == "blink twice" and (0.01 < t < 0.08 or 0.17 < t < 0.25) else {}

    state = answer(LivenessSession(CHALLENGE), how=both, rate=30)
    assert (state.phase, state.reason) == ("failed", "early-answer")
    assert state.steps[-1].early == 2


def test_one_early_glance_is_chance_and_two_are_a_pattern():
    def early(times):
        def how(step, t):
            shown = step in times and 0.05 < t < 0.6
            return {"gaze": 0.8 if step == "look left" else -0.8} if shown else movement(step, t - 0.6)

        return how

    challenge = Challenge(("look left", "blink twice", "look right"))
    assert answer(LivenessSession(challenge), how=early(["look left"])).phase == "passed"
    state = answer(LivenessSession(challenge), how=early(["look left", "look right"]))
    assert (state.phase, state.reason) == ("failed", "early-answer")
    assert [step.early for step in state.steps] == [1, 0, 1]


def test_an_early_turn_of_somebody_whose_head_is_never_still_refuses_nobody():
    def restless(step, t):
        return ASIDE if step == "turn left" and 0.05 < t < 0.6 else movement(step, t - 1)

    def played(before):
        session = LivenessSession(Challenge(("turn left", "blink twice", "look right")))
        for number in range(60):
            session.feed(seen(number / RATE, **before(number / RATE)))
        return answer(session, how=restless, start=4.0)

    assert played(lambda t: ASIDE if 0.8 < t < 1.2 or t > 1.4 else {}).phase == "passed"
    assert played(lambda t: {} if t < 1.4 else {"yaw": 12.0}).reason == "early-answer"


def test_a_head_that_drifts_before_it_turns_is_neither_an_early_turn_nor_an_answer():
    def drifting(step, t):
        yaw = float(np.interp(t, [0.0, 0.6, 0.8, 1.5, 2.0], [0, 12, 30, 30, 0]))
        again = {"yaw": 30.0, "landmarks": mesh(30)} if 3.5 < t < 4.0 else {}
        return again or {"yaw": yaw, "landmarks": mesh(yaw)} if step == "turn left" else movement(step, t)

    state = answer(LivenessSession(Challenge(("turn left", "blink twice", "look right"))), how=drifting)
    assert state.phase == "passed"
    assert state.steps[0].early == 0
    assert state.steps[0].answered_s - state.steps[0].asked_s > 3.5


def test_a_head_that_only_follows_the_eyes_is_not_early():
    def along(step, t):
        turned = step == "turn left" and (0.05 < t < 0.4 or 1.0 < t < 1.5)
        return {"yaw": 30.0, "landmarks": mesh(30)} if turned else movement(step, t)

    state = answer(LivenessSession(Challenge(("look left", "turn left", "blink twice"))), how=along)
    assert state.phase == "passed"
    assert state.steps[1].early == 0


def test_a_movement_begun_before_its_prompt_is_no_answer():
    session = LivenessSession(Challenge(("turn left", "blink twice", "turn right")))
    # The first prompt comes at 1.5 s; 20 degrees are passed at 1.82 s.
    yaws = np.clip(50 * (np.arange(60) / RATE - 1.42), 0, 30).tolist()
    *_, state = (session.feed(seen(n / RATE, yaw=yaw, landmarks=mesh(yaw))) for n, yaw in enumerate(yaws))
    assert state.phase == "prompting"
    assert state.steps == ()
    (turn,) = session.events
    assert turn.kind == "turn left"
    assert turn.start_s < 1.6 < turn.end_s


def test_who_looks_aside_at_the_start_passes_once_looking_straight():
    session = LivenessSession(CHALLENGE)
    for number in range(6):
        session.feed(seen(number / RATE, **ASIDE))
    assert answer(session, start=0.4).phase == "passed"


def test_nobody_is_asked_who_looks_elsewhere_and_the_advice_says_so():
    session = LivenessSession(CHALLENGE)
    states = [session.feed(seen(number / RATE, **ASIDE)) for number in range(150)]
    assert {state.phase for state in states} == {"waiting"}
    assert states[-1].advice == ADVICE["not-straight"]
    assert states[3].advice == ""
    later = [session.feed(seen(10 + number / RATE)) for number in range(30)]
    assert later[-1].phase == "prompting"
    assert later[-1].advice == ""
    assert later[0].phase == "waiting"


def test_who_sits_aside_of_the_camera_is_asked_after_a_moment_and_can_pass():
    def beside(step, t):
        if step.startswith("turn") and 0.6 < t < 1.2:
            return {"yaw": 45.0, "landmarks": mesh(30)}
        return {"yaw": 20.0} | movement(step, t)

    assert answer(LivenessSession(CHALLENGE), how=beside, idle={"yaw": 20.0}).phase == "passed"


def paused(session: LivenessSession, pauses: list[tuple[float, float]], how=None, seconds: float = 90.0):
    """Play a person as `answer` does, with the stream paused for (from, seconds)."""
    assert session.challenge is not None
    how, states, asked, since = how or movement, [], "", 0.0
    for number in range(round(seconds * RATE)):
        now = number / RATE
        if any(begun < now < begun + length for begun, length in pauses):
            continue
        states.append(session.feed(seen(now, **how(asked, now - since))))
        asking = session.challenge.steps[len(states[-1].steps)] if states[-1].phase == "prompting" else ""
        if asking != asked:
            asked, since = asking, now
        if states[-1].done:
            break
    return states


@pytest.mark.parametrize("begun", [0.5, 1.6, 2.3, 4.4])
def test_who_was_paused_is_asked_the_same_step_anew_and_can_pass(begun):
    session = LivenessSession(CHALLENGE)
    states = paused(session, [(begun, 20.0)])
    assert states[-1].phase == "passed"
    assert [step.step for step in states[-1].steps] == list(CHALLENGE.steps)


def test_after_a_pause_all_of_the_steps_time_is_left():
    session = LivenessSession(CHALLENGE)
    states = paused(session, [(6.0, 20.0)], how=lambda step, t: {})
    first_end = max(i for i, state in enumerate(states) if state.phase == "waiting")
    assert states[first_end + 1].remaining_s == CHALLENGE.seconds
    assert (states[-1].phase, states[-1].reason) == ("failed", "timeout")
    assert session.rest_s == pytest.approx(20.0 + 1.5, abs=0.3)


def test_a_pause_shorter_than_that_costs_the_steps_time():
    session = LivenessSession(CHALLENGE)
    states = paused(session, [(3.0, 1.3)], how=lambda step, t: {})
    assert [state.phase for state in states].count("waiting") == 23
    assert session.rest_s == 0.0


@pytest.mark.parametrize(
    "pauses", [[(2.0, 40.0)], [(2.0, 14.0), (18.5, 14.0), (35.0, 14.0)], [(2.0, 3.0), (5.5, 30.0)]]
)
def test_pauses_give_no_more_time_than_half_a_minute_in_all(pauses):
    session = LivenessSession(CHALLENGE)
    states = paused(session, pauses, how=lambda step, t: {})
    assert (states[-1].phase, states[-1].reason) == ("failed", "timeout")
    assert session.rest_s > 30.0
    assert not states[-1].steps[-1].answered


def test_nobody_hides_after_a_pause_to_gain_time():
    session = LivenessSession(CHALLENGE)
    for number in range(45):
        session.feed(seen(number / RATE))
    now = 5.0
    while not (state := session.feed(nobody(now))).done:
        now += 1 / RATE
    assert state.reason == "timeout"
    assert now == pytest.approx(45 / RATE + 30.0, abs=0.3)


def test_a_pause_does_not_wipe_out_wrong_answers():
    def opposite(step, t):
        return movement("turn right", t % 1.5) if step == "turn left" else movement(step, t)

    session = LivenessSession(Challenge(("turn left", "blink twice", "turn left")))
    states = paused(session, [(4.0, 3.0), (11.0, 3.0)], how=opposite)  # each time there is time for two
    assert (states[-1].phase, states[-1].reason) == ("failed", "wrong-answers")
    assert states[-1].steps[-1].wrong == session.MAX_WRONG + 1
    assert session.rest_s < 6.0


def test_prompts_wait_for_a_usable_face():
    session = LivenessSession(CHALLENGE)
    *_, state = (session.feed(nobody(number / RATE)) for number in range(60))
    assert state.phase == "waiting"
    assert state.advice == ADVICE["no-face"]
    assert state.verdict == "inconclusive"


def test_another_person_in_mid_session_fails():
    one, two = np.eye(2, 128, dtype=np.float32)
    state = answer(LivenessSession(CHALLENGE), embedding=lambda t: one if t < 3 else two)
    assert (state.phase, state.reason) == ("failed", "person-changed")


def test_a_frozen_video_fails():
    session = LivenessSession(CHALLENGE)
    still = np.full((12, 12), 100, np.float32)
    *_, state = (session.feed(seen(number / RATE, thumbnail=still)) for number in range(40))
    assert (state.phase, state.reason) == ("failed", "frozen")


def test_a_looped_video_fails_and_a_person_who_sits_still_does_not():
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(0, 1, (30, 12, 12)), axis=0).astype(np.float32) + 100
    looped, sitting = LivenessSession(), LivenessSession()
    for number in range(120):
        noise = rng.normal(0, 0.05, (12, 12)).astype(np.float32)
        looped.feed(seen(number / RATE, thumbnail=walk[number % 30] + noise))
        sitting.feed(seen(number / RATE, thumbnail=walk[0] + noise))
    assert looped.repeats.looped
    assert not sitting.repeats.looped
    assert not sitting.repeats.frozen


def test_windows_without_a_usable_face_count_as_neither():
    session = LivenessSession()
    times = [number / RATE for number in range(300)]
    faces = [nobody(now) if now > 14 else seen(now, **movement("blink twice", now % 4)) for now in times]
    *_, state = map(session.feed, faces)
    assert session.vote.windows[-1].vote == "unusable"
    assert session.vote.windows[-1].reason == "no-face"
    assert state.verdict == "live"


@pytest.mark.parametrize("rate", [1, 2, 6, 9.5])
def test_a_slow_video_gets_advice(rate):
    session = LivenessSession()
    *_, state = (session.feed(seen(number / rate)) for number in range(20))
    assert state.advice == ADVICE["low-rate"]
    assert "router" not in state.advice


@pytest.mark.parametrize("rate", [4, 15])
@pytest.mark.parametrize("pause_s", [0.0, 20.0, 40.0])
def test_the_rate_is_known_from_the_first_step_on_and_a_pause_is_no_slowness(rate, pause_s):
    session = LivenessSession(CHALLENGE)
    for number in range(20 * rate):
        if number <= rate:
            assert math.isnan(session.rate)
        session.feed(seen(number / rate + (pause_s if number > 4 * rate else 0.0)))
    assert session.steps
    assert math.isnan(session.rate) if pause_s > 30 else session.rate == pytest.approx(rate, rel=0.05)


def test_the_rate_is_that_of_the_slowest_step():
    session, now = LivenessSession(Challenge(("turn left", "blink twice", "look right"))), 0.0
    while len(session.steps) < 2:
        now += 1 / 5 if len(session.steps) == 1 else 1 / 15
        t = (now - 1.6) % 2.0
        session.feed(seen(now, **(movement("turn left", t) if not session.steps else {})))
    assert session.rate == pytest.approx(5, rel=0.1)


def shown_late(delay_s: float, step: int | None = None, seconds: float = 7.0):
    """Somebody who turns .5 s after a prompt that is shown late, and whose browser says so."""
    session = LivenessSession(Challenge(("turn left", "blink twice", "look right"), seconds))
    asked_s = math.nan
    for number in range(400):
        now = number / RATE
        moves = movement("turn left", now - asked_s - delay_s + 0.1) if now > asked_s else {}
        state = session.feed(seen(now, **moves))
        if state.phase == "prompting" and math.isnan(asked_s):
            asked_s = now
            session.shown(len(state.steps) if step is None else step, now + delay_s)
        if state.steps:
            return state
    raise AssertionError("the step never ended")


def test_an_answer_is_measured_from_the_moment_its_prompt_was_shown():
    times = [(step := shown_late(delay_s).steps[0]).answered_s - step.asked_s for delay_s in (0.0, 0.5, 1.0)]
    assert times == pytest.approx(3 * [times[0]], abs=1.1 / RATE)


def test_a_prompt_shown_late_takes_no_time_from_who_answers():
    answered = 1.2  # after the prompt is shown
    assert not shown_late(1.0, step=1, seconds=answered).steps[0].answered, "of another step: passed over"
    assert shown_late(1.0, seconds=answered).steps[0].answered


def test_a_prompt_cannot_be_shown_before_it_was_asked():
    step = shown_late(-2.0).steps[0]
    assert step.asked_s > 1.4
    assert not step.answered or step.answered_s > step.asked_s


def test_the_state_names_the_step_that_its_prompt_asks_for_and_none_while_nothing_is_asked():
    session = LivenessSession(CHALLENGE)
    states = paused(session, [(4.0, 6.0)])
    assert states[-1].phase == "passed"
    assert [state for state in states if (state.step is None) == (state.phase == "prompting")] == []
    assert {state.prompt for state in states if state.step} == {PROMPTS[step] for step in CHALLENGE.steps}
    assert all(state.prompt == PROMPTS[state.step] for state in states if state.step)
    steps = [state.step for state in states if state.step]
    assert sorted(steps, key=CHALLENGE.steps.index) == steps


def test_who_was_not_understood_by_half_of_the_time_is_asked_once_more():
    session, states = LivenessSession(CHALLENGE), []
    for number in range(round(9.0 * RATE)):
        states.append(session.feed(seen(number / RATE)))
    asked_s = session.steps[0].asked_s
    told = [number / RATE - asked_s for number, state in enumerate(states) if state.again]
    assert min(told) == pytest.approx(CHALLENGE.seconds / 2, abs=1.5 / RATE)
    assert max(told) == pytest.approx(CHALLENGE.seconds, abs=1.5 / RATE), "until the end"
    assert {state.advice for state in states if state.again} == {AGAIN["blink twice"]}
    assert AGAIN["blink twice"] not in {state.advice for state in states if not state.again}
    assert states[-1].reason == "timeout"


def test_what_keeps_a_frame_from_being_judged_is_told_before_the_prompt_is_repeated():
    session = LivenessSession(CHALLENGE)
    for number in range(round(6.0 * RATE) - 1):
        session.feed(seen(number / RATE))
    assert session.feed(seen(5.95)).again
    state = session.feed(nobody(6.0))
    assert (state.again, state.advice) == (True, ADVICE["no-face"])


def test_the_state_has_the_gate_that_its_frame_was_judged_by():
    session = LivenessSession()
    for number, observation in enumerate([seen(0.0), nobody(0.1), seen(0.2, noise=12.0)]):
        gate = session.feed(observation).gate
        assert gate == check(observation), number
    assert session.feed(seen(0.3), trouble="covered").gate == Gate("covered")


@pytest.mark.parametrize(
    ("changes", "code", "blocking"),
    [
        ({}, "", False),
        ({"faces": 2}, "two-faces", True),
        ({"box": (300, 200, 40, 50)}, "too-small", True),
        ({"noise": 12.0}, "too-dark", False),
        ({"noise": 25.0}, "too-dark", True),
        ({"brightness": 20.0, "contrast": 1.0, "sharpness": 1.0}, "too-dark", True),
        ({"brightness": 43.0}, "", False),
        ({"brightness": 43.0, "contrast": 12.0, "noise": 1.5, "sharpness": 13.0}, "", False),
        ({"brightness": 73.0, "contrast": 36.0, "noise": 0.5, "sharpness": 22.0}, "too-dark", False),
        ({"brightness": 240.0}, "too-bright", True),
        ({"sharpness": 5.0}, "blurred", False),
    ],
)
def test_every_gate_has_its_reason_and_advice(changes, code, blocking):
    from liveness.landmarks import FaceBox

    changes = {key: FaceBox(*value) if key == "box" else value for key, value in changes.items()}
    gate = check(seen(0.0, **changes))
    assert (gate.code, gate.blocking) == (code, blocking)
    assert bool(gate.advice) == bool(code)


def test_a_face_that_cannot_be_read_gets_the_matchers_advice():
    session = LivenessSession()
    assert session.feed(seen(0.0), trouble="covered").advice == ADVICE["covered"]
    assert session.feed(nobody(0.1), trouble="covered").advice == ADVICE["no-face"]
    assert session.feed(seen(0.2), trouble="").advice == ""


def test_a_face_at_the_edge_is_told_to_come_to_the_middle():
    from liveness.landmarks import FaceBox

    moved = mesh(0) + np.array([250, 0, 0], np.float32)
    gate = check(seen(0.0, box=FaceBox(480, 100, 220, 240), landmarks=moved))
    assert (gate.code, gate.blocking) == ("off-centre", True)


def test_challenges_are_random_have_a_blink_and_a_turn_and_never_repeat():
    drawn = {random_challenge().steps for _ in range(300)}
    assert len(drawn) > 10
    for steps in drawn:
        assert "blink twice" in steps
        assert any(step.startswith("turn") for step in steps)
        assert all(a != b for a, b in pairwise(steps))
    assert len({random_challenge(draw=random.Random(7)).steps for _ in range(9)}) == 1, "the same seed, the same steps"
    previous = random_challenge().steps
    for _ in range(300):
        steps = random_challenge(previous=previous).steps
        assert steps != previous
        previous = steps
    assert set(PROMPTS) == set(AGAIN) == set(STEP_KINDS)


@pytest.mark.parametrize(
    ("steps", "word"),
    [(("blink twice",), "at least 3"), (("nod", "nod", "nod"), "nod"), (("turn left",) * 3, "twice running")],
)
def test_poor_challenges_are_refused(steps, word):
    with pytest.raises(ValueError, match=word):
        Challenge(steps)
    with pytest.raises(ValueError, match="at least 3"):
        random_challenge(2)
    with pytest.raises(ValueError, match="more than 0"):
        Challenge(CHALLENGE.steps, seconds=0)
