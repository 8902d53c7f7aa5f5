"""Pieces for a phone as the camera: the door for phones, the hand-over on the big screen, and what the phone shows."""

from __future__ import annotations

import streamlit as st

from ui.live import LiveSession
from ui.live.codes import LIFETIME_S, PAIRINGS
from ui.shell.garbage import calm
from ui.shell.session import CODE_REFUSED, CONTINUED, Slot
from ui.widgets.handover import Guide, camera_in

_CONTINUED: Slot[tuple[LiveSession, Guide]] = CONTINUED


def arrived() -> tuple[LiveSession, Guide] | None:
    """The check that this phone goes on with; None if there is none.

    A code in the address is redeemed and taken out of the address.
    """
    if code := st.query_params.get("code", ""):
        guide: Guide = "none" if st.query_params.get("guide") == "none" else "face"
        st.query_params.clear()
        session = PAIRINGS.redeem(code)
        CODE_REFUSED.put(session is None)
        if session is not None:
            _CONTINUED.put((session, guide))
    kept = _CONTINUED.get()
    if kept is not None and kept[0].over and CODE_REFUSED.get():
        return None  # a code that did not work is not answered with a check of before
    return kept


def scan() -> None:
    """What to do on a phone that has no check to go on with."""
    if CODE_REFUSED.get():
        st.warning(
            f"A code works once, and for {LIFETIME_S / 60:.0f} minutes. On the big screen, have a new code shown, and "
            "scan that.",
            icon=":material/timer_off:",
            title="This code does not work any more",
        )
    else:
        st.info(
            "On the big screen, begin a check or a registration, switch on **Use my phone's camera instead**, and scan "
            "the code with this phone. After this page was loaded anew, the code must be scanned anew, too.",
            icon=":material/qr_code_scanner:",
            title="Scan the code on the big screen",
        )


def go_on(session: LiveSession, guide: Guide) -> None:
    """The phone's camera, in a check that began elsewhere. Nothing that the bank knows is shown here."""
    if not session.over:
        st.caption("What this phone's camera sees, the big screen shows, too. Do what is asked on either of them.")
    status = camera_in(session, "capture-continued", guide)
    calm()
    if session.over or status.outcome:
        st.info("What came of it, and why, is shown there.", icon=":material/tv:", title="Look at the big screen")
