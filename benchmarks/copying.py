"""How far a fingerprint copied from public photos gets, and when the triangle test finds it.

python -m benchmarks.copying [DIR] [--json FILE]

DIR is by default the sample data; simulated cameras come on top, and do without it. Each camera's pictures are dealt
into the bank's secret ones (its fingerprint), public ones, from which Eve steals, and held-back genuine ones. Eve
plants what she stole in a picture of another camera: plainly, at strength 1, and as strongly as 40 dB allow. The bank
looks for a copy with all public photos as candidates, or with those only that she did not take. Of the phones, which
have few photos but large ones, each corner of 1280x720 is a camera of its own. Prints a markdown table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from attacks.media.fingerprint_copy import LONG_SIDE, plant, shared_copy, stolen_fingerprint
from docs.record import DATA, Record, arguments
from prnu import Fingerprint, gather, scenes
from prnu.forgery import triangle_test
from prnu.images import luma_from_array
from prnu.match import THRESHOLD
from prnu.sensor import SimulatedCamera

PSNR = 40.0
WAYS = (("plain", {"strength": 1.0}), (f"{PSNR:g} dB", {"psnr": PSNR}))
QUALITIES = (None, 75)
CROP = (720, 1280)
PHONES = ("phone-lg-d605", "phone-samsung-j3", "phone-samsung-s3")
SHAPE, SIMULATED = (480, 640), ("laptop", "webcam", "smartphone")
KEPT = LONG_SIDE / 3264  # what a social network leaves of a phone's photo: of the simulated ones, as much


@dataclass
class Case:
    """A camera, what Eve made of its public photos, and the picture that she plants it in."""

    camera: str
    bank: Fingerprint
    public: list[np.ndarray]
    genuine: list[tuple[str, np.ndarray]]
    base: np.ndarray
    thefts: list[tuple[str, Fingerprint, set[int]]]


def luma(rgb: np.ndarray) -> np.ndarray:
    return np.rint(luma_from_array(rgb)).astype(np.uint8)


def pictures(folder: Path) -> list[np.ndarray]:
    return [np.asarray(Image.open(file).convert("RGB")) for file in sorted(folder.glob("*"))]


def cropped(fingerprint: Fingerprint, area: tuple[slice, slice]) -> Fingerprint:
    return Fingerprint(fingerprint.pattern[area], fingerprint.images, fingerprint.split_half)


def through_network(photos: list[np.ndarray], scale: float) -> Fingerprint:
    long_side = round(max(photos[0].shape) * scale)
    copies = (shared_copy(photo, long_side) for photo in photos)
    return stolen_fingerprint((luma(copy) for copy in copies), photos[0].shape[:2])


def phone(folder: Path, other: Path) -> Iterator[Case]:
    """Six flats are the bank's, five and a natural photo public, the other natural photo and a flat held back."""
    flats, natural = pictures(folder / "enrol"), pictures(folder / "probe")
    base, public = pictures(other / "probe")[0], [natural[0], *flats[6:11]]
    sets = ("1 natural", [0]), ("1 flat", [1]), ("5 flats", [1, 2, 3, 4, 5])
    shared = {
        (label, how): through_network([public[i] for i in taken], scale)
        for label, taken in sets
        for how, scale in (("shared", KEPT), ("shared, size kept", 1.0))
    }
    height, width = natural[0].shape[:2]
    for top in (0, (height - CROP[0]) // 8 * 8):
        for left in (0, (width - CROP[1]) // 8 * 8):
            area = slice(top, top + CROP[0]), slice(left, left + CROP[1])
            lumas = [luma(photo[area]) for photo in public]
            thefts = [(label, stolen_fingerprint(lumas[i] for i in taken), set(taken)) for label, taken in sets]
            thefts += [(f"{key[0]}, {key[1]}", cropped(k, area), set(dict(sets)[key[0]])) for key, k in shared.items()]
            bank = Fingerprint.from_images(luma(flat[area]) for flat in flats[:6])
            genuine = [("natural", luma(natural[1][area])), ("flat", luma(flats[11][area]))]
            yield Case(folder.name, bank, lumas, genuine, base[area], thefts)


def gopro(folder: Path, other: Path) -> Case:
    """Natural photos only: twelve are the bank's, twenty public."""
    photos = [luma(photo) for name in ("enrol", "probe") for photo in pictures(folder / name)]
    height, width = photos[0].shape
    public = photos[12:32]
    thefts = [(f"{n} natural", stolen_fingerprint(public[:n]), set(range(n))) for n in (1, 5, 20)]
    base = pictures(other / "probe")[0][:height, :width]
    genuine = [("natural", photo) for photo in photos[32:]]
    return Case(folder.name, Fingerprint.from_images(photos[:12]), public, genuine, base, thefts)


def simulated(name: str, seed: int) -> Case:
    """Twelve flats are the bank's; of natural photos 54 are public, of these up to fifty stolen, and six held back."""
    camera = SimulatedCamera.preset(name, seed=seed, shape=SHAPE)
    bank = Fingerprint.from_images(luma(camera.photograph(scenes.flat(SHAPE, seed=n))) for n in range(12))
    photos = [camera.photograph(scene) for scene in scenes.varied(SHAPE, 60, seed=seed)]
    public = [luma(photo) for photo in photos[:54]]
    thefts = []
    for n in (1, 5, 20, 50):
        thefts.append((f"{n} natural", stolen_fingerprint(public[:n]), set(range(n))))
        for how, scale in (("shared", KEPT), ("shared, size kept", 1.0)):
            thefts.append((f"{n} natural, {how}", through_network(photos[:n], scale), set(range(n))))
    another = SimulatedCamera.preset(name, seed=seed + 1000, shape=SHAPE)
    base = another.photograph(scenes.sky(SHAPE, seed=seed + 500))
    genuine = [("natural", luma(photo)) for photo in photos[54:]]
    return Case(f"simulated {name}", bank, public, genuine, base, thefts)


def measure(case: Case) -> Iterator[dict[str, Any]]:
    evidence = [gather(photo) for photo in case.public]

    def row(eve: str, way: str, saved: str, picture: np.ndarray, stolen: set[int], **more: float) -> dict[str, Any]:
        known = triangle_test(case.bank, picture, evidence)
        rest = [one for number, one in enumerate(evidence) if number not in stolen]
        unknown = triangle_test(case.bank, picture, rest).verdict if stolen and rest else None
        names = {"camera": case.camera, "stolen": eve, "planted": way, "saved": saved}
        return {**names, "pce": known.camera.pce, "knowing": known.verdict, "not_knowing": unknown, **more}

    for kind, photo in case.genuine:
        yield row("", f"genuine, {kind}", "as taken", photo, set())
    yield row("", "nothing", "lossless", case.base, set())
    for eve, fingerprint, stolen in (*case.thefts, ("the bank's own", case.bank, set())):
        for way, how in WAYS:
            planted = plant(case.base, fingerprint, **how)
            for quality in QUALITIES:
                picture = planted.picture if quality is None else shared_copy(planted.picture, 10**5, quality)
                saved = "lossless" if quality is None else f"JPEG q{quality}"
                yield row(eve, way, saved, picture, stolen, strength=planted.strength, psnr=planted.psnr)


def cases(folder: Path) -> Iterator[Case]:
    cameras = folder / "cameras"
    if cameras.is_dir():
        for name, other in zip(PHONES, PHONES[1:] + PHONES[:1], strict=True):
            yield from phone(cameras / name, cameras / other)
        yield gopro(cameras / "gopro-hero4", cameras / PHONES[0])
    for name in SIMULATED:
        for seed in (1, 2):
            yield simulated(name, seed)


def add_row(record: Record, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    def share(column: str) -> str:
        verdicts = [row[column] for row in rows if row[column]]
        return f"{verdicts.count('failed')} of {len(verdicts)}" if verdicts else ""

    pce = [row["pce"] for row in rows]
    psnr = f"{np.median([row['psnr'] for row in rows]):.0f}" if "psnr" in rows[0] else ""
    found = share("knowing"), share("not_knowing")
    scores = f"{np.median(pce):.0f} ({min(pce):.0f} to {max(pce):.0f})"
    passed = f"{sum(score >= THRESHOLD for score in pce)} of {len(pce)}"
    record.row(*names, psnr, scores, passed, *found)


def main() -> None:
    given = arguments(__doc__, "cameras/<camera>/{enrol,probe}/*", DATA, optional=True).parse_args()
    record = Record("python -m benchmarks.copying DIR")
    columns = ["camera", "Eve has", "planted", "saved as", "PSNR", "PCE: median (least to most)"]
    columns += [f"PCE from {THRESHOLD:g}", "found, her photos known", "found, not known"]
    record.table(*columns)
    tallies: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    camera = ""
    for case in cases(given.folder):
        if case.camera != camera:
            flush(record, tallies, camera)
            camera = case.camera
        for row in measure(case):
            tallies[row["camera"], row["stolen"], row["planted"], row["saved"]].append(row)
    flush(record, tallies, camera)
    record.keep(pictures=[row for rows in tallies.values() for row in rows])
    record.write(given.json)


def flush(record: Record, tallies: dict[tuple[str, ...], list[dict[str, Any]]], camera: str) -> None:
    """Add a camera's rows once it is done."""
    for names, rows in tallies.items():
        if names[0] == camera:
            add_row(record, names, rows)


if __name__ == "__main__":
    main()
