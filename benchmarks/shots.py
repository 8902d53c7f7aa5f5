"""Is a shot known again by the sketch of its noise? ``python -m benchmarks.shots DIR``, DIR as for prnu evaluate."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from benchmarks.cameras import recompressed
from docs.record import Record, arguments, title
from prnu import gather, load_luma
from prnu.evaluate import camera_folders
from prnu.images import FloatArray, centre_crop
from prnu.sketch import SALT_BYTES, Sketch, noise_sketches, shared_noise

SHAPE = (720, 1280)


def sketch(luma: FloatArray) -> Sketch:
    return noise_sketches(gather(luma).pattern, [bytes(SALT_BYTES)])[0]


def shared(a: Sketch, b: Sketch) -> float:
    return float(shared_noise(a, [b])[0][0])


def edited(luma: FloatArray) -> FloatArray:
    """A little brighter, with noise of its own."""
    rng = np.random.default_rng(0)
    return np.clip(luma * 1.1 + rng.normal(5, 1, luma.shape), 0, 255).astype(np.float32)


def noisy(luma: FloatArray, sigma: float) -> FloatArray:
    """With noise of its own, rounded to whole grey levels."""
    noise = np.random.default_rng(1).normal(0.0, sigma, luma.shape)
    return np.clip(luma + noise, 0, 255).round().astype(np.float32)


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    copies = {
        "JPEG q95": lambda luma: recompressed(luma, 95),
        "q75": lambda luma: recompressed(luma, 75),
        "q50": lambda luma: recompressed(luma, 50),
        "brighter, noisier": edited,
        "noise of 2": lambda luma: noisy(luma, 2.0),
        "noise of 4": lambda luma: noisy(luma, 4.0),
        "noise of 6": lambda luma: noisy(luma, 6.0),
        "blurred, sigma .7": lambda luma: cv2.GaussianBlur(luma, (0, 0), 0.7),
    }
    record = Record("python -m benchmarks.shots DIR")
    record.table("camera", "pairs", "two shots, at most", *(f"one shot, {name}" for name in copies))
    for name, folder in camera_folders(given.folder).items():
        files = [*sorted((folder / "enrol").iterdir())[:12], *sorted((folder / "probe").iterdir())[:8]]
        lumas = [centre_crop(load_luma(Path(file)), SHAPE) for file in files]
        sketches = [sketch(luma) for luma in lumas]
        pairs = [shared(a, b) for a, b in combinations(sketches, 2)]
        cells = [title(name), str(len(pairs)), f"{max(pairs):.2f}"]
        for copy in copies.values():
            again = [shared(s, sketch(copy(x))) for s, x in zip(sketches, lumas, strict=True)]
            cells.append(f"{min(again):.2f} to {max(again):.2f}")
        record.row(*cells)
    record.write(given.json)


if __name__ == "__main__":
    main()
