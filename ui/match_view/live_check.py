"""Sections of the match view of a live check: whether somebody answered, and whether the stills were taken just now."""

from __future__ import annotations

import streamlit as st

from ui.figures import liveness
from ui.figures.theme import QUIET, STATIC
from ui.results.attempt import Attempt
from ui.text import live_check as wording
from ui.widgets import cards, live_check


def show(attempt: Attempt) -> None:
    """Both sections; nothing of a check with photos, which has no video."""
    if attempt.source == "photos":
        return
    show_liveness(attempt)
    show_freshness(attempt)


def show_liveness(attempt: Attempt) -> None:
    """What was asked, what was answered, and what was seen over time."""
    st.subheader("Did somebody answer? (liveness)")
    st.markdown(
        "Nobody could know before what would be asked. A photo answers nothing, and a recording answers something "
        "else, or at another time. A deepfake that is steered live can answer: this section does not exclude one."
    )
    live_check.show_steps(attempt.decision)
    if attempt.timeline is None:
        st.caption(wording.NO_CURVES)
        return
    st.markdown(
        "What was seen over time. Above, what was asked and the vote of each ten frames (L: live, –: not live, x: "
        "could not be judged); dotted lines mark when something was asked, solid ones when it was answered, grey "
        "bands where a movement was found."
    )
    narrow = cards.phone()
    told = "; ".join(f"{row['Asked for']}: {row['Answer']}" for row in wording.step_rows(attempt.decision))
    figure = liveness.over_time(attempt.timeline, narrow)
    cards.draw(figure, "timeline", f"Eyes, gaze and head over time. {told}", config=STATIC if narrow else QUIET)


def show_freshness(attempt: Attempt) -> None:
    """Which stills there were, what was checked of them, and what came of it."""
    st.subheader("Taken just now? (freshness)")
    st.markdown(
        "Stills are asked for at moments that nobody can foresee. Each must show what the video showed at its moment, "
        "and none may have been handed in before."
    )
    live_check.show_checks(attempt.decision)
    if rows := wording.still_rows(attempt.moments, attempt.refusals):
        st.markdown("Each still beside the video at the moment that it was taken:")
        live_check.table(rows)
