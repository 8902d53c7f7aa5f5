"""The app's bank: one for all visitors, opened when a page first needs it, and what to say when that fails."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

import bank  # its names are imported on first use: the database takes a second, and the start page needs none
from bank.errors import BankError, EvidenceError, KeyProblem, LimitReached, NotFound, PolicyError, StoreError, Tampered
from liveness.landmarks import REPORTS_USAGE
from prnu import Fingerprint
from ui.results.camera import Camera, cameras_of
from ui.shell import links
from ui.text.scores import literal, upper

if TYPE_CHECKING:
    from bank import CustomerInfo, RequestContext

FEEDS = {"LENSLOCK_ABUSEIPDB_KEY": "AbuseIPDB", "LENSLOCK_OTX_KEY": "AlienVault OTX"}
"""Threat feeds by the environment variable that holds their key (`bank.feeds`, which takes a while to import)."""

_DEVICE = 300  # characters of a browser's name that the bank takes
_VARIABLES = ("LENSLOCK_HOME", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY", *FEEDS)
_TITLES: dict[type[BankError], str] = {
    KeyProblem: "The bank cannot be unlocked",
    StoreError: "The bank cannot be opened",
    PolicyError: "The bank's policy cannot be used",
    Tampered: "Something in the bank was changed",
    LimitReached: "Too many attempts",
}


def the_bank() -> bank.Bank:
    """The bank that the environment names.

    Raises
    ------
    BankError
        If it cannot be opened. The next call tries again.
    """
    return _opened(*(os.environ.get(name) for name in _VARIABLES))


@st.cache_resource(show_spinner="Opening the bank", max_entries=8, on_release=lambda opened: opened.close())
def _opened(*_environment: str | None) -> bank.Bank:
    return bank.Bank()


def feeds_on() -> str:
    """Names of the threat feeds that the environment has a key for; empty without any."""
    return " and ".join(name for variable, name in FEEDS.items() if os.environ.get(variable, "").strip())


def sent_elsewhere() -> str:
    """What leaves this machine, and to whom; empty if nothing does."""
    sent = [f"each check's network address, to {feeds}"] if (feeds := feeds_on()) else []
    if REPORTS_USAGE:
        sent.append("how often the face tracker (MediaPipe) is used, but no pictures, to its maker")
    return ", and ".join(sent)


@contextmanager
def bank_errors_told() -> Generator[None]:
    """Show what goes wrong in the bank in place of the rest of a page; other pages go on working."""
    try:
        yield
    except BankError as error:
        tell_bank_error(error)


def tell_bank_error(error: BankError) -> None:
    """An error of the bank with what to do about it."""
    title = next((title for kind, title in _TITLES.items() if isinstance(error, kind)), "The bank cannot do this")
    st.error(literal(upper(str(error))), icon=":material/error:", title=title)
    if isinstance(error, KeyProblem | StoreError | PolicyError):
        st.caption("Pages that do not need the bank go on working.")
        st.button("Try again", icon=":material/refresh:")
    elif isinstance(error, Tampered):
        st.page_link(links.CUSTOMERS, label="See what was changed", icon=":material/health_and_safety:")


def request_context() -> RequestContext:
    """Where the visitor's request comes from; what the bank does not take is left out."""
    device = "".join(filter(str.isprintable, st.context.headers.get("User-Agent", "")))[:_DEVICE]
    try:
        return bank.RequestContext.read({"address": st.context.ip_address or "", "device": device})
    except EvidenceError:
        return bank.RequestContext.read({"device": device})


def enrolled(name: str) -> CustomerInfo | None:
    """Who is enrolled under a name, whatever its capitals and spaces; None if nobody is."""
    try:
        return the_bank().customer(name)
    except NotFound:
        return None


def registered_cameras() -> list[Camera]:
    """All registered cameras, sorted by their owners' names."""
    return cameras_of(the_bank().customers())


def fingerprint_of(camera: Camera) -> Fingerprint:
    """Decrypt a camera's fingerprint to compare and draw with.

    Raises
    ------
    NotFound, Tampered
        If it is gone, or not as the bank wrote it.
    """
    return the_bank().unlock_camera(camera.customer, camera.label).fingerprint
