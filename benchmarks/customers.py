"""Three customers, four cameras, every combination of claim, face and camera: ``python -m benchmarks.customers DIR``.

DIR holds cameras/<camera>/{enrol,probe} and faces/photos/<person>. Faces, flats and scenes are real. A selfie is a
photo of the face that carries the noise of a held-back picture of the camera. Nobody in those photos answers a
challenge, so the stream that does is made up around the real face.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from bank.bank import Bank
from bank.capture import FaceSeen, Reader
from bank.pictures import Picture
from bank.verify import Decision
from docs.record import Record, arguments
from liveness.landmarks import FaceBox
from prnu import load_luma, noise_residual
from prnu.images import centre_crop
from tests.bank.selfie import Table, perform

SHAPE = (720, 1280)
FACES = {
    "Obama": (("obama.jpg", "obama2.jpg", "obama3.jpg"), "obama1.jpg"),
    "Biden": (("biden.jpg",), "biden2.jpg"),
    "Harington": (("john1.jpeg", "john2.jpeg"), "johnsnow_test1.jpg"),
}
OWNERS = {
    "phone-lg-d605": "Obama",
    "gopro-hero4": "Obama",
    "phone-samsung-s3": "Biden",
    "phone-samsung-j3": "Harington",
}
_WHOSE = {True: "own", False: "another's"}


@dataclass(frozen=True)
class Trial:
    claimed: str
    person: str
    camera: str
    decision: Decision

    @property
    def own_face(self) -> bool:
        return self.person == self.claimed

    @property
    def own_camera(self) -> bool:
        return OWNERS[self.camera] == self.claimed


class Days:
    """A clock that is moved: each attempt has a day of its own, since lock-outs are not the subject."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 14, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Scripted(Table):
    """Reads the real face; only how far the head is turned comes from the script."""

    def __init__(self, real: Reader) -> None:
        super().__init__()
        self.real = real

    def read(self, rgb: np.ndarray, time_s: float) -> FaceSeen:
        seen = self.real.read(rgb, time_s)
        return FaceSeen(self.answer.pose, seen.box, seen.faces, seen.embedding, seen.trouble)


class Sitter:
    """A person of whom there are photos."""

    def __init__(self, reader: Reader, path: Path) -> None:
        photo = Picture.from_file(path).rgb
        found = reader.read(photo, 0.0).box
        assert found is not None
        scale = 260 / found.width
        large = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        self.photo = cv2.GaussianBlur(large, (0, 0), 1.5)  # its own noise is of another camera
        self.middle = np.array([found.left + found.width / 2, found.top + found.height / 2]) * scale
        seen = reader.read(self.frame(0), 1.0)
        assert seen.embedding is not None
        assert seen.box is not None
        self.embedding, self.box = seen.embedding, FaceBox(*seen.box)

    def frame(self, number: int) -> np.ndarray:
        """The person in the middle of a frame, not quite at rest."""
        x, y = 640 - self.middle[0] + 3.3 * number, 360 - self.middle[1] + 2.4 * (number % 4)
        move = np.array([[1, 0, x], [0, 1, y]], np.float32)
        return cv2.warpAffine(self.photo, move, SHAPE[::-1], borderMode=cv2.BORDER_REPLICATE)

    def face(self, of: int) -> np.ndarray:
        return self.embedding


def enrolled_and_held_back(real: Path, camera: str) -> tuple[list[Path], list[Path]]:
    pictures = sorted((real / "cameras" / camera / "enrol").iterdir())
    if camera.startswith("phone"):
        return pictures[:6], pictures[6:]
    return pictures, sorted((real / "cameras" / camera / "probe").iterdir())


def noise(path: Path) -> np.ndarray:
    """Relative noise of a picture: what its sensor would do to another scene."""
    luma = centre_crop(load_luma(path), SHAPE)
    return np.clip(noise_residual(luma) / np.maximum(luma, 20.0), -0.2, 0.2)


def selfies(sitter: Sitter, noises: list[np.ndarray]) -> Iterator[Picture]:
    for number, relative in enumerate(noises):
        frame = sitter.frame(number) * (1.0 + relative[..., None])
        yield Picture.from_array(np.clip(frame.round(), 0, 255).astype(np.uint8), f"still {number}")


def trials(bank: Bank, clock: Days, data: Path, reader: Reader) -> Iterator[Trial]:
    """Enrol all, then try every combination, the right ones first: a later one hands the same shots in again."""
    photos = data / "faces" / "photos"
    folder = {name: next(path for path in photos.iterdir() if path.name.endswith(name)) for name in FACES}
    noises = {}
    for camera, owner in OWNERS.items():
        enrolled, held_back = enrolled_and_held_back(data, camera)
        known = owner in [info.name for info in bank.customers()]
        faces = None if known else [folder[owner] / file for file in FACES[owner][0]]
        bank.enrol(owner, faces=faces, photos=enrolled, label=camera, crop=SHAPE)
        noises[camera] = [noise(path) for path in held_back]
    sitters = {name: Sitter(reader, folder[name] / FACES[name][1]) for name in FACES}
    right = [(owner, owner, camera) for camera, owner in OWNERS.items()]
    others = [trial for trial in product(FACES, FACES, OWNERS) if trial not in right]
    for claimed, person, camera in right + others:
        clock.now += timedelta(hours=25)
        scripted, sitter = Scripted(reader), sitters[person]
        ongoing = bank.begin(claimed, reader=scripted)
        shots = selfies(sitter, noises[camera])
        perform(ongoing.capture, scripted, sitter, shots, stills=len(noises[camera]), box=sitter.box)
        yield Trial(claimed, person, camera, bank.verify(ongoing))


def main() -> None:
    given = arguments(__doc__, "cameras/<camera>/{enrol,probe} and faces/photos/<person>").parse_args()
    clock, record = Days(), Record("python -m benchmarks.customers DIR")
    tried: dict[tuple[bool, bool], list[Trial]] = {}
    with tempfile.TemporaryDirectory() as home:
        bank = Bank(f"sqlite:///{home}/bank.db", folder=home, clock=clock)
        for trial in trials(bank, clock, given.folder, Reader()):
            tried.setdefault((trial.own_face, trial.own_camera), []).append(trial)
            found = trial.decision
            face, camera, region = (found.factor(name) for name in ("face", "camera", "face region"))
            told = f"face {face.score:.2f}, PCE {camera.score:.1f}, face region {region.verdict}"
            who = f"{trial.person} with {trial.camera} as {trial.claimed}"
            print(f"{who}: {found.outcome} {found.reason} ({told})", flush=True)
        bank.close()
    record.table("attempts", "n", "accepted", "PCE of 6 to 8 stills", "refused for")
    for (own_face, own_camera), some in sorted(tried.items(), reverse=True):
        whose = f"{_WHOSE[own_face]} face, {_WHOSE[own_camera]} camera"
        pce = [one.decision.factor("camera").score for one in some]
        refused = Counter(one.decision.reason for one in some if not one.decision.accepted)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in refused.most_common())
        digits = 0 if min(pce) >= 100 else 1
        span = f"{min(pce):.{digits}f} to {max(pce):.{digits}f}"
        record.row(whose, len(some), sum(one.decision.accepted for one in some), span, reasons)
    record.write(given.json)


if __name__ == "__main__":
    main()
