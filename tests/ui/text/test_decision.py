from __future__ import annotations

import json
import math

import pytest

from bank.audit import ChainStatus
from bank.factors import Factor
from bank.policy import FACTORS
from bank.risk import Signal
from bank.verify import decide
from ui.text import decision as wording


def factor(name, verdict="passed", score=0.8, **others):
    values = {"threshold": 0.45, "measure": "cosine similarity", "reason": "why", "advice": "Look up.", "details": {}}
    return Factor(name, verdict, score, **{**values, **others})


def decision(**verdicts):
    factors = [factor(name, verdicts.get(name.replace(" ", "_"), "passed")) for name in FACTORS]
    return decide(factors, ["face", "camera"]).to_dict()


@pytest.mark.parametrize(
    ("verdicts", "kind", "headline"),
    [
        ({}, "match", "Accepted: all factors that are required passed"),
        ({"camera": "failed"}, "no-match", "Refused"),
        ({"face": "inconclusive"}, "unclear", "Undecided: something more is needed (step-up)"),
    ],
)
def test_outcomes_have_words(verdicts, kind, headline):
    told = wording.outcome(decision(**verdicts))
    assert (told.kind, told.headline) == (kind, headline)


def test_a_step_up_says_what_is_next():
    assert wording.outcome(decision(face="inconclusive")).detail == "Look up. Next: try once more."
    factors = [factor("face", "inconclusive")]
    told = wording.outcome(decide(factors, ["face"], inconclusive_before=1).to_dict())
    assert told.detail.endswith("Next: another way than this one (out of band).")


def test_every_factor_of_the_bank_has_a_card_with_words_of_its_own():
    cards = wording.factor_cards(decision(liveness="failed"))
    assert [card.title for card in cards] == ["Face", "Liveness", "Camera", "Camera in the face", "Freshness"]
    assert all(card.question.endswith("?") for card in cards)
    assert [card.required for card in cards] == [True, False, True, False, False]
    assert [card.word for card in cards] == ["Passed", "Failed", "Passed", "Passed", "Passed"]


@pytest.mark.parametrize(
    ("score", "threshold", "measure", "text"),
    [
        (0.9619, 0.45, "cosine similarity", "Likeness 0.96; at least 0.45 is needed (cosine similarity)"),
        (3202.4, 52.2, "PCE", "Score 3,202; at least 52 is needed (PCE)"),
        (-1.2, 52.2, "PCE", "Score −1.20; at least 52 is needed (PCE)"),
        (10.7, 4.59, "standard deviations", "Strength of the pattern 11; at least 4.59 is needed (z)"),
        (1.0, 0.8, "share of stills like the stream", "Share of stills like the video 1; at least 0.80 is needed"),
        (0.5, math.nan, "share of live votes", "Share of live votes 0.50"),
        (0.5, 0.5, "share of live votes", "Share of live votes 0.50; more than 0.50 is needed"),
        (math.nan, 0.5, "share of live votes", ""),
        (2.0, 1.0, "apples", "apples 2; at least 1 is needed"),
        (3.0, 2.0, "blinks and glances", "Blinks and glances 3; at least 2 are needed"),
        (3.0, 1.0, "blinks and glances", "Blinks and glances 3; at least 1 is needed"),
    ],
)
def test_figures_are_in_words_with_the_term_in_brackets(score, threshold, measure, text):
    one = factor("camera", score=score, threshold=threshold, measure=measure)
    (card,) = wording.factor_cards(decide([one], ["camera"]).to_dict())
    assert card.figures == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1, "1"), (20, "20"), (1141.7, "1,142"), (0.0027, "0.0027"), (-0.05, "−0.05"), (1e-300, "1e-300"),
        (0.5, "0.50"), (True, "True"), (None, "unknown"), ("abc", "abc"), (-3, "−3"), (math.inf, "inf"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert wording.number(value) == text


def test_signals_say_how_serious_they_are():
    told = json.loads(json.dumps({"signals": [vars(Signal("new-device", "warn", "New device.", 2.0))]}))
    assert wording.signals(told) == ["Worth a look: New device."]


def test_versions_name_software_policy_and_models():
    context = {"software": "0.1", "policy": "1.0 abc", "prnu settings": "x", "models": {"a.onnx": "12"}}
    found = wording.versions({"profile": "photos", "policy": "1.0", "context": context})
    assert found == {
        "Software": "0.1", "Policy": "1.0 abc", "Profile": "photos", "Noise filter": "x", "Model a.onnx": "12",
    }  # fmt: skip
    assert wording.versions(context)["Policy"] == "1.0 abc"
    assert wording.versions({}) == {}


def test_ids_that_are_known_are_told_by_name():
    one = factor("camera", details={"camera": "f00", "stills": 3.0})
    rows = wording.figure_rows(decide([one], ["camera"]).to_dict(), {"f00": "Phone"})
    assert [row["Value"] for row in rows] == ["why", "Phone", "3"]
    facts = wording.facts({"camera": "f00", "images": 8, "models": {}, "face frames": None}, {"f00": "Phone"})
    assert facts == [{"What": "camera", "Value": "Phone"}, {"What": "images", "Value": "8"}]


def test_whose_entry_it_is():
    assert wording.people({"abc": "Anna"}, "abc") == "Anna"
    assert wording.people({"abc": "Anna"}, "0123456789") == "Deleted customer 012345"
    assert wording.people(None, "0123456789") == "Customer 012345"
    assert wording.people({}, "") == "–"


def test_entries_around_a_changed_one():
    status = ChainStatus(2, False, 3, "Entry 3 was changed.", "")
    assert [wording.trust(seq, status) for seq in (2, 3, 4)] == ["✓ As written", "✗ Changed", "? Not proven"]
    assert wording.trust(1, ChainStatus(0, False, None, "The head was removed.", "")) == "? Not proven"


def test_how_many():
    assert wording.entries(1) == "1 entry"
    assert wording.summary(50, more=True) == "The newest 50 entries; there are more."
    assert wording.summary(1200, more=False) == "1,200 entries, the newest first."


@pytest.mark.parametrize("odd", [{}, {"factors": 3, "signals": "x", "required": None, "context": [1]}, {"outcome": 7}])
def test_a_record_of_another_shape_is_told_without_an_error(odd):
    assert wording.outcome(odd).kind == "unclear"
    assert wording.factor_cards(odd) == []
    assert wording.signals(odd) == []
    assert wording.figure_rows(odd, {}) == []
    assert wording.versions(odd) == {}


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "less than 1e-12"), (5e-193, "less than 1e-12"), (3e-7, "3e-07"), ("<b>", "<b>")]
)
def test_figures_claim_no_smaller_probability_than_anybody_can_know(value, told):
    figures = {"false-alarm probability": value, "refused stills": value}
    shown = decide([factor("camera", details=figures)], ["camera"]).to_dict()
    rows = {row["Figure"]: row["Value"] for row in wording.figure_rows(shown, {})}
    assert rows["false-alarm probability"] == told
    assert rows["refused stills"] == wording.number(value)
