"""What a visitor's session remembers from page to page: only the latest registration and the latest check."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from prnu import Evidence
from ui.checking import Check, Tick, measure
from ui.enrolling import Registration
from ui.photos import Photo


def registration() -> Registration | None:
    """The latest registration, saved or not."""
    found: Registration | None = st.session_state.get("registration")
    return found


def keep_registration(made: Registration | None) -> None:
    """Remember a registration, or forget it."""
    st.session_state["registration"] = made


def latest_check() -> Check | None:
    """The latest check."""
    found: Check | None = st.session_state.get("check")
    return found


def keep_check(made: Check | None) -> None:
    """Remember a check, or forget it."""
    st.session_state["check"] = made


def evidence(photos: Sequence[Photo], tick: Tick) -> Evidence:
    """What the photos say of their sensor; measured anew only if they are not those of the time before.

    Raises
    ------
    ImageError
        If one cannot be used.
    """
    keys = tuple(photo.key for photo in photos)
    kept_keys, kept = st.session_state.get("evidence", ((), None))
    if kept is None or kept_keys != keys:
        st.session_state.pop("evidence", None)  # before the new one takes its memory
        kept = measure(photos, tick)
        st.session_state["evidence"] = keys, kept
    found: Evidence = kept
    return found


def start_with(key: str, value: str) -> str:
    """Give a widget its first value, unless a page before has chosen one; returns the key."""
    st.session_state.setdefault(key, value)
    return key
