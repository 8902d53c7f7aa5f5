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
from scipy.stats import norm

from prnu.evidence import Evidence, Image, gather
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray
from prnu.match import Match, check_settings, check_shape, find_peak

REGION_P_VALUE = 1e-4
"""False-alarm probability up to which a region shows the pattern. Regions are small: PCE 50 would ask too much."""

MIN_REGION = 48
"""Pixels on each side that a region has at least: a smaller one holds too little noise to test."""

MISSING = 0.5
"""Share of the expected correlation below which the pattern counts as missing: midway between there and not there."""

_TELLING = 3.5  # expected correlation of a block, in deviations of chance, from which less than half of it tells
_DEVIATION, _ERROR = 1.5, 0.25  # of genuine z from what is expected, and of that relative to the truth; both measured
_ONE_IN_100 = 0.01  # of genuine regions
_FIT_BLOCK = 64
_PRIOR_BLOCKS = 20.0  # blocks' worth of evidence that it takes to believe in an influence of brightness

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
        What it should be, by the picture's details, noise, brightness and saturation there and by how strongly the
        pattern shows in the picture as a whole; 0 or more.
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
        return self.expected >= _TELLING * self.chance

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
        ``passed``: the pattern is there. ``failed``: there is less of it than 99 of 100 genuine regions have.
        ``inconclusive``: the region is too small, dark, bright or full of detail, or the pattern too weak in the whole
        picture, to tell.
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
    expected = _Predictor(fingerprint, evidence, pattern).blocks(block, step)
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
        In pixels, inside the frame, at least `MIN_REGION` on a side.

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
    if min(box.width, box.height) < MIN_REGION or not inside:
        raise ValueError(
            f"box (left, top, width, height) = {tuple(box)}: it must lie inside the frame of {width}x{height} "
            f"and be at least {MIN_REGION} pixels on a side"
        )
    here = np.s_[box.top : box.top + box.height, box.left : box.left + box.width]
    pattern = _whitened_pattern(evidence)
    predictor = _Predictor(fingerprint, evidence, pattern, without=box)
    region = np.zeros_like(pattern)
    region[here] = pattern[here]
    found = find_peak(fingerprint, scipy.fft.rfft2(region, workers=-1), evidence.images)
    share = float(np.linalg.norm(fingerprint.pattern[here])) / fingerprint.norm  # Match.ncc is relative to the whole
    expected = predictor.region(box) * share / found.deviation
    if found.p_value <= REGION_P_VALUE and found.z >= MISSING * expected:
        verdict: Verdict = "passed"
    elif found.z < least_genuine(expected):
        verdict = "failed"
    else:
        verdict = "inconclusive"
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    return RegionMatch(**fields, box=box, expected_z=expected, verdict=verdict)


def least_genuine(expected_z: float, regions: int = 1) -> float:
    """What 99 of 100 genuine regions reach, as `RegionMatch.z`; -inf where that is no more than chance.

    Parameters
    ----------
    expected_z : float
    regions : int, 1 or more
        Of so many, one falls below by chance in 1 of 100 sets.
    """
    least = expected_z - float(norm.isf(_ONE_IN_100 / regions)) * math.hypot(_DEVIATION, _ERROR * expected_z)
    return least if least > 0.0 else -math.inf


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


class _Predictor:
    """Expected correlation by what a place is like: a correlation predictor (Chen et al. 2008, section V-A).

    Chen et al. learn it from the camera's pictures, by brightness, texture and saturation. Here it follows from the
    filter: where the pattern has the power R, the residual the power E, and the filter lets the share s of the pattern
    through, their correlation is ``a s sqrt(R / E)``. The strength a, and how it changes with brightness, is learnt
    from the picture at hand: its compression, zoom and light are then those of the region in question.

    Parameters
    ----------
    fingerprint : Fingerprint
    evidence : Evidence
    pattern : ndarray, shape (H, W), float32
        Whitened pattern of the evidence.
    without : Box, optional
        Learn nothing from the blocks that touch it.
    """

    def __init__(
        self, fingerprint: Fingerprint, evidence: Evidence, pattern: FloatArray, without: Box | None = None
    ) -> None:
        luma, reference = evidence.luma, fingerprint.pattern
        share = evidence.share
        power, energy = (cv2.norm(plane, cv2.NORM_L2SQR) for plane in (reference, pattern))
        scale = np.float32(power / energy)
        self._planes = (share, share * (luma / 128.0 - 1.0), reference * reference, pattern * pattern * scale)
        features = self._features(_FIT_BLOCK, _FIT_BLOCK)
        ncc = _local_ncc(pattern, reference, _FIT_BLOCK, _FIT_BLOCK)
        keep = np.ones(ncc.shape, dtype=bool)
        if without is not None:
            bottom, right = (
                -(-end // _FIT_BLOCK) for end in (without.top + without.height, without.left + without.width)
            )
            keep[without.top // _FIT_BLOCK : bottom, without.left // _FIT_BLOCK : right] = False
        x, y = features[keep].astype(np.float64), ncc[keep].astype(np.float64)
        self._coefficients = np.linalg.solve(x.T @ x + np.diag([1e-3, _PRIOR_BLOCKS]), x.T @ y)

    def blocks(self, block: int, step: int) -> FloatArray:
        """Expected correlation in each block, shape as of `_blocks`."""
        return np.maximum(self._features(block, step) @ self._coefficients, 0.0).astype(np.float32)

    def region(self, box: Box) -> float:
        """Expected correlation in a box."""
        here = np.s_[box.top : box.top + box.height, box.left : box.left + box.width]
        means = [np.float32(plane[here].mean()) for plane in self._planes]
        return max(float(self._describe(*means) @ self._coefficients), 0.0)

    def _features(self, block: int, step: int) -> FloatArray:
        return self._describe(*(_blocks(plane, block, step) for plane in self._planes))

    @staticmethod
    def _describe(share: Any, bright: Any, power: Any, energy: Any) -> FloatArray:
        clear = np.sqrt(np.divide(power, energy, out=np.zeros_like(power), where=energy > 0))
        return np.stack([share * clear, bright * clear], axis=-1)
