"""Saving a registration: nothing is written but by the button that says so, and what would be lost is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from bank import CustomerInfo
from bank.records import fold
from ui.shell import clock
from ui.shell.session import TO_REPLACE
from ui.text.scores import count, day, literal, upper

STAYS = "It cannot be brought back, only registered again. Attempts with it stay in the audit log."


@dataclass(frozen=True)
class Loss:
    """Something that is enrolled already and would give way.

    Attributes
    ----------
    question : str
        Whether to replace it.
    what : str
        What would be lost, and from when it is.
    """

    question: str
    what: str


def camera_loss(info: CustomerInfo | None, label: str) -> Loss | None:
    """The camera of that label that a customer has already."""
    for camera in info.cameras if info else ():
        if info and fold(camera.label) == fold(label):
            name = f"the camera “{literal(camera.label)}” of {literal(info.name)}"
            size = f"{camera.width} x {camera.height} pixels"
            since = f"registered on {day(camera.created_at, clock.zone())} from {count(camera.images, 'photo')}, {size}"
            return Loss(f"Replace {name}", f"{name}, {since}")
    return None


def face_loss(info: CustomerInfo | None) -> Loss | None:
    """The face that a customer has already."""
    if info is None or not info.face_frames:
        return None
    name = f"the face of {literal(info.name)}"
    since = (
        f"registered on {day(info.face_at, clock.zone())} from {count(info.face_frames, 'photo')}"
        if info.face_at
        else "registered"
    )
    return Loss(f"Replace {name} that is registered", f"{name}, {since}")


def tell_enrolled(info: CustomerInfo) -> None:
    """That somebody of that name is enrolled, and with what."""
    st.caption(
        f":material/person: **{literal(info.name)}** is registered already, with "
        f"{count(len(info.cameras), 'camera')} and {'a' if info.face_frames else 'no'} face. This is added."
    )


def ask(loss: Loss) -> bool:
    """Whether something may give way."""
    return st.checkbox(loss.question, key=f"replace-{loss.question}")


def ask_shared() -> bool:
    """Whether a camera that is another customer's, too, is shared."""
    return st.checkbox(
        "They share this camera",
        key="shared",
        help="As a family shares a tablet. If nobody does, somebody may be trying to register under a second name.",
    )


def save_button(losses: Sequence[Loss], *, key: str = "", disabled: bool = False) -> bool:
    """The button that saves. Where something would be lost, it asks once more, and says what.

    Parameters
    ----------
    losses : sequence of Loss
        What would give way. The second question is about these: if they change, it is asked anew.
    key : str
        Tells what is saved from anything else of which the same would be lost.
    disabled : bool
        Whether something must be answered first.

    Returns
    -------
    bool
        True once, when it is to be saved.
    """
    wanted = (key, *(loss.what for loss in losses))
    if losses and not disabled and TO_REPLACE.get() == wanted:
        lost = "\n".join(f"- {upper(loss.what)}" for loss in losses)
        st.warning(f"This will be lost:\n\n{lost}\n\n{STAYS}", icon=":material/warning:", title="Replace it?")
        with st.container(horizontal=True):
            sure = st.button("Yes, replace it", type="primary", icon=":material/autorenew:")
            st.button("No, keep what is registered", icon=":material/undo:", on_click=TO_REPLACE.clear)
        if sure:
            TO_REPLACE.clear()
        return sure
    if not st.button("Save", type="primary", icon=":material/save:", disabled=disabled):
        return False
    if losses:
        TO_REPLACE.put(wanted)
        st.rerun()
    return True
