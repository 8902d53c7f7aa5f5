"""Somebody else, made of a portrait: where no second person's photo is at hand.

The face is mirrored, its features are moved and scaled, its skin is darker, its brows are thick, and it is not shaved.
The matcher, which takes .45 for the same person, finds .28 between the astronaut of `prnu.scenes` and what becomes of
her. Of nine photos of four other people it finds .53 to .74: for them somebody else has to be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.head_warp import CHIN, LEFT_EAR, RIGHT_EAR
from attacks.face.portrait import find_face
from attacks.types import ImageArray
from liveness.landmarks import FaceTracker

FloatArray: TypeAlias = npt.NDArray[np.float32]


class _Move(NamedTuple):
    """What is done to a feature, in face widths and shares; fades out around it."""

    landmarks: tuple[int, ...]  # whose mean is its middle
    reach: tuple[float, float]  # across and down
    wider: float = 0.0
    taller: float = 0.0
    right: float = 0.0
    down: float = 0.0
    turned: float = 0.0  # clockwise, in radians


_MOVES = (
    _Move((33, 133), (0.16, 0.12), -0.25, -0.25, -0.035, 0.01, 0.15),  # the eyes: smaller, further apart
    _Move((263, 362), (0.16, 0.12), -0.25, -0.25, 0.035, 0.01, -0.15),
    _Move((105, 52), (0.20, 0.10), down=0.02),  # the brows
    _Move((334, 282), (0.20, 0.10), down=0.02),
    _Move((4,), (0.16, 0.16), wider=0.1, down=0.02),  # the nose
    _Move((61, 291), (0.25, 0.14), wider=0.2),  # the mouth
    _Move((CHIN,), (0.45, 0.30), wider=0.2, down=0.05),
    _Move((RIGHT_EAR, LEFT_EAR), (0.60, 0.25), wider=0.12),  # the cheeks
)
_BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
_JAW = (93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323)
_LIP = (410, 164, 186)  # the beard's upper border, above the mouth
_MOUTH = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
_SKIN = np.array((0.8, 0.65, 0.5), np.float32)  # of each colour that is left
_HAIR = np.array((46, 37, 31), np.float32)
_THICK = 0.02  # face widths by which the brows are
_BEARD, _BROW = 0.4, 0.8  # share of the skin that hair covers


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
    attacks.face.portrait.PortraitError
        If there is no face.
    liveness.landmarks.FrameError
        If it is no RGB picture.
    """
    photo = np.ascontiguousarray(portrait[:, ::-1])
    photo = _moved(photo, _points(photo, tracker))
    points = _points(photo, tracker)
    width = float(np.linalg.norm(points[LEFT_EAR] - points[RIGHT_EAR]))
    shape = (photo.shape[0], photo.shape[1])
    brows = _filled(shape, [points[list(brow)] for brow in _BROWS], _THICK * width, 0.015 * width)
    # On the cheeks it ends at two thirds of the way from the ears to the corners of the mouth.
    ends = (0.55 * points[291] + 0.45 * points[361], 0.55 * points[61] + 0.45 * points[132])
    outline = np.array([*points[list(_JAW)], ends[0], *points[list(_LIP)], ends[1]])
    beard = _filled(shape, [outline], 0.0, 0.02 * width)
    beard -= _filled(shape, [points[list(_MOUTH)]], 0.0, 0.012 * width)
    grain = np.random.default_rng(0).normal(1.0, 0.15, shape).astype(np.float32)
    cover = np.maximum(np.clip(beard, 0.0, 1.0) * _BEARD * cv2.GaussianBlur(grain, (0, 0), 0.7), brows * _BROW)
    hairy = photo * _SKIN * (1.0 - cover[..., None]) + _HAIR * cover[..., None]
    return np.clip(hairy + 0.5, 0, 255).astype(np.uint8)


def _points(photo: ImageArray, tracker: FaceTracker | None) -> FloatArray:
    seen = find_face(photo, tracker)
    assert seen.landmarks is not None
    return seen.landmarks[:, :2]


def _moved(photo: ImageArray, points: FloatArray) -> ImageArray:
    """Do all `_MOVES` at once."""
    across = points[LEFT_EAR] - points[RIGHT_EAR]
    width = float(np.linalg.norm(across))
    frame = np.stack([across, [-across[1], across[0]]]) / width  # rows: to the picture's right along the face, down it
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]].astype(np.float32)
    shift_right, shift_down = np.zeros_like(x), np.zeros_like(x)
    for move in _MOVES:
        middle = points[list(move.landmarks)].mean(axis=0)
        right, down = (((x - middle[0]) * axis[0] + (y - middle[1]) * axis[1]) / width for axis in frame)
        near = np.exp(-((right / move.reach[0]) ** 2) - (down / move.reach[1]) ** 2)
        shift_right += near * (move.right + move.wider * right - move.turned * down)
        shift_down += near * (move.down + move.taller * down + move.turned * right)
    source_x = x - width * (shift_right * frame[0, 0] + shift_down * frame[1, 0])
    source_y = y - width * (shift_right * frame[0, 1] + shift_down * frame[1, 1])
    moved = cv2.remap(photo, source_x, source_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def _filled(shape: tuple[int, int], outlines: Sequence[FloatArray], wider: float, soft: float) -> FloatArray:
    """Fill outlines with 1, widened and softened by so many pixels; 0 elsewhere."""
    mask = np.zeros(shape, np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
    if (side := 2 * round(wider) + 1) > 1:
        mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), max(soft, 0.5)), np.float32)
