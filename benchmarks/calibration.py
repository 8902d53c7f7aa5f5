"""Check the p-value on pairs that are known not to match: ``python -m benchmarks.calibration DIR``.

Fingerprints of tiles of the cameras in DIR (<camera>/enrol/*) and of simulated cameras are compared with tiles of the
other cameras' probes, all recompressed to one JPEG quality, because files of one quality share the most.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import norm

from benchmarks import cameras
from docs.record import Record, arguments
from prnu import Fingerprint, gather, match, scenes
from prnu.images import FloatArray, load_luma
from prnu.sensor import SimulatedCamera

SHAPE = (480, 640)
QUALITIES = (95, 75)
ENROL = 12


def simulated() -> dict[str, tuple[list[FloatArray], list[FloatArray]]]:
    sets = {}
    for seed, preset in enumerate(("laptop", "webcam", "smartphone"), 1):
        camera = SimulatedCamera.preset(preset, seed=seed, shape=(960, 1280), jpeg_quality=95)
        flats = [load_luma(camera.photograph_jpeg(scenes.flat(camera.shape, seed=n))) for n in range(ENROL)]
        probes = [load_luma(camera.photograph_jpeg(scene)) for scene in scenes.varied(camera.shape, 4, seed=seed)]
        sets[f"simulated {preset}"] = (flats, probes)
    return sets


def scores(
    sets: dict[str, tuple[list[FloatArray], list[FloatArray]]], quality: int
) -> Iterator[tuple[float, float, bool]]:
    prints, probes = [], []
    for name, (enrolled, others) in sets.items():
        stacks = zip(*(cameras.tiles(luma, SHAPE) for luma in enrolled[:ENROL]), strict=True)
        for stack in stacks:
            fingerprint = Fingerprint.from_images(cameras.recompressed(tile, quality) for tile in stack)
            prints.append((name, fingerprint))
        probes += [(name, tile) for luma in others for tile in cameras.tiles(luma, SHAPE)]
    for name, tile in probes:
        evidence = gather(cameras.recompressed(tile, quality))
        for other, fingerprint in prints:
            if other != name:
                found = match(fingerprint, evidence)
                yield found.z, float(np.sign(found.pce) * np.sqrt(abs(found.pce))), found.passed()


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*; default none", optional=True).parse_args()
    sets = simulated()
    if given.folder:
        enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
        sets |= {name: (enrolled[name], probes[name]) for name in enrolled}
    record = Record("python -m benchmarks.calibration DIR")
    record.table("JPEG", "pairs", "statistic", "deviation", "P(>2)", "P(>3)", "P(>4)")
    record.row("", "", "normal distribution", 1, *(f"{norm.sf(z):.5f}" for z in (2, 3, 4)))
    together = []
    for quality in QUALITIES:
        found = np.array(list(scores(sets, quality)))
        together.append(found)
        report(record, f"q{quality}", found)
    everything = np.concatenate(together)
    report(record, "all", everything)
    largest, high, passed = everything[:, 1].max() ** 2, (everything[:, 1] >= np.sqrt(50)).sum(), everything[:, 2].sum()
    record.say(
        f"Of these {len(everything):,} pairs, the largest PCE was {largest:.1f}, {high} reached 50, and {passed:.0f} "
        "passed."
    )
    record.write(given.json)


def report(record: Record, title: str, found: np.ndarray) -> None:
    for column, name in enumerate(("on the 8x8 lattice (p-value)", "signed root of the PCE")):
        z = found[:, column]
        tails = (f"{(z > limit).mean():.5f}" for limit in (2, 3, 4))
        record.row(title, f"{len(z):,}", name, f"{z.std():.3f}", *tails)


if __name__ == "__main__":
    main()
