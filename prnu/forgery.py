"""Planted fingerprints: the fingerprint-copy attack, and the triangle test that gives it away.

Whoever has photos of a camera can estimate its fingerprint and plant it in a forgery, which then matches. But the
estimate carries the random noise of those photos along, and the forgery shares it with every one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.fft
from scipy.stats import norm

from prnu.evidence import Evidence, Image, gather
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray, ImageError
from prnu.match import Match, check_settings, check_shape, find_peak, match
from prnu.quality import LEAKAGE_WARN, SetCheck

SLOPE, SLOPE_SPREAD = 0.85, 0.2
"""Share of the predicted correlation that innocent pictures show (one phone, simulated cameras: .77 to .95)."""
MODEL_ERROR, COMMON = 0.1, 0.003
"""Error of the prediction for a suspect: relative, and as a correlation (0 to .004 too much between leafy scenes)."""
REACH = 20
"""The test is passed only if a copy made from this many pictures would have been noticed, in 19 of 20 cases."""
_BLOCK, _FEWEST = 128, 3  # pixels a side, as Goljan et al.; candidates from which their pairs tell the slope
_MATCHED = 1e-4  # p-value up to which the suspect shows the camera's pattern at all
_RING, _PEDESTAL = 4, 5.0  # pixels around the peak, and their mean correlation in standard deviations
_SURVIVING, _POWER = 0.7, 1.645  # share of Eve's noise found in forgeries (.65 to .95); normal quantile of 19 in 20

Verdict = Literal["passed", "failed", "inconclusive"]
Values = npt.NDArray[np.float64]
Pixels = TypeVar("Pixels", npt.NDArray[np.uint8], npt.NDArray[np.float32])


@dataclass(frozen=True, eq=False)
class TriangleTest:
    """What a picture shares with candidates beside the camera's pattern. Arrays have one value per candidate.

    Attributes
    ----------
    observed, predicted : ndarray, shape (n,), float64
        Correlation of the candidate's whitened noise with the suspect's, -1..1, and what the pattern in both foretells.
    z, p_values : ndarray, shape (n,), float64
        Their difference in standard deviations, cautiously, and the probability of as much. NaN where set aside.
    set_aside : ndarray, shape (n,), bool
        Candidates that show the suspect's scene, were it the texture of a wall: it leaks into both residuals.
    pooled_z, p_value : float
        The same of all candidates together. NaN if none could be compared.
    slope : float
        Factor on the prediction, from the candidates' pairs if there are three or more, else `SLOPE`.
    reach : float
        Pictures up to which a copy would have been noticed, if one of them, or all, are candidates. A rough guide.
    camera : Match
        The suspect against the camera: what the camera factor sees.
    verdict, advice : str
        ``passed``: no sign of a copy, and one would have shown. ``failed``: more is shared than the pattern explains.
        ``inconclusive``: cannot tell. And one sentence on it for a person.
    """

    observed: Values
    predicted: Values
    z: Values
    p_values: Values
    set_aside: npt.NDArray[np.bool_]
    pooled_z: float
    p_value: float
    slope: float
    reach: float
    camera: Match
    verdict: Verdict
    advice: str


def triangle_test(
    fingerprint: Fingerprint,
    suspect: Image | Evidence | Iterable[Image],
    candidates: Iterable[Image | Evidence],
    *,
    false_alarm: float = 1e-3,
) -> TriangleTest:
    """Test whether a picture's fingerprint was copied from some of the candidates.

    Innocent pictures I and J share the camera's pattern K only. Per block, the correlation of their residuals is then
    that of I and K times that of J and K over the reliability of K; the sum over blocks is the estimate of Goljan et
    al. [1]_ with its mutual-content factor. What J shares beyond that is judged candidate by candidate and pooled,
    each at half the false-alarm probability, against chance (as in `Match`), the noise of K, and `MODEL_ERROR`.

    **The fingerprint must not have been made from any candidate**, nor from anything else that Eve may have: it would
    share their noise and predict too much. A copy of the fingerprint itself, or of pictures that are not among the
    candidates, does not fail. Attacks made against this very test weaken it [2]_.

    Parameters
    ----------
    fingerprint : Fingerprint
        From at least two pictures, none of them ever public.
    suspect : path, file, bytes, array, an iterable of them, or Evidence
        Several pictures count together.
    candidates : iterable of path, file, bytes, array or Evidence
        Pictures of the camera that Eve may have, as little recompressed as can be had. Read one at a time.
    false_alarm : float, 0..0.5
        Probability of ``failed`` for an innocent suspect.

    Returns
    -------
    TriangleTest

    Raises
    ------
    ImageError, FingerprintError
        As `prnu.match`.
    ValueError
        If `candidates` is a single picture, or `false_alarm` out of range.

    References
    ----------
    .. [1] M. Goljan, J. Fridrich, M. Chen, "Defending against fingerprint-copy attack in sensor-based camera
       identification", IEEE TIFS 6(1), 2011.
    .. [2] M. Barni et al., "Countering the pooled triangle test for PRNU-based camera identification", WIFS 2018.
    """
    if not 0.0 < false_alarm < 0.5:
        raise ValueError(f"false_alarm: expected a probability between 0 and 0.5, got {false_alarm}. Use 0.001.")
    if isinstance(candidates, str | bytes | np.ndarray | Evidence):
        raise ValueError("candidates: expected several pictures, got a single one. Put it into a list.")
    check_settings(fingerprint)
    evidence = gather(suspect)
    check_shape(fingerprint, evidence, "suspect")
    triangles = _Triangles(fingerprint, evidence)
    for number, candidate in enumerate(candidates, 1):
        triangles.add(candidate, f"candidate {number}")
    return _judge(triangles, find_peak(fingerprint, evidence.spectrum, evidence.images), false_alarm)


def plant_fingerprint(image: Pixels, fingerprint: Fingerprint, strength: float) -> Pixels:
    """Plant a fingerprint in a picture, J (1 + strength K): the fingerprint-copy attack.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, 3), uint8 or float32 in 0..255
    fingerprint : Fingerprint
        Of the same size; Eve's, from the photos she has.
    strength : float
        1 plants as much as residuals show of the pattern; see `strength_for`.

    Returns
    -------
    ndarray, shape and dtype of `image`

    Raises
    ------
    ImageError
        If shape or dtype are others.
    """
    if image.dtype not in (np.uint8, np.float32) or image.shape not in (fingerprint.shape, (*fingerprint.shape, 3)):
        (height, width), problem = fingerprint.shape, f"an array of shape {image.shape} and type {image.dtype}"
        raise ImageError("image", problem, f"Give {width}x{height} pixels, luma or RGB, uint8 or float32")
    pattern = fingerprint.pattern if image.ndim == 2 else fingerprint.pattern[..., np.newaxis]
    planted = np.clip(image * (1 + np.float32(strength) * pattern), 0, 255)
    return (np.rint(planted) if image.dtype == np.uint8 else planted).astype(image.dtype)


def strength_for(image: Pixels, fingerprint: Fingerprint, pce: float, known: Fingerprint | None = None) -> float:
    """Find the strength, to 2 %, at which a planted picture reaches a PCE by `known`, or by Eve's own fingerprint.

    Her own flatters her. A ValueError says if no strength reaches the PCE.
    """

    def reached(strength: float) -> bool:
        return match(known or fingerprint, plant_fingerprint(image, fingerprint, strength)).pce >= pce

    low, high = 0.0, 0.5
    while not reached(high):
        low, high = high, 2 * high
        if high > 64:
            raise ValueError(f"pce: no strength reaches {pce:g}. Make the fingerprint of more pictures.")
    while high - low > 0.02 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


class _Triangles:
    """Sides of the triangles of fingerprint, suspect and candidates. Memory grows by a few numbers per candidate."""

    def __init__(self, fingerprint: Fingerprint, suspect: Evidence) -> None:
        self.fingerprint, self.suspect = fingerprint, suspect
        self.pattern = fingerprint.pattern / np.float32(fingerprint.norm)
        self.energy = np.maximum(_block_sums(self.pattern * self.pattern), 1e-12)
        whitened = _whitened(suspect)
        self.of_suspect = _block_sums(whitened * self.pattern)
        self.reference = Fingerprint(whitened, suspect.images, math.nan)
        self.found: list[Match] = []
        self.set_aside: list[bool] = []
        self.of_candidates: list[Values] = []  # with the fingerprint, by blocks
        self.sum = np.zeros_like(whitened)

    def add(self, candidate: Image | Evidence, name: str) -> None:
        evidence = gather(candidate, [name] if isinstance(candidate, np.ndarray | bytes) else ())
        check_shape(self.fingerprint, evidence, name)
        whitened, found = _whitened(evidence), find_peak(self.reference, evidence.spectrum, evidence.images)
        self.found.append(found)
        self.of_candidates.append(_block_sums(whitened * self.pattern))
        self.sum += whitened
        scene = SetCheck()
        for luma in (self.suspect.luma, evidence.luma):
            scene.add(luma)
        self.set_aside.append(scene.leakage >= LEAKAGE_WARN or _pedestal(found) > _PEDESTAL)

    def product(self, a: Values, b: Values) -> float:
        """Correlation of two pictures by way of the fingerprint, were it perfect."""
        return float((a * b / self.energy).sum())

    def slope(self, chance: float) -> tuple[float, float]:
        """Factor on the prediction with its standard deviation: the constant, corrected by the candidates' pairs."""
        reliability, count = self.fingerprint.reliability, len(self.found)
        spread = math.hypot(SLOPE_SPREAD, 1 / (self.fingerprint.split_half * math.sqrt(self.pattern.size)))
        if count < _FEWEST:
            return SLOPE, spread
        together: Values = np.sum(self.of_candidates, axis=0)  # sums over pairs from squares of sums
        predicted = (self.product(together, together) - sum(self.product(b, b) for b in self.of_candidates)) / 2
        predicted = max(predicted / reliability, 1e-9)
        observed = (float(np.vdot(self.sum, self.sum)) - count) / 2
        sampling = math.hypot(math.sqrt(count * (count - 1) / 2) * chance / predicted, 0.03)
        weight = spread**2 / (spread**2 + sampling**2)
        slope = SLOPE + weight * (observed / predicted - SLOPE)
        # Candidates of one scene, or a forged one among them, share more: pairs are believed within limits only.
        return min(max(slope, SLOPE - 2 * spread, 0.1), SLOPE + 2 * spread), spread * math.sqrt(1 - weight)


def _whitened(evidence: Evidence) -> FloatArray:
    """Whitened pattern, of unit energy."""
    pattern: FloatArray = scipy.fft.irfft2(evidence.spectrum, s=evidence.shape, workers=-1)
    return pattern / np.linalg.norm(pattern)


def _block_sums(array: FloatArray) -> Values:
    rows, columns = (np.arange(0, side, _BLOCK) for side in array.shape)
    return np.add.reduceat(np.add.reduceat(array, rows, axis=0, dtype=np.float64), columns, axis=1)


def _pedestal(found: Match) -> float:
    """How far the peak stands on a hill, in standard deviations: a scene's texture does, noise in a sink."""
    middle = found.surface.shape[0] // 2
    around = found.surface[middle - _RING : middle + _RING + 1, middle - _RING : middle + _RING + 1]
    roots = np.copysign(np.sqrt(np.abs(around)), around)
    roots[_RING - 1 : _RING + 2, _RING - 1 : _RING + 2] = 0.0
    return float(roots.sum()) / math.sqrt(roots.size - 9)


def _judge(triangles: _Triangles, camera: Match, false_alarm: float) -> TriangleTest:
    observed, chance = (np.array([getattr(m, name) for m in triangles.found]) for name in ("ncc", "deviation"))
    candidate, suspect = np.array([b.sum() for b in triangles.of_candidates]), float(triangles.of_suspect.sum())
    set_aside = np.array(triangles.set_aside, dtype=bool)
    count = set_aside.size - int(set_aside.sum())
    known = triangles.fingerprint.reliability > 0 and count > 0  # a reliability of NaN is not known
    slope, spread = triangles.slope(float(chance.mean())) if known else (math.nan, math.nan)
    share = triangles.fingerprint.reliability / slope  # of K's energy, what is the camera's
    predicted = np.array([triangles.product(b, triangles.of_suspect) for b in triangles.of_candidates]) / share
    # Variances: by chance, by the noise of K on either way through it, by the error of the model.
    noise = max(1 - share, 0.0) / share**2
    own, by_suspect = chance**2 * (1 + noise * suspect**2), math.sqrt(noise) * chance * candidate
    by_model = np.hypot(predicted * math.hypot(MODEL_ERROR, spread / slope), COMMON)
    deviation = np.sqrt(own + by_suspect**2 + by_model**2)
    z = np.where(set_aside, np.nan, (observed - predicted) / deviation)
    # Pooled in units of chance. Noise by way of the suspect and the model's error are the same in all candidates.
    weight = np.where(set_aside, 0.0, 1 / chance)
    pooled_deviation = math.sqrt(weight**2 @ own + (weight @ by_suspect) ** 2 + (weight @ by_model) ** 2)
    pooled = float(weight @ (observed - predicted)) / pooled_deviation if known else math.nan
    limits = norm.isf(false_alarm / 2 / max(count, 1)), norm.isf(false_alarm / 2)
    excess = _SURVIVING * suspect / np.maximum(candidate, 3 * chance)  # were the candidate Eve's only picture
    by_one = np.median((excess / deviation)[~set_aside]) / (limits[0] + _POWER) if known else 0.0
    by_all = weight @ excess / pooled_deviation / (limits[1] + _POWER) if known else 0.0
    reach = max(float(by_one), float(by_all), 0.0)
    betrayed = int((z > limits[0]).sum())
    verdict: Verdict = "inconclusive"
    if count == 0:
        advice = "No candidate shows another scene than the suspect: give other pictures that Eve may have."
    elif not known:
        advice = "The fingerprint is too weak for this test: register the camera with more pictures."
    elif betrayed or pooled > limits[1]:
        verdict = "failed"
        advice = f"Reject it: it shares noise with {betrayed or 'some'} of {count} candidates, so it was made of them."
    elif camera.p_value > _MATCHED:
        advice = "The suspect does not show this camera's pattern, which the camera test says already."
    elif pooled < -limits[1]:
        advice = "It fits the fingerprint better than its relation to other pictures allows: was that itself copied?"
    elif reach < REACH:
        advice = f"A copy of more than {reach:.0f} pictures would go unnoticed: give more or larger pictures."
    else:
        verdict = "passed"
        advice = f"No sign of a copy: one of up to {reach:.0f} pictures, these among them, should have shown."
    pool = pooled, float(norm.sf(pooled))
    return TriangleTest(observed, predicted, z, norm.sf(z), set_aside, *pool, slope, reach, camera, verdict, advice)
