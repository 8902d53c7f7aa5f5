"""Feed ten thousand odd frames to the face factor: ``python -m benchmarks.liveness_fuzz [COUNT]``.

Random, resized, rotated, blank, noisy and cut frames of the public-domain astronaut portrait. Nothing may be raised and
memory must stay flat.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator

import cv2
import numpy as np
import skimage.data

from docs.record import Record, arguments
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession


def frames(portrait: np.ndarray, count: int, seed: int = 0) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        kind = rng.integers(8)
        height, width = (int(side) for side in rng.integers(32, 720, 2))
        if kind == 0:
            yield rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        elif kind == 1:
            yield np.full((height, width, 3), rng.integers(256), np.uint8)
        elif kind == 2:
            yield cv2.resize(portrait, (width, height))
        elif kind == 3:
            yield np.ascontiguousarray(np.rot90(portrait, int(rng.integers(4))))
        elif kind == 4:
            noisy = portrait + rng.normal(0, 60, portrait.shape)
            yield np.clip(noisy, 0, 255).astype(np.uint8)
        elif kind == 5:
            top, left = int(rng.integers(0, 400)), int(rng.integers(0, 500))
            yield portrait[top:, left:]
        elif kind == 6:
            yield portrait[:: rng.choice([1, -1]), :: rng.choice([1, -1])]
        else:
            yield portrait


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("count", nargs="?", type=int, default=10_000, metavar="COUNT", help="frames (%(default)s)")
    given = parser.parse_args()
    count, record = given.count, Record("python -m benchmarks.liveness_fuzz")
    face = cv2.resize(skimage.data.astronaut()[0:300, 80:380], (480, 480))
    portrait = cv2.copyMakeBorder(face, 0, 0, 80, 80, cv2.BORDER_REPLICATE)
    session, faces, marks = LivenessSession(), 0, []
    with FaceTracker() as tracker:
        for number, frame in enumerate(frames(portrait, count)):
            seen = tracker.observe(frame, number / 15)
            assert seen is not None
            session.feed(seen)
            faces += seen.faces > 0
            if number % (count // 10) == count // 10 - 1:
                marks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
                print(f"{number + 1} frames, {faces} with a face, peak memory {marks[-1]:.0f} MiB", flush=True)
    record.say(f"{count:,} random, resized, rotated, blank, noisy and cut frames, {faces:,} with a face: no exception.")
    record.say(f"Memory at its peak: {marks[0]:.0f} MiB after a tenth of them, {marks[-1]:.0f} MiB after all.")
    record.write(given.json)


if __name__ == "__main__":
    main()
