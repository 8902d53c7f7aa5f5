"""What a visitor's session remembers from page to page: the latest registration, check and verification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from prnu import Evidence
from ui import attempts
from ui.checking import Check, Tick, measure
from ui.enrolling import Registration
from ui.photos import Photo

if TYPE_CHECKING:
    from ui.proving import Proof


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


def latest_proof() -> Proof | None:
    """The latest verification."""
    found: Proof | None = st.session_state.get("proof")
    return found


def keep_proof(made: Proof | None) -> None:
    """Remember a verification, or forget it."""
    st.session_state["proof"] = made


def forget(customer: str, cameras: Sequence[str]) -> None:
    """Forget what rests on a customer, or on cameras, that were deleted."""
    attempts.forget(customer, cameras)
    checked, proof, made = latest_check(), latest_proof(), registration()
    if checked and checked.camera in cameras:
        keep_check(None)
    if proof and proof.customer == customer:
        keep_proof(None)
    if made and made.saved_as in cameras:
        keep_registration(None)


def leave_note(text: str) -> None:
    """Leave a sentence that the next page shows once: what is written before a page changes is never read."""
    st.session_state["notes"] = [*st.session_state.get("notes", []), text]


def take_notes() -> list[str]:
    """The sentences that were left, once."""
    notes: list[str] = st.session_state.pop("notes", [])
    return notes


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
