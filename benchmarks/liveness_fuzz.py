"""Feed ten thousand odd frames to the face factor: ``python -m benchmarks.liveness_fuzz [COUNT]``.

Random, resized, rotated, blank, noisy and cut frames of the public-domain astronaut portrait. Nothing may be raised and
memory must stay flat.
"""

from __future__ import annotations

import resource

import cv2
import skimage.data

from benchmarks.arguments import parser
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from testing.odd_frames import frames


def main() -> None:
    options = parser(__doc__)
    options.add_argument("count", type=int, metavar="COUNT", nargs="?", default=10_000)
    count = options.parse_args().count
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


if __name__ == "__main__":
    main()
