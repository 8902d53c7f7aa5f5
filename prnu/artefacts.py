"""What a fingerprint holds that is not the sensor's: patterns that repeat themselves, as software adds them.

A sensor's pattern is random: no part of it resembles another. What a camera's software or an editor adds (the grain
that portrait mode puts over a blurred background, an editor's dither, a filter's tile) is the same in all pictures that
went through it, whichever camera took them, and makes other cameras match [1]_ [2]_. Most of that repeats itself, by a
tile or along a line, and can be told by it. A pattern that fills the frame once, without repetition, cannot.

References
----------
.. [1] M. Iuliani, M. Fontani, A. Piva, "A leak in PRNU based source identification - questioning fingerprint
   uniqueness", IEEE Access 9, 2021.
.. [2] J. Butora, P. Bas, "The Adobe hidden feature and its impact on sensor attribution", IH&MMSec 2024.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from prnu.images import FloatArray
from prnu.match import LATTICE
from prnu.quality import Issue
from prnu.spectrum import whitened_spectrum

REPEATS = 8.0
"""Deviations of the autocorrelation from which a fingerprint repeats itself. Measured: real cameras at most 6.5, as the
largest of some million shifts has by chance; added patterns 10 and more."""

CALM = 6.5
"""The same for one of which something was taken out already: more of it is likely then."""

ROUNDS = 4
"""Repetitions that are taken out of one fingerprint before it is given up."""

_MAD_TO_SIGMA = 0.6745
_SHARED = 1.5  # times white noise's deviation
_LOCAL = 65  # pixels over which the strength of what is added hardly changes
_NEAR = 5  # pixels each way in which neighbours resemble each other: filters and demosaicing do that


@dataclass(frozen=True)
class Repetition:
    """How a pattern resembles itself, displaced.

    Attributes
    ----------
    lag : (int, int)
        Rows, 0 or more, and columns by which it is displaced.
    z : float
        Autocorrelation there, in deviations of that at other places.
    """

    lag: tuple[int, int]
    z: float


def repetition(pattern: FloatArray, removed: Sequence[tuple[int, int]] = ()) -> Repetition:
    """Find the displacement at which a pattern resembles itself most.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        Of a fingerprint.
    removed : sequence of (int, int), optional
        Lags that were taken out of it (`without_repetition`). That in itself makes it resemble itself, displaced by
        multiples of two of them, which are not looked at.

    Returns
    -------
    Repetition
        The strongest one, whether it is beyond `REPEATS` or not.
    """
    spectrum = whitened_spectrum(pattern)
    surface = scipy.fft.irfft2(spectrum.real**2 + spectrum.imag**2, s=pattern.shape, workers=-1)
    white = float(surface[0, 0]) / math.sqrt(surface.size)  # deviation of white noise's autocorrelation
    # Circular shifts: indices beyond the middle are negative ones.
    rows, columns = (np.fft.fftfreq(side, 1.0 / side).astype(int) for side in pattern.shape)
    lattice = (rows % LATTICE == 0)[:, None] & (columns % LATTICE == 0)
    near_rows, near_columns = np.abs(rows) <= _NEAR, np.abs(columns) <= _NEAR
    axes = near_rows[:, None] | near_columns
    surface[near_rows[:, None] & near_columns] = 0.0
    # Shifts on JPEG's grid, and along rows and columns, vary more than others: each kind is measured by its own median.
    # Within limits: a pattern of small tiles repeats itself at most shifts of a kind, and very calm ones mean nothing.
    for kind in (lattice & ~axes, ~lattice & ~axes, lattice & axes, ~lattice & axes):
        found = float(np.median(np.abs(surface[kind]))) / _MAD_TO_SIGMA
        surface[kind] /= max(min(max(found, white), _SHARED * white), 1e-30)
    for one, two in itertools.combinations(removed, 2):
        surface[_combined(one, two, pattern.shape)] = 0.0
    z = float(surface.max())
    # The nearest of the strong ones: its chains are the longest, and the others are mostly multiples of it.
    strong = np.argwhere(surface >= max(z / 2, min(z, REPEATS)))
    lags = np.stack([rows[strong[:, 0]], columns[strong[:, 1]]], axis=1)
    dy, dx = (int(side) for side in lags[np.square(lags).sum(axis=1).argmin()])
    return Repetition((dy, dx) if (dy, dx) > (0, 0) else (-dy, -dx), z)


def without_repetition(pattern: FloatArray, lag: tuple[int, int]) -> FloatArray:
    """Take off what a pattern has in common with itself, displaced by any multiple of a lag.

    The pixels that lie multiples of the lag apart make a chain from edge to edge. Each chain's mean is taken off, as
    strongly as it is there around each place: what is added in grey levels is a larger share of less light. What is
    left correlates with nothing that repeats itself by that lag, in whichever picture that is. Of the sensor's own
    pattern, one part in a chain's length goes with it.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
    lag : (int, int)
        Rows, 0 or more, and columns.

    Returns
    -------
    ndarray, shape (H, W), float32
    """
    mean = _chain_sums(pattern, lag) / _chain_sums(np.ones_like(pattern), lag)
    box = (_LOCAL, _LOCAL)
    strength = cv2.blur(pattern * mean, box) / np.maximum(cv2.blur(mean * mean, box), 1e-30)
    return pattern - strength * mean


def repeats(lag: tuple[int, int], blocking: bool) -> Issue:
    """What to say of a fingerprint that repeats itself by a lag; `blocking` where that cannot be taken out."""
    what = (
        f"These photos share a pattern that repeats itself (every {abs(lag[1])} pixels across and {lag[0]} down) and "
        "is not the sensor's: software adds such, as in portrait mode, filters and editors"
    )
    if blocking:
        remedy = "It cannot be taken out, and photos of other cameras would match. Use photos without filters."
    else:
        remedy = "It was taken out, because photos of other cameras have it, too. Photos without filters serve better."
    return Issue("repeats", f"{what}. {remedy}", blocking=blocking)


def _combined(
    one: tuple[int, int], two: tuple[int, int], shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """Rows and columns of all sums of multiples of two lags that lie in the frame."""
    reach = [max(min(n // abs(lag) for n, lag in zip(shape, lags, strict=True) if lag), 1) for lags in (one, two)]
    a, b = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1].reshape(2, -1)
    rows, columns = a * one[0] + b * two[0], a * one[1] + b * two[1]
    inside = (np.abs(rows) < shape[0]) & (np.abs(columns) < shape[1])
    return rows[inside] % shape[0], columns[inside] % shape[1]


def _chain_sums(plane: FloatArray, lag: tuple[int, int]) -> FloatArray:
    """Sum over each pixel's whole chain, in steps that double."""
    sums = -plane  # which both directions count
    for sign in (1, -1):
        one_way, (dy, dx) = plane, (sign * lag[0], sign * lag[1])
        while abs(dy) < plane.shape[0] and abs(dx) < plane.shape[1]:
            one_way = one_way + _moved(one_way, dy, dx)
            dy, dx = 2 * dy, 2 * dx
        sums = sums + one_way
    return sums


def _moved(plane: FloatArray, dy: int, dx: int) -> FloatArray:
    """The plane displaced by rows and columns, zero where nothing comes in."""
    height, width = plane.shape
    out = np.zeros_like(plane)
    out[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)] = plane[
        max(dy, 0) : height - max(-dy, 0), max(dx, 0) : width - max(-dx, 0)
    ]
    return out
