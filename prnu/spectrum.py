"""Fourier transforms with their power made flat."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from prnu.images import FloatArray

SpectrumArray: TypeAlias = npt.NDArray[np.complex64]

_BOX = 9  # frequencies each way over which power is averaged; 5 to 33 gave the same PCE


def whitened_spectrum(pattern: FloatArray) -> SpectrumArray:
    """Transform a pattern and divide by the local root of its power.

    Residuals carry periodic disturbances (JPEG's blocks, interpolation). Made flat, none of them outweighs the
    sensor's noise, which has power at all frequencies.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32

    Returns
    -------
    ndarray, shape (H, W // 2 + 1), complex64
        Half-plane spectrum as of `scipy.fft.rfft2`, of about unit magnitude.
    """
    spectrum: SpectrumArray = scipy.fft.rfft2(pattern, workers=-1)
    power = spectrum.real**2 + spectrum.imag**2
    edge = _BOX // 2
    # Row frequencies go round; columns are half a plane, whose other half mirrors it.
    rows = cv2.copyMakeBorder(power, edge, edge, 0, 0, cv2.BORDER_WRAP)
    smooth = cv2.blur(rows, (_BOX, _BOX), borderType=cv2.BORDER_REFLECT_101)[edge:-edge]
    spectrum /= np.sqrt(smooth + np.float32(1e-12) * smooth.mean())
    return spectrum


def whitened(pattern: FloatArray) -> FloatArray:
    """Make the power of a pattern flat, and transform it back.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32

    Returns
    -------
    ndarray, shape (H, W), float32
        Of about unit power in all.
    """
    found: FloatArray = scipy.fft.irfft2(whitened_spectrum(pattern), s=pattern.shape, workers=-1)
    return found
