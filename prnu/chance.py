"""What chance gives: scores at places where a fingerprint cannot fit, and the score that a match needs beside them."""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from scipy.stats import norm

from prnu.evidence import Evidence
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray
from prnu.match import LATTICE, LEAST, Match, check_settings, check_shape


def told(p_value: float) -> str:
    """A false-alarm probability in short, none as less than `LEAST`."""
    return f"{p_value:.1e}" if p_value >= LEAST else f"below {LEAST:.0e}"


def chance_scores(fingerprint: Fingerprint, evidence: Evidence) -> FloatArray:
    """Scores of the very same comparison at other places: the sample that a match's `z` is measured with.

    Parameters
    ----------
    fingerprint : Fingerprint
    evidence : Evidence
        Of the fingerprint's size.

    Returns
    -------
    ndarray, shape (n,), float32
        In standard deviations, as `Match.z`: the correlations at all shifts that are multiples of `LATTICE` in both
        axes, but for the place itself. Another camera's pictures score like that, as a draw from N(0, 1).

    Raises
    ------
    ImageError
        If the sizes differ.
    FingerprintError
        If the fingerprint was made with other settings.
    """
    check_settings(fingerprint)
    check_shape(fingerprint, evidence)
    surface = scipy.fft.irfft2(evidence.spectrum * fingerprint.spectrum.conj(), s=fingerprint.shape, workers=-1)
    signed = (np.arange(side) - side // 2 for side in fingerprint.shape)
    rows, columns = (shifts[shifts % LATTICE == 0] for shifts in signed)
    there = surface[np.ix_(rows % surface.shape[0], columns % surface.shape[1])].astype(np.float64)
    elsewhere = there[(rows != 0)[:, np.newaxis] | (columns != 0)]
    return (elsewhere / math.sqrt(np.square(elsewhere).mean())).astype(np.float32)


def needed_z(found: Match, threshold: float, false_alarm: float) -> float:
    """Tell the `z` from which both conditions of a match hold.

    Parameters
    ----------
    found : Match
        Its own noise turns PCE into z.
    threshold : float
        PCE to reach.
    false_alarm : float
        Largest p-value, 0..1.

    Returns
    -------
    float
    """
    root = math.sqrt(abs(found.pce))
    by_pce = math.sqrt(threshold) * (abs(found.z) / root if root else 1.0)
    return max(by_pce, float(norm.isf(false_alarm)))
