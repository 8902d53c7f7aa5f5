"""Tables of a live check that several pages show: its steps, and what was checked of its stills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ui.text import live_check as wording
from ui.text.scores import literal


def show_steps(decision: Mapping[str, Any]) -> None:
    """What was asked, what was answered, what was seen instead, and how fast the video was."""
    if rows := wording.step_rows(decision):
        table(rows)
    else:
        st.caption(wording.NO_STEPS)
    if told := wording.pace(decision):
        st.caption(told)


def show_checks(decision: Mapping[str, Any]) -> None:
    """What was checked of the stills, and what came of it."""
    if rows := wording.freshness_rows(decision):
        table(rows)


def table(rows: Sequence[Mapping[str, str]]) -> None:
    """A table whose sentences wrap, and which prints whole."""
    st.table(
        [{name: literal(text) for name, text in row.items()} for row in rows], border="horizontal", hide_index=True
    )
