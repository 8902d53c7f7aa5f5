"""The live puppet as a visitor moves it: the own webcam drives the victim's photo, which then takes the real check."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import streamlit as st

from liveness.models import ModelError
from liveness.watcher import Watcher
from ui.live import SESSIONS, LiveSession, RegistryFull, session_for, start_again
from ui.live.camera_status import CameraStatus
from ui.sample.bank import SampleBank
from ui.text.scores import literal
from ui.widgets import outcome
from ui.widgets.camera import capture

if TYPE_CHECKING:
    from attacks.face.puppet import Puppet
    from attacks.target import Target
    from ui.live.directors.puppet import Puppeteer
    from ui.live.directors.verify import Verified, VerifyDirector

KEY = "live-puppet"
_TARGET, _PUPPETEER, _CHECK, _TRUTH = "puppet-target", "puppet-director", "puppet-check", "puppet-truth"

_BEFORE = (
    "Start your camera and look into it: **the victim's photo blinks, glances and turns its head when you do**. Then "
    "let it take the check, and answer with your own face. Nothing of your face is kept, and no template is made of it."
)
INJECTED, FILMED = "No camera: they are handed in as computed (injected)", "Another camera that films it (simulated)"
_TRUTHS = {
    INJECTED: "You move the victim's photo with your own face; its photos are handed in as computed (injection).",
    FILMED: "You move the victim's photo with your own face; another camera, a simulated one, takes its photos.",
}


def show(target: Target) -> None:
    """The visitor's camera and the target's photo that follows it; then its check, and what was decided.

    Parameters
    ----------
    target : attacks.target.Target
        Kept from run to run: with another one it starts over.
    """
    if st.session_state.setdefault(_TARGET, target) is not target:
        put_away()
        st.session_state[_TARGET] = target
    try:
        session = session_for(KEY, _make_director, own_pictures=True, sight=_sight)
    except RegistryFull as error:
        _too_many(error)
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face models are missing")
    else:
        _go_on(session, target)


def put_away() -> None:
    """Let go of the photo, of its check, and of the bank that it was enrolled in."""
    start_again(KEY)
    if _PUPPETEER in st.session_state:
        st.session_state[_PUPPETEER].close()  # a session that never heard of its visitor does not close it
    for slot in (_TARGET, _PUPPETEER, _CHECK, _TRUTH):
        st.session_state.pop(slot, None)
    _own_bank.clear()


def _go_on(session: LiveSession, target: Target) -> None:
    check: VerifyDirector | None = st.session_state.get(_CHECK)
    if check is not None and check.verified is not None:
        _decided(check.verified, target)
        return
    if check is not None and check.problem:
        st.error(literal(check.problem), icon=":material/error:", title="No decision")
        st.button("Start again", icon=":material/refresh:", on_click=put_away)
        return
    above = st.container()  # always there: if the pictures below changed places, the browser would start them anew
    status = _two_pictures(session)
    with above:
        if session.over:
            if check is not None and check.ended:
                st.rerun()  # it was decided since this run began
            st.warning("It ended before anything was decided.", icon=":material/info:")
            st.button("Start again", icon=":material/refresh:", on_click=put_away)
        elif check is not None:
            st.markdown(f"**Now it is judged:** do what is asked. {st.session_state[_TRUTH]}")
        else:
            st.markdown(_BEFORE)
            if status.started:
                _offer_check(target)
    if check is not None and not session.over:
        st.button("Stop the check", icon=":material/close:", on_click=_stop_check)


def _decided(verified: Verified, target: Target) -> None:
    outcome.show(verified, target.name, source="sample", truth=st.session_state[_TRUTH])
    if any(factor.name == "liveness" and factor.verdict == "passed" for factor in verified.decision.factors):
        st.markdown(
            "**Why liveness does not stop this:** a living person did move the face, and it was you. The check of the "
            "camera does not ask how the face moves, but which sensor took the pictures."
        )
    st.button("Move the photo again", icon=":material/refresh:", on_click=put_away)


def _two_pictures(session: LiveSession) -> CameraStatus:
    """The visitor, and the photo that follows: both as in a mirror."""
    from ui.live.webrtc import calm  # with aiortc, which takes a second

    puppeteer: Puppeteer = st.session_state[_PUPPETEER]
    if not session.showing.is_after(0):
        session.showing.put(puppeteer.unmoved())
    you, photo = st.columns(2)
    with photo:
        title = "The victim's photo, moved by you"
        capture(session.token, key="capture-puppet", source="watch", title=title, caption="Simulated")
    with you:
        status = _camera(session)
    calm()
    return status


def _camera(session: LiveSession) -> CameraStatus:
    from ui.live.webrtc import IceSettingError, stream

    status = capture(session.token, key="capture-puppeteer", caption="You")
    try:
        stream(session, status)
    except IceSettingError as error:
        st.error(literal(str(error)), icon=":material/error:")
    return status


def _offer_check(target: Target) -> None:
    """What to do with a photo that moves."""
    puppeteer: Puppeteer = st.session_state[_PUPPETEER]
    words = "What takes the photos that the check asks for (stills)"
    stills = st.radio(words, list(_TRUTHS), key="puppet-stills", horizontal=True)
    with st.container(horizontal=True):
        take = st.button("Let it take the check", type="primary", icon=":material/verified_user:")
        st.button(
            "It looks askew: learn my straight look again",
            icon=":material/center_focus_strong:",
            on_click=puppeteer.settle,
        )
    if take:
        try:
            _take_check(target, puppeteer, stills)
        except RegistryFull as error:
            _too_many(error)
        else:
            st.rerun()


def _take_check(target: Target, puppeteer: Puppeteer, stills: str) -> None:
    from attacks.types import no_sensor
    from ui.live.directors.verify import VerifyDirector

    _own_bank.clear()  # no check is judged by the ones before it
    own = _own_bank(target).bank
    director = VerifyDirector(own, own.begin(target.name))
    filmed = target.filmed(secrets.randbelow(2**31))
    puppeteer.take_check(SESSIONS.open(director), no_sensor if stills == INJECTED else filmed)
    st.session_state[_CHECK], st.session_state[_TRUTH] = director, _TRUTHS[stills]


def _make_director() -> Puppeteer:
    from ui.live.directors.puppet import Puppeteer  # with MediaPipe, which takes seconds

    target: Target = st.session_state[_TARGET]
    with st.spinner("The photo learns to move"):
        director = Puppeteer(_small(target), target.face)
    st.session_state[_PUPPETEER] = director
    st.session_state.pop(_CHECK, None)
    return director


def _small(target: Target) -> Puppet:
    """The photo framed as the target's own, in a stream's size. Not cached: it must go when its person says so."""
    from attacks.face.puppet import Puppet
    from attacks.face.selfie_framing import selfie
    from attacks.media.upload import LONG_SIDE
    from liveness.landmarks import FaceTracker

    height, width = target.camera.shape
    scale = min(1.0, LONG_SIDE / max(height, width))
    with FaceTracker(stills=True) as tracker:
        return Puppet(selfie(target.portrait, (round(scale * height), round(scale * width)), tracker), tracker)


def _stop_check() -> None:
    puppeteer: Puppeteer = st.session_state[_PUPPETEER]
    puppeteer.stop_check()
    del st.session_state[_CHECK]


@st.cache_resource(show_spinner=False, scope="session", max_entries=1, on_release=lambda made: made.close())
def _own_bank(_target: Target) -> SampleBank:
    """A bank of the visitor's own, with the target enrolled."""
    return SampleBank(_target)


def _sight() -> Watcher:
    return Watcher(recognise=False)


def _too_many(error: RegistryFull) -> None:
    st.warning(str(error), icon=":material/hourglass:", title="Too many checks at once")
