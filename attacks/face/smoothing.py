"""Smooth a signal that jitters at rest, with hardly any lag while it moves."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]


class OneEuro:
    """The 1 Euro filter (Casiez, Roussel and Vogel, CHI 2012): a low pass whose cut-off rises with the speed.

    Parameters
    ----------
    cutoff : float
        Hertz, at rest; above 0.
    beta : float
        Hertz by which the cut-off rises with a speed of one `unit` a second; 0 or more.
    speed_cutoff : float
        Hertz, for the speed itself; above 0.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    def __init__(self, cutoff: float, beta: float, speed_cutoff: float = 3.0) -> None:
        if not (cutoff > 0.0 and speed_cutoff > 0.0 and beta >= 0.0):
            raise ValueError(
                f"expected cutoff and speed_cutoff above 0 and beta from 0 on, got {cutoff}, {speed_cutoff} and {beta}."
            )
        self._cutoff, self._beta, self._speed_cutoff = cutoff, beta, speed_cutoff
        self.reset()

    def reset(self) -> None:
        """Forget the past: the next values come back as they are."""
        self._last_s = -math.inf
        self._value: FloatArray | None = None
        self._speed: FloatArray | None = None

    def smooth(self, values: FloatArray, time_s: float, unit: float = 1.0) -> FloatArray:
        """Take the values of a moment, return them smoothed.

        Parameters
        ----------
        values : ndarray, shape (...), or (n, d) of n points, float32
            The last axis of a point's coordinates shares one cut-off, by the length of the velocity.
        time_s : float
            Seconds; a time that does not rise starts anew.
        unit : float
            What counts as 1 in speeds, in the values' own unit.

        Returns
        -------
        ndarray of the same shape, float32
        """
        passed = time_s - self._last_s
        self._last_s = time_s
        if self._value is None or self._speed is None or not 0.0 < passed < math.inf:
            self._value, self._speed = values.astype(np.float32), np.zeros_like(values, np.float32)
            return self._value
        self._speed = self._speed + _share(self._speed_cutoff, passed) * (
            (values - self._value) / (passed * unit) - self._speed
        )
        pace = np.linalg.norm(self._speed, axis=-1, keepdims=True) if values.ndim > 1 else np.abs(self._speed)
        self._value = (self._value + _share(self._cutoff + self._beta * pace, passed) * (values - self._value)).astype(
            np.float32
        )
        return self._value


def _share(cutoff: npt.NDArray[np.floating] | float, passed: float) -> npt.NDArray[np.floating]:
    """Weight of a new value in a low pass (equation 4 of the paper)."""
    turn = 2.0 * math.pi * passed * np.asarray(cutoff)
    return turn / (turn + 1.0)
