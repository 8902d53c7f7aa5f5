"""What a visitor's session remembers from page to page: the latest registration, check, verification and attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from bank.policy import Policy
from prnu import Evidence
from ui.results.attempt import Attempt, Proof
from ui.results.photo import Photo
from ui.results.photo_check import Check, Tick, measure
from ui.results.registration import Registration
from ui.shell.bank import the_bank

PROFILE_KEY = "policy-profile"
"""Of the widget that chooses by which of the policy's profiles live checks are decided."""

MOST_ATTEMPTS = 4
"""Attempts that are kept at most. A still of 1280x720 costs 2.8 MB and the fingerprint 7.4, so 12 stills cost 41 MB."""

MOST_BYTES = 200_000_000
"""Bytes from which older ones go earlier. The newest stays whatever it costs: policies cap an attempt's pixels, the
packaged ones at 100 megapixels, which are 300 MB."""

LATEST_CHECK = "check"
"""Stands for the latest check of photos in `MATCH_VIEW_OF`."""

MATCH_VIEW_OF = "match_view_of"
"""Key of the session's state, and of the widget, that says what the match view shows."""

MATCH_VIEW_SIGHT = "sight"
"""Key of what the match view has computed of the attempt that it shows. Holds the fingerprint, too."""

_ATTEMPTS = "attempts"


def latest_registration() -> Registration | None:
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


def forget_customer(customer: str, cameras: Sequence[str]) -> None:
    """Forget what rests on a customer, or on cameras, that were deleted."""
    _forget_attempts(customer, cameras)
    checked, proof, made = latest_check(), latest_proof(), latest_registration()
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


def evidence_of(photos: Sequence[Photo], tick: Tick) -> Evidence:
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


def chosen_profile() -> str:
    """Name of the policy's profile by which this browser session's live checks are decided."""
    bank = the_bank()
    names = live_profiles(bank.policy)
    chosen = st.session_state.get(PROFILE_KEY)
    if chosen in names:
        return str(chosen)
    return bank.profile if bank.profile in names or not names else names[0]


def live_profiles(policy: Policy) -> list[str]:
    """Profiles that ask for what only a live video shows: somebody alive (liveness), and stills of this moment."""
    return [name for name, profile in policy.profiles.items() if {"liveness", "freshness"} <= set(profile.required)]


def keep_attempt(attempt: Attempt) -> None:
    """Keep an attempt, and make it the one that the match view shows. The oldest ones go."""
    kept, room = [attempt], MOST_BYTES - attempt.nbytes
    for older in kept_attempts()[: MOST_ATTEMPTS - 1]:
        room -= older.nbytes
        if room < 0:
            break
        kept.append(older)
    st.session_state[_ATTEMPTS] = kept
    show_newest_attempt()


def kept_attempts() -> list[Attempt]:
    """The attempts that are kept, the newest first."""
    return list(st.session_state.get(_ATTEMPTS, []))


def chosen_attempt() -> Attempt | None:
    """The attempt that the match view shows; None if it shows a check of photos, or there is none."""
    key = st.session_state.get(MATCH_VIEW_OF)
    return next((attempt for attempt in kept_attempts() if key in (None, attempt.key)), None)


def show_newest_attempt() -> None:
    """Let the match view show what is newest."""
    st.session_state.pop(MATCH_VIEW_SIGHT, None)
    st.session_state.pop(MATCH_VIEW_OF, None)


def _forget_attempts(customer: str, cameras: Collection[str]) -> None:
    """Forget the attempts of a customer, or with cameras ("label · customer"), that were deleted."""
    st.session_state.pop(MATCH_VIEW_SIGHT, None)
    st.session_state[_ATTEMPTS] = [
        attempt for attempt in kept_attempts() if attempt.customer != customer and _camera_of(attempt) not in cameras
    ]


def _camera_of(attempt: Attempt) -> str:
    camera = attempt.finding.camera
    return f"{camera.label} · {attempt.customer}" if camera else ""
