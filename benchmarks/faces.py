"""Figures of the face match: ``python -m benchmarks.faces DIR``, with DIR/photos/<person>/*."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from benchmarks.arguments import folder_from
from liveness.identity import THRESHOLD, FaceError, FaceMatcher


def main() -> None:
    folder = folder_from(__doc__)
    matcher, times = FaceMatcher(), []
    found: dict[Path, np.ndarray] = {}
    for path in sorted(folder.glob("photos/*/*")):
        picture = np.array(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
        try:
            found[path] = matcher.embed(picture)
        except FaceError as error:
            print(f"{path.name}: {error}")
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
    print(f"{len(found)} usable photos of {len({path.parent for path in found})} people, threshold {THRESHOLD}")
    print(f"{len(same)} pairs of one person: {min(same):.3f} and more")
    print(f"{len(other)} pairs of two people: {max(other):.3f} and less")
    print(f"one embedding of a frame 480 pixels high: {1000 * float(np.median(times)):.0f} ms of CPU time (median)")


if __name__ == "__main__":
    main()
