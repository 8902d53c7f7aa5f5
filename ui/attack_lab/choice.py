"""All that can be tried in the attack lab, each on a card with a button."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.results import attack_offers
from ui.results.attack_offers import Offer

LIVE = "live"
"""Code of what the visitor plays instead of the program."""

_FEW = 3  # ways that are shown at once


def choose(begin: Callable[[str, str], None], ready: bool) -> None:
    """Show all that can be tried.

    Parameters
    ----------
    begin : callable
        Called with the codes of an attack and of the way it is made, where one was chosen.
    ready : bool
        Buttons are off while there is no victim.
    """
    offered: list[Offer | None] = list(attack_offers.offers())
    offered.insert(2, None)  # the visitor's own part, in the first row
    for first in range(0, len(offered), 3):
        for column, offer in zip(st.columns(3, border=True), offered[first : first + 3], strict=False):
            with column:
                if offer is None:
                    _live_card(begin, ready)
                else:
                    _card(offer, begin, ready)


def _card(offer: Offer, begin: Callable[[str, str], None], ready: bool) -> None:
    with st.container(height="stretch"):
        st.markdown(f"##### {offer.icon} {offer.title}\n\n{offer.teaser}")
        st.caption(f"Needs: {offer.needs}")
    key, codes = f"lab-way-{offer.code}", [way.value for way in offer.ways]
    strength = codes[0]
    if len(codes) > _FEW:
        strength = st.selectbox("How?", codes, format_func=offer.way, key=key, persist_state="session")
    elif len(codes) > 1:
        strength = st.radio("How?", codes, format_func=offer.way, key=key, persist_state="session")
    word = "Show it" if offer.genuine else "Attack!"
    _button(word, offer.code, strength, begin, ready)


def _live_card(begin: Callable[[str, str], None], ready: bool) -> None:
    with st.container(height="stretch"):
        st.markdown(
            "##### :material/face: You yourself, live\n\nThe victim's photo does what you do: your webcam moves it, "
            "and it takes the check (live puppet)."
        )
        st.caption("Needs: One photo of the victim, and a webcam.")
    _button("Attack!", LIVE, "", begin, ready)


def _button(word: str, code: str, strength: str, begin: Callable[[str, str], None], ready: bool) -> None:
    st.button(
        word,
        key=f"attack-{code}",
        icon=":material/bolt:" if word == "Attack!" else ":material/play_arrow:",
        type="primary" if word == "Attack!" else "secondary",
        width="stretch",
        disabled=not ready,
        on_click=begin,
        args=(code, strength),
    )
