"""The live registration as a visitor goes through it: whose camera, the camera at work, what the bank says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from bank import CustomerInfo
from bank.errors import EnrolmentError
from bank.records import LABEL_LENGTH, name_key
from ui.live.directors.enrol import EnrolDirector, Registered
from ui.live.run import LiveRun, UnderWay
from ui.results.camera import called
from ui.shell import links
from ui.shell.bank import enrolled, the_bank
from ui.shell.session import REGISTER_CAMERA, REGISTER_PERSON, remember_registered
from ui.text.scores import count, literal, upper
from ui.widgets import saving, ways_on
from ui.widgets.handover import camera_or_watch


@dataclass
class _Wanted:
    """Whose camera is registered, what it is called, whether the face is wanted, and what the bank said of it."""

    name: str
    label: str
    face: bool
    saved: CustomerInfo | None = None
    refusal: EnrolmentError | None = None
    refused: tuple[str, str] = ("", "")  # the names that the refusal is about


def ask() -> None:
    """Whose camera it is, and what to call it."""
    with st.form("live-registration"):
        name = st.text_input(
            "Name of the person",
            placeholder="for instance Anna Smith",
            key=REGISTER_PERSON.key,
            persist_state="session",
        )
        label = st.text_input(
            "Name of the camera",
            placeholder="for instance Anna's laptop",
            key=REGISTER_CAMERA.key,
            persist_state="session",
        )
        face = st.checkbox("Register the face, too", value=True)
        if st.form_submit_button("Open the camera and register", type="primary", icon=":material/videocam:"):
            if problem := _unusable(name, label):
                st.error(literal(problem), icon=":material/error:")
            else:
                RUN.begin(_Wanted(name, label, face))
                st.rerun()
        st.caption(
            "Somebody new is saved under these names as soon as camera and face are clear enough. Of somebody who is "
            "registered already, nothing is added or replaced before you press **Save**."
        )
    st.page_link(links.REGISTER, label="Upload photos, or take them one by one, instead", icon=":material/upload:")


def _unusable(name: str, label: str) -> str:
    """What is wrong with the names: told before a minute is spent on a registration; empty if nothing is."""
    if not (name.strip() and label.strip()):
        return "Give both names."
    try:
        name_key(name)
        name_key(label, "camera", LABEL_LENGTH)
    except EnrolmentError as error:
        return upper(str(error))
    return ""


def _make(wanted: _Wanted) -> tuple[EnrolDirector, None]:
    return EnrolDirector(the_bank().policy.enrolment, wanted.label, with_face=wanted.face), None


def _about(wanted: _Wanted) -> str:
    whose = wanted.saved.name if wanted.saved else wanted.name
    return f"Registration of **{literal(wanted.label)}** for **{literal(whose)}**"


def _watch(now: UnderWay[_Wanted, EnrolDirector]) -> bool:
    return bool(camera_or_watch(now.session, key="capture-register", guide="none").outcome)


def _save(now: UnderWay[_Wanted, EnrolDirector]) -> None:
    """Enrol somebody new, once, as the button that began it said; ask first where anything else is concerned."""
    made, wanted = now.director.registered, now.wanted
    assert made is not None
    if not wanted.saved and not wanted.refusal and enrolled(wanted.name) is None:
        _enrol(wanted, made)
    if wanted.saved:
        _show_saved(wanted.saved, wanted.label, made)
    else:
        _review(wanted, made)


def _review(wanted: _Wanted, made: Registered) -> None:
    """What is to be saved under which names, and what would have to give way."""
    st.subheader("Save it?")
    wanted.name = st.text_input("Name of the person", wanted.name, key="review-person")
    wanted.label = st.text_input("Name of the camera", wanted.label, key="review-camera")
    info, face, shared, losses, ready = enrolled(wanted.name), made.template is not None, False, [], True
    if info:
        saving.tell_enrolled(info)
    if camera := saving.camera_loss(info, wanted.label):
        ready = saving.ask(camera)
        losses.append(camera)
    if face and (old := saving.face_loss(info)):
        if face := saving.ask(old):
            losses.append(old)
        else:
            st.caption(":material/info: The face that is registered stays; the new one is not kept.")
    if wanted.refusal and wanted.refused == (wanted.name, wanted.label):
        st.error(literal(upper(str(wanted.refusal))), icon=":material/error:", title="Nothing was saved")
        shared = wanted.refusal.code == "shared-camera" and saving.ask_shared()
    if saving.save_button(losses, disabled=not ready):
        _enrol(wanted, made, face=face, give_way=bool(losses), shared=shared)
        st.rerun()
    if not ready:
        st.caption(":material/info: Tick what is to be replaced, or choose another name.")
    st.button("Start again", icon=":material/refresh:", on_click=RUN.put_away)


def _enrol(wanted: _Wanted, made: Registered, face: bool = True, give_way: bool = False, shared: bool = False) -> None:
    wanted.refusal = None
    try:
        wanted.saved = the_bank().enrol(
            wanted.name,
            faces=made.template if face else None,
            photos=replace(made.sample, label=wanted.label),
            replace=give_way,
            allow_shared=shared,
        )
    except EnrolmentError as error:
        wanted.refusal, wanted.refused = error, (wanted.name, wanted.label)
    else:
        remember_registered(wanted.saved.name, called(wanted.label, wanted.saved.name))
        REGISTER_PERSON.clear()
        REGISTER_CAMERA.clear()


def _show_saved(info: CustomerInfo, label: str, made: Registered) -> None:
    fingerprint, name = made.sample.fingerprint, literal(info.name)
    how = (
        f"{count(fingerprint.images, 'still')} made its fingerprint, and a later one should score about "
        f"{fingerprint.expected_pce():.0f} (50 is needed)."
    )
    if info.face_frames:
        words = f"**{name}** can be verified with **{literal(label)}** now: {how}"
        st.success(words, icon=":material/check_circle:", title="Registered")
    else:
        words = (
            f"**{literal(label)}** is a camera of **{name}** now: {how} Without a face {name} cannot be verified yet."
        )
        st.warning(words, icon=":material/person_off:", title="Registered, without a face")
    with st.container(horizontal=True):
        if info.face_frames:
            st.page_link(links.VERIFY, label=f"Verify a selfie of {name}", icon=":material/verified_user:")
        else:
            ways_on.add_face(info.name)
        st.button("Register another", icon=":material/refresh:", on_click=RUN.put_away)


RUN: LiveRun[_Wanted, EnrolDirector] = LiveRun(
    "register",
    _make,
    _watch,
    _save,
    about=_about,
    give_up=True,
    too_many="Too many live sessions at once",
    no_decision="Nothing was registered",
)
"""A registration."""
