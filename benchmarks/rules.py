"""What each rule finds, and what it takes for another camera's: ``python -m benchmarks.rules DIR``.

Fingerprints of twelve pictures of each camera in DIR (<camera>/enrol/*), from crops of several sizes, are compared with
crops of all cameras' probes, as they are and saved again as JPEG. Crops come from the same places of the frame; large
pictures have four.
"""

from __future__ import annotations

from benchmarks import cameras
from docs.record import Record, arguments
from prnu import Fingerprint, gather, match
from prnu.images import FloatArray, ImageError
from prnu.match import Match
from prnu.rules import RULES

SIZES = ((720, 1280), (480, 640), (352, 480), (256, 320))
QUALITIES = (None, 75, 50)
ENROL = 12


def compared(
    enrolled: dict[str, list[FloatArray]], probes: dict[str, list[FloatArray]], size: tuple[int, int]
) -> dict[int | None, list[tuple[bool, Match]]]:
    """Every fingerprint against every probe, by JPEG quality: whether it is the same place of the same camera."""
    prints = {
        (name, place): Fingerprint.from_images(stack)
        for name, pictures in enrolled.items()
        for place, stack in enumerate(zip(*(cameras.corners(luma, size) for luma in pictures[:ENROL]), strict=True))
    }
    found: dict[int | None, list[tuple[bool, Match]]] = {quality: [] for quality in QUALITIES}
    for name, pictures in probes.items():
        for picture in pictures:
            for place, luma in enumerate(cameras.corners(picture, size)):
                for quality in QUALITIES:
                    try:
                        evidence = gather(cameras.recompressed(luma, quality) if quality else luma)
                    except ImageError:  # a crop of white sky, in which JPEG has left no noise: no rule is asked
                        continue
                    for (other, there), fingerprint in prints.items():
                        if other != name or there == place:  # another place of the same sensor is no other camera
                            found[quality].append((other == name, match(fingerprint, evidence)))
    return found


def main() -> None:
    given = arguments(__doc__, "<camera>/enrol/* and <camera>/probe/*").parse_args()
    enrolled, probes = cameras.read(given.folder, "enrol"), cameras.read(given.folder, "probe")
    record = Record("python -m benchmarks.rules DIR")
    names = [f"{rule.name} (PCE {rule.pce:g})" for rule in RULES.values()]
    columns = [*(f"found: {name}" for name in names), *(f"others taken: {name}" for name in names)]
    record.table("crop", "probe", *columns, "largest PCE of others", "their least p-value")
    everything: list[Match] = []
    for size in SIZES:
        for quality, pairs in compared(enrolled, probes, size).items():
            same, others = ([one for own, one in pairs if own is wanted] for wanted in (True, False))
            everything += others
            cells = [
                f"{sum(rule.passed(one) for one in ones)} of {len(ones):,}"
                for ones in (same, others)
                for rule in RULES.values()
            ]
            most, least = max(one.pce for one in others), min(one.p_value for one in others)
            record.row(
                f"{size[1]}x{size[0]}", f"q{quality}" if quality else "native", *cells, f"{most:.1f}", f"{least:.0e}"
            )
    least = min(one.p_value for one in everything)
    taken = {rule.name: sum(rule.passed(one) for one in everything) for rule in RULES.values()}
    told = ", ".join(f"{number} by {name}" for name, number in taken.items())
    record.say(
        f"Of {len(everything):,} pairs of different cameras, taken for a match: {told}; least p-value {least:.0e}."
    )
    record.write(given.json)


if __name__ == "__main__":
    main()
