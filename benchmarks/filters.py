"""Could the filter be set better? ``python -m benchmarks.filters DIR``.

DIR holds <camera>/enrol/* and <camera>/probe/*. Eight to twelve pictures enrolled, four probes at most, frames of
1280x720 or 640x480: two corners of each picture as it is, the same pictures halved (another camera, in effect), and
denoised and sharpened as some phones do. Simulated cameras, three presets, were looked at only after the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import cv2
import numpy as np
import scipy.fft

from benchmarks import cameras
from benchmarks.estimators import signed_pce
from docs.record import Record, arguments
from prnu import scenes
from prnu.fingerprint import SATURATED, remove_shared, residual_weight
from prnu.images import FloatArray, luma_from_array
from prnu.residual import _noise_part, noise_level
from prnu.sensor import SimulatedCamera
from prnu.spectrum import whitened_spectrum

FRAME, SMALL, ENROL, PROBES = (720, 1280), (480, 640), 12, 4
_STRIP, _MARGIN = 256, 64  # rows; four levels reach further than the three of prnu.residual
Medians = dict[str, dict[int | None, float]]
"""Median same-camera PCE by setting and JPEG quality."""


def residual(
    luma: FloatArray,
    least: float = 0.8,
    most: float = 4.0,
    scale: float = 1.7,
    levels: int = 3,
    fixed: float | None = None,
) -> FloatArray:
    """`prnu.noise_residual` with the parts that were varied."""
    sigma = fixed or float(np.clip(scale * np.sqrt(noise_level(luma)), least, most))
    noise = np.empty_like(luma)
    for top in range(0, len(luma), _STRIP):
        start, end = max(top - _MARGIN, 0), min(top + _STRIP, len(luma))
        strip = _noise_part(np.ascontiguousarray(luma[start : end + _MARGIN]), sigma**2, levels)
        noise[top:end] = strip[top - start : end - start]
    return noise


SETTINGS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "**ours**: sigma = clip(1.7 sqrt(n), .8, 4), three levels": residual,
    "cap of 8": partial(residual, most=8.0),
    "floor of 2": partial(residual, least=2.0),
    "floor of 3": partial(residual, least=3.0),
    "sigma fixed at 3": partial(residual, fixed=3.0),
    "sigma fixed at 5": partial(residual, fixed=5.0),
    "3 sqrt(n), cap of 8": partial(residual, scale=3.0, most=8.0),
    "two levels": partial(residual, levels=2),
    "two levels, floor of 2": partial(residual, levels=2, least=2.0),
    "four levels": partial(residual, levels=4),
    "four levels, sigma fixed at 5": partial(residual, levels=4, fixed=5.0),
}
OURS = next(iter(SETTINGS))


def medians(stacks: Iterable[tuple[Sequence[FloatArray], Sequence[FloatArray]]], *qualities: int | None) -> Medians:
    """Score probes against what is enrolled, place by place of a sensor."""
    scores: dict[str, dict[int | None, list[float]]] = {name: {q: [] for q in qualities} for name in SETTINGS}
    for enrolled, probes in stacks:
        for name, filtered in SETTINGS.items():
            sums = np.zeros((2, *enrolled[0].shape), np.float32)
            for luma in enrolled:
                noise = filtered(luma)
                weight = residual_weight(noise) * (luma < SATURATED)
                sums += weight * luma * np.stack([noise, luma])
            pattern = remove_shared(sums[0] / (sums[1] + np.float32(1e-3 * sums[1].mean())))
            reference = np.conj(scipy.fft.rfft2(pattern))
            for quality in qualities:
                for probe in probes:
                    noise = filtered(cameras.recompressed(probe, quality) if quality else probe)
                    if not noise.any():
                        scores[name][quality].append(0.0)
                        continue
                    weight = residual_weight(noise)
                    spectrum = whitened_spectrum(remove_shared(noise) * weight)
                    scores[name][quality].append(signed_pce(scipy.fft.irfft2(spectrum * reference, s=pattern.shape)))
    return {name: {q: float(np.median(values)) for q, values in found.items()} for name, found in scores.items()}


def halved(luma: FloatArray) -> FloatArray:
    size = SMALL if luma.shape[1] < 2 * FRAME[1] else FRAME
    small = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(cameras.corners(np.asarray(small, np.float32), size)[0])


def denoised(luma: FloatArray) -> FloatArray:
    """Denoised, sharpened and saved, as some phones do with what they take."""
    smooth = cv2.bilateralFilter(cameras.corners(luma, FRAME)[0], 5, 8.0, 2.0)
    sharp = smooth + 0.8 * (smooth - cv2.GaussianBlur(smooth, (0, 0), 1.2))
    return cameras.recompressed(np.clip(sharp, 0, 255).astype(np.float32), 90)


def real(enrolled: Sequence[FloatArray], probes: Sequence[FloatArray]) -> tuple[Medians, Medians, Medians]:
    """One camera as it is, halved, and denoised."""
    enrolled, probes = enrolled[:ENROL], probes[:PROBES]
    parts = [[cameras.corners(luma, FRAME)[:3:2] for luma in given] for given in (enrolled, probes)]
    places = zip(zip(*parts[0], strict=True), zip(*parts[1], strict=True), strict=True)
    changed = ([([change(luma) for luma in given]) for given in (enrolled, probes)] for change in (halved, denoised))
    (small, small_probes), (smooth, smooth_probes) = changed
    return (
        medians(places, None, 75, 50),
        medians([(small, small_probes)], None, 75),
        medians([(smooth, smooth_probes)], None, 50),
    )


def simulated(preset: str) -> Medians:
    camera = SimulatedCamera.preset(preset, seed=41, shape=FRAME)
    walls = [camera.photograph(scenes.flat(FRAME, seed=number + 41), shot=number) for number in range(8)]
    photos = [camera.photograph(scene, shot=50 + n) for n, scene in enumerate(scenes.varied(FRAME, 4, seed=41))]
    enrolled, probes = ([luma_from_array(picture) for picture in given] for given in (walls, photos))
    return medians([(enrolled, probes)], None, 75, 50)


def tell(record: Record, found: Sequence[tuple[Medians, Medians, Medians]], made: Sequence[Medians]) -> None:
    """One row for each setting: geometric means over cameras, and what the worst-off real one keeps of ours."""
    heads = ("native", "q75", "q50", "halved", "halved, q75", "denoised", "denoised, q50")
    record.table("sigma and levels", *heads, *(f"simulated, {head}" for head in heads[:3]), "least that a camera keeps")
    for name in SETTINGS:
        cells = [
            _mean(kind[name][quality] for kind in kinds)
            for kinds in (*zip(*found, strict=True), made)
            for quality in kinds[0][name]
        ]
        worst = min(one[0][name][q] / one[0][OURS][q] for one in found for q in one[0][name])
        record.row(name, *(f"{cell:.0f}" for cell in cells), f"{worst:.2f}")


def _mean(values: Iterable[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(list(values), 0.1)))))


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
    record = Record("python -m benchmarks.filters DIR")
    found = [real(enrolled[name], probes[name]) for name in enrolled]
    tell(record, found, [simulated(preset) for preset in ("laptop", "webcam", "smartphone")])
    record.write(given.json)


if __name__ == "__main__":
    main()
