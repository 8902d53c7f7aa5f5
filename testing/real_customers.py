"""Three customers, four cameras, every combination of claim, face and camera, from photos that are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import cv2
import numpy as np

from bank.bank import Bank
from bank.enrol import CameraSample, camera_sample, face_template
from bank.face_reader import FaceSeen, Reader
from bank.pictures import Picture
from bank.policy import Policy
from bank.verify import Decision
from liveness.identity import FaceTemplate
from liveness.landmarks import FaceBox
from prnu import load_luma, noise_residual
from prnu.images import centre_crop
from testing.selfie import Table, perform

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

    def frame(self, number: int, moved: int = 0) -> np.ndarray:
        """The person in the middle of a frame, or some pixels lower, not quite at rest."""
        x, y = 640 - self.middle[0] + 3.3 * number, 360 - self.middle[1] + 2.4 * (number % 4) + moved
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


class Material:
    """What trials are made of, made once for any number of banks.

    Parameters
    ----------
    data : Path
        With cameras/<camera>/{enrol,probe} and faces/photos/<person>.
    reader : Reader

    Attributes
    ----------
    cameras : dict of str to CameraSample
    templates : dict of str to FaceTemplate
    sitters : dict of str to Sitter
    """

    def __init__(self, data: Path, reader: Reader) -> None:
        self.reader = reader
        rules, photos = Policy.load().enrolment, data / "faces" / "photos"
        self.cameras: dict[str, CameraSample] = {}
        self._noises: dict[str, list[np.ndarray]] = {}
        for camera in OWNERS:
            enrolled, held_back = enrolled_and_held_back(data, camera)
            self.cameras[camera] = camera_sample(enrolled, camera, rules, SHAPE)
            self._noises[camera] = [noise(path) for path in held_back]
        self.templates: dict[str, FaceTemplate] = {}
        self.sitters: dict[str, Sitter] = {}
        for name, (files, other) in FACES.items():
            folder = next(path for path in photos.iterdir() if path.name.endswith(name))
            self.templates[name] = face_template([folder / file for file in files], rules)
            self.sitters[name] = Sitter(reader, folder / other)
        self._selfies: dict[tuple[str, str], list[Picture]] = {}

    def selfies(self, person: str, camera: str) -> list[Picture]:
        """Stills of a person by a camera, the same ones every time."""
        if (person, camera) not in self._selfies:
            moved = 5 * list(OWNERS).index(camera)  # nobody takes the very place of another day again
            self._selfies[person, camera] = [
                Picture.from_array(_taken(self.sitters[person].frame(number, moved), relative), f"still {number}")
                for number, relative in enumerate(self._noises[camera])
            ]
        return self._selfies[person, camera]


def _taken(frame: np.ndarray, relative: np.ndarray) -> np.ndarray:
    return np.clip((frame * (1.0 + relative[..., None])).round(), 0, 255).astype(np.uint8)


def trials(bank: Bank, clock: Days, material: Material) -> Iterator[Trial]:
    """Enrol all, then try every combination, the right ones first: a later one hands the same shots in again."""
    for camera, owner in OWNERS.items():
        known = owner in [info.name for info in bank.customers()]
        bank.enrol(owner, faces=None if known else material.templates[owner], photos=material.cameras[camera])
    right = [(owner, owner, camera) for camera, owner in OWNERS.items()]
    others = [trial for trial in product(FACES, FACES, OWNERS) if trial not in right]
    for claimed, person, camera in right + others:
        clock.now += timedelta(hours=25)
        scripted, sitter = Scripted(material.reader), material.sitters[person]
        ongoing = bank.begin(claimed, reader=scripted)
        shots = material.selfies(person, camera)
        perform(ongoing.capture, scripted, sitter, shots, stills=len(shots), box=sitter.box)
        yield Trial(claimed, person, camera, bank.verify(ongoing))
