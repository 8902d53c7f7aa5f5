"""Sentences of the attack lab on how an attempt ended and why. Pure functions; nothing claims more than is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prnu import Match
from ui.results.attack_offers import Offer
from ui.text.decision import FactorCard, factor_cards
from ui.text.maps import Strength
from ui.text.scores import Verdict, score

MISUSE = (
    "Attackers do all of this already, and better. It is shown here, on photos of people who agreed, so that whoever "
    "relies on a check knows what it stops and what it does not. Passing oneself off as somebody else is a crime: use "
    "nobody's photo without being allowed to. All cameras here are simulated; figures of real ones differ."
)
"""What the lab is for, and what not."""


def truth(offer: Offer, way: str) -> str:
    """How what is shown came about, for the code of a way."""
    if offer.genuine:
        return "No attack: an animated photo in front of the registered camera stands for the person. Simulated."
    words = offer.way(way)
    return f"An attack made by this program: {offer.title}. {words + '. ' if words else ''}{offer.teaser}"


def told(decision: Mapping[str, Any], offer: Offer) -> Verdict:
    """Say frankly how it ended."""
    required = [card for card in factor_cards(decision) if card.required]
    caught = [card for card in required if card.kind == "no-match"]
    unsure = [card for card in required if card.kind not in ("match", "no-match")]
    outcome = decision.get("outcome")
    if offer.genuine:
        return _told_of_genuine(outcome, [*caught, *unsure])
    if outcome == "accepted":
        detail = (
            f"The bank would have let the attacker in: every factor that is required passed. What helps: {offer.stops}"
        )
        return Verdict("attention", "The attack got through", detail)
    if caught:
        passed = [card for card in required if card.kind == "match"]
        more = f" These did not notice it: {_names(passed)}." if passed else ""
        more += f" These could not tell: {_names(unsure)}." if unsure else ""
        return Verdict("match", f"The attack was stopped by: {_names(caught)}", f"{_because(caught)}{more}")
    detail = (
        f"{_because(unsure)} Nothing proved the fake, so a real bank asks again, or in another way. That is no "
        f"victory: a person would have been sent on likewise. What helps: {offer.stops}"
    )
    return Verdict("unclear", f"Not let in, but not found out either: {_names(unsure)} could not tell", detail)


def _told_of_genuine(outcome: object, missed: list[FactorCard]) -> Verdict:
    if outcome == "accepted":
        return Verdict("match", "The person was let in, as it should be", "Every factor that is required passed.")
    detail = f"{_because(missed)} Such a false alarm is the price of a strict check."
    return Verdict("attention", f"The person was not let in, and should have been: {_names(missed)}", detail)


def _names(found: list[FactorCard]) -> str:
    return ", ".join(card.title for card in found) or "nothing"


def _because(found: list[FactorCard]) -> str:
    return " ".join(card.advice for card in found)


def peaks(attack: Match | None, genuine: Match | None, threshold: float) -> str:
    """What to see in two scores side by side."""
    if attack is None or genuine is None:
        return "There is no score to compare: the stills have another size than the registered camera's."
    ours, theirs = score(attack.pce), score(genuine.pce)
    if attack.pce >= threshold:
        return (
            f"The attack scores {ours}, the genuine attempt {theirs}; {score(threshold)} is needed. So the stills as a "
            "whole carry the camera's pattern: this figure alone does not tell the two apart."
        )
    return (
        f"The attack scores {ours}, the genuine attempt {theirs}; {score(threshold)} is needed. Another camera, or "
        "none, scores around 0."
    )


def maps(attack: Strength | None, region: str) -> str:
    """What to see in two maps of agreement side by side.

    Parameters
    ----------
    attack : {"pattern", "trace", "chance"} or None
        What the attack's stills as a whole show.
    region : str
        What the test of the face said: "passed", "failed", "inconclusive", or nothing.
    """
    if attack is None:
        return ""
    if attack == "chance":
        return (
            "Right, the genuine picture agrees with the camera's fingerprint nearly everywhere: bright. Left, it "
            "agrees nowhere more than chance explains: dark."
        )
    if attack == "trace":
        return (
            "Right, the genuine picture agrees with the camera's fingerprint nearly everywhere: bright. Left, it "
            "agrees a little more than chance explains, and not enough for a match: dull."
        )
    if region == "failed":
        return (
            "Both are bright around the face. Left, the face itself is a dark hole: it was put in from elsewhere. That "
            "is why the face is tested on its own."
        )
    if region == "passed":
        return (
            "Both agree with the fingerprint, the face included, if not equally strongly: the pattern is really there. "
            "What stops such an attack, if anything does, is another factor."
        )
    return "Both agree with the fingerprint, if not equally strongly. Whether the face does, its own test cannot tell."
