"""Error rates of the region test: ``python -m benchmarks.regions DIR``.

Boxes of random size and place in probes of 1280x720 (four corners of large pictures), once as they are and once with
another camera's pixels pasted in. DIR holds <camera>/enrol/* and <camera>/probe/*.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks import cameras
from docs.record import Record, arguments, title
from prnu import Fingerprint, ImageError, gather
from prnu.localize import match_region

FRAME, BOXES, ENROL = (720, 1280), 80, 12


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
    cut = {name: [cameras.corners(luma, FRAME) for luma in pictures] for name, pictures in probes.items()}
    words = ("passed", "inconclusive", "failed")
    record = Record("python -m benchmarks.regions DIR")
    record.table("camera", "boxes", *(f"{kind}: {word}" for kind in ("genuine", "pasted") for word in words))
    for name, pictures in enrolled.items():
        rng = np.random.default_rng(1)
        stacks = zip(*(cameras.corners(luma, FRAME) for luma in pictures[:ENROL]), strict=True)
        prints = [Fingerprint.from_images(stack) for stack in stacks]
        foreign = [crop for other, all_ in cut.items() if other != name for crops in all_ for crop in crops]
        found: dict[str, Counter[str]] = {"genuine": Counter(), "pasted": Counter()}
        boxes = 0
        while boxes < BOXES:
            place = int(rng.integers(len(prints)))
            photo = cut[name][int(rng.integers(len(cut[name])))][place].copy()
            width = int(rng.integers(150, 500))
            height = min(int(width * 1.2), FRAME[0])
            left, top = int(rng.integers(FRAME[1] - width + 1)), int(rng.integers(FRAME[0] - height + 1))
            here = np.s_[top : top + height, left : left + width]
            try:
                genuine = match_region(prints[place], photo, (left, top, width, height))
                photo[here] = foreign[int(rng.integers(len(foreign)))][here]
                pasted = match_region(prints[place], gather(photo), (left, top, width, height))
            except ImageError:  # a corner that is overexposed all over
                continue
            boxes += 1
            found["genuine"][genuine.verdict] += 1
            found["pasted"][pasted.verdict] += 1
        record.row(title(name), boxes, *(found[kind][word] for kind in ("genuine", "pasted") for word in words))
    record.write(given.json)


if __name__ == "__main__":
    main()
