"""The app's bank: one for all visitors, opened when a page first needs it, and what to say when that fails."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

import streamlit as st

import bank  # its names are imported on first use: MediaPipe takes seconds, and the start page must not wait for it
from bank.errors import BankError, KeyProblem, LimitReached, PolicyError, StoreError, Tampered
from ui import routes
from ui.wording import literal, upper

FEEDS = {"LENSLOCK_ABUSEIPDB_KEY": "AbuseIPDB", "LENSLOCK_OTX_KEY": "AlienVault OTX"}
"""Threat feeds by the environment variable that holds their key (`bank.feeds`, which takes a while to import)."""

_VARIABLES = ("LENSLOCK_HOME", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY", *FEEDS)
_TITLES: dict[type[BankError], str] = {
    KeyProblem: "The bank cannot be unlocked",
    StoreError: "The bank cannot be opened",
    PolicyError: "The bank's policy cannot be used",
    Tampered: "Something in the bank was changed",
    LimitReached: "Too many attempts",
}


def opened() -> bank.Bank:
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


@contextmanager
def errors_told() -> Generator[None]:
    """Show what goes wrong in the bank in place of the rest of a page; other pages go on working."""
    try:
        yield
    except BankError as error:
        tell(error)


def tell(error: BankError) -> None:
    """An error of the bank with what to do about it."""
    title = next((title for kind, title in _TITLES.items() if isinstance(error, kind)), "The bank cannot do this")
    st.error(literal(upper(str(error))), icon=":material/error:", title=title)
    if isinstance(error, KeyProblem | StoreError | PolicyError):
        st.caption("Pages that do not need the bank go on working.")
        st.button("Try again", icon=":material/refresh:")
    elif isinstance(error, Tampered):
        st.page_link(routes.CUSTOMERS, label="See what was changed", icon=":material/health_and_safety:")
