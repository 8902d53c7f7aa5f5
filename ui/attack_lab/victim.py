"""Whom the attack lab attacks: the sample person, or whoever agreed to be on a photo that the visitor gives."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import streamlit as st

import bank
from attacks.face.portrait import PortraitError, find_face
from attacks.sample_person import CAMERA, PERSON
from attacks.target import Target, simulated
from bank.errors import EnrolmentError
from bank.pictures import Picture
from liveness.landmarks import FrameError
from prnu import ImageError, scenes
from prnu.scenes import ImageArray
from ui.attack_lab import why
from ui.results import photo as photo_files
from ui.results.photo import Photo
from ui.sample import bank as sample_bank
from ui.shell.session import LAB_BAD, LAB_VICTIM, LAB_WHO, Slot, forget_attempts, start_with
from ui.text.scores import literal
from ui.widgets import photo_camera

OWN_PERSON = "Person on your photo (camera simulated)"
"""Name of the customer whom a photo of the visitor's makes."""

_SAMPLE, _OWN = "The sample person", "A photo of your own"
_FILE, _CAMERA = "Choose a file", "Take a photo now"
_LONG_SIDE = 1600  # pixels of a photo that are used: in a selfie of 1280x720 a face shows no more


@dataclass(frozen=True, eq=False)
class _Kept:
    """A photo that can be used, with what was made of it."""

    key: str
    picture: bytes
    target: Target


_KEPT: Slot[_Kept] = LAB_VICTIM


def choose() -> str:
    """Ask whom to attack; returns a key that tells victims apart, empty while there is none."""
    who = st.segmented_control(
        "Whom?", [_SAMPLE, _OWN], required=True, key=start_with(LAB_WHO.key, _SAMPLE), persist_state="session"
    )
    if who == _OWN:
        _own()
    else:
        picture, words = st.columns([1, 5])
        picture.image(_portrait(), width=120, alt="Portrait of an astronaut")
        words.markdown(
            "Astronaut Eileen Collins, on a portrait by NASA that is in the public domain, with a simulated camera. "
            "She stands for a customer of whom an attacker has found one photo."
        )
    return chosen()


def chosen() -> str:
    """Key of the victim that was chosen last; empty while there is none."""
    if LAB_WHO.get() != _OWN:
        return "sample"
    kept = _KEPT.get()
    return kept.key if kept else ""


def name_of(key: str) -> str:
    """What the victim of a key is called in the bank."""
    return PERSON if key == "sample" else OWN_PERSON


def target() -> Target:
    """Who was chosen. The sample person may take some seconds.

    Raises
    ------
    liveness.models.ModelError
        If the face models are not to be had.
    """
    kept = _KEPT.get()
    return kept.target if kept and chosen() == kept.key else sample_bank.person()


def forget() -> None:
    """Forget the visitor's photo, and all that was made of it."""
    _KEPT.clear()
    LAB_BAD.clear()
    why.forget_genuine()
    forget_attempts(OWN_PERSON, ())


def _own() -> None:
    """Ask for consent, and only then for a photo."""
    st.markdown(
        ":material/lock: The photo stays on the machine that runs this app, and in its memory only. Numbers that are "
        "computed from the face are encrypted in a temporary folder. All of it goes when you forget the photo, or with "
        "this browser session; nothing is stored unless you download it."
    )
    agreed = st.checkbox(
        "This is a photo of me, or the person in it agreed to be attacked here",
        key="lab-consent",
        persist_state="session",
        on_change=forget,
    )
    if not agreed:
        st.info("Tick this first. Nobody's photo is taken without it.", icon=":material/handshake:")
        return
    kept = _KEPT.get()
    if kept:
        picture, words = st.columns([1, 5])
        picture.image(kept.picture, width=160, alt="Your photo")
        words.markdown("Your photo. It is registered as a customer, with a simulated camera, in a bank of its own.")
        words.button("Forget this photo", icon=":material/delete:", on_click=forget)
    elif photo := _ask():
        _take(photo)


def _ask() -> Photo | None:
    how = st.segmented_control("From where?", [_FILE, _CAMERA], default=_FILE, required=True, key="lab-how")
    if how == _CAMERA:
        on = photo_camera.switched_on("lab-camera")
        given = st.camera_input("Look straight into the camera, with open eyes", key="lab-camera") if on else None
    else:
        given = st.file_uploader("A photo of one face that looks into the camera", photo_files.TYPES, key="lab-file")
    return photo_files.from_uploads([given])[0] if given else None


def _take(photo: Photo) -> None:
    """Make a victim of a photo, or say what is wrong with it."""
    bad = LAB_BAD.get()
    if bad is None or bad[0] != photo.key:  # what failed once is not tried on each run
        try:
            with st.spinner("The face is looked for and learns to move; a simulated camera photographs walls"):
                _KEPT.put(_Kept(photo.key, photo_files.thumbnail(photo), _target_of(photo)))
        except (ImageError, FrameError, PortraitError, EnrolmentError) as error:
            bad = LAB_BAD.put((photo.key, str(error)))
        else:
            st.rerun()
    st.error(literal(bad[1]), icon=":material/no_photography:", title="This photo cannot be used")


def _target_of(photo: Photo) -> Target:
    rgb = Picture.from_file(photo.data, photo.name).rgb
    scale = min(1.0, _LONG_SIDE / max(rgb.shape[:2]))
    rgb = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    find_face(rgb)  # some attacks need a larger face than it takes to make it move
    return simulated(bank.Policy.load().enrolment, rgb, name=OWN_PERSON, label=CAMERA)


@st.cache_data(show_spinner=False)
def _portrait() -> ImageArray:
    return scenes.photo("astronaut", (240, 240))
