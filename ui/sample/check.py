"""Sample mode as a visitor sees it: choose what is played, watch the check at work, see what was decided and why."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

import streamlit as st

from attacks.sample_person import PERSON
from bank.errors import LimitReached
from liveness.models import ModelError
from ui.live import RegistryFull, session_for, start_again
from ui.results.scenario import SCENARIOS, Scenario
from ui.sample import bank
from ui.shell.bank import tell_bank_error
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.camera import capture

if TYPE_CHECKING:
    from ui.live.directors.verify import VerifyDirector

KEY = "sample"
_PLAYED, _DIRECTOR, _STAGE = "sample-played", "sample-director", "sample-stage"


def play(code: str) -> None:
    """Begin to play a scenario, whatever is played now."""
    put_away()
    st.session_state[_PLAYED] = code


def put_away() -> None:
    """Forget what is played."""
    start_again(KEY)
    for slot in (_PLAYED, _DIRECTOR, _STAGE):
        st.session_state.pop(slot, None)


def running() -> bool:
    """Whether something is played, or was and is still shown."""
    return _PLAYED in st.session_state


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


def _button(scenario: Scenario, label: str, width: Literal["stretch", "content"]) -> None:
    primary = scenario.code == st.session_state.get(_PLAYED, "genuine")
    st.button(
        label,
        key=f"play-{scenario.code}",
        icon=":material/play_arrow:",
        type="primary" if primary else "secondary",
        width=width,
        on_click=play,
        args=(scenario.code,),
    )


def show() -> None:
    """What is played while it is played, then what was decided."""
    from ui.live.webrtc import calm  # with aiortc: the start page, which leads here, must not wait for it

    scenario = next(one for one in SCENARIOS if one.code == st.session_state[_PLAYED])
    try:
        session = session_for(KEY, _make_director)
    except RegistryFull as error:
        st.warning(str(error), icon=":material/hourglass:", title="Too many checks at once")
        return
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
        return
    except LimitReached as error:
        tell_bank_error(error)
        st.caption("The sample person is locked out as anybody would be. Only in a sample can one begin afresh.")
        st.button("Begin afresh", icon=":material/restart_alt:", on_click=_begin_afresh)
        return
    director: VerifyDirector = st.session_state[_DIRECTOR]
    if director.verified is not None:
        outcome.show(director.verified, PERSON, source="sample", truth=scenario.truth)
        return
    if director.problem:
        st.error(literal(director.problem), icon=":material/error:", title="No decision")
        return
    if _STAGE not in st.session_state:
        from ui.live.simulated_visitor import Stage

        st.session_state[_STAGE] = Stage(session, scenario.play(bank.person(), secrets.randbelow(2**31)))
        st.session_state[_STAGE].start()
    status = capture(session.token, key="capture-sample", source="watch", caption="Simulated")
    st.caption(f":material/science: {scenario.truth}")
    calm()
    if status.outcome and director.ended:
        st.rerun()
    elif status.outcome:
        st.warning("It ended before anything could be decided. Play it again.", icon=":material/info:")


def _make_director() -> VerifyDirector:
    with st.spinner("A simulated phone photographs walls for its fingerprint, and a portrait learns to move"):
        own = bank.own().bank
        from ui.live.directors.verify import VerifyDirector  # with MediaPipe, which takes seconds

    director = VerifyDirector(own, own.begin(PERSON))
    st.session_state[_DIRECTOR] = director
    st.session_state.pop(_STAGE, None)
    return director


def _begin_afresh() -> None:
    put_away()
    bank.own.clear()
