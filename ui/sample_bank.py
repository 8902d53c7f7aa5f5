"""A bank of the visitor's own for sample checks: simulated attempts stay out of the real bank and its audit log."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Protocol

import streamlit as st

import bank

if TYPE_CHECKING:
    from ui.directing.sample import Cast


class Enrolled(Protocol):
    """Who can be enrolled: the sample person (`Cast`), or whom attacks are aimed at (`attacks.target.Target`)."""

    def enrol(self, bank: bank.Bank) -> None:
        """Enrol them."""
        ...


class SampleBank:
    """A bank in a temporary folder, with somebody enrolled.

    Parameters
    ----------
    cast : Enrolled
        Who is enrolled.
    """

    def __init__(self, cast: Enrolled) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lenslock-sample-")
        self.bank = bank.Bank(f"sqlite:///{self._folder.name}/bank.db", folder=self._folder.name, feeds=())
        cast.enrol(self.bank)

    def close(self) -> None:
        """Forget everything."""
        self.bank.close()
        self._folder.cleanup()


@st.cache_resource(show_spinner=False, max_entries=1)
def cast() -> Cast:
    """Who plays in all visitors' sample checks. Made once, which takes a few seconds."""
    from ui.directing.sample import prepare  # MediaPipe takes seconds: not before a sample is wanted

    return prepare(bank.Policy.load().enrolment)


@st.cache_resource(show_spinner=False, scope="session", on_release=lambda made: made.close())
def own() -> SampleBank:
    """The visitor's own; `own.clear()` begins with a new one."""
    return SampleBank(cast())
