"""Glasses on the face of a photo: rims, and a lamp or a window mirrored in the lenses, which wanders with the head."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.types import ImageArray
from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR

FloatArray: TypeAlias = npt.NDArray[np.float32]

_LENS = (1.0, 0.72)  # half axes of a lens, in widths of the eye
_RIM = 0.06  # thickness of the rim, likewise
_RIM_COLOUR = (38.0, 32.0, 30.0)
_LAMP = (0.42, 0.26)  # half axes of the mirrored lamp
_LAMP_YAW, _LAMP_PITCH = 0.0, 6.0  # degrees of the head at which the lamp is mirrored in the middle of the lenses
_WANDER = 0.09  # widths of the eye by which it moves for each degree: twice what the head turns
_BRIGHT = 0.75  # of the way to white that it covers at most


class Glasses:
    """Put on once the face is found; the glare depends on where the head is turned.

    Parameters
    ----------
    shape : (int, int)
        Height and width of the photo.
    landmarks : ndarray, shape (478, 3), float32
    """

    def __init__(self, shape: tuple[int, int], landmarks: FloatArray) -> None:
        eyes = [landmarks[list(contour), :2] - 0.5 for contour in (RIGHT_CONTOUR, LEFT_CONTOUR)]
        corners = [(eye[0], eye[8]) for eye in eyes]
        self._width = float(np.mean([np.linalg.norm(a - b) for a, b in corners]))
        self._middles = [((a + b) / 2).astype(np.float32) for a, b in corners]
        across = self._middles[1] - self._middles[0]
        self._across = across / max(float(np.linalg.norm(across)), 1e-3)
        self._down = np.array([-self._across[1], self._across[0]], np.float32)
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        self._lenses = []
        rims = np.zeros(shape, np.float32)
        for middle in self._middles:
            u, v = self._local(x, y, middle)
            away = np.hypot(u / _LENS[0], v / _LENS[1])
            self._lenses.append((u, v, np.clip((1.0 - away) / 0.05, 0.0, 1.0)))
            rims = np.maximum(rims, np.clip(1.5 - np.abs(away - 1.0) / _RIM, 0.0, 1.0))
        thick = max(round(_RIM * self._width), 1)
        inner = [self._middles[0] + _LENS[0] * self._width * self._across]
        inner.append(self._middles[1] - _LENS[0] * self._width * self._across)
        bridge = np.zeros(shape, np.uint8)
        first, last = ((round(float(end[0])), round(float(end[1]))) for end in inner)
        cv2.line(bridge, first, last, 255, thick, cv2.LINE_AA)
        self._rims = np.maximum(rims, bridge / np.float32(255))[..., None]

    def _local(self, x: FloatArray, y: FloatArray, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
        dx, dy = x - middle[0], y - middle[1]
        u, v = (dx * axis[0] + dy * axis[1] for axis in (self._across, self._down))
        return u / self._width, v / self._width

    def draw(self, frame: ImageArray, yaw: float, pitch: float) -> None:
        """Draw them onto a face that looks straight ahead; the head is turned afterwards, and they with it.

        Parameters
        ----------
        frame : ndarray, shape (H, W, 3), uint8
            Changed in place.
        yaw, pitch : float
            Degrees of the head, as `attacks.face.expression.Expression`: where the glare is.
        """
        right, down = -_WANDER * (yaw - _LAMP_YAW), _WANDER * (pitch - _LAMP_PITCH)
        picture = frame.astype(np.float32)
        for u, v, inside in self._lenses:
            away = np.hypot((u - right) / _LAMP[0], (v - down) / _LAMP[1])
            glare = (_BRIGHT * inside * np.clip((1.2 - away) / 0.4, 0.0, 1.0))[..., None]
            picture += glare * (255.0 - picture)
        picture += self._rims * (np.array(_RIM_COLOUR, np.float32) - picture)
        frame[:] = (picture + 0.5).astype(np.uint8)
