"""The last step of a registration: whose camera it is, the face that goes with it, and what the bank says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from bank import CustomerInfo
from bank.enrol import CameraSample
from bank.errors import EnrolmentError
from liveness.models import ModelError
from prnu import ImageError
from ui.results import sample as sample_material
from ui.results.photo import Photo
from ui.results.registration import Registration
from ui.shell import links
from ui.shell.bank import enrolled, the_bank
from ui.shell.session import CAMERA_NAME, CLAIMED, CUSTOMER_NAME, WHOSE, remember_registered, start_with
from ui.text.plain import plain
from ui.text.scores import literal, upper
from ui.widgets import face_photos, saving, uploads, ways_on

_NEW, _KNOWN = "Somebody new", "A registered customer"


@dataclass(frozen=True)
class _Wanted:
    """What is to be enrolled."""

    customer: str
    label: str
    faces: Sequence[Photo]
    replace: bool
    shared: bool


def prepare(label: str) -> None:
    """Fill the form in for a sample camera, or empty what that has left for one's own."""
    CAMERA_NAME.put(label)
    if label or CUSTOMER_NAME.get() == sample_material.PERSON:
        CUSTOMER_NAME.put(sample_material.PERSON if label else "")
        WHOSE.put(_NEW)


def save_form(registration: Registration) -> None:
    """Ask whose camera it is, and for the face; enrol both. What exists already is replaced only on demand."""
    if registration.sample is None:
        return
    if registration.saved_as:
        _show_saved(registration)
        return
    customer = _ask_whose(the_bank().customers())
    info = enrolled(customer)
    if info:
        saving.tell_enrolled(info)
    label = _ask_label(registration, customer)
    photos = face_photos.choose(
        "Photos of this person's face (optional, 1 to 5): face and camera are checked together", "faces"
    )
    losses = [saving.camera_loss(info, label), saving.face_loss(info) if photos else None]
    asked = [loss for loss in losses if loss]
    ticked = [saving.ask(loss) for loss in asked]
    shared = False
    if registration.problem and registration.problem_with == (customer, label):
        st.error(literal(registration.problem), icon=":material/error:", title="Nothing was saved")
        shared = registration.shared and saving.ask_shared()
    if saving.save_button(asked, disabled=not all(ticked)):
        if not (customer and label):
            st.error("Give both names.", icon=":material/error:")
            return
        _save(registration, _Wanted(customer, label, photos, bool(asked), shared), registration.sample)
        st.rerun()
    if not all(ticked):
        st.caption(":material/info: Tick what is to be replaced, or choose another name.")


def _ask_whose(customers: Sequence[CustomerInfo]) -> str:
    """Name of the customer: one who is enrolled, or a new one."""
    whose = _NEW
    if customers:
        choice = st.segmented_control(
            "Whose camera is it?",
            [_NEW, _KNOWN],
            required=True,
            key=start_with(WHOSE.key, _NEW),
            persist_state="session",
        )
        whose = choice or _NEW
    if whose == _KNOWN:
        names = [customer.name for customer in customers]
        known = names.index(CLAIMED.get() or "") if CLAIMED.get() in names else None
        chosen = st.selectbox(
            "Customer", names, known, format_func=plain, key="customer_known", persist_state="session"
        )
        return chosen or ""
    entered = st.text_input(
        "Name of the person" if customers else "Whose camera is it? Name of the person",
        placeholder="for instance Anna Smith",
        key=CUSTOMER_NAME.key,
        persist_state="session",
    )
    return " ".join((entered or "").split())


def _ask_label(registration: Registration, customer: str) -> str:
    """Name of the camera, marked where it is simulated and its owner is not."""
    entered = st.text_input(
        "Name of the camera", placeholder="for instance Anna's phone", key=CAMERA_NAME.key, persist_state="session"
    )
    label = " ".join((entered or "").split())
    if registration.simulated and label and not sample_material.is_simulated(customer):
        marked = sample_material.simulated_name(label)
        if marked != label:
            st.caption(
                f":material/science: A simulated camera took these photos, so its name will be “{literal(marked)}”."
            )
        return marked
    return label


def _save(registration: Registration, wanted: _Wanted, sample: CameraSample) -> None:
    bank = the_bank()
    registration.problem, registration.shared = "", False
    registration.problem_with = wanted.customer, wanted.label
    try:
        face = face_photos.template_of(wanted.faces, bank.policy.enrolment) if wanted.faces else None
        info = bank.enrol(
            wanted.customer,
            faces=face,
            photos=replace(sample, label=wanted.label),
            replace=wanted.replace,
            allow_shared=wanted.shared,
        )
    except EnrolmentError as error:
        registration.problem, registration.shared = upper(str(error)), error.code == "shared-camera"
    except (ImageError, ModelError) as error:
        registration.problem = str(error)
    else:
        registration.label, registration.owner = wanted.label, info.name
        remember_registered(info.name, registration.saved_as)
        uploads.forget("faces")


def _show_saved(registration: Registration) -> None:
    info = next((one for one in the_bank().customers() if one.name == registration.owner), None)
    face = bool(info and info.face_frames)
    whose = "whose face is registered, too" if face else "whose face is not registered yet"
    st.success(
        f"**{literal(registration.label)}** is registered as a camera of **{literal(registration.owner)}**, {whose}.",
        icon=":material/save:",
    )
    with st.container(horizontal=True):
        st.page_link(links.CHECK, label="Check a photo", icon=":material/frame_inspect:")
        if face:
            st.page_link(links.CUSTOMERS, label="Customers", icon=":material/groups:")
        else:
            ways_on.add_face(registration.owner)
