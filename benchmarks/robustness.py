"""What recompression, small frames and few enrolled pictures cost: ``python -m benchmarks.robustness DIR``.

DIR holds <camera>/enrol/* and <camera>/probe/*. Large frames are measured at four crops from their corners, which
count as cameras of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks import cameras
from docs.record import Record, arguments, title
from prnu import Fingerprint, gather, match
from prnu.images import FloatArray, ImageError

FRAME, SMALL = (720, 1280), (480, 640)


def rows() -> list[tuple[str, tuple[int, int], int, Callable[[FloatArray], FloatArray]]]:
    """Title, crop, number of pictures enrolled, what is done to the probe."""
    table = [("native, 12 enrolled", FRAME, 12, lambda luma: luma)]
    for quality in (75, 50, 30):
        table.append((f"probe saved at JPEG q{quality}", FRAME, 12, partial(cameras.recompressed, quality=quality)))
    table.append(("640x480 crop", SMALL, 12, lambda luma: luma))
    for count in (1, 2, 4):
        table.append((f"{count} enrolled", FRAME, count, lambda luma: luma))
    return table


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
    record = Record("python -m benchmarks.robustness DIR")
    record.table("", *map(title, enrolled), "largest of other cameras")
    for what, shape, count, treat in rows():
        prints = {
            name: [
                Fingerprint.from_images(stack)
                for stack in zip(*(cameras.corners(luma, shape) for luma in pictures[:count]), strict=True)
            ]
            for name, pictures in enrolled.items()
        }
        cells, largest = [], -np.inf
        for name, pictures in probes.items():
            same, passed = [], 0
            for luma in pictures:
                for place, crop in enumerate(cameras.corners(luma, shape)):
                    try:
                        evidence = gather(treat(crop))
                    except ImageError:  # one corner of one probe is overexposed white all over
                        continue
                    found = match(prints[name][place], evidence)
                    same.append(found.pce)
                    passed += found.passed()
                    others = [f for other, all_ in prints.items() if other != name for f in all_]
                    largest = max(largest, *(match(f, evidence).pce for f in others))
            cells.append(f"{np.median(same):.0f} ({passed}/{len(same)})")
        record.row(what, *cells, f"{largest:.1f}")
    record.write(given.json)


if __name__ == "__main__":
    main()
