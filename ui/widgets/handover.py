"""A check that begins on one screen and goes on with the camera of a phone."""

from __future__ import annotations

from typing import Literal, TypeAlias

import streamlit as st

from ui.live import LiveSession
from ui.live.camera_status import CameraStatus
from ui.live.codes import PAIRINGS
from ui.live.webrtc import IceSettingError, stream
from ui.shell import lan
from ui.shell.session import CAMERA_SIZE, camera_used, pairing_code
from ui.shell.visit import at_this_computer
from ui.text.scores import count, literal
from ui.widgets import cards
from ui.widgets.camera import capture
from ui.widgets.phone_door import explain_warning, show_qr, tell_no_network

Guide: TypeAlias = Literal["face", "none"]
"""What the camera component draws over its picture."""

PATH = "continue"
"""Of the phone's page."""


def camera_or_watch(session: LiveSession, *, key: str, guide: Guide = "face") -> CameraStatus:
    """Show the camera of a running check, with an offer to use a phone's; once a phone has it, watch.

    Call it on each run of the page, in place of `capture` and `stream`.

    Parameters
    ----------
    session : LiveSession
    key : str
        Unique on the page, and the same on each run.
    guide : {"face", "none"}
        As `ui.widgets.camera.capture` takes it.

    Returns
    -------
    CameraStatus
        Of this browser's camera, or of the watching.
    """
    if PAIRINGS.taken(session):
        status = capture(session.token, key=f"{key}-watch", guide=guide, source="watch", caption="From the phone")
        if not session.over:
            st.caption(
                ":material/smartphone: The phone is the camera now. Go on there: this screen shows what it sees."
            )
            _offer(session, "The phone lost the page", guide)
    else:
        status = camera_in(session, key, guide)
        used = camera_used(session.name)
        if status.started:  # one check, one camera: stills of two would not agree
            used.put(True)
            PAIRINGS.withdraw(session)
        if not (session.over or used.get() or cards.phone()):
            _offer(session, "Use my phone's camera instead", guide)
    return status


def camera_in(session: LiveSession, key: str, guide: Guide) -> CameraStatus:
    """The camera of the browser that shows this, with its stream."""
    status = capture(session.token, key=key, guide=guide, modes=session.sizes)
    if status.started:
        CAMERA_SIZE.put((status.width, status.height))
    try:
        stream(session, status)
    except IceSettingError as error:
        st.error(literal(str(error)), icon=":material/error:")
    return status


def _offer(session: LiveSession, label: str, guide: Guide) -> None:
    """A switch that shows a code for the phone."""
    found = lan.door()
    if found is None and not at_this_computer():
        return  # no phone can get in, and who is elsewhere cannot change that
    if not st.toggle(label, key=f"{label}-{session.name}"):
        PAIRINGS.withdraw(session)
        pairing_code(session.name).clear()
        return
    if found is None:
        st.info(
            f"Phones cannot reach this page: it is served to this computer only. Start LensLock with "
            f"`{lan.START_WITH}`, and begin the check again.",
            icon=":material/smartphone:",
        )
    elif not found.addresses:
        tell_no_network()
    else:
        _show_code(session, found, guide)


@st.fragment(run_every=1)
def _show_code(session: LiveSession, found: lan.Door, guide: Guide) -> None:
    """The code while it is good; the page runs again once a phone has redeemed it."""
    slot = pairing_code(session.name)
    if slot.get() is None and not session.over:
        slot.put((PAIRINGS.offer(session), PAIRINGS.taken(session)))
    code, watching = slot.get() or ("", False)
    if session.over or PAIRINGS.taken(session) != watching:
        slot.clear()
        st.rerun()
    session.start()  # somebody is there, though nobody listens yet
    if not (left_s := PAIRINGS.left_s(session)):
        st.info("This code was used, or its time is over.", icon=":material/timer_off:")
        st.button("Show a new code", icon=":material/qr_code_2:", on_click=slot.clear)
        return
    picture, words = st.columns([1, 2])
    with picture:
        show_qr(
            f"{found.addresses[0]}/{PATH}?code={code}&guide={guide}", "QR code that hands this check over to a phone"
        )
    with words:
        minutes = count(max(round(left_s / 60), 1), "minute")
        st.markdown(
            "Scan it with the phone whose camera is, or will be, registered. The phone must be in the same network. "
            f"The code works once, for about {minutes}."
        )
        explain_warning(found.fingerprint)
