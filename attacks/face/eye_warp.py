"""Close and move the eyes in a photo: skin stretched over the eyeball, the iris shifted within the opening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.types import ImageArray

FloatArray: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class EyePoints:
    """MediaPipe's numbers of an eye's landmarks. Lids run from the corner that is left in the picture to the right."""

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    brow: tuple[int, ...]
    iris: tuple[int, ...]


RIGHT_EYE = EyePoints(
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (46, 53, 52, 65, 55),
    (468, 469, 470, 471, 472),
)
LEFT_EYE = EyePoints(
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
    (285, 295, 282, 283, 276),
    (473, 474, 475, 476, 477),
)

LOWER_LID = 0.15
"""Share of the opening that the lower lid comes up in a blink."""

_CHEEK = 0.9  # openings below the eye over which the raised lower lid fades out
_LASHES = 0.06  # half the thickness of the lash line, in eye widths
_FARTHEST = 0.77  # of the eye's width: where the middle of the iris is when it looks as far aside as it goes
_SLANT = 0.12  # by which the iris is narrower there
_RIM = 1.08  # radius of what moves, in radii of the iris
_STAIN = 1.25  # and of what is painted white where it was: the rim of an iris is not sharp
_SHADOW = 0.35  # by which a closing lid darkens what is left of the eyeball


class Eye:
    """One eye of a photo, to be closed and turned.

    Works on the patch of the photo around the eye, in the eye's own coordinates: across along its corners, down at
    right angles to them. In each column the skin between brow and lid is stretched down to where the lid is, and a
    line of lashes drawn there; below it the eyeball stays as it is, with the iris moved across.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
    landmarks : ndarray, shape (478, 3), float32
    points : EyePoints
        `LEFT_EYE` or `RIGHT_EYE`.
    """

    def __init__(self, photo: ImageArray, landmarks: FloatArray, points: EyePoints) -> None:
        upper, lower, brow, iris = (
            landmarks[list(part), :2] - 0.5 for part in (points.upper, points.lower, points.brow, points.iris)
        )
        start, end = upper[0], upper[-1]
        self.width = float(np.linalg.norm(end - start))
        self._across = ((end - start) / self.width).astype(np.float32)
        self._down = np.array([-self._across[1], self._across[0]], np.float32)
        reach = np.concatenate([upper, lower, brow, lower + self._down * 0.5 * self.width])
        low = np.floor(reach.min(axis=0) - 0.15 * self.width - 2).astype(int)
        high = np.ceil(reach.max(axis=0) + 0.15 * self.width + 2).astype(int)
        low, high = np.clip(low, 0, photo.shape[1::-1]), np.clip(high, 0, photo.shape[1::-1])
        self.box = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
        self._photo = photo
        y, x = np.mgrid[self.box].astype(np.float32)
        self._origin = start
        self._u, self._v = self._local(x, y)
        edges = [self._columns(line, self._u) for line in (upper, lower)]
        self._upper, self._lower = np.minimum(*edges), np.maximum(*edges)
        self._opening = self._lower - self._upper
        self._lids = upper, lower
        self._brow = np.minimum(self._columns(brow, self._u), self._upper - 0.15 * self.width)
        self._centre = tuple(float(place) for place in self._local(*iris[0]))
        self._radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        self._lash_colour = self._lash(photo)
        self._white = self._white_of_eye()

    def _local(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far across from the first corner, and how far down, points of the photo are."""
        dx, dy = x - self._origin[0], y - self._origin[1]
        return dx * self._across[0] + dy * self._across[1], dx * self._down[0] + dy * self._down[1]

    def _columns(self, line: FloatArray, u: FloatArray) -> FloatArray:
        """How far down a line of landmarks is in each column."""
        across, down = self._local(line[:, 0], line[:, 1])
        order = np.argsort(across)
        return np.interp(u, across[order], down[order]).astype(np.float32)

    def _lash(self, photo: ImageArray) -> FloatArray:
        """The darkest colour along the upper lid."""
        near = np.abs(self._v - self._upper) < max(0.06 * self.width, 1.0)
        near &= self._opening > 0.3 * self._opening.max()
        pixels = photo[self.box][near].astype(np.float32)
        grey = pixels.mean(axis=1)
        return pixels[grey <= np.percentile(grey, 15)].mean(axis=0)

    def draw(self, frame: ImageArray, blink: float, gaze: float) -> None:
        """Draw the eye into a copy of the photo.

        Parameters
        ----------
        frame : ndarray, shape (H, W, 3), uint8
            Changed in place.
        blink : float
            0 as in the photo, 1 closed.
        gaze : float
            -1..1, as far across as the eye goes; positive to the right in the picture.
        """
        u, v, upper, lower = self._u, self._v, self._upper, self._lower
        raised = lower - LOWER_LID * blink * self._opening
        lid = upper + blink * (1 - LOWER_LID) * self._opening
        cheek = lower + _CHEEK * self._opening + 1e-3
        stretched = self._brow + (v - self._brow) * (upper - self._brow) / (lid - self._brow)
        pushed = lower + (v - raised) * (cheek - lower) / (cheek - raised)
        skin_v = np.where((v > self._brow) & (v <= lid), stretched, v)
        skin_v = np.where((v > (lid + raised) / 2) & (v < cheek), np.where(v < raised, lower, pushed), skin_v)
        skin_v = np.where((v > lid) & (v <= (lid + raised) / 2), upper, skin_v)
        skin = self._fetch(u, skin_v)
        taper = np.sqrt(np.clip(self._opening / (0.6 * self._opening.max()), 0, 1))
        lash = 0.75 * blink * taper * np.exp(-(((v - lid) / (_LASHES * self.width)) ** 2) * 2)
        skin += lash[..., None] * (np.minimum(self._lash_colour, skin) - skin)
        eyeball = self._eyeball(gaze) * (1.0 - _SHADOW * blink)
        inside = (np.clip(np.minimum(v - lid, raised - v) + 0.5, 0, 1) * np.clip(self._opening - 0.5, 0, 1))[..., None]
        frame[self.box] = (skin + inside * (eyeball - skin) + 0.5).astype(np.uint8)

    def _eyeball(self, gaze: float) -> FloatArray:
        """The eyeball without lids, its iris moved across."""
        seen = self._photo[self.box].astype(np.float32)
        if not gaze:
            return seen
        u, v = self._u, self._v
        goal = self.width * (_FARTHEST if gaze > 0 else 1.0 - _FARTHEST)
        moved = self._centre[0] + abs(gaze) * (goal - self._centre[0])
        # An iris that looks aside is seen at a slant.
        source = self._centre[0] + (u - moved) / (1.0 - _SLANT * abs(gaze))
        top, bottom = (self._columns(lid, source) for lid in self._lids)
        middle = (top + bottom) / 2
        inside = np.clip(v, np.minimum(top + 1.0, middle), np.maximum(bottom - 1.0, middle))
        iris = self._fetch(source, inside)
        cover = self._disc(source, v, _RIM)[..., None]
        # Nothing is uncovered yet by an eye that barely moves.
        uncovered = self._disc(u, v, _STAIN)[..., None] * min(4.0 * abs(gaze), 1.0)
        white = seen + uncovered * (self._white - seen)
        return white + cover * (iris - white)

    def _disc(self, u: FloatArray, v: FloatArray, radius: float) -> FloatArray:
        """1 within a radius of the iris, 0 beyond a soft rim."""
        away = np.hypot(u - self._centre[0], v - self._centre[1]) / self._radius
        return np.clip((radius + 0.1 - away) / 0.2, 0.0, 1.0).astype(np.float32)

    def _white_of_eye(self) -> FloatArray:
        """What is behind the iris: the colour of the white beside it, darker under the upper lid."""
        pixels = self._photo[self.box].astype(np.float32)
        down = (self._v - self._upper) / np.maximum(self._opening, 1e-3)
        beside = (self._disc(self._u, self._v, _STAIN) == 0) & (down > 0.25) & (down < 0.85)
        beside &= self._opening > 0.35 * self._opening.max()
        whites = pixels[beside]
        if len(whites) < 8:
            whites = pixels[(down > 0.0) & (down < 1.0)]
        grey = whites.mean(axis=1)
        darkest, lightest = np.percentile(grey, (55, 95))
        colour = whites[(grey >= darkest) & (grey <= lightest)].mean(axis=0)
        round_off = 1.0 - 0.15 * (2.0 * self._u / self.width - 1.0) ** 2
        return colour * (round_off * (0.75 + 0.25 * np.clip(down / 0.5, 0.0, 1.0)))[..., None]

    def _fetch(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """Pixels of the photo at places in the eye's own coordinates."""
        x = self._origin[0] + u * self._across[0] + v * self._down[0]
        y = self._origin[1] + u * self._across[1] + v * self._down[1]
        picture = cv2.remap(self._photo, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
        return np.asarray(picture, np.float32)
