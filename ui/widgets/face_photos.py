"""Photos of a face: asked for, read, and enrolled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import streamlit as st

from bank.enrol import face_template
from bank.pictures import Picture
from bank.policy import EnrolmentRules
from liveness.identity import FaceTemplate
from ui.results import photo
from ui.results.photo import Photo
from ui.widgets import uploads

MOST = 5
"""Photos of a face that count."""


def choose(label: str, key: str) -> list[Photo]:
    """Let photos of a face be uploaded."""
    given = uploads.choose(
        label,
        photo.TYPES,
        key=key,
        help="By any camera. One person only, who looks into the camera, in even light, without dark glasses.",
    )
    if len(given) > MOST:
        st.caption(f":material/info: {len(given)} photos were given; the first {MOST} count.")
    return given[:MOST]


def template_of(given: Sequence[Photo | npt.NDArray[np.uint8]], rules: EnrolmentRules) -> FaceTemplate:
    """Make a face template from photos or pixels.

    Raises
    ------
    EnrolmentError, ImageError
        If they show no face, several, or different people, or one cannot be read. Says which.
    ModelError
        If the face models are not to be had.
    """
    with st.spinner("Reading the face. The first time its models are fetched"):
        pixels = [Picture.from_file(one.data, one.name).rgb if isinstance(one, Photo) else one for one in given]
        return face_template(pixels, rules)
