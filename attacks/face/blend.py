"""Make a pasted face belong: colours, edges, and the light of the picture that it goes into."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.types import ImageArray

FloatArray: TypeAlias = npt.NDArray[np.float32]

_FURTHEST = 40.0  # grey levels by which light may be corrected; recoloured skin differs from skin by less
_SOLVED = 128  # pixels on the longer side at which Poisson's equation is solved
_GAINS = (0.4, 1.1)  # of a channel's spread: beyond, noise and blotches come of it
# Shares of the target's soft light and of its tints that are taken over, and their sizes in sides of the picture.
_SHADE, _SHADE_SIZE = 0.6, 0.12
_TINT, _TINT_SIZE = 0.9, 0.03


def colour_statistics(face: ImageArray, weight: FloatArray) -> FloatArray:
    """Mean and standard deviation of the three Lab channels, weighted.

    Parameters
    ----------
    face : ndarray, shape (H, W, 3), uint8
        RGB.
    weight : ndarray, shape (H, W), float32
        Not all 0.

    Returns
    -------
    ndarray, shape (2, 3), float32
        In OpenCV's Lab of 8 bits.
    """
    lab = cv2.cvtColor(face, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
    share = (weight / weight.sum()).reshape(-1, 1)
    mean = (lab * share).sum(axis=0)
    return np.stack([mean, np.sqrt(((lab - mean) ** 2 * share).sum(axis=0))]).astype(np.float32)


def recolour(face: ImageArray, own: FloatArray, wanted: FloatArray) -> ImageArray:
    """Give a picture the colours of another (Reinhard et al., IEEE Computer Graphics and Applications 21, 2001).

    Parameters
    ----------
    face : ndarray, shape (H, W, 3), uint8
        RGB.
    own, wanted : ndarray, shape (2, 3), float32
        As `colour_statistics` has them, of the face and of where it goes.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    gain = np.clip(wanted[1] / np.maximum(own[1], 1.0), *_GAINS)
    levels = np.arange(256, dtype=np.float32)[:, None]
    table = np.clip((levels - own[0]) * gain + wanted[0] + 0.5, 0, 255).astype(np.uint8)
    lab = cv2.LUT(cv2.cvtColor(face, cv2.COLOR_RGB2LAB), table[None])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def light_correction(face: ImageArray, target: ImageArray, mask: npt.NDArray[np.bool_]) -> FloatArray:
    """What Poisson blending adds to a face so that it meets the picture around it (Perez et al., SIGGRAPH 2003), and
    what makes its soft shades more like those of the face that it covers.

    Both are smooth, the first even harmonic, whatever detail the face has: found on a smaller picture they are the
    same.

    Parameters
    ----------
    face, target : ndarray, shape (H, W, 3), uint8
        RGB; the face also fills a margin around the mask.
    mask : ndarray, shape (H, W), bool
        Where the face goes.

    Returns
    -------
    ndarray, shape (h, w, 3), float32
        No larger than the face. To be added to it.
    """
    height, width = mask.shape
    scale = min(1.0, _SOLVED / max(height, width))
    pictures = face, target, mask.astype(np.uint8) * 255
    small = [cv2.resize(one, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) for one in pictures]
    inside = (small[2] > 127).astype(np.uint8) * 255
    inside[[0, 1, -2, -1]] = 0  # the solver reads one pixel beyond
    inside[:, [0, 1, -2, -1]] = 0
    left, top, across, down = cv2.boundingRect(inside)
    if across < 4 or down < 4:
        return np.zeros_like(small[0], np.float32)
    centre = (left + across // 2, top + down // 2)
    pasted, around = (one.astype(np.float32) for one in small[:2])
    # Where hair meets skin the two have nothing to do with each other, and the face would glow or blacken.
    meeting = np.clip(pasted, around - _FURTHEST, around + _FURTHEST).astype(np.uint8)
    correction = cv2.seamlessClone(meeting, small[1], inside, centre, cv2.NORMAL_CLONE) - meeting.astype(np.float32)
    shade = np.clip(around - pasted - correction, -_FURTHEST, _FURTHEST) * (inside[..., None] > 0)
    grey = shade.mean(axis=2, keepdims=True)
    side = max(inside.shape)
    tint = cv2.GaussianBlur(shade - grey, (0, 0), _TINT_SIZE * side)
    grey = cv2.GaussianBlur(grey, (0, 0), _SHADE_SIZE * side)[..., None]
    return np.asarray(correction + _SHADE * grey + _TINT * tint, np.float32)


def depth_inside(cover: FloatArray) -> FloatArray:
    """Pixels to the outline, or to the border of the picture, where a face is cut off.

    Parameters
    ----------
    cover : ndarray, shape (H, W), float32
        1 in the face.

    Returns
    -------
    ndarray, shape (H, W), float32
        Exactly 0 outside the face.
    """
    inside = (cover > 0.999).astype(np.uint8)
    inside[[0, -1]] = 0
    inside[:, [0, -1]] = 0
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5), np.float32)


def feather(depth: FloatArray, start: float, width: float) -> FloatArray:
    """Weights that rise from 0 to 1 without a corner.

    Parameters
    ----------
    depth : ndarray, shape (H, W), float32
        As `depth_inside` has it.
    start, width : float
        Depth up to which the weight is 0, and from there to where it is 1.
    """
    share = np.clip((depth - start) / width, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share), np.float32)


class Steady:
    """Averages of the last moments, so that colours do not flicker.

    Parameters
    ----------
    seconds : float
        Time constant.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Forget the past."""
        self._value: FloatArray | None = None
        self._last_s = -math.inf

    def smooth(self, values: FloatArray, time_s: float) -> FloatArray:
        """Take the values of a moment, of one shape always, return them averaged; time that falls starts anew."""
        passed = time_s - self._last_s
        self._last_s = time_s
        if self._value is None or not 0.0 < passed < math.inf:
            self._value = values
        else:
            self._value = self._value + np.float32(1.0 - math.exp(-passed / self._seconds)) * (values - self._value)
        return self._value
