"""What an attempt asks for is written down, with each step that was swapped and which way round the camera shows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import EvidenceError
from bank.face_reader import Pose
from bank.policy import Policy
from bank.tables import LATER, Attempt, Camera, sealed_content
from liveness.challenge import Challenge
from liveness.swaps import MOST_SWAPS
from testing.observations import seen
from testing.selfie import Device, Person, Table, movement, perform

ANNA = Person(1)


@pytest.fixture(scope="module")
def phone():
    return Device(7)


@pytest.fixture(scope="module")
def sample(phone):
    return camera_sample(phone.walls(12), "Phone", Policy.load().enrolment)


@pytest.fixture
def bank(home, clock, sample):
    made = Bank(f"sqlite:///{home / 'bank.db'}", clock=clock)
    made.enrol("Anna", faces=ANNA.template, photos=sample)
    yield made
    made.close()


def again(step: str, t: float) -> dict:
    """Somebody who does what is asked, and does it again while it is not seen."""
    return movement(step, t % 2.0 if step else t)


def swapped(step: str, t: float) -> dict:
    """The same before a camera that swaps left and right, which shows in yaw and gaze."""
    moves = again(step, t)
    turned = seen(0.0, **moves).mirrored()
    return {**moves, "yaw": turned.yaw, "gaze": turned.gaze}


def attempt(bank, phone, moves, stills=8, **how):
    reader = Table()
    ongoing = bank.begin("Anna", reader=reader, **how)
    perform(ongoing.capture, reader, ANNA, phone.selfie, moves=moves, stills=stills)
    return bank.verify(ongoing)


def kept(bank) -> list[Attempt]:
    with bank.store.read() as session:
        return list(session.scalars(select(Attempt).order_by(Attempt.issued_at)))


def test_a_mirrored_camera_is_told_in_words_and_the_switch_holds_from_the_next_check(bank, phone, clock):
    first = attempt(bank, phone, swapped)
    liveness = first.factor("liveness")
    assert (first.outcome, liveness.verdict, liveness.reason) == ("step-up", "inconclusive", "mirrored")
    assert first.reason == "liveness: mirrored"
    assert "left and right are swapped" in first.advice
    assert not bank.mirrored("Anna")
    clock.advance(5)
    second = attempt(bank, phone, swapped, mirrored=True)
    assert second.accepted, second.reason
    assert bank.mirrored("Anna"), "an accepted check is remembered"
    assert bank.customer("Anna").cameras[0].mirrored
    clock.advance(5)
    assert attempt(bank, phone, swapped).accepted, "without saying so again"
    assert [json.loads(row.challenge)["mirrored"] for row in kept(bank)] == [False, True, True]
    assert bank.store.check() == []


def test_a_camera_that_is_mirrored_no_more_is_told_and_remembered_too(bank, phone, clock):
    attempt(bank, phone, swapped, mirrored=True)
    clock.advance(5)
    told = attempt(bank, phone, again)
    assert told.reason == "liveness: mirrored"
    assert "not seem to be mirrored any more" in told.advice
    clock.advance(5)
    assert attempt(bank, phone, again, mirrored=False).accepted
    assert not bank.mirrored("Anna")


def test_switching_alone_is_not_remembered(bank, phone):
    refused = attempt(bank, phone, lambda step, t: {}, mirrored=True)
    assert not refused.accepted
    assert not bank.mirrored("Anna")


def test_being_mirrored_never_locks_out(bank, phone, clock):
    for _ in range(bank.policy.limits.failures + 1):
        assert attempt(bank, phone, swapped, stills=3).outcome == "step-up"
        clock.advance(1)


def once(step: str, t: float) -> dict:
    return {} if step.startswith("look") or t > 1.5 else swapped(step, t)


def test_one_opposite_answer_in_each_of_two_attempts_is_enough(bank, phone, clock, monkeypatch):
    monkeypatch.setattr(
        "bank.bank.random_challenge",
        lambda *_, seconds, draw: Challenge(("turn left", "blink twice", "look left"), seconds),
    )
    assert attempt(bank, phone, once, stills=3).reason == "liveness: timeout"
    clock.advance(5)
    assert attempt(bank, phone, once, stills=3).reason == "liveness: mirrored"
    clock.advance(bank.policy.profile("demo").step_up.window_s + 1)
    assert attempt(bank, phone, once, stills=3).reason == "liveness: timeout", "long ago does not count"


def test_a_recording_with_both_sides_in_it_is_no_mirror(bank, phone, monkeypatch):
    monkeypatch.setattr(
        "bank.bank.random_challenge",
        lambda *_, seconds, draw: Challenge(("turn left", "blink twice", "turn right"), seconds),
    )

    def plays(step: str, t: float) -> dict:
        return movement("turn right", t % 1.5) if step == "turn right" and t < 1.5 else movement("turn left", t % 1.5)

    decision = attempt(bank, phone, plays)
    assert decision.factor("liveness").reason != "mirrored"
    assert not decision.accepted


def test_poses_of_stream_and_stills_are_compared_the_same_way_round(bank, phone):
    """A mirrored stream beside stills that are not: a program may hand in either."""
    from bank.capture import Capture

    pose = Pose(1.0, 20.0, 3.0, 5.0, 0.4, 0.5, 0.3, 0.75)
    assert pose.mirrored() == Pose(1.0, -20.0, 3.0, -5.0, 0.6, 0.5, 0.3, 0.75)
    assert pose.mirrored().mirrored() == pytest.approx(pose)
    for stills, yaw in ((None, -30.0), (False, 30.0)):
        reader = Table()
        challenge = Challenge(("turn left", "blink twice", "look left"))
        capture = Capture(Policy.load().profile("demo"), challenge, reader, mirrored=True, mirrored_stills=stills)
        perform(capture, reader, ANNA, phone.selfie, moves=swapped, stills=3, seconds=4, still_yaw=lambda yaw: 30.0)
        assert min(pose.yaw for pose in capture.track) == pytest.approx(0.0)
        assert max(pose.yaw for pose in capture.track) == pytest.approx(30.0), "as the person turned"
        assert {still.face.pose.yaw for still in capture.stills if still.face.pose} == {yaw}


def declining(bank, phone, *cannot: str, stills=8):
    """An attempt by somebody who says that they cannot do some steps."""
    reader = Table()
    ongoing = bank.begin("Anna", reader=reader)
    told: set[str] = set()

    def moves(step: str, t: float) -> dict:
        if step in cannot and step not in told and t > 0.5:
            told.add(step)
            assert bank.decline(ongoing, step)
        return {} if step in cannot else again(step, t)

    perform(ongoing.capture, reader, ANNA, phone.selfie, moves=moves, stills=stills)
    return ongoing


@pytest.fixture
def drawn(monkeypatch):
    challenge = Challenge(("blink twice", "turn left", "look right"))
    monkeypatch.setattr("bank.bank.random_challenge", lambda *_, seconds, draw: replace(challenge, seconds=seconds))
    return challenge


def test_a_swapped_step_is_written_down_with_the_attempt_and_the_decision(bank, phone, drawn):
    ongoing = declining(bank, phone, "blink twice")
    decision = bank.verify(ongoing)
    (row,) = kept(bank)
    asked = json.loads(row.challenge)
    (swap,) = asked["swaps"]
    assert (swap["number"], swap["declined"]) == (1, "blink twice")
    assert asked["steps"][0] == swap["instead"] in ("look left", "look right", "turn right")
    assert asked["steps"][-1] == swap["further"]
    details = decision.factor("liveness").details
    assert str(details["instead of step 1, blink twice"]).startswith(swap["instead"])
    assert decision.accepted, decision.reason


def test_where_no_step_is_left_it_leads_to_another_way_at_once_and_locks_nobody_out(bank, phone, drawn, clock):
    for _ in range(bank.policy.limits.failures + 1):
        decision = bank.verify(declining(bank, phone, "turn left", "turn right", stills=3))
        assert decision.reason == "liveness: cannot-do", [(f.name, f.verdict, f.reason) for f in decision.factors]
        assert (decision.outcome, decision.step_up) == ("step-up", "out-of-band")
        assert decision.factor("liveness").verdict == "inconclusive"
        clock.advance(1)


def test_a_swap_that_the_bank_did_not_write_down_decides_nothing(bank, phone, drawn):
    reader = Table()
    ongoing = bank.begin("Anna", reader=reader)
    for number in range(60):
        ongoing.capture.observe(seen(number / 15))
    assert ongoing.capture.decline("blink twice")
    with pytest.raises(EvidenceError, match="not the one that was drawn"):
        bank.verify(ongoing)


def test_switching_sides_in_the_middle_decides_nothing(bank, phone):
    ongoing = bank.begin("Anna", reader=Table())
    ongoing.capture.mirrored = True
    with pytest.raises(EvidenceError, match="not the one that was drawn"):
        bank.verify(ongoing)


def test_a_step_that_is_not_asked_for_cannot_be_declined(bank, drawn):
    ongoing = bank.begin("Anna", reader=Table())
    assert not bank.decline(ongoing, "blink twice")
    assert json.loads(kept(bank)[0].challenge)["swaps"] == []


def test_more_time_is_what_the_policy_allows(bank):
    rules = bank.policy.profile("demo").liveness
    for more_time, seconds in ((False, rules.step_seconds), (True, rules.slow_step_seconds)):
        ongoing = bank.begin("Anna", reader=Table(), more_time=more_time)
        assert ongoing.challenge is not None
        assert ongoing.challenge.seconds == seconds
    assert rules.slow_step_seconds == 2 * rules.step_seconds
    assert rules.session_s >= (rules.steps + MOST_SWAPS) * rules.slow_step_seconds


def test_rows_from_before_a_column_came_keep_their_seals(bank):
    table = Camera.__table__
    assert [column.name for column in table.columns if column.info == LATER] == ["mirrored"]
    with bank.store.read() as session:
        values = {column.name: getattr(session.scalars(select(Camera)).one(), column.name) for column in table.columns}
    assert b"mirrored" not in sealed_content(table, values)
    assert b"mirrored" in sealed_content(table, {**values, "mirrored": False})
