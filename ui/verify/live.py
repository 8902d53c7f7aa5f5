"""The live selfie check as a visitor goes through it: choose who you are, answer, see the decision."""

from __future__ import annotations

import streamlit as st

from bank import CustomerInfo
from bank.errors import BankError
from ui.live.directors.verify import VerifyDirector
from ui.live.run import LiveRun, UnderWay
from ui.shell.bank import request_context, tell_bank_error, the_bank
from ui.shell.session import chosen_profile
from ui.widgets import outcome
from ui.widgets.customer_choice import choose_customer
from ui.widgets.handover import camera_or_watch


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


def _make(customer: str) -> tuple[VerifyDirector, None]:
    bank = the_bank()
    return VerifyDirector(bank, bank.begin(customer, request_context(), profile=chosen_profile())), None


def _watch(now: UnderWay[str, VerifyDirector]) -> bool:
    return bool(camera_or_watch(now.session, key="capture-verify").outcome)


def _decided(now: UnderWay[str, VerifyDirector]) -> None:
    assert now.director.verified is not None
    outcome.show(now.director.verified, now.wanted)
    st.button("Check again", icon=":material/refresh:", on_click=RUN.put_away)


def _refused(error: BankError) -> None:
    RUN.put_away()
    tell_bank_error(error)


RUN: LiveRun[str, VerifyDirector] = LiveRun("verify", _make, _watch, _decided, refused=_refused, give_up=True)
"""An attempt by the customer whom somebody claims to be."""
