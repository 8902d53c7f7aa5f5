"""Feed ten thousand odd frames to the face factor: ``python -m benchmarks.liveness_fuzz [COUNT]``.

Random, resized, rotated, blank, noisy and cut frames of the public-domain astronaut portrait. Nothing may be raised and
memory must stay flat.
"""

from __future__ import annotations

import resource

import cv2
import skimage.data

from docs.record import Record, arguments
from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from testing.odd_frames import frames


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
