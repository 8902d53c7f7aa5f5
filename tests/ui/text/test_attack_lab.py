from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ui.results import attack_offers
from ui.text import attack_lab

SWAP, GENUINE = attack_offers.offer("swap"), attack_offers.offer("genuine")


def decision(outcome, **verdicts):
    names = {"face": "face", "liveness": "liveness", "camera": "camera", "region": "face region"}
    factors = [
        {"name": names[short], "verdict": verdict, "advice": f"Advice on {names[short]}."}
        for short, verdict in verdicts.items()
    ]
    return {"outcome": outcome, "factors": factors, "required": [factor["name"] for factor in factors]}


def test_an_attack_that_is_refused_names_what_found_it_out_and_what_did_not():
    told = attack_lab.told(decision("refused", face="passed", camera="failed", region="inconclusive"), SWAP)
    assert told.kind == "match"
    assert told.headline == "The attack was stopped by: Camera"
    assert told.detail == "Advice on camera. These did not notice it: Face. These could not tell: Camera in the face."


def test_an_attack_that_is_accepted_is_called_one_that_got_through_with_what_would_have_stopped_it():
    told = attack_lab.told(decision("accepted", face="passed", camera="passed"), SWAP)
    assert (told.kind, told.headline) == ("attention", "The attack got through")
    assert "would have let the attacker in" in told.detail
    assert told.detail.endswith(SWAP.stops)


def test_an_attack_that_could_not_be_told_is_no_victory():
    told = attack_lab.told(decision("step-up", face="passed", liveness="inconclusive"), SWAP)
    assert told.kind == "unclear"
    assert told.headline == "Not let in, but not found out either: Liveness could not tell"
    assert "no victory" in told.detail


def test_factors_that_were_not_required_did_not_stop_anything():
    body = decision("refused", face="failed", camera="failed")
    assert attack_lab.told({**body, "required": ["face"]}, SWAP).headline == "The attack was stopped by: Face"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (decision("accepted", face="passed"), "match", "let in, as it should be"),
        (decision("refused", face="passed", camera="failed"), "attention", "should have been: Camera"),
        (decision("step-up", liveness="inconclusive"), "attention", "should have been: Liveness"),
    ],
)
def test_of_a_genuine_attempt_a_refusal_is_the_failure(body, kind, words):
    told = attack_lab.told(body, GENUINE)
    assert told.kind == kind
    assert words in told.headline


def scored(pce: float) -> Any:
    return SimpleNamespace(pce=pce)


def test_scores_are_compared_with_each_other_and_the_threshold():
    low, high = scored(-0.1), scored(9000.0)
    assert "The attack scores −0.1, the genuine attempt 9,000; 50 is needed." in attack_lab.peaks(low, high, 50.0)
    assert "does not tell the two apart" in attack_lab.peaks(high, high, 50.0)
    assert "no score to compare" in attack_lab.peaks(None, high, 50.0)


def test_what_a_map_shows_follows_from_score_and_face():
    assert "chance explains: dark." in attack_lab.maps("chance", "")
    assert "a little more than chance" in attack_lab.maps("trace", "")
    assert "dark hole" in attack_lab.maps("pattern", "failed")
    assert "another factor" in attack_lab.maps("pattern", "passed")
    assert "its own test cannot tell" in attack_lab.maps("pattern", "inconclusive")
    assert attack_lab.maps(None, "") == ""


def test_every_attack_of_the_catalogue_has_an_icon_and_says_what_stops_it():
    from attacks.recipes import ATTACKS

    offered = attack_offers.offers()
    assert [one.code for one in offered] == [attack.code for attack in ATTACKS] + ["genuine"]
    one: Any
    for one in offered[:-1]:
        assert one.icon != ":material/bug_report:", one.code
        assert one.stops, one.code
        assert "attack made by this program" in attack_lab.truth(one, next(iter(one.ways.__members__.values())))
    with pytest.raises(KeyError):
        attack_offers.offer("nothing")


def test_what_comes_before_an_attack_is_told_only_where_something_does():
    recorded, copied = attack_offers.offer("virtual-camera"), attack_offers.offer("copy-known")
    assert "genuine check first" in recorded.waits("check")
    assert recorded.waits("call") == ""
    assert "which photos are public" in copied.waits("1")
    assert SWAP.waits("injected") == ""
