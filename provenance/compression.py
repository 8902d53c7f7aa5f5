"""How a picture was compressed: its quantisation table, traces of an earlier JPEG save, and its error levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy.fft import dctn
from scipy.special import ndtr

from prnu.images import FloatArray

Table: TypeAlias = npt.NDArray[np.int64]
Histogram: TypeAlias = npt.NDArray[np.floating]

THRESHOLD = 0.025
"""Score from which a JPEG was saved before; measured in `double_jpeg`."""

AMPLIFICATION = 20
"""Factor on the differences of an error-level picture: a level of 255 is a change by 13 grey levels or more."""

_STANDARD = np.array(  # luminance at quality 50: ITU-T T.81, table K.1, which the JPEG group's library scales
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
_MODES = ((0, 1), (1, 0), (2, 0), (1, 1), (0, 2), (0, 3), (1, 2), (2, 1), (3, 0))  # the nine lowest but the mean
_STEPS = range(2, 61)  # of an earlier save; beyond, nothing but zeros is left
_BLOCKS = 60_000  # at most, from rows evenly over the picture: plenty for a histogram
_TOP = 160.0  # coefficients above are too rare to count
_FINE = 0.25  # bin of the undisturbed coefficients
_NOISE = 0.5  # deviation that rounding pixels, and going through RGB, leaves on a coefficient
_DOUBT = 0.02  # share of coefficients that may follow no model
_LEAST_SHARE = 0.1  # of coefficients that are not zero: else a mode tells nothing
_LEAST_MODES = 3
_JPEG_SIDE = 65_500  # limit of the JPEG library


@dataclass(frozen=True)
class DoubleJpeg:
    """Whether a JPEG was saved as JPEG before, and how it was saved last.

    Attributes
    ----------
    verdict : {"double", "inconclusive"}
        There is no "single": an earlier save at the same or a better quality, at another size, or not on the same 8x8
        grid leaves no trace.
    reason : {"earlier-save", "faint", "no-trace", "too-flat"}
        "faint": an earlier save that seems no stronger than the last one, which is too uncertain to call.
        "too-flat": hardly any coefficient to look at; the picture is plain, or very strongly compressed.
    score : float
        How much better the coefficients fit an earlier save than none, in nats per coefficient; NaN if too flat.
    threshold : float
        Score from which the verdict is "double".
    earlier_quality : int or None
        About the quality of the earlier save, on the scale of the JPEG group's library, 1..100; None without verdict.
    quality : int
        That of the last save: of the standard table that comes closest, 1..100.
    standard : bool
        Whether the last save used that table itself. Most software and many phones do; Adobe and many cameras do not.
    """

    verdict: Literal["double", "inconclusive"]
    reason: Literal["earlier-save", "faint", "no-trace", "too-flat"]
    score: float
    threshold: float
    earlier_quality: int | None
    quality: int
    standard: bool


@dataclass(frozen=True, eq=False)
class ErrorLevel:
    """What changes when a picture is saved as JPEG once more.

    Attributes
    ----------
    picture : ndarray, shape (H, W), uint8
        Absolute change of each pixel's luma, times `AMPLIFICATION`.
    mean : float
        Mean change in grey levels, not amplified.
    quality : int
        Quality of that save, 1..100.
    """

    picture: npt.NDArray[np.uint8]
    mean: float
    quality: int


def double_jpeg(luma: FloatArray, table: Table, threshold: float = THRESHOLD) -> DoubleJpeg:
    """Look for traces that an earlier JPEG save left in the coefficients.

    Quantising twice leaves periodic gaps and peaks in their histograms (Popescu and Farid, "Statistical tools for
    digital forensics", Information Hiding, 2004). Following Lukas and Fridrich ("Estimation of primary quantization
    matrix in double compressed JPEG images", DFRWS, 2003), the picture moved by four pixels, off the grid, stands for
    its undisturbed coefficients; they are quantised with every earlier step and then with the file's own, and compared
    with the histogram that is there. The score is the gain in log-likelihood over no earlier step, mean of nine modes.

    Measured with `THRESHOLD`, which was chosen on self-made pictures (24 simulated photos and walls, 256x256 to
    1280x720, the JPEG group's library, qualities 40 to 98):

    - saved once: 0 of 880 were called double (highest score .016; another 56 were too flat to judge);
    - saved again at a quality better by 5 to 48: 758 of 782 found (another 58 too flat; of the missed, most had 70 and
      then 75), 740 of them with the earlier quality right to within 1, the worst 7 off;
    - saved again at the same or a worse quality: 0 of 1,080 were called double.

    Then checked on real photos, 14 of four cameras and 6 walls, some of whose scores had been seen before: 0 of 78
    camera files as they are; scaled to 1280x720 and 640x480, 0 of 329 saved once, 1,176 of 1,199 found (another 201 too
    flat), and 1 of 1,279 called double after a save at the same or a worse quality. A camera's file of quality 93 to
    97, saved again in its own size at 60 to 90, was never seen to be double; at 95 and 98 those of quality 93 were.

    Text, drawings and pixel art can show such a histogram after one save. Use it on photos.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255
        The luma plane as the JPEG stores it: `prnu.load_luma`.
    table : ndarray, shape (8, 8), int
        The file's own quantisation steps of luma, row 0 and column 0 the mean.
    threshold : float, optional

    Returns
    -------
    DoubleJpeg

    Raises
    ------
    ValueError
        If the table is none.
    """
    if table.shape != (8, 8) or table.min() < 1:
        raise ValueError(f"table: expected 8x8 steps of 1 or more, got {table.tolist()}. Pass the file's own.")
    quality, standard = table_quality(table)
    gains, steps = [], {}
    for mode, seen, undisturbed in zip(_MODES, _coefficients(luma), _coefficients(luma[4:-4, 4:-4]), strict=True):
        found = _gains(seen, undisturbed, int(table[mode]))
        if found is not None:
            gains.append(float(found.max()))
            steps[mode] = _STEPS[int(found.argmax())]
    if len(gains) < _LEAST_MODES:
        return DoubleJpeg("inconclusive", "too-flat", math.nan, threshold, None, quality, standard)
    score = float(np.mean(gains))
    if score < threshold:
        return DoubleJpeg("inconclusive", "no-trace", score, threshold, None, quality, standard)
    earlier = _closest_quality(steps)
    if earlier >= quality:
        return DoubleJpeg("inconclusive", "faint", score, threshold, None, quality, standard)
    return DoubleJpeg("double", "earlier-save", score, threshold, earlier, quality, standard)


def error_level(luma: FloatArray, quality: int = 90) -> ErrorLevel | None:
    """Save a picture as JPEG once more and amplify what changes (error-level analysis).

    After Krawetz, "A Picture's Worth: Digital Image Analysis and Forensics", Black Hat USA, 2007. It proves nothing:
    texture and edges change more than plain areas, and parts that were compressed before change less, edited or not.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255
    quality : int, 1..100, optional

    Returns
    -------
    ErrorLevel or None
        None if a side is over the 65,500 pixels that a JPEG can have.

    Raises
    ------
    ValueError
        If the quality is none.
    """
    if not 1 <= quality <= 100:
        raise ValueError(f"quality: expected 1 to 100, got {quality}. Use about 90.")
    if max(luma.shape) > _JPEG_SIDE:
        return None
    before = np.clip(np.rint(luma), 0, 255).astype(np.uint8)
    _, file = cv2.imencode(".jpg", before, [cv2.IMWRITE_JPEG_QUALITY, quality])
    change = cv2.absdiff(before, cv2.imdecode(file, cv2.IMREAD_GRAYSCALE))
    picture = np.asarray(cv2.convertScaleAbs(change, alpha=AMPLIFICATION), np.uint8)
    return ErrorLevel(picture, float(change.mean()), quality)


def standard_table(quality: int) -> Table:
    """Luma steps of the JPEG group's library at a quality, 1..100: shape (8, 8)."""
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((_STANDARD * scale + 50) // 100, 1, 255)


def table_quality(table: Table) -> tuple[int, bool]:
    """Quality of the standard table that comes closest, 1..100, and whether it is that table itself."""
    distances = [float(np.abs(standard_table(quality) - table).sum()) for quality in range(1, 101)]
    best = int(np.argmin(distances))
    return best + 1, distances[best] == 0


def _closest_quality(steps: dict[tuple[int, int], int]) -> int:
    """Quality at which the standard table comes closest, by ratio, to steps of some modes."""

    def distance(quality: int) -> float:
        table = standard_table(quality)
        return sum(abs(math.log(step / table[mode])) for mode, step in steps.items())

    return min(range(1, 101), key=distance)


def _coefficients(luma: FloatArray) -> list[FloatArray]:
    """Absolute DCT coefficients of the modes, each of shape (blocks,), float32."""
    height, width = (side // 8 * 8 for side in luma.shape)
    rows = luma[:height, :width].reshape(height // 8, 8, width // 8, 8)
    each = math.ceil(height * width / 64 / _BLOCKS)
    blocks = rows[::each].transpose(0, 2, 1, 3).reshape(-1, 8, 8) if each > 1 else rows.transpose(0, 2, 1, 3)
    spectrum = np.abs(dctn(blocks.reshape(-1, 8, 8), axes=(1, 2), norm="ortho"))
    return [spectrum[:, row, column] for row, column in _MODES]


def _gains(seen: FloatArray, undisturbed: FloatArray, step: int) -> Histogram | None:
    """Gain in log-likelihood per coefficient for each earlier step; None if the mode tells nothing."""
    bins = min(int(_TOP / step), 60)
    if bins < 2:
        return None
    counts = _histogram(seen, step, bins)
    total = counts.sum()
    if total - counts[0] < _LEAST_SHARE * len(seen):
        return None
    fine = _histogram(undisturbed, _FINE, int(_TOP / _FINE))
    once = _predict(np.arange(len(fine)) * _FINE, fine, step, bins)
    once = (once + 1e-5) / (1 + 1e-5 * bins)
    gains = []
    for earlier in _STEPS:
        levels = np.rint(np.arange(len(fine)) * (_FINE / earlier)).astype(int)
        weights: Histogram = np.bincount(levels, weights=fine).astype(np.float64)
        twice = _predict(np.arange(len(weights)) * float(earlier), weights, step, bins)
        gains.append(counts @ np.log((1 - _DOUBT) * twice / once + _DOUBT) / total)
    return np.array(gains)


def _histogram(values: FloatArray, step: float, bins: int) -> Histogram:
    levels = np.minimum(np.rint(values / step), bins).astype(int)
    return np.bincount(levels, minlength=bins + 1)[:bins].astype(np.float64)


def _predict(levels: Histogram, weights: Histogram, step: int, bins: int) -> Histogram:
    """Shares of absolute values in the bins of `step`, of coefficients at these levels and with `_NOISE` on them."""
    edges = (np.arange(bins + 1)[:, None] - 0.5) * step
    below = ndtr((edges - levels) / _NOISE) - ndtr((-edges - levels) / _NOISE)
    below[0] = 0
    shares = np.diff(below, axis=0) @ weights
    return shares / max(shares.sum(), 1e-9)
