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
from ui.shell.bank import the_bank
from ui.shell.session import CAMERA_NAME, CUSTOMER_NAME, WHOSE, start_with
from ui.text.scores import count, literal, upper
from ui.widgets import face_photos, uploads

_NEW, _KNOWN = "Somebody new", "An enrolled customer"
_SHARED = "another customer"  # in the bank's message, where the camera is somebody else's already


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
    bank = the_bank()
    customers = bank.customers()
    customer = _ask_whose(customers)
    info = next((one for one in customers if one.name.casefold() == customer.casefold()), None)
    if info:
        st.caption(
            f":material/person: **{literal(info.name)}** is enrolled already, with "
            f"{count(len(info.cameras), 'camera')} and {'a' if info.face_frames else 'no'} face. This is added."
        )
    label = _ask_label(registration, customer)
    photos = face_photos.choose(
        "Photos of this person's face (optional, 1 to 5): face and camera are checked together", "faces"
    )
    conflicts = _conflicts(info, label, photos)
    ticked = [st.checkbox(question, key=f"replace-{question}") for question in conflicts]
    shared = False
    if registration.problem and registration.problem_with == (customer, label):
        st.error(literal(registration.problem), icon=":material/error:", title="Nothing was saved")
        shared = registration.shared and _ask_shared()
    if st.button("Save", type="primary", icon=":material/save:", disabled=not all(ticked)):
        _save(registration, _Wanted(customer, label, photos, bool(conflicts), shared), registration.sample)
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
        return st.selectbox("Customer", names, key="customer_known", persist_state="session") or ""
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


def _conflicts(info: CustomerInfo | None, label: str, photos: Sequence[Photo]) -> list[str]:
    """What is there already and would have to give way, as questions."""
    if info is None:
        return []
    name = literal(info.name)
    taken = [camera.label for camera in info.cameras if camera.label.casefold() == label.casefold()]
    questions = [f"Replace the camera “{literal(one)}” of {name}" for one in taken]
    if photos and info.face_frames:
        questions.append(f"Replace the face of {name} that is enrolled")
    return questions


def _ask_shared() -> bool:
    return st.checkbox(
        "They share this camera",
        key="shared",
        help="As a family shares a tablet. If nobody does, somebody may be trying to enrol under a second name.",
    )


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
        registration.problem, registration.shared = upper(str(error)), _SHARED in str(error)
    except (ImageError, ModelError) as error:
        registration.problem = str(error)
    else:
        registration.label, registration.owner = wanted.label, info.name
        uploads.forget("faces")


def _show_saved(registration: Registration) -> None:
    info = next((one for one in the_bank().customers() if one.name == registration.owner), None)
    face = bool(info and info.face_frames)
    whose = "whose face is enrolled, too" if face else "whose face is not enrolled yet"
    st.success(
        f"**{literal(registration.label)}** is registered as a camera of **{literal(registration.owner)}**, {whose}.",
        icon=":material/save:",
    )
    with st.container(horizontal=True):
        st.page_link(links.CHECK, label="Check a photo", icon=":material/frame_inspect:")
        st.page_link(links.CUSTOMERS, label="Customers" if face else "Add the face", icon=":material/groups:")
