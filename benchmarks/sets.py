"""Are the pictures of a set of one sensor, is an exposure known again, and what repeats itself in a fingerprint?

``python -m benchmarks.sets DIR``, DIR as for prnu evaluate. Copies of exposures and shared patterns are made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations

import numpy as np

from benchmarks.cameras import read, recompressed
from docs.record import Record, arguments, title
from prnu import Fingerprint, match, noise_residual, scenes
from prnu.artefacts import REPEATS, repetition
from prnu.consistency import Agreement
from prnu.enrol import Enrolment, EnrolmentRefused
from prnu.evidence import weighted
from prnu.images import FloatArray, as_luma, centre_crop
from prnu.sensor import SimulatedCamera

SHAPES = ((720, 1280), (480, 640), (256, 320))
SHARES = ((6, 6), (8, 4), (11, 1), (2, 2))
STRENGTHS = (0.25, 0.5, 1.0)


def pattern(luma: FloatArray) -> FloatArray:
    return weighted(noise_residual(luma))


def agreement(patterns: list[FloatArray]) -> Agreement:
    made = Agreement()
    for one in patterns:
        made.add(one)
    return made


def cameras_alone(record: Record, cut: dict[tuple[int, int], dict[str, list[FloatArray]]]) -> None:
    record.table("camera", "size", "pictures", "groups", "pairs, in deviations: least", "median", "largest correlation",
                 "repeats itself, in deviations")  # fmt: skip
    for shape, cameras in cut.items():
        for name, lumas in cameras.items():
            made = agreement([pattern(luma) for luma in lumas])
            shared = np.concatenate([made.shared(number) for number in range(len(lumas))])
            z, size = shared / made.deviation, f"{shape[1]}x{shape[0]}"
            repeats = repetition(Fingerprint.from_images(lumas).pattern).z
            found = (f"{z.min():.1f}", f"{np.median(z):.1f}", f"{shared.max():.3f}", f"{repeats:.1f}")
            record.row(title(name), size, str(len(lumas)), str(len(made.groups())), *found)


def mixtures(record: Record, cut: dict[tuple[int, int], dict[str, list[FloatArray]]]) -> None:
    record.table("size", "pictures of two cameras", "sets", "told apart", "left together: cannot tell", "mixed up")
    for shape, cameras in cut.items():
        noise = {name: [pattern(luma) for luma in lumas[:11]] for name, lumas in cameras.items()}
        for share in SHARES:
            counts = {"told": 0, "together": 0, "mixed": 0}
            pairs = [pair for pair in permutations(noise, 2) if share[0] != share[1] or pair[0] < pair[1]]
            for pair in pairs:
                sets = [noise[name][:count] for name, count in zip(pair, share, strict=True)]
                counts[_verdict(agreement(sets[0] + sets[1]).groups(), share)] += 1
            row = (str(len(pairs)), *(str(count) for count in counts.values()))
            record.row(f"{shape[1]}x{shape[0]}", f"{share[0]} and {share[1]}", *row)


def _verdict(groups: tuple[tuple[int, ...], ...], share: tuple[int, int]) -> str:
    """Told: no group holds pictures of both cameras."""
    if len(groups) == 1:
        return "together"
    return "mixed" if any(group[0] < share[0] <= group[-1] for group in groups) else "told"


def copies(record: Record, cut: dict[tuple[int, int], dict[str, list[FloatArray]]]) -> None:
    rng = np.random.default_rng(0)
    ways: dict[str, Callable[[FloatArray], FloatArray]] = {
        **{f"q{quality}": partial(recompressed, quality=quality) for quality in (95, 85, 75, 60)},
        "brighter": lambda luma: recompressed(np.clip(luma * 1.05 + 3, 0, 255), 92),
        "noise of sigma 1": lambda luma: recompressed(np.clip(luma + rng.normal(0, 1, luma.shape), 0, 255), 95),
        "sigma 2": lambda luma: recompressed(np.clip(luma + rng.normal(0, 2, luma.shape), 0, 255), 95),
    }
    record.table("camera", *(f"saved again: {way}" for way in ways))
    for name, lumas in cut[SHAPES[0]].items():
        cells = []
        for way in ways.values():
            made = [agreement([pattern(luma)]) for luma in lumas[:3]]
            shared = [one.correlations(pattern(way(luma))).max() for one, luma in zip(made, lumas, strict=False)]
            cells.append(f"{min(shared):.2f} to {max(shared):.2f}")
        record.row(title(name), *cells)


def added(shape: tuple[int, int]) -> Iterator[tuple[str, FloatArray]]:
    """Patterns as software adds them, of deviation 1 or so."""
    rng, (rows, columns) = np.random.default_rng(5), np.mgrid[: shape[0], : shape[1]]
    yield "diagonal lines", rng.standard_normal(sum(shape), np.float32)[rows + columns]
    yield (
        "diagonal wave, period 7.3",
        np.float32(np.sqrt(2)) * np.sin(2 * np.pi * (rows + columns) / 7.3).astype(np.float32),
    )
    for side in (3, 7, 16, 50, 64):
        tile = np.resize(np.arange(side), max(shape))
        yield (
            f"tiles of {side}",
            rng.standard_normal((side, side), np.float32)[np.ix_(tile[: shape[0]], tile[: shape[1]])],
        )


def artefacts(record: Record) -> None:
    shape = SHAPES[1]
    own, other = (SimulatedCamera(shape, seed=seed, prnu=0.012, jpeg_quality=None) for seed in (1, 2))
    pces = [f"{camera} camera's PCE: {when}" for camera in ("other", "own") for when in ("as it was", "as enrolled")]
    record.table("added to photos", "grey levels", "repeats itself, in deviations", "taken out", *pces)
    for name, plane in added(shape):
        for strength in STRENGTHS:

            def shoot(camera: SimulatedCamera, scene: np.ndarray, add: FloatArray = strength * plane) -> FloatArray:
                rgb = camera.photograph(scene) + add[..., None]
                return recompressed(as_luma(np.clip(np.rint(rgb), 0, 255).astype(np.uint8)), 95)

            enrolment = Enrolment()
            for number in range(8):
                enrolment.add(shoot(own, scenes.flat(shape, seed=number)))
            raw = enrolment.preview()
            assert raw is not None
            probes = [shoot(camera, scenes.sky(shape, seed=1)) for camera in (other, own)]
            try:
                made = enrolment.fingerprint()
                scores = [f"{match(one, probe).pce:.0f}" for probe in probes for one in (raw, made)]
            except EnrolmentRefused:
                scores = [text for probe in probes for text in (f"{match(raw, probe).pce:.0f}", "refused")]
            z = repetition(raw.pattern).z
            record.row(name, f"{strength:g}", f"{z:.1f}", "yes" if z >= REPEATS else "no", *scores)


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    record = Record("python -m benchmarks.sets DIR")
    cut: dict[tuple[int, int], dict[str, list[FloatArray]]] = {shape: {} for shape in SHAPES}
    for name, lumas in read(given.folder, "enrol").items():
        for shape in SHAPES:
            cut[shape][name] = [np.ascontiguousarray(centre_crop(luma, shape)) for luma in lumas]
    cameras_alone(record, cut)
    mixtures(record, cut)
    copies(record, cut)
    artefacts(record)
    record.write(given.json)


if __name__ == "__main__":
    main()
