"""What pictures share of their noise where they show next to nothing: in their flattest half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from prnu.images import FloatArray

MOST = 400_000
"""Pixels that are compared at most: chance correlates so many by .0016 (one over their root)."""

NEAR = 2
"""Pixels by which pictures are moved."""

ASKEW = 40.0
"""Sum of squares beyond which what they share is askew: of twelve differences, each in its deviation, chance makes 33
once in a thousand times. Copies of one shot with noise of 2.5 to 5.5 had 20 at most; of other shots that share as much
had 60 and more (four real sensors, three simulated ones, benchmarks.evidence)."""

_FINE, _AROUND = 0.5, 1.5  # of two pixels: what counts as a slope, and how far around it the filter's traces reach


class Flats:
    """The flattest half of pictures of one size, where all of them are flat.

    Where a picture has edges and texture, the filter leaves traces of it. Shots of a scene that stands still share
    them, so that much of what two shots have in common is no noise. In the flattest half they share the sensor's
    pattern alone (measured at 640x480: .06 at most, against .2 in faces).

    Parameters
    ----------
    noises : sequence of ndarray, shape (H, W)
        `prnu.spectrum.whitened` patterns.
    lumas : sequence of ndarray, shape (H, W), 0..255
        The pictures.
    """

    def __init__(self, noises: Sequence[npt.NDArray[np.floating[Any]]], lumas: Sequence[npt.NDArray[np.uint8]]) -> None:
        steep = np.max([_steepness(luma) for luma in lumas], axis=0)
        flat = (steep <= np.median(steep)).astype(np.uint8)
        height, width = lumas[0].shape
        self._noises = noises
        self._flat = cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)

    def shared(self) -> FloatArray:
        """Correlate the pictures' noise with each other: shape (n, n), float32, -1..1."""
        places = np.flatnonzero(self._flat)
        places = places[:: -(-places.size // MOST)]
        table = np.stack([noise.ravel()[places] for noise in self._noises]).astype(np.float32)
        table -= table.mean(axis=1, keepdims=True)
        table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), np.finfo(np.float32).tiny)
        return table @ table.T

    def of_one_shot(self, a: int, b: int) -> bool:
        """Tell whether what two pictures share may be one shot's noise, by what they share when one of them is moved.

        Two files of one shot correlate as its noise does with itself: as much when moved one way as when moved the
        other. Fine texture of a scene is never so exactly in its place again, and what two shots of it share is askew.
        """
        top = np.s_[: MOST // self._flat.shape[1]]  # enough to tell; behind a head, there is most that is flat
        flat = self._flat[top]
        here, there = (np.where(flat, self._noises[one][top], 0).astype(np.float32) for one in (a, b))
        found = cv2.matchTemplate(there, here[NEAR:-NEAR, NEAR:-NEAR], cv2.TM_CCORR)
        found /= max(float(np.linalg.norm(here) * np.linalg.norm(there)), np.finfo(np.float32).tiny)
        askew = found - found[::-1, ::-1]  # each difference twice, of two values with a variance of 1 / n each
        return float((askew**2).sum()) / 4.0 * int(np.count_nonzero(flat)) < ASKEW


def _steepness(luma: npt.NDArray[np.uint8]) -> FloatArray:
    """How steep a picture is around each place; of each two pixels one: a decision waits for this."""
    height, width = luma.shape
    small = cv2.resize(luma, (width // 2, height // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
    smooth = cv2.GaussianBlur(small, (0, 0), _FINE)
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(slope, (0, 0), _AROUND), np.float32)
