"""What becomes of a check whose stream is paused, as by a tab in the background."""

from __future__ import annotations

import pytest

from testing.some import some
from tests.ui.live.directors import test_verify

bank, phone = test_verify.bank, test_verify.phone


@pytest.mark.slow
@pytest.mark.parametrize("begun", [0.8, 3.0, 5.0])
def test_a_pause_costs_nobody_the_attempt(bank, phone, begun):
    visitor = test_verify.Visitor(bank, phone)
    assert visitor.play(90.0, paused=(begun, begun + 20.0)).outcome == "accepted"


def test_a_pause_while_something_was_asked_is_written_down(bank, phone):
    visitor = test_verify.Visitor(bank, phone)
    visitor.play(90.0, paused=(2.5, 22.5))
    told = some(visitor.director.verified).decision.factor("liveness").details
    assert 20.0 < float(told["seconds paused while asked"]) < 23.0


def test_after_a_pause_at_the_end_what_is_missing_still_comes(bank, phone, monkeypatch):
    late = property(lambda vote: "live" if len(vote.windows) >= 16 else "not live")
    monkeypatch.setattr("liveness.vote.PassiveVote.verdict", late)
    visitor = test_verify.Visitor(bank, phone)
    assert visitor.play(90.0, paused=(9.0, 29.0)).done
    assert len(visitor.ongoing.capture.session.vote.windows) == 16


def test_who_stays_away_too_long_is_not_accepted(bank, phone):
    last = test_verify.Visitor(bank, phone).play(90.0, paused=(3.0, 40.0))
    assert last.outcome == "step-up"
    assert "in time" in last.text
