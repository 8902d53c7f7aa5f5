"""The live registration as a visitor goes through it: whose camera, the camera at work, what the bank says."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from bank.errors import EnrolmentError
from ui.live.directors.enrol import EnrolDirector
from ui.live.run import LiveRun, UnderWay
from ui.shell import links
from ui.shell.bank import the_bank
from ui.shell.session import LIVE_REPLACE, LIVE_SHARED
from ui.text.scores import count, literal
from ui.widgets.handover import camera_or_watch


@dataclass
class _Wanted:
    """Whose camera is registered, what it is called, whether the face is wanted, and whether all of it is saved."""

    name: str
    label: str
    face: bool
    saved: bool = False


def ask() -> None:
    """Whose camera it is, and what to call it."""
    with st.form("live-registration"):
        name = st.text_input("Name of the person", placeholder="for instance Anna Smith")
        label = st.text_input("Name of the camera", placeholder="for instance Anna's laptop")
        face = st.checkbox("Register the face, too", value=True)
        if st.form_submit_button("Open the camera", type="primary", icon=":material/videocam:"):
            if name.strip() and label.strip():
                RUN.begin(_Wanted(name, label, face))
                st.rerun()
            st.error("Give both names.", icon=":material/error:")
    st.page_link(links.REGISTER, label="Upload photos, or take them one by one, instead", icon=":material/upload:")


def _make(wanted: _Wanted) -> tuple[EnrolDirector, None]:
    return EnrolDirector(the_bank().policy.enrolment, wanted.label, with_face=wanted.face), None


def _watch(now: UnderWay[_Wanted, EnrolDirector]) -> bool:
    return bool(camera_or_watch(now.session, key="capture-register", guide="none").outcome)


def _save(now: UnderWay[_Wanted, EnrolDirector]) -> None:
    """Enrol what was registered, once; a refusal of the bank is told with a way on."""
    made, wanted = now.director.registered, now.wanted
    assert made is not None
    if not wanted.saved:
        replace, shared = bool(LIVE_REPLACE.get()), bool(LIVE_SHARED.get())
        try:
            the_bank().enrol(wanted.name, faces=made.template, photos=made.sample, replace=replace, allow_shared=shared)
        except EnrolmentError as error:
            st.error(literal(str(error)), icon=":material/error:", title="Nothing was saved")
            st.checkbox("Replace what is registered already", key=LIVE_REPLACE.key)
            st.checkbox("They share this camera", key=LIVE_SHARED.key)
            with st.container(horizontal=True):
                st.button("Save", type="primary", icon=":material/save:")
                st.button("Start again", icon=":material/refresh:", on_click=RUN.put_away)
            return
        wanted.saved = True
    fingerprint = made.sample.fingerprint
    st.success(
        f"**{literal(wanted.name)}** can be verified with **{literal(wanted.label)}** now: "
        f"{count(fingerprint.images, 'still')} made its fingerprint, and a later one should score about "
        f"{fingerprint.expected_pce():.0f} (50 is needed).",
        icon=":material/check_circle:",
        title="Registered",
    )
    with st.container(horizontal=True):
        st.page_link(links.VERIFY, label="Verify a selfie", icon=":material/verified_user:")
        st.button("Register another", icon=":material/refresh:", on_click=RUN.put_away)


RUN: LiveRun[_Wanted, EnrolDirector] = LiveRun(
    "register",
    _make,
    _watch,
    _save,
    give_up=True,
    too_many="Too many live sessions at once",
    no_decision="Nothing was registered",
)
"""A registration."""
