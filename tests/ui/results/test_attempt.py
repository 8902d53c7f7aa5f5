from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from bank.still import Refusal
from testing.selfie import Table, perform
from testing.some import some
from tests.ui.attempting import ANNA
from ui.results.attempt import Attempt
from ui.shell import session as shell_session
from ui.shell.session import (
    MATCH_VIEW_OF,
    MATCH_VIEW_SIGHT,
    MOST_ATTEMPTS,
    chosen_attempt,
    forget_attempts,
    keep_attempt,
    kept_attempts,
)


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """A browser session of its own."""
    state: dict = {}
    monkeypatch.setattr("ui.shell.session.st.session_state", state)
    return state


def again(attempt: Attempt, **changes) -> Attempt:
    return replace(attempt, key=changes.pop("key", "again"), **changes)


def test_an_attempt_holds_what_was_decided_and_what_it_was_decided_on(own):
    assert own.decision["accepted"]
    assert own.decision["attempt"]
    assert (own.customer, own.source, own.cameras, own.false_alarm) == ("Anna", "live", 1, 1e-6)
    assert len(own.stills) == own.finding.found.images == 8
    assert own.when.isoformat() == own.decision["at"]


def test_the_last_step_is_the_score_that_was_decided_on(own, foreign):
    for attempt in (own, foreign):
        assert len(attempt.steps) == len(attempt.stills)
        assert attempt.steps[-1].together.pce == attempt.finding.found.pce == attempt.finding.factor.score
        assert attempt.steps[-1].together.p_value == attempt.finding.found.p_value


def test_scores_by_chance_are_those_that_the_decision_was_measured_with(own, foreign):
    for attempt in (own, foreign):
        assert np.square(attempt.chance, dtype=np.float64).mean() == pytest.approx(1.0, rel=1e-3)
    assert own.finding.found.z > own.chance.max()


def test_without_a_camera_there_are_no_scores(no_stills, other_size):
    for attempt in (no_stills, other_size):
        assert attempt.steps == ()
        assert attempt.chance.size == 0
        assert attempt.cameras == 0
    assert not no_stills.stills
    assert len(other_size.stills) == 8


def test_stills_that_come_after_the_decision_do_not_count(annas_bank, phone_of_anna):
    reader = Table()
    ongoing = annas_bank.begin("Anna", reader=reader)
    perform(ongoing.capture, reader, ANNA, phone_of_anna.selfie)
    decision, finding = annas_bank.verify_showing(ongoing)
    late = ongoing.capture.add(phone_of_anna.selfie(), ongoing.capture.ask(90.0), 90.1)
    assert isinstance(late, Refusal)
    attempt = Attempt.of(decision, finding, ongoing.capture, customer="Anna")
    assert attempt.steps[-1].together.pce == decision.factor("camera").score


def test_the_newest_come_first_and_the_oldest_go(own):
    for number in range(MOST_ATTEMPTS + 2):
        keep_attempt(again(own, key=str(number)))
    assert [attempt.key for attempt in kept_attempts()] == ["5", "4", "3", "2"]


def test_old_ones_go_earlier_where_they_are_large(own, monkeypatch):
    monkeypatch.setattr(shell_session, "MOST_BYTES", int(2.5 * own.nbytes))
    for number in range(4):
        keep_attempt(again(own, key=str(number)))
    assert [attempt.key for attempt in kept_attempts()] == ["3", "2"]
    monkeypatch.setattr(shell_session, "MOST_BYTES", 1)
    keep_attempt(again(own, key="large"))
    assert [attempt.key for attempt in kept_attempts()] == ["large"]


def test_an_attempt_costs_three_bytes_a_pixel_and_still_and_holds_no_evidence(own):
    pixels = math.prod(own.stills[0].shape)
    assert own.nbytes == pixels * (3 * len(own.stills) + 8)
    assert own.finding.evidence is None


def test_the_newest_is_shown_until_another_is_chosen(own: Attempt, foreign: Attempt, session: dict) -> None:
    assert chosen_attempt() is None
    keep_attempt(foreign)
    keep_attempt(own)
    assert chosen_attempt() is own
    session[MATCH_VIEW_OF.key] = foreign.key
    assert chosen_attempt() is foreign
    session[MATCH_VIEW_OF.key] = "a check of photos"
    assert chosen_attempt() is None
    keep_attempt(again(foreign))
    assert some(chosen_attempt()).key == "again"


@pytest.mark.parametrize(("customer", "cameras"), [("Anna", []), ("", ["Phone · Anna"])])
def test_attempts_of_a_deleted_customer_or_camera_are_forgotten(own, session, customer, cameras):
    keep_attempt(own)
    keep_attempt(again(own, customer="Bert"))
    forget_attempts("Nobody", ["Phone · Nobody"])
    assert len(kept_attempts()) == 2
    session[MATCH_VIEW_SIGHT.key] = "the fingerprint"
    forget_attempts(customer, cameras)
    assert MATCH_VIEW_SIGHT.key not in session
    assert [attempt.customer for attempt in kept_attempts()] == ["Bert"]
