"""Somebody else, made of a portrait: mirrored, wider below, darker. Where no second person's photo is at hand."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.mesh import CHIN
from attacks.portrait import find_face
from liveness.landmarks import FaceTracker

ImageArray: TypeAlias = npt.NDArray[np.uint8]

_BRIDGE = 168  # landmark between the eyes
_WIDER = 0.2  # by which the jaw is
_TONE = (0.8, 0.65, 0.5)  # of each colour that is left


def stranger(portrait: ImageArray, tracker: FaceTracker | None = None) -> ImageArray:
    """Make another face of one.

    Parameters
    ----------
    portrait : ndarray, shape (h, w, 3), uint8
        RGB; its largest face counts.
    tracker : liveness.landmarks.FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more.

    Returns
    -------
    ndarray, shape (h, w, 3), uint8

    Raises
    ------
    attacks.portrait.PortraitError
        If there is no face.
    liveness.landmarks.FrameError
        If it is no RGB picture.
    """
    photo = np.ascontiguousarray(portrait[:, ::-1])
    seen = find_face(photo, tracker)
    assert seen.landmarks is not None
    assert seen.box is not None
    width, middle, chin = seen.box[2], seen.landmarks[_BRIDGE, 0], seen.landmarks[CHIN, 1]
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]].astype(np.float32)
    jaw = ((y - chin + 0.2 * width) / (0.32 * width)) ** 2 + ((x - middle) / (0.57 * width)) ** 2
    wider = 1.0 - _WIDER * np.exp(-jaw)
    photo = cv2.remap(photo, middle + (x - middle) * wider, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(photo * np.array(_TONE, np.float32), 0, 255).astype(np.uint8)
