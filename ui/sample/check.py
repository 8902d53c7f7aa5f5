"""Sample mode as a visitor sees it: choose what is played, watch the check at work, see what was decided and why."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING, Literal

import streamlit as st

from attacks.sample_person import PERSON
from bank.errors import BankError, LimitReached
from ui.live.run import LiveRun, UnderWay
from ui.results.scenario import SCENARIOS, Scenario
from ui.sample import bank
from ui.shell.bank import tell_bank_error
from ui.widgets import outcome
from ui.widgets.camera import capture

if TYPE_CHECKING:
    from attacks.types import Presentation
    from ui.live.directors.verify import VerifyDirector


def choose() -> None:
    """The scenarios, each with a button."""
    for column, scenario in zip(st.columns(len(SCENARIOS), border=True), SCENARIOS, strict=True):
        with column:
            with st.container(height="stretch"):
                st.markdown(f"##### {scenario.icon} {scenario.title}")
                st.markdown(scenario.teaser)
            _button(scenario, "Play", width="stretch")


def choose_again() -> None:
    """The scenarios in one line, above what is played."""
    with st.container(horizontal=True):
        for scenario in SCENARIOS:
            _button(scenario, scenario.title, width="content")


def play(code: str) -> None:
    """Begin to play a scenario, whatever is played now."""
    RUN.begin(next(scenario for scenario in SCENARIOS if scenario.code == code))


def _button(scenario: Scenario, label: str, width: Literal["stretch", "content"]) -> None:
    primary = scenario == (RUN.wanted or SCENARIOS[0])
    st.button(
        label,
        key=f"play-{scenario.code}",
        icon=":material/play_arrow:",
        type="primary" if primary else "secondary",
        width=width,
        on_click=RUN.begin,
        args=(scenario,),
    )


def _make(scenario: Scenario) -> tuple[VerifyDirector, Presentation]:
    with st.spinner("A simulated phone photographs walls for its fingerprint, and a portrait learns to move"):
        own = bank.own().bank
        from ui.live.directors.verify import (
            VerifyDirector,  # with the bank: the start page, which leads here, must not wait
        )

        seed = secrets.randbelow(2**31)
        draw = random.Random(seed)
        return VerifyDirector(own, own.begin(PERSON, draw=draw), draw), scenario.play(bank.person(), seed)


def _watch(now: UnderWay[Scenario, VerifyDirector]) -> bool:
    status = capture(now.session.token, key="capture-sample", source="watch", caption="Simulated")
    st.caption(f":material/science: {now.wanted.truth}")
    return bool(status.outcome)


def _decided(now: UnderWay[Scenario, VerifyDirector]) -> None:
    assert now.director.verified is not None
    outcome.show(now.director.verified, PERSON, source="sample", truth=now.wanted.truth)


def _refused(error: BankError) -> None:
    tell_bank_error(error)
    if isinstance(error, LimitReached):
        st.caption("The sample person is locked out as anybody would be. Only in a sample can one begin afresh.")
        st.button("Begin afresh", icon=":material/restart_alt:", on_click=_begin_afresh)


def _begin_afresh() -> None:
    RUN.put_away()
    bank.own.clear()


RUN: LiveRun[Scenario, VerifyDirector] = LiveRun(
    "sample",
    _make,
    _watch,
    _decided,
    about=lambda _: f"Is it **{PERSON}**, with a registered camera?",
    refused=_refused,
    broke_off="It ended before anything could be decided. Play it again.",
    start_again=False,
)
"""A scenario that is played."""
