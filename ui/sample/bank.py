"""A bank of the visitor's own for sample checks: simulated attempts stay out of the real bank and its audit log."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

import bank

if TYPE_CHECKING:
    from attacks.target import Target

TOKEN_S = 3600.0
"""Seconds for which an attempt can be decided: the most that a policy may say. A busy machine takes many times as long
for what is played as that lasts."""


class SampleBank:
    """A bank in a temporary folder, with somebody enrolled.

    Parameters
    ----------
    target : Target
        Who is enrolled.
    """

    def __init__(self, target: Target) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lenslock-sample-")
        url, policy = f"sqlite:///{self._folder.name}/bank.db", bank.Policy.load()
        patient = policy.limits.model_copy(update={"token_s": TOKEN_S})
        policy = replace(policy, limits=patient)
        self.bank = bank.Bank(url, folder=self._folder.name, policy=policy, feeds=())
        target.enrol(self.bank)

    def close(self) -> None:
        """Forget everything."""
        self.bank.close()
        self._folder.cleanup()


@st.cache_resource(show_spinner=False, max_entries=1)
def person() -> Target:
    """The sample person, for all visitors. Made once, which takes some seconds."""
    from attacks.target import simulated  # with the bank: the start page, which leads here, must not wait

    return simulated(bank.Policy.load().enrolment)


@st.cache_resource(show_spinner=False, scope="session", on_release=lambda made: made.close())
def own() -> SampleBank:
    """The visitor's own; `own.clear()` begins with a new one."""
    return SampleBank(person())
