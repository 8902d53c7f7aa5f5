"""The noise of real cameras, transplanted from photos of theirs onto other scenes.

A photo of a wall shows little but the sensor: its fixed pattern, and the random noise of that shot. Both are taken as
shares of the light, and multiplied into what a presentation shows. So a face in front of a camera that is not here
gets the noise that this camera really makes, JPEG compression included.

Each photo serves once: some are enrolled, each of the others becomes one still, because two stills with the noise of
one shot are copies to a bank. Twelve walls make 4 enrolled and 8 stills, fewer than a check asks for. What is missing
is not handed in (`attacks.trial.run`), which gives the customer less evidence than a phone in the hand would.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from attacks.media.resize import fitted
from attacks.types import ImageArray
from bank.enrol import CameraSample
from bank.policy import EnrolmentRules
from prnu.enrol import Enrolment
from prnu.evaluate import camera_folders
from prnu.file_types import SUFFIXES, list_pictures
from prnu.images import FloatArray, ImageError, load_luma
from prnu.residual import noise_residual

SHAPE = (720, 1280)
"""Height and width of the part of a sensor that counts as a sensor of its own."""

ROLES = 3
"""Ways to choose which photos are enrolled: the choice begins at the first, at a third, or at two thirds of them."""

HELD_BACK = 12
"""Photos that are held back, and no more than two thirds of them: a check asks for so many stills, and some more
where the head is turned."""

BLOCK = 1000
"""Shots of one attempt, as `attacks.target.Target.shots` numbers them."""

_DARKEST = 20.0  # grey levels of light below which noise is no share of it
_STRONGEST = 0.2  # share of the light; beyond, it is dust or an edge that the residual took along
_GRID = 8  # of JPEG, on which parts of a sensor begin


class OutOfPhotos(RuntimeError):
    """More stills are wanted than photos were held back."""


@dataclass(frozen=True, eq=False)
class Transplant:
    """A camera that puts the noise of its held-back photos onto scenes. Only luma is known, so colours share it.

    Parameters
    ----------
    noises : sequence of ndarray, shape (H, W), float32
        One for each photo, as `relative_noise` makes them.
    """

    noises: tuple[FloatArray, ...]
    _shots: Iterator[int] = field(default_factory=itertools.count, init=False, repr=False)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.noises[0].shape
        return height, width

    def photograph(self, scene: ImageArray, *, shot: int | None = None) -> ImageArray:
        """Put a photo's noise onto a scene.

        Parameters
        ----------
        scene : ndarray, shape (h, w, 3), uint8
            RGB. Scaled until it covers the sensor, where it has another size.
        shot : int, optional
            The last three digits count within an attempt, and the rest tells attempts apart: each takes the photos in
            another order. Default: the next one.

        Returns
        -------
        ndarray, shape (H, W, 3), uint8

        Raises
        ------
        OutOfPhotos
            If the attempt has had them all.
        """
        attempt, number = divmod(next(self._shots) if shot is None else shot, BLOCK)
        if number >= len(self.noises):
            raise OutOfPhotos(f"{len(self.noises)} photos of this camera were held back, and each serves once.")
        noise = self.noises[np.random.default_rng(attempt).permutation(len(self.noises))[number]]
        if scene.shape[:2] != self.shape:
            scene = fitted(scene, self.shape, "scaled")
        return np.clip(scene * (1.0 + noise[..., None]) + 0.5, 0.0, 255.0).astype(np.uint8)


@dataclass(frozen=True)
class RealCamera:
    """A part of a real camera's sensor, with what is enrolled of it.

    Attributes
    ----------
    name : str
        Of its folder.
    photos : tuple of Path
        All that are used.
    top, left : int
        Of the part, in pixels.
    role : int
        Which choice of photos is enrolled, below `ROLES`.
    """

    name: str
    photos: tuple[Path, ...]
    top: int
    left: int
    role: int

    @property
    def label(self) -> str:
        """What to call it."""
        return f"{self.name} at {self.left},{self.top}"

    @property
    def enrolled(self) -> tuple[Path, ...]:
        """Photos that the fingerprint is made from."""
        return self._in_turn[self._held :]

    @property
    def held_back(self) -> tuple[Path, ...]:
        """Photos whose noise stills get."""
        return self._in_turn[: self._held]

    @property
    def _held(self) -> int:
        return min(HELD_BACK, 2 * len(self.photos) // 3)

    @property
    def _in_turn(self) -> tuple[Path, ...]:
        first = self.role * len(self.photos) // ROLES
        return self.photos[first:] + self.photos[:first]

    def sample(self, rules: EnrolmentRules) -> CameraSample:
        """Make what is enrolled.

        Raises
        ------
        bank.errors.EnrolmentError
            If the policy does not take these photos.
        """
        enrolment = Enrolment()
        for photo in self.enrolled:
            enrolment.add(self._part(photo), photo.name)
        return CameraSample.of(enrolment, self.label, "JPEG", rules)

    def camera(self) -> Transplant:
        """Make the camera that takes stills.

        Raises
        ------
        prnu.images.ImageError
            If a photo cannot be read.
        """
        return Transplant(tuple(relative_noise(self._part(photo)) for photo in self.held_back))

    def _part(self, photo: Path) -> FloatArray:
        height, width = SHAPE
        part = load_luma(photo)[self.top : self.top + height, self.left : self.left + width]
        if part.shape != SHAPE:
            raise ImageError(photo.name, "it is smaller than the other photos", "Give photos of one size")
        return np.ascontiguousarray(part)


def real_cameras(folder: Path) -> dict[str, tuple[RealCamera, ...]]:
    """Find the cameras of a folder: ``<camera>/enrol/*``, best walls, at least 12 of 1280x720 pixels.

    Parameters
    ----------
    folder : path

    Returns
    -------
    dict of str to tuple of RealCamera
        By name: parts of the sensor that do not overlap, in each role.

    Raises
    ------
    prnu.images.ImageError
        If there is no camera, it has no photo, or its first one cannot be read or is too small.
    """
    found = {}
    for name, path in camera_folders(folder).items():
        photos = list_pictures(path / "enrol").pictures
        if not photos:
            raise ImageError(str(path / "enrol"), "holds no photo", f"Put in {', '.join(SUFFIXES)}")
        height, width = load_luma(photos[0]).shape
        places = [(top, left) for top in _places(height, SHAPE[0]) for left in _places(width, SHAPE[1])]
        if not places:
            size = f"{width}x{height} pixels, less than {SHAPE[1]}x{SHAPE[0]}"
            raise ImageError(f"{name}/{photos[0].name}", size, "Use photos in the camera's full size")
        found[name] = tuple(RealCamera(name, photos, *place, role) for role in range(ROLES) for place in places)
    return found


def relative_noise(luma: FloatArray) -> FloatArray:
    """Noise of a picture as a share of its light.

    The fixed pattern is such a share by its nature. Random noise is not quite: of a bright wall it is too little for a
    dark scene. Both come along as the camera's own processing and compression left them.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255

    Returns
    -------
    ndarray, shape (H, W), float32, -0.2..0.2
    """
    noise = noise_residual(luma)
    return np.clip(noise / np.maximum(luma - noise, _DARKEST), -_STRONGEST, _STRONGEST)


def _places(length: int, part: int) -> list[int]:
    """Beginnings of as many parts as fit side by side, around the middle."""
    count = length // part
    first = (length - count * part) // 2 // _GRID * _GRID
    return [first + number * part for number in range(count)]
