"""Figures of the face match: ``python -m benchmarks.faces DIR``, with DIR/photos/<person>/*."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from docs.record import Record, arguments
from liveness.identity import THRESHOLD, FaceError, FaceMatcher


def main() -> None:
    given = arguments(__doc__, "photos/<person>/*").parse_args()
    record = Record("python -m benchmarks.faces DIR")
    matcher, times = FaceMatcher(), []
    found: dict[Path, np.ndarray] = {}
    for path in sorted(given.folder.glob("photos/*/*")):
        picture = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
        try:
            found[path] = matcher.embed(picture)
        except FaceError as error:
            record.say(f"{path.name} is refused: {error}")
            continue
        scale = 480 / picture.shape[0]
        frame = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for _ in range(5):
            start = time.process_time()
            matcher.embed(frame)
            times.append(time.process_time() - start)
    same: list[float] = []
    other: list[float] = []
    for a, b in itertools.combinations(found, 2):
        (same if a.parent == b.parent else other).append(matcher.similarity(found[a], found[b]))
    people = len({path.parent for path in found})
    record.say(
        f"Of {len(found)} usable photos of {people} people, pairs of one person have a similarity of {min(same):.3f} "
        f"and more ({len(same)} pairs), of two people {max(other):.3f} and less ({len(other)} pairs); the threshold "
        f"is {THRESHOLD}."
    )
    cost_ms = 1000 * float(np.median(times))
    print(f"one embedding of a frame 480 pixels high: {cost_ms:.0f} ms of CPU time (median)")
    record.keep(embedding_cpu_ms=cost_ms)
    record.write(given.json)


if __name__ == "__main__":
    main()
