"""Cameras of the sample person, for whoever has none at hand. All of it is simulated, and says so by name."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from attacks.sample_person import MARK, OTHER, OWN
from attacks.sample_person import PERSON as PERSON
from attacks.sample_person import portrait as portrait
from prnu import scenes
from prnu.sensor import SIMULATED, SimulatedCamera
from ui.results.photo import Photo

SHAPE = (720, 1280)
PHOTOS_TO_ENROL = 20
SWAPPED = (360, 10, 450, 410)
"""Left, top, width and height of the area that the doctored sample replaces: the head, a fifth of the picture."""

_MODELS = {"Phone": "smartphone", "Laptop": "laptop", "Webcam": "webcam"}

CAMERAS = tuple(_MODELS)
"""Labels of the sample cameras, the one with the clearest pattern first. Their owner's name says what they are."""

BEST = f"{CAMERAS[0]} · {PERSON}"
"""What the clearest of them is called among all cameras."""


@dataclass(frozen=True)
class SamplePhoto:
    """A photo whose truth is known.

    Attributes
    ----------
    title, truth : str
        What to call it, and how it came about.
    photo : Photo
    """

    title: str
    truth: str
    photo: Photo


def is_simulated(name: str) -> bool:
    """Tell whether a name says that what it names is simulated."""
    return name.endswith(MARK)


def simulated_name(name: str) -> str:
    """The name with the mark that says so, once."""
    return name if is_simulated(name) else f"{name} {MARK}"


@functools.lru_cache(maxsize=4)
def _device(name: str, seed: int) -> SimulatedCamera:
    return SimulatedCamera.preset(_MODELS[name], seed=seed, shape=SHAPE)


def wall_photos(name: str) -> Iterator[Photo]:
    """Photos of blank walls by a sample camera, taken while you wait.

    Parameters
    ----------
    name : str
        One of `CAMERAS`.
    """
    camera = _device(name, OWN)
    for shot in range(PHOTOS_TO_ENROL):
        wall = scenes.flat(SHAPE, level=110 + 4 * shot, seed=shot)
        yield Photo(f"simulated wall {shot + 1:02}.jpg", camera.photograph_jpeg(wall, shot=shot), f"{name}-wall-{shot}")


@functools.lru_cache(maxsize=4)
def photos_to_check(name: str) -> tuple[SamplePhoto, ...]:
    """Three photos for a sample camera that look alike: its own, a stranger's, and a doctored one.

    Parameters
    ----------
    name : str
        One of `CAMERAS`.
    """
    scene = scenes.photo("astronaut", SHAPE)
    own, stranger = _device(name, OWN), _device(name, OTHER)
    genuine = own.photograph_jpeg(scene, shot=100)
    foreign = stranger.photograph_jpeg(scene, shot=101)
    word = name.lower()
    return (
        SamplePhoto(
            "Its own photo",
            f"Taken by the registered simulated {word}.",
            Photo("simulated own photo.jpg", genuine, f"{name}-own"),
        ),
        SamplePhoto(
            "Another camera's photo",
            f"The same portrait, taken by another simulated {word} of the same model.",
            Photo("simulated stranger.jpg", foreign, f"{name}-stranger"),
        ),
        SamplePhoto(
            "Its own photo, face swapped",
            "The first photo, with the head put in from the second: the eye sees no difference.",
            Photo("simulated face swap.jpg", _swap(genuine, foreign), f"{name}-swap"),
        ),
    )


def _swap(genuine: bytes, foreign: bytes) -> bytes:
    left, top, width, height = SWAPPED
    box = (left, top, left + width, top + height)
    with Image.open(io.BytesIO(genuine)) as picture, Image.open(io.BytesIO(foreign)) as other:
        exif = picture.getexif()
        picture.paste(other.crop(box), box)
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=95, subsampling="4:2:0", exif=exif, comment=SIMULATED)
    return file.getvalue()
