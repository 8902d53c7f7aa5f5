"""Attacks on how evidence is put together, at the level of stills: ``python -m benchmarks.evidence DIR``.

DIR holds cameras/<camera>/enrol/* and faces/photos/<person>/*. Each camera is a part of a sensor of 640x480 pixels,
real noise on photos of people, or a simulated one. Poses and faces come from tables, so that no network is asked: what
is tried is what the bank makes of stills and stream. Of eight stills of a genuine attempt one is dark, one blurred.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from attacks.camera.noise_transplant import relative_noise
from attacks.media.resize import fitted
from attacks.show.chosen_stills import noisy
from bank.capture import Capture
from bank.factors import Candidate
from bank.pictures import Picture, load_rgb
from bank.policy import Policy
from bank.still import Still, examine
from bank.verify import judge
from docs.record import Record, arguments, title
from liveness.challenge import Challenge
from prnu import Fingerprint, gather, load_luma, scenes
from prnu.images import FloatArray
from prnu.sensor import PRESETS, SimulatedCamera
from prnu.sketch import noise_sketch
from testing.selfie import BOX, Person, Table, perform

SHAPE, STILLS, ENROLLED = (480, 640), 8, 4
PROFILE = Policy.load().profile("demo")
ANNA = Person(1)
CHALLENGE = Challenge(("blink twice", "turn left", "look right"))

Rgb = np.ndarray


@dataclass
class Rig:
    """A camera, and what is taken with it and with another one."""

    name: str
    candidate: Candidate
    sketches: list[bytes]
    walls: list[Rgb]  # that were enrolled
    own: list[Rgb]
    fresh_walls: list[Rgb]
    other: list[Rgb]
    bare: list[Rgb]  # by no camera


def moved(face: Rgb, number: int) -> Rgb:
    """Nobody holds quite still."""
    return np.roll(face, (5 * number % 11, 7 * number % 13), (0, 1))


def spoilt(scene: Rgb, number: int) -> Rgb:
    """One still of an attempt is dark, one blurred."""
    if number == 2:
        return np.asarray(scene * 0.4, np.uint8)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), 3), np.uint8) if number == 5 else scene


def rig(name: str, walls: Sequence[Rgb], take: Callable[[Rgb], Rgb], other: Callable[[Rgb], Rgb], face: Rgb) -> Rig:
    """Enrol some walls, and take the rest."""
    lumas = [np.asarray(Picture.from_array(wall).luma, np.float32) for wall in walls]
    candidate = Candidate("c", name, Fingerprint.from_images(lumas))
    shown = [moved(face, number) for number in range(STILLS)]
    own = [take(spoilt(scene, number)) for number, scene in enumerate(shown)]
    wall = scenes.flat(SHAPE, seed=7)
    return Rig(
        name,
        candidate,
        [noise_sketch(gather(luma).pattern) for luma in lumas],
        list(walls),
        own,
        [take(wall) for _ in range(3)],
        [other(scene) for scene in shown],
        shown,
    )


def simulated(number: int, model: str, face: Rgb) -> Rig:
    """A camera with a seed of its own."""
    one, two = (SimulatedCamera.preset(model, 100 + 2 * number + k, shape=SHAPE, jpeg_quality=None) for k in (0, 1))
    walls = [one.photograph(scenes.flat(SHAPE, level=110 + 4 * k, seed=k)) for k in range(12)]
    return rig(f"{model} (simulated)", walls, one.photograph, two.photograph, face)


def grey(luma: FloatArray) -> Rgb:
    return np.repeat(luma.round().astype(np.uint8)[..., None], 3, axis=2)


def noises(planes: list[FloatArray]) -> Callable[[Rgb], Rgb]:
    """Put the noise of one wall after another onto scenes; each serves once, then they begin again."""
    supply: Iterator[FloatArray] = (relative_noise(plane) for _ in range(100) for plane in planes)
    return lambda scene: np.clip(scene * (1.0 + next(supply)[..., None]) + 0.5, 0, 255).astype(np.uint8)


def real(name: str, lumas: list[FloatArray], foreign: list[FloatArray], place: int, face: Rgb) -> Rig:
    """A part of a real sensor. Walls that are not enrolled give their noise; three of them are used twice."""
    (height, width), (rows, columns) = lumas[0].shape, SHAPE
    top = place * 152 % (height - rows) // 8 * 8
    left = place * 488 % (width - columns) // 8 * 8
    cut = [np.ascontiguousarray(luma[top : top + rows, left : left + columns]) for luma in lumas]
    walls, held = cut[: len(cut) - STILLS], cut[-STILLS:]
    other = [np.ascontiguousarray(luma[:rows, :columns]) for luma in foreign[-STILLS:]]
    return rig(name, [grey(wall) for wall in walls], noises(held), noises(other), face)


def attempts(one: Rig, seed: int) -> Iterator[tuple[str, list[Rgb], list[bool], bool]]:
    """Ways to hand in stills: name, pictures, whether each shows a recognised face, and whether they are old."""
    faces = [True] * STILLS
    copy = functools.partial(noisy, seed=seed)
    yield "genuine", one.own, faces, False
    yield "one wall, the rest by another camera", [one.fresh_walls[0], *one.other[1:]], [False, *faces[1:]], False
    two = [one.own[0], one.own[1]]
    for count in (1, 2):
        mixed = [one.bare[k] if k % 2 else noisy(two[k // 2 % count], 2.5, seed + 50 + k) for k in range(STILLS)]
        yield f"{count} photo{'s' if count > 1 else ''} copied (noise 2.5), the rest by none", mixed, faces, False
    grainy = [*one.fresh_walls, *(noisy(scene, 12.0, seed + k) for k, scene in enumerate(one.bare[3:]))]
    yield "three walls, the rest too grainy to tell", grainy, [False] * 3 + faces[3:], False
    yield "half by another camera", [*one.own[: STILLS // 2], *one.other[STILLS // 2 :]], faces, False
    yield "handed in before (noise 4)", [copy(s, 4.0) for s in one.own], faces, True
    yield "handed in before (noise of 8 in a band)", [copy(s, 8.0, band=True) for s in one.own], faces, True
    for sigma in (2.5, 4.0, 5.5):
        copies = [noisy(two[k % 2], sigma, seed + 70 + k) for k in range(STILLS)]
        yield f"two photos copied (noise {sigma:g}), no others", copies, faces, False
    enrolled = [copy(one.walls[k % len(one.walls)], 3.0 + 0.1 * k) for k in range(STILLS)]
    yield "enrolled photos (noise 3)", enrolled, faces, False
    divided = [*one.bare[:3], *one.own[3:]]
    yield "victim on three by none, dark glasses on the others", divided, [True] * 3 + [False] * (STILLS - 3), False


def examined(pictures: Sequence[Rgb], like: Sequence[Still], recognised: Sequence[bool], salt: bytes) -> list[Still]:
    """Take pictures in, in place of stills that were taken at these moments, in these poses."""
    found = []
    for picture, still, known in zip(pictures, like, recognised, strict=True):
        reader = Table()
        trouble = still.face.trouble if known else "covered"
        reader.answer = replace(still.face, embedding=still.face.embedding if known else None, trouble=trouble)
        made = examine(Picture.from_array(picture), still.number, still.taken_s, still.received_s, reader, [salt])
        if made is not None:
            found.append(made)
    return found


def tried(one: Rig, seed: int, only: str) -> Iterator[tuple[str, bool, str, float]]:
    """Try the ways; yield name, whether accepted, the first factor that did not pass with its reason, and the PCE."""
    capture, reader = Capture(PROFILE, CHALLENGE), Table()
    capture._reader = reader
    perform(capture, reader, ANNA, [Picture.from_array(picture) for picture in one.own], stills=STILLS, box=BOX)
    like, salt = list(capture.stills), capture.salts[0]
    before = [still.sketches[0].to_bytes() for still in like]
    for name, pictures, recognised, old in attempts(one, seed):
        if only not in name:
            continue
        capture.stills = examined(pictures, like, recognised, salt) if name != "genuine" else like
        seen = [*one.sketches, *(before if old else [])]
        factors, finding = judge(capture, PROFILE, ANNA.template, [one.candidate], seen)
        failed = [f for v in ("failed", "inconclusive") for f in factors if f.verdict == v]
        why = f"{failed[0].name}: {failed[0].reason}" if failed else ""
        yield name, not failed, why, finding.found.pce if finding.found else float("nan")


def rigs(folder: Path, count: int) -> Iterator[Rig]:
    """Real and simulated cameras in turn, `count` of each kind."""
    people = sorted(path for path in (folder / "faces" / "photos").rglob("*") if path.is_file())
    faces = [fitted(load_rgb(path), SHAPE, "scaled") for path in people[: 2 * count]]
    models = sorted(PRESETS)
    found = sorted((folder / "cameras").iterdir(), reverse=True)  # the weakest one, a GoPro, last
    cameras = [camera for camera in found if (camera / "enrol").is_dir()]
    made = 0
    for index, camera in enumerate(cameras):
        lumas = [load_luma(path) for path in sorted((camera / "enrol").iterdir())]
        foreign = [load_luma(path) for path in sorted((cameras[index - 1] / "enrol").iterdir())[-STILLS:]]
        for place in range(-(-count // len(cameras))):
            yield real(title(camera.name), lumas, foreign, place, faces[(index + 3 * place) % len(faces)])
            yield simulated(made, models[made % len(models)], faces[made % len(faces)])
            made += 1


def main() -> None:
    parser = arguments(__doc__, "cameras/ and faces/photos/")
    parser.add_argument("--count", type=int, default=20, help="cameras of each kind (%(default)s)")
    parser.add_argument("--only", default="", metavar="WORDS", help="ways with these words in their name")
    given = parser.parse_args()
    accepted: dict[tuple[str, bool], Counter[bool]] = {}
    reasons: dict[str, Counter[str]] = {}
    for number, one in enumerate(rigs(given.folder, given.count)):
        kind = "simulated" in one.name
        for name, yes, why, pce in tried(one, 1000 * number, given.only):
            accepted.setdefault((name, kind), Counter())[yes] += 1
            reasons.setdefault(name, Counter())[why or "accepted"] += 1
            print(one.name, "|", name, "|", why or "accepted", "|", f"{pce:.0f}", flush=True)
    record = Record("python -m benchmarks.evidence DIR")
    record.table("stills", "accepted, real noise", "accepted, simulated", "why not")
    for name, whys in reasons.items():
        cells = []
        for kind in (False, True):
            found = accepted.get((name, kind), Counter())
            cells.append(f"{found[True]} of {found.total()}")
        record.row(name, *cells, "; ".join(f"{r} ({n})" for r, n in whys.most_common() if r != "accepted") or "-")
    record.write(given.json)


if __name__ == "__main__":
    main()
