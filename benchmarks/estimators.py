"""What was tried for the residual and the match: ``python -m benchmarks.estimators DIR [CAMERA ...]``.

DIR holds <camera>/enrol/* and <camera>/probe/*; name cameras to look at those only. Twelve pictures enrolled, frames of
1280x720 (four corners of large pictures, the centre of small ones), probes as they are and saved again at lower JPEG
qualities. A cell is the geometric mean over cameras of the median same-camera PCE.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import pywt
import scipy.fft

from benchmarks import cameras
from docs.record import Record, arguments, title
from prnu import noise_residual
from prnu.fingerprint import SATURATED, remove_shared, residual_weight
from prnu.images import FloatArray
from prnu.spectrum import whitened_spectrum

FRAME, ENROL, QUALITIES = (720, 1280), 12, (None, 75, 50)
Residual = Callable[[FloatArray], FloatArray]
Pattern = Callable[[FloatArray], FloatArray]


def textbook_residual(luma: FloatArray) -> FloatArray:
    """Lukáš, Fridrich and Goljan 2006, appendix A: decimated db4, four levels, sigma 5, the least of four windows."""
    coefficients = pywt.wavedec2(luma, "db4", level=4)
    noise = [np.zeros_like(coefficients[0])]
    for level in coefficients[1:]:
        bands = []
        for band in level:
            energy = band * band
            local = np.minimum.reduce([cv2.blur(energy, (side, side)) for side in (3, 5, 7, 9)])
            bands.append(band * (25.0 / np.maximum(local, 25.0)).astype(np.float32))
        noise.append(tuple(bands))
    return np.asarray(pywt.waverec2(noise, "db4")[: luma.shape[0], : luma.shape[1]], dtype=np.float32)


def wiener_dft(pattern: FloatArray) -> FloatArray:
    """Wiener filter in the Fourier domain, as prnu-python and Chen et al. 2008 use on both sides."""
    spectrum = scipy.fft.fft2(pattern)
    energy = np.abs(spectrum).astype(np.float32) ** 2 / pattern.size
    variance = float(pattern.var())
    excess = np.minimum.reduce([np.maximum(cv2.blur(energy, (s, s)) - variance, 0) for s in (3, 5, 7, 9)])
    return np.asarray(scipy.fft.ifft2(spectrum * variance / (excess + variance)).real, dtype=np.float32)


def undecimated(
    luma: FloatArray,
    wavelet: str = "db2",
    levels: int = 3,
    scale: float = 1.7,
    fixed: float | None = None,
    windows: tuple[int, ...] = (3, 7),
    coarse: str = "one phase",
) -> FloatArray:
    """Undecimated wavelet residual with the parts that were varied."""
    bank = pywt.Wavelet(wavelet)
    low, high = (np.array(taps, np.float32) for taps in (bank.dec_lo, bank.dec_hi))
    anchor = len(low) // 2 - 1

    def analyse(x: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
        return cv2.sepFilter2D(x, -1, columns, rows, anchor=(anchor, anchor), borderType=cv2.BORDER_REFLECT_101)

    def synthesise(x: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
        at = len(low) - 1 - anchor
        taps = (columns[::-1].copy(), rows[::-1].copy())
        return cv2.sepFilter2D(x, -1, *taps, anchor=(at, at), borderType=cv2.BORDER_REFLECT_101)

    details = [analyse(luma, high, low), analyse(luma, low, high)]
    deviation = np.median(np.abs([band[::5, ::5] for band in details])) / 0.6745
    sigma = fixed or float(np.clip(scale * np.sqrt(deviation), 0.8, 4.0))

    def noise(x: FloatArray, level: int) -> FloatArray:
        total = np.zeros_like(x)
        for rows, columns in ((high, low), (low, high), (high, high)):
            band = analyse(x, rows, columns)
            energy = band * band
            local = np.minimum.reduce([cv2.blur(energy, (side, side)) for side in windows])
            total += synthesise(band * (sigma**2 / np.maximum(local, sigma**2)), rows, columns)
        if level < levels:
            approximation = analyse(x, low, low)
            spread = np.zeros_like(approximation)
            if coarse == "one phase":
                spread[::2, ::2] = 4 * noise(approximation[::2, ::2], level + 1)
            else:
                for i, j in np.ndindex(2, 2):
                    spread[i::2, j::2] = noise(approximation[i::2, j::2], level + 1)
            total += synthesise(spread, low, low)
        total /= 4
        return total

    return noise(luma, 1)


def half_whitened(pattern: FloatArray) -> np.ndarray:
    """The spectrum divided by the fourth root of its power instead of the square root."""
    flat, spectrum = whitened_spectrum(pattern), scipy.fft.rfft2(pattern)
    return np.asarray(np.sqrt(np.abs(flat) * np.abs(spectrum)) * np.exp(1j * np.angle(spectrum)))


def signed_pce(surface: np.ndarray) -> float:
    around = np.arange(-5, 6)
    near = surface[np.ix_(around, around)]
    noise = ((surface**2).sum() - (near**2).sum()) / (surface.size - near.size)
    return float(np.sign(surface[0, 0]) * surface[0, 0] ** 2 / noise)


def unit(residual: FloatArray) -> FloatArray:
    return np.ones_like(residual)


VARIANTS: dict[str, dict] = {
    "textbook: db4 decimated, sigma 5, Wiener in the DFT": {"residual": textbook_residual, "textbook": True},
    "**ours**": {},
    "without the pixel weights": {"weight": unit},
    "every other enrolled picture noisier: ours": {"noisier": True},
    "every other enrolled picture noisier: without the weights": {"noisier": True, "weight": unit},
    "spectrum half whitened": {"spectrum": half_whitened},
    "spectrum not whitened": {"spectrum": scipy.fft.rfft2},
    "brightness weighting of the probe": {"brightness": True},
    "sigma fixed at 2": {"residual": partial(undecimated, wavelet="haar", fixed=2.0)},
    "sigma 25 % lower": {"residual": partial(undecimated, wavelet="haar", scale=1.3)},
    "sigma 30 % higher": {"residual": partial(undecimated, wavelet="haar", scale=2.2)},
    "one window, 5x5": {"residual": partial(undecimated, wavelet="haar", windows=(5,))},
    "windows 3, 5, 7, 9": {"residual": partial(undecimated, wavelet="haar", windows=(3, 5, 7, 9))},
    "two levels": {"residual": partial(undecimated, wavelet="haar", levels=2)},
    "four levels": {"residual": partial(undecimated, wavelet="haar", levels=4)},
    "coarse levels undecimated too": {"residual": partial(undecimated, wavelet="haar", coarse="all phases")},
    "db2 instead of Haar": {"residual": undecimated},
    "db4 instead of Haar": {"residual": partial(undecimated, wavelet="db4")},
    "sym4 instead of Haar": {"residual": partial(undecimated, wavelet="sym4")},
}


def medians(
    enrolled: dict[str, list[FloatArray]],
    probes: dict[str, list[FloatArray]],
    residual: Residual = noise_residual,
    weight: Pattern = residual_weight,
    spectrum: Callable[[FloatArray], np.ndarray] = whitened_spectrum,
    textbook: bool = False,
    brightness: bool = False,
    noisier: bool = False,
) -> dict[int | None, list[float]]:
    """Median same-camera PCE of each camera, by JPEG quality of the probe."""
    found: dict[int | None, list[float]] = {quality: [] for quality in QUALITIES}
    for name, pictures in enrolled.items():
        scores: dict[int | None, list[float]] = {quality: [] for quality in QUALITIES}
        stacks = list(zip(*(cameras.corners(luma, FRAME) for luma in pictures[:ENROL]), strict=True))
        for place, stack in enumerate(stacks):
            sums = [np.zeros(FRAME, np.float32), np.zeros(FRAME, np.float32)]
            for number, luma in enumerate(stack):
                if noisier and number % 2:  # as a high ISO would: deviation of 8 grey levels
                    extra = np.random.default_rng(number).normal(0, 8, luma.shape)
                    luma = np.clip(np.rint(luma + extra), 0, 255).astype(np.float32)
                noise = residual(luma)
                q = unit(noise) if textbook else weight(noise) * (luma < SATURATED)
                sums[0] += q * luma * noise
                sums[1] += q * luma * luma
            pattern = remove_shared(sums[0] / (sums[1] + np.float32(1e-3 * sums[1].mean())))
            if textbook:
                pattern = wiener_dft(pattern)
            for picture in probes[name]:
                for quality in QUALITIES:
                    luma = cameras.corners(picture, FRAME)[place]
                    luma = cameras.recompressed(luma, quality) if quality else luma
                    noise = residual(luma)
                    if textbook:
                        probe, reference = scipy.fft.rfft2(wiener_dft(remove_shared(noise))), pattern * luma
                    else:
                        q = weight(noise) * ((luma + 20) ** 0.25 if brightness else 1)
                        probe, reference = spectrum(remove_shared(noise) * q), pattern
                    surface = scipy.fft.irfft2(probe * np.conj(scipy.fft.rfft2(reference)), s=FRAME)
                    scores[quality].append(signed_pce(surface))
        for quality in QUALITIES:
            found[quality].append(float(np.median(scores[quality])))
    return found


def main() -> None:
    parser = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*")
    parser.add_argument("cameras", nargs="*", metavar="CAMERA", help="look at these only")
    given = parser.parse_args()
    enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
    enrolled = {name: enrolled[name] for name in given.cameras or enrolled}
    record = Record("python -m benchmarks.estimators DIR")
    record.table("variant", *map(title, enrolled), "mean, native", "q75", "q50")
    for what, variant in VARIANTS.items():
        found = medians(enrolled, probes, **variant)
        means = [np.exp(np.mean(np.log(np.maximum(found[quality], 0.1)))) for quality in QUALITIES]
        record.row(what, *(f"{pce:.0f}" for pce in [*found[None], *means]))
    record.write(given.json)


if __name__ == "__main__":
    main()
