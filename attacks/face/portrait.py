"""Find the one face of a portrait photo, or say what is wrong with the photo."""

from __future__ import annotations

from attacks.types import ImageArray
from liveness.landmarks import FaceTracker, Observation

MIN_FACE = 60.0
"""Pixels of face width below which eyelids are too small to be drawn."""

MAX_YAW = 18.0
"""Degrees that the head may be turned in the photo: beyond, too little of the far side is there to be shown."""

MIN_OPENING = 0.12
"""Least eye aspect ratio in the photo: eyes that are closed cannot be opened."""

_OUTSIDE = 0.03  # of the face's width that may lie outside the photo


class PortraitError(ValueError):
    """A photo cannot be used. The message says why and what to do.

    Attributes
    ----------
    code : str
        no-face, two-faces, cut-off, too-small, turned or eyes-closed.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def find_face(photo: ImageArray, tracker: FaceTracker | None = None, least: float = MIN_FACE) -> Observation:
    """Look for the largest face.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
        RGB.
    tracker : FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more.
    least : float
        Pixels of face width that are needed.

    Returns
    -------
    Observation
        With box and landmarks.

    Raises
    ------
    PortraitError
        If there is none (no-face), or it is too narrow (too-small) or not wholly in the photo (cut-off).
    liveness.landmarks.FrameError
        If the photo is no RGB picture.
    liveness.models.ModelError
        If the landmark model is not to be had.
    """
    if tracker is None:
        with FaceTracker(stills=True) as made:
            return find_face(photo, made, least)
    seen = tracker.observe(photo, 0.0)
    if seen is None or seen.box is None:
        raise PortraitError("no-face", "There is no face in the photo. Choose one of a face that looks at the camera.")
    left, top, width, height = seen.box
    if width < least:
        raise PortraitError(
            "too-small", f"The face is {width:.0f} pixels wide, {least:.0f} are needed. Choose a closer photo."
        )
    beyond = max(-left, -top, left + width - seen.size[1], top + height - seen.size[0])
    if beyond > _OUTSIDE * width:
        raise PortraitError("cut-off", "A part of the face is outside the photo. Choose one with the whole face.")
    return seen


def check_portrait(seen: Observation) -> None:
    """Refuse a face that cannot be animated.

    Raises
    ------
    PortraitError
        If it is not the only one (two-faces), turned aside (turned) or has its eyes closed (eyes-closed).
    """
    if seen.faces > 1:
        raise PortraitError("two-faces", "There is more than one face in the photo. Choose or crop one with one face.")
    if abs(seen.yaw) > MAX_YAW:
        raise PortraitError(
            "turned",
            f"The head is turned by {abs(seen.yaw):.0f} degrees, {MAX_YAW:.0f} are the limit. Choose a frontal photo.",
        )
    if min(seen.ear_left, seen.ear_right) < MIN_OPENING:
        raise PortraitError("eyes-closed", "The eyes are closed in the photo. Choose one with open eyes.")
