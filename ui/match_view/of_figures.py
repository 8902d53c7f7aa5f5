"""Section of the match view of a check whose pictures are gone: its figures, as far as they are written down."""

from __future__ import annotations

import streamlit as st

from bank.errors import BankError
from ui.audit_log import trail
from ui.results.check_figures import AttemptFigures
from ui.shell import addresses, links
from ui.shell.bank import tell_bank_error
from ui.shell.left_figures import LEFT, Figures
from ui.text.plain import table
from ui.text.scores import Verdict, literal, minute, odds, score, upper
from ui.widgets import cards


def show(key: str) -> None:
    """What is known of a check, by its key."""
    figures = LEFT.get(key)
    entry = None
    if figures is None:
        try:
            entry = trail.of_attempt(key)
        except BankError as error:
            tell_bank_error(error)
            return
    if figures is None and entry is None:
        st.warning(
            "Checks that the bank decided on are in its audit log, and this is none of them. Of all others not even "
            "the figures are kept for long, and never when the server starts again.",
            icon=":material/link_off:",
            title="Nothing is known of the check at this address",
        )
    else:
        st.info(
            "Pictures stay in the browser session that took them, and go with it, also when the page is loaded anew. "
            "The figures are still here; plots, maps and the report are not.",
            icon=":material/hide_image:",
            title="The pictures of this check are gone",
        )
    if figures is not None:
        _show_figures(figures)
    if entry is not None:
        trail.show_entry(entry, trail.names())
    with st.container(horizontal=True):
        st.page_link(links.MATCH_VIEW, label="What this session has", icon=":material/landscape_2:")
        if entry is not None:
            st.page_link(
                links.AUDIT_LOG,
                label="In the audit log",
                icon=":material/history:",
                query_params=addresses.ENTRY.given(entry.seq),
            )
        else:
            st.page_link(links.AUDIT_LOG, label="Audit log", icon=":material/history:")


def _show_figures(figures: Figures) -> None:
    st.caption(minute(figures.when))
    if isinstance(figures, AttemptFigures):
        st.markdown(f"Is it **{literal(figures.customer)}**, with a registered camera?")
        cards.show_decision(figures.decision)
        cards.simulated_badge()
        st.caption(f":material/science: What is true of this sample: {literal(figures.truth)}")
        cards.show_factors(figures.decision)
        return
    cards.show_verdict(Verdict(figures.kind, figures.headline, figures.detail))
    if figures.simulated:
        cards.simulated_badge()
    if figures.truth:
        st.caption(f":material/science: What is true of this sample: {literal(figures.truth)}")
    if not figures.compared:
        return
    width, height = figures.size
    rows = {
        "Camera": figures.camera,
        "Size of the photos": f"{width} x {height} pixels",
        "Score (PCE)": score(figures.score),
        "Threshold": score(figures.threshold),
        "By chance": upper(odds(figures.p_value)),
    }
    st.dataframe(table({"Figure": name, "Value": value} for name, value in rows.items()), hide_index=True)
