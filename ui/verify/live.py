"""The live selfie check as a visitor goes through it: choose who you are, answer, see the decision."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from bank import CustomerInfo
from bank.errors import BankError
from ui.live.decode import STILL_PIXELS
from ui.live.directors.verify import VerifyDirector
from ui.live.run import LiveRun, UnderWay
from ui.shell import links
from ui.shell.bank import request_context, tell_bank_error, the_bank
from ui.shell.session import CAMERA_SIZE, chosen_profile
from ui.text import readiness
from ui.text.scores import literal
from ui.widgets import outcome, ways_on
from ui.widgets.customer_choice import choose_customer
from ui.widgets.handover import camera_or_watch


@dataclass(frozen=True)
class Claim:
    """Who a visitor claims to be, whether their camera swaps left and right, and whether they need more time."""

    customer: str
    mirrored: bool
    more_time: bool


def choose(customers: list[CustomerInfo]) -> Claim | None:
    """Who the visitor claims to be, and what would make the check easier for them; None if no check can begin."""
    info = choose_customer(customers)
    if info is None:
        new = "You are not in the list? Register first"
        st.page_link(links.REGISTER_LIVE, label=new, icon=":material/videocam:")
        return None
    customer, profile = info.name, the_bank().policy.profile(chosen_profile())
    obstacles = readiness.live_obstacles(info, profile.required, STILL_PIXELS, CAMERA_SIZE.get())
    if not ways_on.show_obstacles(info, obstacles):
        return None
    rules = profile.liveness
    with st.expander("More time, other movements, a mirrored camera", icon=":material/accessibility_new:"):
        more_time = st.checkbox(
            f"I need more time: {rules.slow_step_seconds:g} seconds for each movement instead of "
            f"{rules.step_seconds:g}",
            key="more-time",
            persist_state="session",
        )
        mirrored = st.checkbox(
            "My camera is mirrored: it swaps left and right",
            value=the_bank().mirrored(customer),
            key=f"mirrored-{customer}",
            help="Some cameras and their programs do so without a word. A check that cannot tell for it says so. That "
            "you see yourself as in a mirror here is no sign of it.",
        )
        st.caption(
            "If you cannot do a movement, press “I cannot do this” while it is asked for: another is asked instead, "
            "and one more at the end. “Read prompts aloud” below the picture lets your browser speak."
        )
    return Claim(customer, mirrored, more_time)


def what_it_does_not_stop() -> None:
    """What even a passed check cannot exclude."""
    with st.expander("What this does not stop", icon=":material/warning:"):
        st.markdown(
            "- The registered camera that films a good screen showing a deepfake carries its own pattern.\n"
            "- Whoever stole the camera's fingerprint, or enough of its original photos, can plant the pattern.\n"
            "- A passed check says “consistent with”, with a score and a false-alarm probability: it is no proof."
        )


def _about(claim: Claim) -> str:
    return f"Is it **{literal(claim.customer)}**, with a registered camera?"


def _make(claim: Claim) -> tuple[VerifyDirector, None]:
    bank = the_bank()
    sizes = readiness.sizes_of(bank.customer(claim.customer), STILL_PIXELS)
    ongoing = bank.begin(
        claim.customer,
        request_context(),
        profile=chosen_profile(),
        mirrored=claim.mirrored,
        more_time=claim.more_time,
    )
    return VerifyDirector(bank, ongoing, sizes=sizes), None


def _watch(now: UnderWay[Claim, VerifyDirector]) -> bool:
    status = camera_or_watch(now.session, key="capture-verify")
    if status.problem == "other-mode":
        _use_another(now)
    return bool(status.outcome)


def _use_another(now: UnderWay[Claim, VerifyDirector]) -> None:
    """What to do with a camera that does not have the size that was registered."""
    with st.container(horizontal=True, vertical_alignment="center"):
        ways_on.register(now.wanted.customer, RUN.put_away)
        ways_on.test_camera()


def _ways_on(now: UnderWay[Claim, VerifyDirector]) -> None:
    if now.director.misfit:
        _use_another(now)


def _decided(now: UnderWay[Claim, VerifyDirector]) -> None:
    verified = now.director.verified
    assert verified is not None
    outcome.show(verified, now.wanted.customer)
    with st.container(horizontal=True):
        if verified.decision.factor("liveness").reason == "mirrored":
            other = replace(now.wanted, mirrored=not now.wanted.mirrored)
            label = "Switch left and right, and check again"
            st.button(label, icon=":material/flip:", type="primary", on_click=RUN.begin, args=(other,))
        st.button("Check again", icon=":material/refresh:", on_click=RUN.put_away)


def _refused(error: BankError) -> None:
    RUN.put_away()
    tell_bank_error(error)


RUN: LiveRun[Claim, VerifyDirector] = LiveRun(
    "verify", _make, _watch, _decided, about=_about, ways_on=_ways_on, refused=_refused, give_up=True
)
"""An attempt by the customer whom somebody claims to be."""
