"""Why an attempt ended as it did: frankly in words, then beside a genuine attempt of the same person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from attacks.target import Target
from attacks.trial import run
from ui.figures import comparison
from ui.figures.comparison import Side
from ui.figures.theme import HOVER
from ui.live.directors.verify import Verified
from ui.results.attack_offers import Offer
from ui.results.attempt import Attempt
from ui.sample.bank import SampleBank
from ui.shell.session import LAB_ATTEMPT, LAB_GENUINE, LAB_SIDE, Slot
from ui.text import attack_lab
from ui.text.decision import OUTCOMES, factor_cards
from ui.text.maps import agreement
from ui.text.match_view import LIMITS
from ui.text.scores import literal, score
from ui.widgets import cards

_ATTEMPT: Slot[tuple[str, Attempt]] = LAB_ATTEMPT
_SIDE: Slot[tuple[str, Side]] = LAB_SIDE
_GENUINE: Slot[tuple[str, str, Side]] = LAB_GENUINE
_LATE = """<style>@keyframes lab-appear { from { opacity: 0 } }
.st-key-lab-told { animation: lab-appear .35s 2.7s both }
@media (prefers-reduced-motion: reduce) { .st-key-lab-told { animation: none } }</style>"""  # after the factors
_SEED = 7  # of the genuine attempt: another one than any attack's


def tell(decision: Mapping[str, Any], offer: Offer) -> None:
    """Say how it ended, in a box with a sign and a word of its own."""
    found = attack_lab.told(decision, offer)
    box = st.success if found.kind == "match" else st.warning
    icon = {"match": ":material/shield:", "attention": ":material/warning:"}.get(found.kind, ":material/help:")
    st.html(_LATE)
    with st.container(key="lab-told"):
        box(literal(found.detail), icon=icon, title=found.headline)


def show(attempt: Attempt, target: Target, offer: Offer, victim: str) -> None:
    """What both attempts show: scores, noise, and where it agrees with the fingerprint.

    Parameters
    ----------
    attempt : Attempt
        As `attempt_of` gives it.
    target : Target
    offer : Offer
    victim : str
        Tells targets apart: the genuine attempt is made once for each.
    """
    st.subheader("Why")
    _not_noticed(attempt, offer)
    if not attempt.stills:
        st.info("No still was taken in, so there is no noise to look at.", icon=":material/info:")
        return
    genuine: tuple[str, Side] | None = None
    if not offer.genuine:
        genuine = _genuine(target, victim)
    own = _side(attempt)
    sides = [("This attack" if genuine else "This attempt", own)]
    if genuine:
        sides.append(("Genuine", genuine[1]))
        st.markdown(
            "The same person once more, this time genuine: an animated photo in front of the registered camera, judged "
            f"by the same check. Its outcome: **{genuine[0]}**."
        )
    _show_scores(sides)
    st.markdown("##### The noise")
    st.markdown(
        "What is left of the photos (stills) when the picture is taken away (noise residual): bright means strong. "
        "That there is noise says little; the question is whose. The blue frame is the inner part of the face."
    )
    alt = "Strength of the noise around the face" + (", attack beside genuine" if genuine else "")
    cards.draw(comparison.noises(sides, cards.phone()), "lab-noise", alt, config=HOVER)
    if own.agreement is None:
        return
    st.markdown("##### Where it agrees with the registered camera's fingerprint")
    region = own.region.verdict if own.region else ""
    if genuine:
        st.markdown(attack_lab.maps(own.shown, region))
    elif own.shown == "pattern":
        st.markdown("It agrees nearly everywhere: bright. Hair, eyes and dark places show the pattern less.")
    elif own.shown:
        st.markdown(agreement(own.shown))
    alt = "Local correlation with the fingerprint around the face" + (", attack beside genuine" if genuine else "")
    cards.draw(comparison.agreements(sides, cards.phone()), "lab-agreement", alt, config=HOVER)
    st.caption(
        "Local correlation in blocks, on one scale of colours; the weaker the agreement, the larger the blocks. The "
        "frame is the inner part of the face."
    )


def attempt_of(verified: Verified, target: Target, truth: str) -> Attempt:
    """What a look at an attempt needs, taken once."""
    key = verified.decision.attempt
    kept = _ATTEMPT.get()
    if kept is None or kept[0] != key:
        made = Attempt.of(
            verified.decision,
            verified.finding,
            verified.ongoing.capture,
            customer=target.name,
            simulated=True,
            truth=truth,
            source="lab",
        )
        kept = _ATTEMPT.put((key, made))
    return kept[1]


def forget() -> None:
    """Forget the attempt, not the genuine one."""
    _ATTEMPT.clear()
    _SIDE.clear()


def forget_genuine() -> None:
    """Forget the genuine attempt, too."""
    forget()
    _GENUINE.clear()


def _not_noticed(attempt: Attempt, offer: Offer) -> None:
    """Why the factors that an attack passed did not stop it."""
    if offer.genuine:
        return
    factors = zip(attempt.decision["factors"], factor_cards(attempt.decision), strict=True)
    lines = [f"- **{card.title}**: {LIMITS[one['name']]}" for one, card in factors if card.kind == "match"]
    if lines:
        st.markdown("Passed all the same, and what they are known not to stop:\n\n" + "\n".join(lines))


def _genuine(target: Target, victim: str) -> tuple[str, Side]:
    """Outcome and side of a genuine attempt, made once for each victim."""
    kept = _GENUINE.get()
    if kept is None or kept[0] != victim:
        with st.spinner("For comparison, the person takes the same check with the registered camera"):
            made = _try_genuine(target)
        outcome = OUTCOMES[made.decision["outcome"]]
        kept = _GENUINE.put((victim, outcome, comparison.side(made)))
    return kept[1], kept[2]


def _try_genuine(target: Target) -> Attempt:
    own = SampleBank(target)
    try:
        trial = run(own.bank, target.name, target.genuine(_SEED))
    finally:
        own.close()
    return Attempt.of(trial.decision, trial.finding, trial.capture, customer=target.name, simulated=True)


def _side(attempt: Attempt) -> Side:
    kept = _SIDE.get()
    if kept is None or kept[0] != attempt.key:
        kept = _SIDE.put((attempt.key, comparison.side(attempt)))
    return kept[1]


def _show_scores(sides: list[tuple[str, Side]]) -> None:
    st.markdown("##### The score")
    with st.container(horizontal=True):
        for title, one in sides:
            if one.found is not None:
                reached = "✓ enough" if one.found.pce >= one.threshold else "✗ too little"
                st.metric(f"{title} (PCE): {reached}", score(one.found.pce), border=True)
    if len(sides) > 1:
        st.markdown(attack_lab.peaks(sides[0][1].found, sides[1][1].found, sides[0][1].threshold))
