"""The live puppet as a visitor moves it: the own webcam drives the victim's photo, which then takes the real check."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import streamlit as st

from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.media.upload import LONG_SIDE
from attacks.target import Target
from attacks.types import no_sensor
from liveness.landmarks import FaceTracker
from liveness.watcher import Watcher
from ui.live import SESSIONS, LiveSession
from ui.live.camera_status import CameraStatus
from ui.live.directors.puppet import Puppeteer
from ui.live.directors.verify import VerifyDirector
from ui.live.run import LiveRun, UnderWay
from ui.live.webrtc import IceSettingError, stream
from ui.sample.bank import SampleBank
from ui.shell.session import PUPPET_CHECK, Slot
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.camera import capture

_BEFORE = (
    "Start your camera and look into it: **the victim's photo blinks, glances and turns its head when you do**. Then "
    "let it take the check, and answer with your own face. Nothing of your face is kept, and no template is made of it."
)
INJECTED, FILMED = "No camera: they are handed in as computed (injected)", "Another camera that films it (simulated)"
_TRUTHS = {
    INJECTED: "You move the victim's photo with your own face; its photos are handed in as computed (injection).",
    FILMED: "You move the victim's photo with your own face; another camera, a simulated one, takes its photos.",
}


@dataclass(frozen=True)
class _Check:
    """A check that the photo takes."""

    director: VerifyDirector
    truth: str


_CHECK: Slot[_Check] = PUPPET_CHECK


def show(target: Target) -> None:
    """The visitor's camera and the target's photo that follows it; then its check, and what was decided.

    Parameters
    ----------
    target : attacks.target.Target
        Kept from run to run: with another one it starts over.
    """
    if RUN.wanted is not target:
        RUN.begin(target)
    RUN.show()


def _judge(_: Puppeteer) -> VerifyDirector | None:
    check = _CHECK.get()
    return check.director if check else None


def _watch(now: UnderWay[Target, Puppeteer]) -> bool:
    """Both pictures, with what to do above them. That it broke off is told above them, too."""
    check = _CHECK.get()
    above = st.container()  # always there: if the pictures below changed places, the browser would start them anew
    status = _two_pictures(now)
    with above:
        if now.session.over:
            RUN.leave(now)
        elif check is not None:
            st.markdown(f"**Now it is judged:** do what is asked. {check.truth}")
        else:
            st.markdown(_BEFORE)
            if status.started:
                _offer_check(now)
    if check is not None and not now.session.over:
        st.button("Stop the check", icon=":material/close:", on_click=_stop_check, args=(now.director,))
    return False


def _decided(now: UnderWay[Target, Puppeteer]) -> None:
    check = _CHECK.get()
    assert check is not None
    verified = check.director.verified
    assert verified is not None
    outcome.show(verified, now.wanted.name, source="lab", truth=check.truth)
    if any(factor.name == "liveness" and factor.verdict == "passed" for factor in verified.decision.factors):
        st.markdown(
            "**Why liveness does not stop this:** a living person did move the face, and it was you. The check of the "
            "camera does not ask how the face moves, but which sensor took the pictures."
        )
    st.button("Move the photo again", icon=":material/refresh:", on_click=RUN.put_away)


def _two_pictures(now: UnderWay[Target, Puppeteer]) -> CameraStatus:
    """The visitor, and the photo that follows: both as in a mirror."""
    session = now.session
    if not session.showing.is_after(0):
        session.showing.put(now.director.unmoved())
    you, photo = st.columns(2)
    with photo:
        title = "The victim's photo, moved by you"
        capture(session.token, key="capture-puppet", source="watch", title=title, caption="Simulated")
    with you:
        return _camera(session)


def _camera(session: LiveSession) -> CameraStatus:
    status = capture(session.token, key="capture-puppeteer", caption="You")
    try:
        stream(session, status)
    except IceSettingError as error:
        st.error(literal(str(error)), icon=":material/error:")
    return status


def _offer_check(now: UnderWay[Target, Puppeteer]) -> None:
    """What to do with a photo that moves."""
    words = "What takes the photos that the check asks for (stills)"
    stills = st.radio(words, list(_TRUTHS), key="puppet-stills", horizontal=True)
    with st.container(horizontal=True):
        take = st.button("Let it take the check", type="primary", icon=":material/verified_user:")
        st.button(
            "It looks askew: learn my straight look again",
            icon=":material/center_focus_strong:",
            on_click=now.director.settle,
        )
    if take:
        with RUN.told():
            _take_check(now.wanted, now.director, stills)
            st.rerun()


def _take_check(target: Target, puppeteer: Puppeteer, stills: str) -> None:
    _own_bank.clear()  # no check is judged by the ones before it
    own = _own_bank(target).bank
    director = VerifyDirector(own, own.begin(target.name))
    filmed = target.filmed(secrets.randbelow(2**31))
    puppeteer.take_check(SESSIONS.open(director, played=True), no_sensor if stills == INJECTED else filmed)
    _CHECK.put(_Check(director, _TRUTHS[stills]))


def _make(target: Target) -> tuple[Puppeteer, None]:
    _CHECK.clear()
    with st.spinner("The photo learns to move"):
        return Puppeteer(_small(target), target.face), None


def _small(target: Target) -> Puppet:
    """The photo framed as the target's own, in a stream's size. Not cached: it must go when its person says so."""
    height, width = target.camera.shape
    scale = min(1.0, LONG_SIDE / max(height, width))
    with FaceTracker(stills=True) as tracker:
        return Puppet(selfie(target.portrait, (round(scale * height), round(scale * width)), tracker), tracker)


def _stop_check(puppeteer: Puppeteer) -> None:
    puppeteer.stop_check()
    _CHECK.clear()


def _tidy(now: UnderWay[Target, Puppeteer] | None) -> None:
    """Let go of the photo, of its check, and of the bank that it was enrolled in."""
    if now:
        now.director.close()  # a session that never heard of its visitor does not close it
    _CHECK.clear()
    _own_bank.clear()


@st.cache_resource(show_spinner=False, scope="session", max_entries=1, on_release=lambda made: made.close())
def _own_bank(_target: Target) -> SampleBank:
    """A bank of the visitor's own, with the target enrolled."""
    return SampleBank(_target)


def _sight() -> Watcher:
    return Watcher(recognise=False)


RUN: LiveRun[Target, Puppeteer] = LiveRun(
    "live-puppet",
    _make,
    _watch,
    _decided,
    judge=_judge,
    tidy=_tidy,
    options={"own_pictures": True, "sight": _sight},
    broke_off="It ended before anything was decided.",
)
"""A photo that the visitor moves."""
