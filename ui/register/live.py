"""The live registration as a visitor goes through it: whose camera, the camera at work, what the bank says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from bank.errors import EnrolmentError
from ui.live import RegistryFull, session_for, start_again
from ui.shell import links
from ui.shell.bank import the_bank
from ui.text.scores import count, literal
from ui.widgets.handover import camera_or_watch

if TYPE_CHECKING:
    from ui.live.directors.enrol import EnrolDirector

KEY = "register"
_WANTED, _DIRECTOR, _SAVED, _PROBLEM = "live-wanted", "live-director", "live-saved", "live-problem"


def ask() -> None:
    """Whose camera it is, and what to call it."""
    with st.form("live-registration"):
        name = st.text_input("Name of the person", placeholder="for instance Anna Smith")
        label = st.text_input("Name of the camera", placeholder="for instance Anna's laptop")
        face = st.checkbox("Register the face, too", value=True)
        if st.form_submit_button("Open the camera", type="primary", icon=":material/videocam:"):
            if name.strip() and label.strip():
                put_away()
                st.session_state[_WANTED] = (name, label, face)
                st.rerun()
            st.error("Give both names.", icon=":material/error:")
    st.page_link(links.REGISTER, label="Upload photos, or take them one by one, instead", icon=":material/upload:")


def running() -> bool:
    """Whether a registration was begun and not put away."""
    return _WANTED in st.session_state


def put_away() -> None:
    """Forget the registration, so that another can begin."""
    start_again(KEY)
    for slot in (_WANTED, _DIRECTOR, _SAVED, _PROBLEM):
        st.session_state.pop(slot, None)


def show() -> None:
    """The camera while it is being registered, then what became of it."""
    try:
        session = session_for(KEY, _make_director)
    except RegistryFull as error:
        st.warning(str(error), icon=":material/hourglass:", title="Too many live sessions at once")
        return
    director: EnrolDirector = st.session_state[_DIRECTOR]
    if director.registered is not None:
        _save(director)
        return
    if director.problem:
        st.error(literal(director.problem), icon=":material/error:", title="Nothing was registered")
        st.button("Start again", icon=":material/refresh:", on_click=put_away)
        return
    status = camera_or_watch(session, key="capture-register", guide="none")
    if status.outcome:
        if session.over:
            st.rerun()
        st.button("Start again", icon=":material/refresh:", on_click=put_away)
    else:
        st.button("Give up", icon=":material/close:", on_click=put_away)


def _make_director() -> EnrolDirector:
    from ui.live.directors.enrol import EnrolDirector  # MediaPipe takes seconds: not before it is needed

    _, label, face = st.session_state[_WANTED]
    made = EnrolDirector(the_bank().policy.enrolment, label, with_face=face)
    st.session_state[_DIRECTOR] = made
    return made


def _save(director: EnrolDirector) -> None:
    """Enrol what was registered, once; a refusal of the bank is told with a way on."""
    made = director.registered
    assert made is not None
    name, label, _ = st.session_state[_WANTED]
    if _SAVED not in st.session_state:
        replace, shared = st.session_state.get("live-replace", False), st.session_state.get("live-shared", False)
        try:
            the_bank().enrol(name, faces=made.template, photos=made.sample, replace=replace, allow_shared=shared)
        except EnrolmentError as error:
            st.error(literal(str(error)), icon=":material/error:", title="Nothing was saved")
            st.checkbox("Replace what is enrolled already", key="live-replace")
            st.checkbox("They share this camera", key="live-shared")
            with st.container(horizontal=True):
                st.button("Save", type="primary", icon=":material/save:")
                st.button("Start again", icon=":material/refresh:", on_click=put_away)
            return
        st.session_state[_SAVED] = True
    fingerprint = made.sample.fingerprint
    st.success(
        f"**{literal(name)}** can be verified with **{literal(label)}** now: {count(fingerprint.images, 'still')} made "
        f"its fingerprint, and a later one should score about {fingerprint.expected_pce():.0f} (50 is needed).",
        icon=":material/check_circle:",
        title="Registered",
    )
    with st.container(horizontal=True):
        st.page_link(links.VERIFY, label="Verify a selfie", icon=":material/verified_user:")
        st.button("Register another", icon=":material/refresh:", on_click=put_away)
