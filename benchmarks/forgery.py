"""How often the triangle test cries wolf, and how often it finds a copied fingerprint.

python -m benchmarks.forgery [DIR]

DIR/<camera>/{enrol,probe}/* are pictures of real cameras, by default of the sample data; simulated ones come on top.
Each camera's pictures are dealt at random into the bank's secret ones (a third, its fingerprint), public ones (the
candidates, from which Eve steals the first N) and genuine suspects. Eve plants her fingerprint in a picture of
another camera so that its PCE is the median of the genuine suspects', and saves it as JPEG. Prints a markdown table.
"""

from __future__ import annotations

import io
import sys
from collections import Counter, defaultdict
from typing import Any

import numpy as np
from PIL import Image

from docs.record import DATA, Record, arguments, title
from prnu import Fingerprint, gather, load_luma, match, scenes
from prnu.evaluate import camera_folders
from prnu.forgery import plant_fingerprint, strength_for, triangle_test
from prnu.images import luma_from_array
from prnu.sensor import SimulatedCamera

STOLEN = (1, 2, 5, 10, 20, 50)
QUALITIES = (95, 90)
DEALS, DEALS_FORGED = 6, 2
CROP = (720, 1280)  # disjoint corners of larger frames: to PRNU, cameras of their own
SIMULATED: dict[str, dict[str, Any]] = {
    "simulated, q95": {},
    "simulated, denoised, q90": {"denoise": 0.5, "prnu": 0.007, "jpeg_quality": 90},
}
SHAPE = (480, 640)


def jpeg(luma, quality):
    file = io.BytesIO()
    Image.fromarray(luma).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def corners(luma):
    (height, width), (h, w) = luma.shape, CROP
    if height < 2 * h or width < 2 * w:
        return [luma]
    tops, lefts = (0, (height - h) // 8 * 8), (0, (width - w) // 8 * 8)
    return [luma[y : y + h, x : x + w] for y in tops for x in lefts]


def real_cameras(folder):
    """Yield (name, sets of uint8 lumas, each of one sensor area, some whole lumas)."""
    for name, path in camera_folders(folder).items():
        lumas = [load_luma(file).astype(np.uint8) for file in sorted(path.glob("*/*"))]
        yield name, [list(s) for s in zip(*map(corners, lumas), strict=True)], lumas[-4:]


def simulated_cameras():
    for name, parameters in SIMULATED.items():
        sets = []
        for seed in (len(name), len(name) + 50):  # no scene twice: its texture would be shared
            camera = SimulatedCamera(SHAPE, seed=seed, **parameters)
            shots = (camera.photograph(scene) for scene in scenes.varied(SHAPE, 90, seed=seed))
            sets.append([np.rint(luma_from_array(shot)).astype(np.uint8) for shot in shots])
        yield name, sets, sets[0][-4:]


class Tally:
    def __init__(self):
        self.verdicts = Counter[str]()
        self.pooled: list[float] = []
        self.pce: list[float] = []
        self.stolen: list[float] = []
        self.others: list[float] = []

    def add(self, test, stolen=0):
        self.verdicts[test.verdict] += 1
        self.pooled.append(test.pooled_z)
        self.pce.append(test.camera.pce)
        self.stolen.extend(test.z[:stolen])
        self.others.extend(test.z[stolen:])

    def row(self, record, *names):
        counts = [self.verdicts[v] for v in ("failed", "inconclusive", "passed")]
        low, middle, high = np.nanquantile(self.pooled, (0, 0.5, 1))
        stolen = f"{np.nanmedian(self.stolen):.1f}" if self.stolen else ""
        others = f"{np.nanmax(self.others):.1f} of {len(self.others):,}" if self.others else ""
        cells = (
            *names,
            f"{np.median(self.pce):.0f}",
            *counts,
            f"{low:.1f} / {middle:.1f} / {high:.1f}",
            stolen,
            others,
        )
        record.row(*cells)


def deal(pictures, rng):
    order = rng.permutation(len(pictures))
    secret = len(pictures) // 3
    public = min(50, (len(pictures) - secret) * 6 // 7 if len(pictures) > 20 else len(pictures) // 2)
    return order[:secret], order[secret : secret + public], order[secret + public :]


def measure(pictures, bases, rng, tallies, forged):
    secret, public, genuine = deal(pictures, rng)
    fingerprint = Fingerprint.from_images(pictures[i] for i in secret)
    candidates = [gather(pictures[i]) for i in public]
    for i in genuine:
        tallies["innocent"].add(triangle_test(fingerprint, pictures[i], candidates))
    if not forged:
        return
    target = float(np.median([match(fingerprint, pictures[i]).pce for i in genuine]))

    def forge(eve, label, watched, stolen=0):
        base = bases[rng.integers(len(bases))]
        try:
            planted = plant_fingerprint(base, eve, strength_for(base, eve, target, fingerprint))
        except ValueError:
            tallies["unreachable"].verdicts[label] += 1
            return
        for quality in QUALITIES:
            tallies[f"{label}, q{quality}"].add(triangle_test(fingerprint, jpeg(planted, quality), watched), stolen)

    for number in STOLEN:
        if number <= len(public):
            eve = Fingerprint.from_images(pictures[i] for i in public[:number])
            forge(eve, f"N = {number}", candidates, number)
    half = len(public) // 2
    forge(Fingerprint.from_images(pictures[i] for i in public[:half]), "candidates not hers", candidates[half:])
    forge(fingerprint, "bank's fingerprint leaked", candidates)


def main():
    given = arguments(__doc__, "<camera>/{enrol,probe}/*", DATA / "cameras").parse_args()
    record = Record("python -m benchmarks.forgery DIR")
    cameras = [*real_cameras(given.folder), *simulated_cameras()]
    columns = ["camera", "suspect", "PCE", "failed", "inconclusive", "passed", "pooled z: least / median / most"]
    columns += ["z of stolen: median", "z of others: most"]
    record.table(*columns)
    for name, sets, _ in cameras:
        rng = np.random.default_rng(1)
        tallies: defaultdict[str, Tally] = defaultdict(Tally)
        for pictures in sets:
            height, width = pictures[0].shape
            others = [luma[-height:, :width] for other, _, lumas in cameras if other != name for luma in lumas]
            bases = [b for b in others if b.shape == (height, width) and (b > 250).mean() < 0.3]
            for number in range(DEALS):
                measure(pictures, bases, rng, tallies, forged=bases and number < DEALS_FORGED)
        missed = tallies.pop("unreachable", None)
        for label in sorted(tallies, key=lambda label: (label[:3] != "inn", label[:1] != "N", len(label), label)):
            tallies[label].row(record, title(name), label)
        if missed:
            print(f"{name}: no strength reached the PCE in {dict(missed.verdicts)}", file=sys.stderr)
    record.write(given.json)


if __name__ == "__main__":
    main()
