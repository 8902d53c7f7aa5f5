"""What the paper's experiment is repeated with: cameras, portraits and public videos, real ones where there are any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from attacks import sample_person
from attacks.camera.noise_transplant import Transplant, relative_noise
from attacks.evaluation.paper.results import Kind
from attacks.face.portrait import PortraitError, check_portrait, find_face
from attacks.face.stranger import stranger
from attacks.media.resize import fitted
from attacks.target import simulated_camera
from attacks.types import RATE, Camera, ImageArray
from bank.pictures import load_rgb
from liveness.landmarks import FaceTracker
from liveness.video import frames_of
from prnu import Fingerprint, ImageError, load_luma, scenes
from prnu.images import FloatArray, centre_crop, luma_from_array

SHAPE = (720, 1280)
"""Height and width of all pictures."""

PHONES = ("phone-lg-d605", "phone-samsung-j3", "phone-samsung-s3")
SIMULATED: tuple[Kind, ...] = ("laptop", "webcam", "smartphone")

WALLS = 15
"""Pictures of a wall that a simulated camera is enrolled with; the paper used 15 to 20."""

NATURAL = 18
"""Natural images of a simulated camera, between the 15 and 20 of the paper. The real phones have two each."""

HALF = 6
"""Of a phone's twelve pictures of a wall, as many are enrolled; the noise of the others is given to scenes."""


@dataclass(frozen=True, eq=False)
class Enrolled:
    """A camera as the bank knows it.

    Attributes
    ----------
    camera : str
        Its name.
    kind : {"laptop", "webcam", "smartphone"}
        Column of the paper's table to compare with.
    number : int
        Which part of a real camera's sensor, or which simulated camera of the kind.
    simulated : bool
    fingerprint : Fingerprint
        "Fingerprint 1".
    """

    camera: str
    kind: Kind
    number: int
    simulated: bool
    fingerprint: Fingerprint


@dataclass(frozen=True, eq=False)
class Device:
    """An enrolled camera at work, and another one.

    Attributes
    ----------
    enrolled : Enrolled
    camera, other : Camera
    natural : callable
        Gives the luma of photos by the camera that it was not enrolled with, each of shape (H, W), float32.
    """

    enrolled: Enrolled
    camera: Camera
    other: Camera
    natural: Callable[[], Iterator[FloatArray]]


@dataclass(frozen=True, eq=False)
class Portrait:
    """A photo of a person: RGB, shape (H, W, 3), uint8."""

    name: str
    person: str
    photo: ImageArray


@dataclass(frozen=True, eq=False)
class Clip:
    """A public video, to be read from its first frame on as often as wanted."""

    name: str
    film: Callable[[], Iterator[ImageArray]]


def phones(folder: Path, parts: int = 4, shape: tuple[int, int] = SHAPE) -> Iterator[Device]:
    """Real phones: of each of `PHONES` that is there, up to four corners of the sensor.

    Six pictures of a wall are enrolled. What the camera "photographs" are scenes with the noise of the other six.

    Parameters
    ----------
    folder : path
        With <phone>/enrol/* and <phone>/probe/*.
    parts : int, 1..4
        Corners.
    shape : (int, int)
        Of the parts.

    Raises
    ------
    prnu.ImageError
        If a picture cannot be used, or a phone has fewer than twelve of a wall.
    """
    names = [name for name in PHONES if (folder / name).is_dir()]
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        walls, foreign = (_walls(folder / phone / "enrol", shape) for phone in (name, other))
        natural = _lumas(folder / name / "probe")
        for number, corner in enumerate(_corners(walls[0].shape, shape)[:parts], 1):
            fingerprint = Fingerprint.from_images(wall[corner] for wall in walls[:HALF])
            camera, another = (_transplant(kept[HALF:], corner) for kept in (walls, foreign))
            yield Device(
                Enrolled(name, "smartphone", number, False, fingerprint),
                camera,
                another if other != name else simulated_camera("smartphone", 1, shape),
                partial(_cut, natural, corner),
            )


def simulated(kinds: Sequence[Kind] = SIMULATED, count: int = 2, shape: tuple[int, int] = SHAPE) -> Iterator[Device]:
    """Simulated cameras, several of each kind; the other camera is of the same model.

    Parameters
    ----------
    kinds : sequence of str
        Of `prnu.sensor.PRESETS`.
    count : int
        Of each.
    shape : (int, int)
        Of the pictures.
    """
    for kind in kinds:
        for number in range(1, count + 1):
            camera, other = (simulated_camera(kind, 100 * number + own, shape) for own in (1, 2))
            walls = (scenes.flat(shape, level=110 + 4 * shot, seed=shot) for shot in range(WALLS))
            fingerprint = Fingerprint.from_images(camera.photograph(wall, shot=n) for n, wall in enumerate(walls))
            yield Device(
                Enrolled(f"simulated {kind}", kind, number, True, fingerprint),
                camera,
                other,
                partial(_photos, camera, number),
            )


def _photos(camera: Camera, seed: int) -> Iterator[FloatArray]:
    for number, scene in enumerate(scenes.varied(camera.shape, NATURAL, seed), WALLS):
        yield luma_from_array(camera.photograph(scene, shot=number))


def portraits(folder: Path | None = None, looker: FaceTracker | None = None) -> list[Portrait]:
    """Photos of several people that a face can be taken from; without a folder, the sample person and a made-up one.

    Parameters
    ----------
    folder : path, optional
        With <person>/*. Photos that no deepfake can be made from are left out: no face, turned aside, cut off.
    looker : FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more.

    Raises
    ------
    prnu.ImageError
        If a photo cannot be read.
    """
    if folder is None:
        sample = sample_person.portrait()
        return [Portrait("sample", "sample", sample), Portrait("made-up", "made-up", stranger(sample, looker))]
    found = []
    for path in sorted(folder.glob("*/*")):
        photo = load_rgb(path)
        try:
            check_portrait(replace(find_face(photo, looker), faces=1))  # the largest counts
        except PortraitError:
            continue  # an attacker takes another photo
        found.append(Portrait(path.name, path.parent.name, photo))
    return found


def clips(folder: Path, shape: tuple[int, int] = SHAPE) -> list[Clip]:
    """All videos of a folder, at `RATE` frames a second and scaled to the size of a camera's pictures."""
    return [Clip(path.name, partial(_film, path, shape)) for path in sorted(folder.iterdir())]


def _film(path: Path, shape: tuple[int, int]) -> Iterator[ImageArray]:
    number = 0
    for frame, time_s, _ in frames_of(path):
        while number <= time_s * RATE:
            yield _whole(frame, shape)
            number += 1


def _whole(picture: ImageArray, shape: tuple[int, int]) -> ImageArray:
    """Scale a picture until it just fits into a shape, and continue its edges outwards."""
    scale = min(shape[0] / picture.shape[0], shape[1] / picture.shape[1])
    if scale != 1.0:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    return fitted(picture, shape, "padded")


def _lumas(folder: Path) -> list[ImageArray]:
    return [np.rint(load_luma(path)).astype(np.uint8) for path in sorted(folder.glob("*"))]


def _cut(photos: list[ImageArray], part: tuple[slice, slice]) -> Iterator[FloatArray]:
    return (photo[part].astype(np.float32) for photo in photos)


def _walls(folder: Path, shape: tuple[int, int]) -> list[ImageArray]:
    walls = _lumas(folder)[: 2 * HALF]
    if len(walls) < 2 * HALF:
        problem = f"{len(walls)} pictures of a wall, {2 * HALF} are needed"
        raise ImageError(str(folder), problem, "Add some, or take this phone out of the folder")
    for wall in walls:
        centre_crop(wall.astype(np.float32), shape, str(folder))  # refuses what is too small
    return walls


def _transplant(walls: list[ImageArray], part: tuple[slice, slice]) -> Transplant:
    return Transplant(tuple(relative_noise(np.ascontiguousarray(wall[part], np.float32)) for wall in walls))


def _corners(whole: tuple[int, ...], part: tuple[int, int]) -> list[tuple[slice, slice]]:
    """Four parts of a large picture, on its 8x8 grid."""
    (height, width), (rows, columns) = whole, part
    tops, lefts = (0, (height - rows) // 8 * 8), (0, (width - columns) // 8 * 8)
    return [np.s_[top : top + rows, left : left + columns] for top in tops for left in lefts]
