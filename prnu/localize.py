"""Where in a picture a camera's pattern is, and where it is missing though it should be there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from prnu.evidence import Evidence, Image, gather
from prnu.fingerprint import DARK, SATURATED, Fingerprint
from prnu.images import FloatArray
from prnu.match import Match, check_settings, check_shape, find_peak

REGION_P_VALUE = 1e-4
"""False-alarm probability up to which a region shows the pattern. Regions are small: PCE 50 would ask too much."""

MISSING = 0.5
"""Share of the expected correlation below which the pattern counts as missing: midway between there and not there."""

_TELLING = 7.0  # expected z from which a genuine region (deviation 1.5, measured) reaches half of it in 99 of 100 cases
_FIT_BLOCK = 64
_PRIOR_BLOCKS = 20.0  # blocks' worth of evidence that it takes to believe in an influence of brightness or texture
_MIN_REGION = 48

Verdict = Literal["passed", "failed", "inconclusive"]


class Box(NamedTuple):
    """A rectangle in pixels of the frame in sensor orientation."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class CorrelationMap:
    """Local correlation of a picture with a fingerprint, beside what the camera's own pattern should give.

    Attributes
    ----------
    ncc : ndarray, shape (rows, columns), float32
        Normalised correlation of whitened residual and pattern in a block around each place, -1..1.
    expected : ndarray, shape (rows, columns), float32
        What it should be, by the picture's brightness, texture and saturation there and by how strongly the pattern
        shows in the picture as a whole; 0 or more.
    chance : float
        Standard deviation that `ncc` has by chance where there is no pattern.
    block, step : int
        Side of the blocks, and pixels from one to the next.
    """

    ncc: FloatArray
    expected: FloatArray
    chance: float
    block: int
    step: int

    @property
    def z(self) -> FloatArray:
        """Correlation in standard deviations of chance, shape (rows, columns)."""
        return self.ncc / np.float32(self.chance)

    @property
    def telling(self) -> npt.NDArray[np.bool_]:
        """Where the pattern should show clearly enough for its absence to mean something."""
        return self.expected >= _TELLING / 2 * self.chance

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Where the pattern should show and less than half of it is there."""
        return self.telling & (self.ncc < MISSING * self.expected)

    @property
    def centres(self) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_]]:
        """Row and column of the pixel in the middle of each block."""
        rows, columns = self.ncc.shape
        half = self.block // 2
        return half + self.step * np.arange(rows), half + self.step * np.arange(columns)


@dataclass(frozen=True, eq=False)
class RegionMatch(Match):
    """A `Match` of one region, judged against what the rest of the picture lets expect.

    Attributes
    ----------
    box : Box
        The region.
    expected_z : float
        `z` that the camera's own pixels should give there.
    verdict : {"passed", "failed", "inconclusive"}
        ``passed``: the pattern is there. ``failed``: it should be there and is not. ``inconclusive``: the region is too
        small, too dark, too bright or too textured, or the pattern too weak in the whole picture, to tell.
    """

    box: Box
    expected_z: float
    verdict: Verdict


def correlation_map(
    fingerprint: Fingerprint, images: Image | Evidence | Iterable[Image], block: int = 128, step: int = 16
) -> CorrelationMap:
    """Map the local correlation of pictures with a fingerprint.

    Parameters
    ----------
    fingerprint : Fingerprint
    images : path, file, bytes, array, an iterable of them, or Evidence
        Several pictures count together.
    block : int
        Side of the sliding block in pixels. Chen et al. 2008, section V, use 128; smaller ones are noisier.
    step : int
        Pixels from one block to the next.

    Returns
    -------
    CorrelationMap

    Raises
    ------
    ImageError
        If a picture cannot be used or does not have the fingerprint's size.
    FingerprintError
        If the fingerprint was made with other settings.
    ValueError
        If block or step do not fit the picture.
    """
    evidence = _evidence(fingerprint, images)
    if not (8 <= block <= min(evidence.shape) and step >= 1):
        raise ValueError(f"block must be 8 to {min(evidence.shape)} and step at least 1, got {block} and {step}")
    pattern = _whitened_pattern(evidence)
    ncc = _local_ncc(pattern, fingerprint.pattern, block, step)
    expected = _predictor(fingerprint, evidence, pattern)(_features(evidence, block, step))
    whole = find_peak(fingerprint, evidence.spectrum, evidence.images)
    chance = whole.deviation * math.sqrt(pattern.size) / block
    return CorrelationMap(ncc, expected, chance, block, step)


def match_region(
    fingerprint: Fingerprint, images: Image | Evidence | Iterable[Image], box: tuple[int, int, int, int]
) -> RegionMatch:
    """Test one region, such as a face, on its own.

    A face swapped into a genuine photo leaves the pattern around the face alone, and the whole frame matches still.

    Parameters
    ----------
    fingerprint : Fingerprint
    images : path, file, bytes, array, an iterable of them, or Evidence
        Several pictures count together; the region is the same in all of them.
    box : (left, top, width, height)
        In pixels, inside the frame, at least 48 on a side.

    Returns
    -------
    RegionMatch

    Raises
    ------
    ImageError
        If a picture cannot be used or does not have the fingerprint's size.
    FingerprintError
        If the fingerprint was made with other settings.
    ValueError
        If the box is too small or not inside the frame.
    """
    evidence = _evidence(fingerprint, images)
    box = Box(*(int(side) for side in box))
    height, width = evidence.shape
    inside = 0 <= box.left <= width - box.width and 0 <= box.top <= height - box.height
    if min(box.width, box.height) < _MIN_REGION or not inside:
        raise ValueError(
            f"box (left, top, width, height) = {tuple(box)}: it must lie inside the frame of {width}x{height} "
            f"and be at least {_MIN_REGION} pixels on a side"
        )
    here = np.s_[box.top : box.top + box.height, box.left : box.left + box.width]
    pattern = _whitened_pattern(evidence)
    predict = _predictor(fingerprint, evidence, pattern, without=box)
    region = np.zeros_like(pattern)
    region[here] = pattern[here]
    found = find_peak(fingerprint, scipy.fft.rfft2(region, workers=-1), evidence.images)
    share = float(np.linalg.norm(fingerprint.pattern[here])) / fingerprint.norm  # Match.ncc is relative to the whole
    expected = float(predict(_region_features(evidence, box))[0]) * share / found.deviation
    if found.p_value <= REGION_P_VALUE and found.z >= MISSING * expected:
        verdict: Verdict = "passed"
    elif expected >= _TELLING and found.z < MISSING * expected:
        verdict = "failed"
    else:
        verdict = "inconclusive"
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return RegionMatch(**fields, box=box, expected_z=expected, verdict=verdict)


def _evidence(fingerprint: Fingerprint, images: Image | Evidence | Iterable[Image]) -> Evidence:
    check_settings(fingerprint)
    evidence = gather(images)
    check_shape(fingerprint, evidence)
    return evidence


def _whitened_pattern(evidence: Evidence) -> FloatArray:
    pattern: FloatArray = scipy.fft.irfft2(evidence.spectrum, s=evidence.shape, workers=-1)
    return pattern


def _blocks(array: FloatArray, block: int, step: int) -> FloatArray:
    """Means over blocks wholly inside the frame, shape ((H - block) // step + 1, (W - block) // step + 1)."""
    half, (height, width) = block // 2, array.shape
    means = cv2.blur(array, (block, block), anchor=(half, half), borderType=cv2.BORDER_CONSTANT)
    return means[half : height - block + half + 1 : step, half : width - block + half + 1 : step]


def _local_ncc(pattern: FloatArray, reference: FloatArray, block: int, step: int) -> FloatArray:
    """Correlation of pattern and reference in each block."""
    norms = np.sqrt(_blocks(pattern * pattern, block, step) * _blocks(reference * reference, block, step))
    product = _blocks(pattern * reference, block, step)
    return np.divide(product, norms, out=np.zeros_like(product), where=norms > 0)


def _describe(usable: FloatArray, mean: FloatArray, square: FloatArray) -> FloatArray:
    """Stack the predictor's features, shape (..., 3): usable share, and that times brightness and texture."""
    texture = np.log1p(np.sqrt(np.maximum(square - mean * mean, 0.0))) - 2.5
    return np.stack([usable, usable * (mean / 128.0 - 1.0), usable * texture], axis=-1)


def _planes(luma: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    usable = ((luma > DARK) & (luma < SATURATED)).astype(np.float32)
    return usable, luma, luma * luma


def _features(evidence: Evidence, block: int, step: int) -> FloatArray:
    return _describe(*(_blocks(plane, block, step) for plane in _planes(evidence.luma)))


def _region_features(evidence: Evidence, box: Box) -> FloatArray:
    """Features of the region's blocks, averaged: texture means texture within a block there, too."""
    luma = evidence.luma[box.top : box.top + box.height, box.left : box.left + box.width]
    block = min(_FIT_BLOCK, box.width, box.height)
    features = _describe(*(_blocks(plane, block, block // 2) for plane in _planes(np.ascontiguousarray(luma))))
    mean: FloatArray = features.mean(axis=(0, 1), keepdims=True)[0]
    return mean


class _Predictor:
    """Expected correlation by local features: a linear correlation predictor (Chen et al. 2008, section V-A).

    Chen et al. train it on the camera's pictures. Here the picture at hand trains it: its compression, zoom and light
    are then those of the region in question.
    """

    def __init__(self, coefficients: npt.NDArray[np.floating[Any]]) -> None:
        self.coefficients = coefficients

    def __call__(self, features: FloatArray) -> FloatArray:
        return np.maximum(features @ self.coefficients, 0.0).astype(np.float32)


def _predictor(
    fingerprint: Fingerprint, evidence: Evidence, pattern: FloatArray, without: Box | None = None
) -> _Predictor:
    """Fit a predictor to the picture's blocks by ridge regression, leaving out those that touch a box."""
    features = _features(evidence, _FIT_BLOCK, _FIT_BLOCK)
    ncc = _local_ncc(pattern, fingerprint.pattern, _FIT_BLOCK, _FIT_BLOCK)
    keep = np.ones(ncc.shape, dtype=bool)
    if without is not None:
        top, left = without.top // _FIT_BLOCK, without.left // _FIT_BLOCK
        bottom, right = (
            -(-(without.top + without.height) // _FIT_BLOCK),
            -(-(without.left + without.width) // _FIT_BLOCK),
        )
        keep[top:bottom, left:right] = False
    x, y = features[keep].astype(np.float64), ncc[keep].astype(np.float64)
    penalty = np.diag([1e-3, _PRIOR_BLOCKS, _PRIOR_BLOCKS])
    return _Predictor(np.linalg.solve(x.T @ x + penalty, x.T @ y))
