from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.factors import Factor
from bank.policy import FACTORS
from bank.risk import Signal
from bank.verify import OUT_OF_BAND, decide

VERDICTS = ("passed", "failed", "inconclusive")


def factors(verdicts) -> list[Factor]:
    return [
        Factor(name, verdict, math.nan, math.inf, "PCE", f"why-{number}", f"Do {number}.")
        for number, (name, verdict) in enumerate(zip(FACTORS, verdicts, strict=True))
    ]


some_verdicts = st.tuples(*[st.sampled_from(VERDICTS)] * len(FACTORS))
some_required = st.lists(st.sampled_from(FACTORS), min_size=1, unique=True)


@given(some_verdicts, some_required)
def test_accepted_means_that_every_required_factor_passed_and_nothing_else_does(verdicts, required):
    found = decide(factors(verdicts), required)
    passed = all(verdict == "passed" for name, verdict in zip(FACTORS, verdicts, strict=True) if name in required)
    assert found.accepted == passed == (found.outcome == "accepted")


@given(some_verdicts, some_required)
def test_a_failed_required_factor_refuses_and_is_named_first_in_order(verdicts, required):
    found = decide(factors(verdicts), required)
    failed = [n for n, v in zip(FACTORS, verdicts, strict=True) if v == "failed" and n in required]
    assert (found.outcome == "refused") == bool(failed)
    if failed:
        assert found.reason.startswith(f"{failed[0]}: ")


@given(some_verdicts, some_required, st.integers(0, 5), st.integers(1, 4))
def test_inconclusive_never_accepts_and_in_the_end_asks_for_another_way(verdicts, required, before, tries):
    found = decide(factors(verdicts), required, before, tries)
    if found.outcome == "step-up":
        assert not found.accepted
        assert found.step_up == ("retry" if before + 1 < tries else "out-of-band")
        assert (OUT_OF_BAND in found.advice) == (found.step_up == "out-of-band")
    else:
        assert found.step_up == ""


@given(some_verdicts, some_verdicts, some_required)
def test_no_factor_that_gets_worse_makes_a_decision_better(verdicts, others, required):
    rank = {"passed": 0, "inconclusive": 1, "failed": 2}
    worse = [max(pair, key=rank.__getitem__) for pair in zip(verdicts, others, strict=True)]
    order = {"accepted": 0, "step-up": 1, "refused": 2}
    assert order[decide(factors(worse), required).outcome] >= order[decide(factors(verdicts), required).outcome]


@given(some_verdicts, some_required)
def test_every_decision_is_plain_json(verdicts, required):
    found = decide(factors(verdicts), required)
    assert json.loads(found.to_json()) == found.to_dict()
    assert found.to_dict()["factors"][0]["score"] is None


def test_what_was_not_judged_cannot_be_required():
    with pytest.raises(ValueError, match="not judged"):
        decide(factors(["passed"] * 5)[:2], ["camera"])
    with pytest.raises(ValueError, match="none is required"):
        decide(factors(["passed"] * 5), [])


def test_a_factor_is_found_by_name():
    found = decide(factors(["passed"] * 5), ["camera"])
    assert found.factor("camera").reason == "why-2"
    with pytest.raises(KeyError):
        found.factor("mood")


def test_a_decision_is_plain_json_in_the_order_of_its_fields():
    details: dict[str, Any] = {
        "stills": 6,
        "false-alarm probability": np.float64(3e-9),
        "expected": math.nan,
        "camera": "Phone",
    }
    factor = Factor("camera", "passed", 57.5, -math.inf, "PCE", "same-camera", "Fine.", details)
    at = datetime(2024, 5, 14, 11, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=2)))
    signal = Signal("cannot-tell", "info", "Less can be told.", "no address")
    found = replace(decide([factor], ["camera"]), at=at, signals=(signal,), context={"models": {"face": "ab"}, "n": 1})
    assert json.dumps(found.to_dict()) == (
        '{"accepted": true, "outcome": "accepted", "reason": "accepted", "advice": "The selfie is consistent with the '
        'registered person and the registered camera.", "factors": [{"name": "camera", "verdict": "passed", "score": '
        '57.5, "threshold": null, "measure": "PCE", "reason": "same-camera", "advice": "Fine.", "details": {"stills": '
        '6, "false-alarm probability": 3e-09, "expected": null, "camera": "Phone"}}], "required": ["camera"], '
        '"step_up": "", "customer": "", "attempt": "", "profile": "", "policy": "", '
        '"at": "2024-05-14T11:30:00.250000+02:00", "signals": [{"code": "cannot-tell", "level": "info", "text": "Less '
        'can be told.", "value": "no address"}], "context": {"models": {"face": "ab"}, "n": 1}}'
    )
    assert decide([factor], ["camera"]).to_dict()["at"] is None
