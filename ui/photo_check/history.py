"""The checks of photos of this session: a table that can be sorted, each with its report, all as a file."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ui.photo_check import report
from ui.results.check_figures import CheckFigures, as_csv
from ui.shell import addresses, links
from ui.shell.session import checked_photos, forget_checks, single_checks
from ui.text.plain import table
from ui.text.scores import SIGNS, WORDS, count, literal, odds, upper


def show() -> None:
    """The checks so far; nothing if there were none."""
    rows = checked_photos()
    if not rows:
        return
    st.divider()
    st.subheader(f"Checks of this session ({len(rows)})")
    st.caption("Tick one for its report and the match view. A click on a column's title sorts by it.")
    picked = st.dataframe(
        table(_row(one) for one in rows),
        hide_index=True,
        key="checked_photos",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "When (UTC)": st.column_config.TextColumn(width=90),
            "Score (PCE)": st.column_config.NumberColumn(format="%.1f", width=100),
            "Threshold": st.column_config.NumberColumn(format="%.0f", width=90),
            "By chance": st.column_config.TextColumn(width="large"),
        },
        alt=f"Table of {count(len(rows), 'check')} of photos",
    )
    chosen = picked["selection"]["rows"]
    if chosen and chosen[0] < len(rows):
        _offer(rows[chosen[0]])
    with st.container(horizontal=True):
        st.download_button(
            "Download all as CSV",
            as_csv(rows),
            "lenslock-checks.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        with st.popover("Remove all", icon=":material/delete:"):
            st.markdown(f"Remove {count(len(rows), 'check')} from this session, with pictures, figures and reports?")
            st.button("Yes, remove all", type="primary", on_click=forget_checks)


def _row(one: CheckFigures) -> dict[str, str | float | None]:
    return {
        "When (UTC)": f"{one.when:%H:%M:%S}",
        "Photos": ", ".join(one.photos),
        "Verdict": f"{SIGNS[one.kind]} {WORDS[one.kind]}",
        "Score (PCE)": one.score if one.compared else None,
        "Threshold": one.threshold if one.compared else None,
        "Camera": one.camera,
        "By chance": upper(odds(one.p_value)) if one.compared else one.headline,
    }


def _offer(one: CheckFigures) -> None:
    """What there is of a check: the match view while its pictures are here, the report always."""
    check = next((check for check in single_checks() if check.key == one.key), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(', '.join(one.photos))}**", width="content")
        if check:
            st.page_link(
                links.MATCH_VIEW,
                label="See why (match view)",
                icon=":material/landscape_2:",
                query_params=addresses.CHECK.given(one.key),
            )
        elif one.compared:
            st.caption("Its pictures had to go, to make room. Check it again to see why.", width="content")
        st.download_button(
            "Download its report",
            partial(report.report, one, check),
            f"lenslock-photo-{one.when:%Y-%m-%d-%H%M%S}.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
            help="One HTML file that works offline and can be printed. It holds the photos, made small.",
        )
