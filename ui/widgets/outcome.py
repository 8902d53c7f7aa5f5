"""What came of a check in front of a camera, real or simulated: the factors one by one, the decision, the ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.results import attempt
from ui.shell import addresses, links
from ui.shell.session import ATTEMPT_KEPT, keep_attempt
from ui.widgets import cards, reading

if TYPE_CHECKING:
    from ui.live.directors.verify import Verified
    from ui.results.attempt import Source


def show(verified: Verified, customer: str, *, source: Source = "live", truth: str = "") -> None:
    """The decision with its factors; the attempt is kept for the match view of this browser session.

    Parameters
    ----------
    verified : Verified
    customer : str
        Name.
    source : {"live", "sample", "lab"}
        Where the pictures came from.
    truth : str
        How they came about, where that is known.
    """
    decision = verified.decision.to_dict()
    if ATTEMPT_KEPT.get() != verified.decision.attempt:
        ATTEMPT_KEPT.put(verified.decision.attempt)
        keep_attempt(
            attempt.Attempt.of(
                verified.decision,
                verified.finding,
                verified.ongoing.capture,
                customer=customer,
                simulated=source in ("sample", "lab"),
                truth=truth,
                source=source,
            )
        )
    with st.container(key=reading.verdict_key(verified.decision.attempt)):
        cards.show_decision(decision)
    if truth:
        st.caption(f":material/science: What is true of this sample: {truth}")
    cards.show_factors(decision, one_by_one=True)
    with st.container(horizontal=True):
        key = verified.decision.attempt
        st.page_link(
            links.MATCH_VIEW,
            label="See why (match view)",
            icon=":material/landscape_2:",
            query_params=addresses.CHECK.given(key),
        )
        if source == "live":
            st.page_link(
                links.AUDIT_LOG,
                label="This attempt in the audit log",
                icon=":material/history:",
                query_params=addresses.ATTEMPT.given(key),
            )
