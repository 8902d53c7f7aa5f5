"""Frame a portrait as a selfie: head and shoulders in the middle, the room behind them out of focus."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.head_warp import CHIN, LEFT_EAR, OVAL, RIGHT_EAR, TOP
from attacks.face.portrait import find_face
from attacks.types import ImageArray
from liveness.landmarks import FaceTracker

FloatArray: TypeAlias = npt.NDArray[np.float32]

FACE = 0.42
"""Height of the face from forehead to chin in a selfie, as a share of the frame's; of a tall frame, less."""

MIN_SIDE = 240
"""Pixels that a selfie has on each side, at least."""

MIN_SOURCE = 40.0
"""Pixels of face width in a portrait, at least: enlarging a smaller one shows nothing of a face."""

_WORKING_SIDE = 320  # pixels to which the longer side is reduced to cut the person out
_BLUR = 0.03  # of the background, in frame widths


def selfie(photo: ImageArray, shape: tuple[int, int], tracker: FaceTracker | None = None) -> ImageArray:
    """Frame the largest face of a photo as a selfie.

    What the photo lacks at the sides is filled up, and everything behind the person blurred, as phones do.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
        RGB.
    shape : (int, int)
        Height and width of the result, from 240 on.
    tracker : liveness.landmarks.FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more.

    Returns
    -------
    ndarray, shape (height, width, 3), uint8

    Raises
    ------
    ValueError
        If the shape is too small.
    attacks.face.portrait.PortraitError
        If there is no face, it is narrower than 40 pixels, or not wholly in the photo.
    liveness.landmarks.FrameError
        If the photo is no RGB picture.
    """
    height, width = shape
    if min(height, width) < MIN_SIDE:
        raise ValueError(f"shape: expected height and width from {MIN_SIDE} on, got {height} and {width}.")
    seen = find_face(photo, tracker, MIN_SOURCE)
    assert seen.landmarks is not None
    outline = seen.landmarks[list(OVAL), :2]
    low, high = outline.min(axis=0), outline.max(axis=0)
    scale = FACE * min(height, 1.1 * width) / float(high[1] - low[1])
    move = np.array([width, height]) / 2 - scale * (low + high) / 2
    place = np.array([[scale, 0.0, move[0]], [0.0, scale, move[1]]])
    if scale < 1.0:
        photo = cv2.GaussianBlur(photo, (0, 0), 0.4 / scale)
    framed = cv2.warpAffine(photo, place, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    known = cv2.warpAffine(np.ones(photo.shape[:2], np.float32), place, (width, height))
    person = person_matte(framed, (seen.landmarks[:, :2] * scale + move).astype(np.float32))
    blur = _BLUR * width
    person *= cv2.GaussianBlur(cv2.erode(known, np.ones((3, 3)), iterations=round(blur)), (0, 0), blur / 2)
    behind = (1.0 - cv2.dilate(person, np.ones((9, 9)))) ** 2 + 1e-4
    room = (
        cv2.GaussianBlur(framed * behind[..., None], (0, 0), blur) / cv2.GaussianBlur(behind, (0, 0), blur)[..., None]
    )
    return np.asarray(room + person[..., None] * (framed - room) + 0.5, np.uint8)


def person_matte(photo: ImageArray, points: FloatArray) -> FloatArray:
    """Cut a person out by colour (Rother, Kolmogorov and Blake, "GrabCut", ACM Transactions on Graphics 23, 2004).

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
    points : ndarray, shape (478, 2), float32
        Landmarks of the face in pixels.

    Returns
    -------
    ndarray, shape (H, W), float32
        1 on the person, 0 behind.
    """
    scale = min(1.0, _WORKING_SIDE / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    labels = _guess(small.shape[:2], points * scale)
    colours = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)  # GrabCut draws the first colours of its mixtures at random
    cv2.grabCut(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), labels, None, *colours, 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    # Collars and badges are taken for room behind: below the chin, gaps narrower than half a face are closed.
    chin = int(np.clip(points[CHIN, 1] * scale, 0, len(person) - 1))
    gap = max(round(0.5 * scale * float(np.linalg.norm(points[LEFT_EAR] - points[RIGHT_EAR]))), 1)
    person[chin:] = cv2.morphologyEx(
        person[chin:], cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    )
    nose = np.clip(np.rint(points[4] * scale), 0, np.array(person.shape[::-1]) - 1).astype(int)
    _, parts = cv2.connectedComponents(person, connectivity=4)
    _, holes, stats, _ = cv2.connectedComponentsWithStats((parts != parts[nose[1], nose[0]]).astype(np.uint8))
    gaps = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= 0.01 * person.size)
    matte = np.where((holes > 0) & np.isin(holes, gaps), 0, 255).astype(np.uint8)
    matte = cv2.resize(cv2.medianBlur(matte, 5), photo.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(matte.astype(np.float32) / 255, (0, 0), 0.5 / scale)


def _guess(shape: tuple[int, int], points: FloatArray) -> npt.NDArray[np.uint8]:
    """Where a person with this face must be, may be and cannot be: head, hair, shoulders, the rest."""
    middle = points[list(OVAL)].mean(axis=0)
    across = points[LEFT_EAR] - points[RIGHT_EAR]
    height = float(np.linalg.norm(points[CHIN] - points[TOP]))
    labels = np.full(shape, cv2.GC_BGD, np.uint8)
    around = np.linspace(0.0, 2 * math.pi, 60)

    def head(x: float, y: float, up: float) -> FloatArray:
        return np.stack([x * np.sin(around), -up - y * np.cos(around)], axis=1)

    def body(neck: float, shoulder: float, chest: float) -> FloatArray:
        right = np.array([[neck, 0.45], [shoulder, 1.0], [chest, 1.3], [chest, 4.0]])
        return np.concatenate([right, right[::-1] * [-1, 1]])

    for corners, value in (
        (head(1.1, 1.1, 0.05), cv2.GC_PR_BGD),
        (body(0.6, 2.0, 2.4), cv2.GC_PR_BGD),
        (head(0.68, 0.70, 0.12), cv2.GC_PR_FGD),
        (body(0.35, 1.2, 1.4), cv2.GC_PR_FGD),
        (head(0.53, 0.58, 0.07), cv2.GC_FGD),
        (body(0.25, 0.7, 0.8), cv2.GC_FGD),
    ):
        place = middle + corners[:, :1] * across + corners[:, 1:] * [0.0, height]
        cv2.fillPoly(labels, [np.rint(place).astype(np.int32)], value)
    return labels
