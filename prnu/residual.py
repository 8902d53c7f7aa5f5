"""The noise residual: what is left of a picture when its content is taken away."""

from __future__ import annotations

import cv2
import numpy as np

from prnu.images import FloatArray, check_luma

SETTINGS = "haar3-ml1"
"""Name of residual and estimator settings. Fingerprints of other settings are not comparable."""

_LEVELS = 3
_NOISE_SCALE, _MIN_SIGMA, _MAX_SIGMA = 1.7, 0.8, 4.0
_MAD_TO_SIGMA = 0.6745
_BORDER = cv2.BORDER_REFLECT_101
_STRIP, _MARGIN = 256, 32  # rows at a time, so that bands stay in the cache; a pixel depends on none further than 32


def noise_residual(luma: FloatArray) -> FloatArray:
    """Noise residual of a luma plane, by a wavelet-domain Wiener filter.

    Per level, the undecimated Haar wavelet splits off three detail bands. A coefficient's local variance is the
    smaller of two box means of its square, and what the Wiener filter would take away goes into the residual. The next
    level works on the means of 2x2 cells: cells do not straddle JPEG's 8x8 blocks, whose borders carry noise that is
    not the sensor's. Haar beat the longer wavelets of the literature on every camera and JPEG quality measured
    (``python -m benchmarks.estimators``).

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255
        As `load_luma` returns it.

    Returns
    -------
    ndarray, shape (H, W), float32
        Residual in grey levels, with a mean near zero.

    Raises
    ------
    ImageError
        If `luma` is no such array.

    References
    ----------
    .. [1] M. K. Mihçak, I. Kozintsev, K. Ramchandran, "Spatially adaptive statistical modeling of wavelet image
       coefficients and its application to denoising", ICASSP 1999, section 3.
    .. [2] J. Lukáš, J. Fridrich, M. Goljan, "Digital camera identification from sensor pattern noise", IEEE TIFS 1(2),
       2006, appendix A.

    Examples
    --------
    >>> noise_residual(np.full((256, 320), 128, np.float32)).shape
    (256, 320)
    """
    luma = check_luma(luma)
    variance = _noise_variance(luma)
    height = luma.shape[0]
    residual = np.empty_like(luma)
    for top in range(0, height, _STRIP):
        start, end = max(top - _MARGIN, 0), min(top + _STRIP, height)
        strip = _noise_part(luma[start : end + _MARGIN], variance, _LEVELS)
        residual[top:end] = strip[top - start : end - start]
    return residual


def noise_share(luma: FloatArray) -> FloatArray:
    """How much of the sensor's noise `noise_residual` lets through, pixel by pixel.

    Where details are stronger than noise, the filter takes most of what is there for content, and the pattern goes with
    it. The mean of the filter's gains, each level weighted by the part of white noise that it carries.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255

    Returns
    -------
    ndarray, shape (H, W), float32, 0..1
        1 on smooth surfaces, .1 in grass.

    Raises
    ------
    ImageError
        If `luma` is no such array.
    """
    luma = check_luma(luma)
    return _mean_gain(luma, _noise_variance(luma), _LEVELS)


def noise_level(luma: FloatArray) -> float:
    """Robust standard deviation of the finest details, in grey levels (Donoho and Johnstone 1994).

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255

    Returns
    -------
    float
        About 0.2 to 5 on camera pictures; 0 where more than half of the picture is perfectly smooth.
    """
    # Every fifth cell: a stride that shares no factor with 8 meets all places of JPEG's block grid equally often.
    upper, lower = luma[:-1:5], luma[1::5]
    a, b, c, d = upper[:, :-1:5], upper[:, 1::5], lower[:, :-1:5], lower[:, 1::5]
    details = np.concatenate([(a + b - c - d).ravel(), (a - b + c - d).ravel()])
    return float(np.median(np.abs(details))) / (2.0 * _MAD_TO_SIGMA)


def _detail_bands(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Undecimated Haar details (horizontal, vertical, diagonal), as sums of four pixels: twice the orthonormal scale.

    Shape (H + 1, W + 1); element [i, j] belongs to the 2x2 cell whose lower right pixel is [i, j].
    """
    padded = cv2.copyMakeBorder(x, 1, 1, 1, 1, _BORDER)
    low = cv2.add(padded[:, :-1], padded[:, 1:])
    high = cv2.subtract(padded[:, 1:], padded[:, :-1])
    return cv2.subtract(low[1:], low[:-1]), cv2.add(high[1:], high[:-1]), cv2.subtract(high[1:], high[:-1])


def _noise_variance(luma: FloatArray) -> float:
    return float(np.clip(_NOISE_SCALE * np.sqrt(noise_level(luma)), _MIN_SIGMA, _MAX_SIGMA)) ** 2


def _local_variance(band: FloatArray, least: float) -> FloatArray:
    energy = cv2.multiply(band, band)
    local = cv2.min(cv2.blur(energy, (3, 3)), cv2.blur(energy, (7, 7)))
    return cv2.max(local, least, dst=local)


def _shrink(band: FloatArray, variance: float) -> FloatArray:
    """Multiply by variance / max(local variance, variance): the part that a Wiener filter calls noise."""
    local = _local_variance(band, variance)
    return cv2.divide(band, local, dst=local, scale=variance)


def _mean_gain(x: FloatArray, variance: float, levels: int) -> FloatArray:
    """What `_shrink` multiplies with at each pixel: mean over bands, and over levels by their part of the noise."""
    height, width = x.shape
    gains = [cv2.divide(4.0 * variance, _local_variance(band, 4.0 * variance)) for band in _detail_bands(x)]
    # Four cells meet at a pixel: the mean of all 2x2 of them.
    gain = cv2.blur(sum(gains[1:], gains[0]), (2, 2), anchor=(0, 0))[:height, :width] / np.float32(3.0)
    if levels == 1:
        return gain
    coarse = _mean_gain(_cells(x), variance / 4.0, levels - 1)
    spread = cv2.resize(coarse, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)[:height, :width]
    # Of white noise, the details of a level carry three quarters, and the means of 2x2 cells the rest.
    return cv2.addWeighted(gain, 0.75, spread, 0.25, 0.0)


def _cells(x: FloatArray) -> FloatArray:
    """Means of 2x2 cells; of a side of odd length, the last row or column is mirrored."""
    height, width = x.shape
    even = x if height % 2 == width % 2 == 0 else cv2.copyMakeBorder(x, 0, height % 2, 0, width % 2, _BORDER)
    return cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)


def _noise_part(x: FloatArray, variance: float, levels: int) -> FloatArray:
    # A sum of four pixels has four times their variance; the synthesis is the adjoint of the analysis over 4 * 4.
    horizontal, vertical, diagonal = (_shrink(band, 4.0 * variance) for band in _detail_bands(x))
    low = cv2.subtract(horizontal[:-1], horizontal[1:])
    high = cv2.add(cv2.add(vertical[:-1], vertical[1:]), cv2.subtract(diagonal[:-1], diagonal[1:]))
    noise = cv2.add(cv2.add(low[:, :-1], low[:, 1:]), cv2.subtract(high[:, :-1], high[:, 1:]))
    if levels == 1:
        return cv2.multiply(noise, 1.0 / 16.0, dst=noise)
    height, width = x.shape
    coarse = _noise_part(_cells(x), variance / 4.0, levels - 1)
    spread = cv2.resize(coarse, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)[:height, :width]
    return cv2.addWeighted(noise, 1.0 / 16.0, spread, 1.0, 0.0, dst=noise)
