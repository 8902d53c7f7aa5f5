"""Open the mouth in a photo: the lower lip comes down with the chin, and what is behind it is dark."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.types import ImageArray

FloatArray: TypeAlias = npt.NDArray[np.float32]

# MediaPipe's numbers of the inner border of the lips, from the corner that is left in the picture to the right.
_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_NOSE, _CHIN = 2, 152
_WIDEST = 0.7  # opening of a yawn, in widths of the mouth between its corners
_RISE = 0.12  # share of an opening by which the upper lip goes up
_FADE = 0.6  # widths of the mouth below the chin over which its way down fades out
_DARK = (52.0, 24.0, 24.0)  # RGB of what is behind the lips


class Mouth:
    """The mouth of a photo, to be opened. Teeth that the photo shows belong to the upper jaw, and stay.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
    landmarks : ndarray, shape (478, 3), float32
    """

    def __init__(self, photo: ImageArray, landmarks: FloatArray) -> None:
        upper, lower = (landmarks[list(part), :2] - 0.5 for part in (_UPPER, _LOWER))
        start, end = upper[0], upper[-1]
        self._photo = photo
        self._width = max(float(np.linalg.norm(end - start)), 1.0)
        self._across = ((end - start) / self._width).astype(np.float32)
        self._down = np.array([-self._across[1], self._across[0]], np.float32)
        chin = landmarks[_CHIN, :2] - 0.5
        reach = np.stack([start, end, landmarks[_NOSE, :2], chin, chin + _FADE * self._width * self._down])
        low = np.clip(np.floor(reach.min(axis=0)).astype(int) - 2, 0, photo.shape[1::-1])
        high = np.clip(np.ceil(reach.max(axis=0)).astype(int) + 3, 0, photo.shape[1::-1])
        self._box = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
        y, x = np.mgrid[self._box].astype(np.float32)
        self._origin = start
        self._u, self._v = self._local(x, y)
        lines = [self._columns(line) for line in (upper, lower)]
        self._upper, self._lower = np.minimum(*lines), np.maximum(*lines)
        self._nose = float(self._local(*landmarks[_NOSE, :2])[1])
        self._end = float(self._local(*chin)[1]) + _FADE * self._width
        share = np.clip(self._u / self._width, 0.0, 1.0)
        self._profile = (4.0 * share * (1.0 - share)).astype(np.float32)

    def _local(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far across from the first corner, and how far down, points of the photo are."""
        dx, dy = x - self._origin[0], y - self._origin[1]
        return dx * self._across[0] + dy * self._across[1], dx * self._down[0] + dy * self._down[1]

    def _columns(self, line: FloatArray) -> FloatArray:
        """How far down a line of landmarks is in each column."""
        across, down = self._local(line[:, 0], line[:, 1])
        order = np.argsort(across)
        return np.interp(self._u, across[order], down[order]).astype(np.float32)

    def draw(self, frame: ImageArray, opened: float) -> None:
        """Draw the mouth into a copy of the photo.

        Parameters
        ----------
        frame : ndarray, shape (H, W, 3), uint8
            Changed in place.
        opened : float
            0 as in the photo, 1 as in a yawn.
        """
        v, gap = self._v, opened * _WIDEST * self._width * self._profile
        top, bottom = self._upper - _RISE * gap, self._lower + (1.0 - _RISE) * gap
        above = self._nose + (v - self._nose) * _ratio(self._upper, top, self._nose)
        below = self._end + (v - self._end) * _ratio(self._lower, bottom, self._end)
        source = np.where((v > self._nose) & (v < top), above, v)
        source = np.where((v > bottom) & (v < self._end), below, source)
        x = self._origin[0] + self._u * self._across[0] + source * self._down[0]
        y = self._origin[1] + self._u * self._across[1] + source * self._down[1]
        skin = cv2.remap(self._photo, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR).astype(np.float32)
        behind = np.clip(np.minimum(v - np.maximum(self._lower, top), bottom - v) + 0.5, 0.0, 1.0)
        behind = (behind * np.clip(gap - 0.5, 0.0, 1.0))[..., None]
        frame[self._box] = (skin + behind * (np.array(_DARK, np.float32) - skin) + 0.5).astype(np.uint8)


def _ratio(before: FloatArray, after: FloatArray, fixed: float) -> FloatArray:
    """By how much skin between a lip and what stays in place is longer before than after."""
    span = after - fixed
    return np.asarray((before - fixed) / np.where(np.abs(span) < 1e-3, 1e-3, span), np.float32)
