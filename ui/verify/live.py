"""The live selfie check as a visitor goes through it: choose who you are, answer, see the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from bank.errors import BankError
from ui.live import LiveSession, RegistryFull, session_for, start_again
from ui.shell.bank import request_context, the_bank
from ui.shell.session import chosen_profile
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.customer_choice import choose_customer
from ui.widgets.handover import camera_or_watch

if TYPE_CHECKING:
    from bank import CustomerInfo
    from ui.live.directors.verify import VerifyDirector

KEY = "verify"
_DIRECTOR, _CLAIMED = "verify-director", "verify-claimed"


def choose(customers: list[CustomerInfo]) -> str:
    """Who the visitor claims to be."""
    return choose_customer(customers)


def what_it_does_not_stop() -> None:
    """What even a passed check cannot exclude."""
    with st.expander("What this does not stop", icon=":material/warning:"):
        st.markdown(
            "- The enrolled camera that films a good screen showing a deepfake carries its own pattern.\n"
            "- Whoever stole the camera's fingerprint, or enough of its original photos, can plant the pattern.\n"
            "- A passed check says “consistent with”, with a score and a false-alarm probability: it is no proof."
        )


def begin(customer: str) -> None:
    """Begin an attempt; what stands in the way is told on the page."""
    start_again(KEY)
    st.session_state.pop(_DIRECTOR, None)
    st.session_state[_CLAIMED] = customer


def running() -> bool:
    """Whether an attempt was begun and not put away."""
    return _CLAIMED in st.session_state


def put_away() -> None:
    """Forget the attempt, so that another can begin."""
    start_again(KEY)
    for slot in (_DIRECTOR, _CLAIMED):
        st.session_state.pop(slot, None)


def show() -> None:
    """The camera while the attempt runs, then what was decided."""
    try:
        session = session_for(KEY, _make_director)
    except RegistryFull as error:
        st.warning(str(error), icon=":material/hourglass:", title="Too many checks at once")
        return
    except BankError:
        put_away()
        raise
    director: VerifyDirector = st.session_state[_DIRECTOR]
    if director.verified is not None:
        outcome.show(director.verified, st.session_state[_CLAIMED])
        st.button("Check again", icon=":material/refresh:", on_click=put_away)
        return
    if director.problem:
        st.error(literal(director.problem), icon=":material/error:", title="No decision")
        st.button("Start again", icon=":material/refresh:", on_click=put_away)
        return
    _camera(session, director)


def _make_director() -> VerifyDirector:
    from ui.live.directors.verify import VerifyDirector  # MediaPipe takes seconds: not before a check begins

    bank = the_bank()
    ongoing = bank.begin(st.session_state[_CLAIMED], request_context(), profile=chosen_profile())
    director = VerifyDirector(bank, ongoing)
    st.session_state[_DIRECTOR] = director
    return director


def _camera(session: LiveSession, director: VerifyDirector) -> None:
    status = camera_or_watch(session, key="capture-verify")
    if status.outcome:
        if director.verified is not None or director.problem:
            st.rerun()
        st.button("Start again", icon=":material/refresh:", on_click=put_away)
    else:
        st.button("Give up", icon=":material/close:", on_click=put_away)
