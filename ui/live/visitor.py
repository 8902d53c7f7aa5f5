"""A visitor's live session, from one run of a page to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from ui.live.director import Director
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession


def session_for(key: str, make_director: Callable[[], Director], **options: Any) -> LiveSession:
    """Get the visitor's session under a key, or begin one if there is none or it has expired.

    A session that has ended otherwise is returned as it is: `start_again` makes room for a new one. Options are those
    of `LiveSession`.

    Raises
    ------
    RegistryFull
        If too many sessions are under way.
    """
    kept: LiveSession | None = st.session_state.get(_slot(key))
    if kept is not None:
        SESSIONS.get(kept.token)  # ends it if its time is up
    if kept is None or kept.outcome == "expired":
        kept = SESSIONS.open(make_director(), **options)
        st.session_state[_slot(key)] = kept
    return kept


def start_again(key: str) -> None:
    """End the visitor's session under a key, if there is one."""
    kept: LiveSession | None = st.session_state.pop(_slot(key), None)
    if kept is not None:
        SESSIONS.close(kept.token)


def _slot(key: str) -> str:
    return f"live-session-{key}"
