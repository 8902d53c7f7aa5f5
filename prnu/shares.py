"""Whether each of several pictures carries its share of the pattern that they show together, or a few carry all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from prnu.evidence import Evidence
from prnu.fingerprint import DARK, SATURATED, Fingerprint, residual_weight
from prnu.images import FloatArray
from prnu.match import Match, check_settings, check_shape
from prnu.residual import noise_share
from prnu.spectrum import whitened

DOUBT, PROOF = 4.0, 8.0
"""How much likelier, as a logarithm, it must be that some pictures are silent than that all speak, to leave it open and
to count as proven. Of simulated genuine sets (3 to 30 pictures, 2 to 40 deviations each, what content foretells wrong
by 25 %) .5 to 1 % reach the first, none of 30,000 the second; where half the pictures or fewer were genuine and all
together just passed, 94 to 100 % reach the first."""

_CHANCE, _SPREAD = 1.1, 0.2  # deviation of z, and share by which the strength of one camera's pictures differs
_SILENT, _SILENT_SPREAD = 1 / 8, 1 / 12  # of what is expected: a trace, as of noise that was copied faintly
_TELLING = 9.0  # deviations expected of a picture from which less than a quarter of it, 2.25, is beyond chance
_ONE = 0.25
_ALONE = 3.09  # deviations that the weaker two thirds must reach together: 1 in 1,000 by chance
_CLEAR = 0.25  # of the usual clarity: a picture that can show less than this tells nothing beside the others
_STRENGTHS = np.geomspace(0.04, 1.6, 64)[:, np.newaxis]  # tried, of the strongest picture's
_PARTS = np.array([0.0, 0.04, 0.08, 0.15, 0.25, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96])[:, np.newaxis, np.newaxis]  # silent

SharesVerdict = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True, eq=False)
class Shares:
    """What each of several pictures carries of the camera's pattern.

    Attributes
    ----------
    z : ndarray, shape (n,), float64
        Correlation of each with the fingerprint, in deviations of chance.
    expected : ndarray, shape (n,), float64
        What each should have by its content. How strongly this camera's pattern shows is learnt from the pictures
        themselves, those that are not silent: their light and compression are those of the others.
    silent : tuple of int
        Which pictures, from 0 on, more likely show none of the pattern than their share.
    doubt : float
        How much likelier it is that some are silent than that none is, as a logarithm; 0 or more.
    verdict : {"passed", "failed", "inconclusive"}
        ``failed``: some pictures are silent, beyond `PROOF`. ``inconclusive``: beyond `DOUBT`, or a single one is that
        should speak clearly; or the strongest third of the pictures carries the others; or more than a third are too
        dark, too bright or too full of detail to show anything.
    """

    z: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]
    silent: tuple[int, ...]
    doubt: float
    verdict: SharesVerdict

    @property
    def carrying(self) -> npt.NDArray[np.bool_]:
        """Which pictures are seen to carry something of the pattern themselves.

        They are clear enough to show it, and show a quarter of what is expected, and a deviation at least. Of genuine
        pictures of which three deviations are expected 6 % do not, of six 2 in 1,000; of pictures without the pattern
        84 % and 93 % do not.
        """
        clear = self.expected >= _CLEAR * _usual(self.expected)
        return clear & (self.z >= np.maximum(_ONE * self.expected, 1.0))


def clarity(luma: FloatArray, residual: FloatArray) -> float:
    """How clearly a picture can show its sensor's pattern, by its content: the correlation to expect, in unknown units.

    The pattern is a share of the light. What comes through the filter of it, weighted as the evidence is, stands
    against all that the weighted residual holds. Chen, Fridrich, Goljan and Lukáš 2008, section V-A, foretell it from
    the same causes: brightness, texture, saturation.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255
    residual : ndarray, shape (H, W), float32
        Its `prnu.residual.noise_residual`.

    Returns
    -------
    float
        0 or more.
    """
    weight = residual_weight(residual)
    noise = math.sqrt(float(np.square(weight * residual).mean()))
    weight *= noise_share(luma)
    weight *= luma
    weight[(luma >= SATURATED) | (luma <= DARK)] = 0.0
    return float(weight.mean()) / noise if noise else 0.0


def shares(fingerprint: Fingerprint, pictures: Iterable[Evidence], clear: Sequence[float], whole: Match) -> Shares:
    """Test whether every picture, and every group of them, carries its share of the pattern.

    Adding up evidence hides who brought it: one wall by the camera lifts eleven pictures of another over any threshold.
    So each picture is compared on its own, and two stories about all of them are weighed: that each carries its share,
    or that a part of them, of whatever size, is silent (a likelihood ratio test for a mixture; McLachlan and Peel,
    "Finite mixture models", 2000, chapter 6). It works for weak cameras, too, of which one picture shows nothing to
    speak of. Besides, the weaker two thirds must show the pattern without the others.

    Parameters
    ----------
    fingerprint : Fingerprint
    pictures : iterable of Evidence
        One for each picture, which are looked at one at a time.
    clear : sequence of float
        `clarity` of each.
    whole : Match
        Of all together: its noise turns correlations into deviations.

    Returns
    -------
    Shares

    Raises
    ------
    ImageError
        If sizes differ.
    FingerprintError
        If the fingerprint was made with other settings.
    """
    check_settings(fingerprint)
    ncc = []
    for picture in pictures:
        check_shape(fingerprint, picture)
        ncc.append(native_ncc(fingerprint, whitened(picture.pattern)))
    return shares_of(ncc, clear, whole)


def shares_of(ncc: Sequence[float], clear: Sequence[float], whole: Match) -> Shares:
    """Test as `shares` does, of pictures that were compared with the fingerprint already.

    Parameters
    ----------
    ncc : sequence of float
        `Match.ncc` of each, at the native place.
    clear : sequence of float
        `clarity` of each.
    whole : Match
        Of all together.
    """
    z = np.asarray(ncc, np.float64) / whole.deviation
    return Shares(z, *_judged(z, np.asarray(clear, np.float64)))


def native_ncc(fingerprint: Fingerprint, noise: npt.NDArray[np.floating[Any]]) -> float:
    """Correlate a picture's noise with a fingerprint of its size, in place: `Match.ncc` without a transform.

    Parameters
    ----------
    fingerprint : Fingerprint
    noise : ndarray, shape (H, W)
        The picture's pattern with its spectrum made flat (`prnu.spectrum.whitened`).
    """
    flat = noise.astype(np.float32).ravel()
    return float(flat @ fingerprint.pattern.ravel()) / max(float(np.linalg.norm(flat)) * fingerprint.norm, 1e-12)


def _judged(
    z: npt.NDArray[np.float64], clear: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], tuple[int, ...], float, SharesVerdict]:
    """Weigh the two stories. Return what is expected of each picture, who is silent, the doubt and the verdict."""
    upper = _usual(clear)
    telling = clear >= _CLEAR * upper
    clear = np.maximum(clear, 1e-9 * max(upper, 1e-9))
    expected = _STRENGTHS * max(float((z / clear)[telling].max(initial=0.0)), 1e-9) * clear
    speaking = _log_normal(z, expected, np.hypot(_CHANCE, _SPREAD * expected))
    silence = _log_normal(z, _SILENT * expected, np.hypot(_CHANCE, _SILENT_SPREAD * expected))
    with np.errstate(divide="ignore"):  # no picture is silent: the logarithm of 0 is right
        either = np.log1p(-_PARTS) + speaking, np.log(_PARTS) + silence
    likelihood = np.logaddexp(*either).sum(axis=-1)
    doubt = float(likelihood.max() - likelihood[0].max())
    part, strength = np.unravel_index(int(likelihood.argmax()), likelihood.shape)
    mute = either[1][part, strength] > either[0][part, strength]
    expected = expected[strength]
    alone = telling & (expected >= _TELLING) & (z < _ONE * expected)
    silent = tuple(int(number) for number in np.flatnonzero(mute | alone))
    third = len(z) // 3
    rest = np.sort(z)[: len(z) - third]
    carried = bool(third) and float(rest.sum()) < _ALONE * math.sqrt(len(rest))
    if doubt >= PROOF:
        verdict: SharesVerdict = "failed"
    elif doubt >= DOUBT or alone.any() or carried or (len(z) - telling.sum()) > third:
        verdict = "inconclusive"
    else:
        verdict, silent = "passed", ()
    return expected, silent, doubt, verdict


def _usual(clear: npt.NDArray[np.float64]) -> float:
    """How clear the clearer half of pictures is."""
    return float(np.median(np.sort(clear)[len(clear) // 2 :]))


def _log_normal(
    z: npt.NDArray[np.float64], mean: npt.NDArray[np.float64], deviation: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Logarithm of a normal density, without its constant."""
    found: npt.NDArray[np.float64] = -0.5 * np.square((z - mean) / deviation) - np.log(deviation)
    return found
