from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bank.bank import Bank
from prnu import Fingerprint, gather, scenes
from prnu.sensor import SimulatedCamera
from testing.selfie import Device
from tests.ui.attempting import enrol, verify
from ui.results import sample as sample_material
from ui.results.photo import Photo
from ui.results.photo_check import check

SHAPE = (480, 640)
PHONE = sample_material.CAMERAS[0]


@pytest.fixture(scope="session")
def phone():
    """Fingerprint of the sample phone."""
    return Fingerprint.from_images(photo.open() for photo in sample_material.wall_photos(PHONE))


@pytest.fixture(scope="session")
def checks(phone):
    """The three sample photos against the sample phone: own, another's, face swapped."""
    photos = [sample.photo for sample in sample_material.photos_to_check(PHONE)]
    return [check(sample_material.BEST, phone, [photo], gather(photo.open())) for photo in photos]


@pytest.fixture(scope="session")
def walls():
    """Eight photos of blank walls by a small simulated camera."""
    camera = SimulatedCamera(SHAPE, seed=3)
    return [
        Photo(f"wall {n}.jpg", camera.photograph_jpeg(scenes.flat(SHAPE, seed=n), shot=n), f"wall-{n}")
        for n in range(8)
    ]


@pytest.fixture(scope="session")
def phone_of_anna():
    return Device(7)


@pytest.fixture(scope="session")
def annas_bank(tmp_path_factory, phone_of_anna):
    """A bank in which Anna is enrolled with her phone."""
    folder = tmp_path_factory.mktemp("annas-bank")
    bank = Bank(f"sqlite:///{folder / 'bank.db'}", folder=folder)
    enrol(bank, phone_of_anna)
    yield bank
    bank.close()


@pytest.fixture(scope="session")
def own(annas_bank, phone_of_anna):
    """An attempt with the enrolled camera."""
    return verify(annas_bank, phone_of_anna.selfie)


@pytest.fixture(scope="session")
def foreign(annas_bank):
    """An attempt with another camera."""
    return verify(annas_bank, Device(8).selfie)


@pytest.fixture(scope="session")
def no_stills(annas_bank, phone_of_anna):
    return verify(annas_bank, phone_of_anna.selfie, stills=0)


@pytest.fixture(scope="session")
def other_size(annas_bank):
    return verify(annas_bank, Device(7, (512, 640)).selfie)


@pytest.fixture
def encoded():
    """Make a photo of one grey level in a format of your choice."""

    def encode(size: tuple[int, int], kind: str = "PNG", level: int = 128) -> Photo:
        file = io.BytesIO()
        Image.fromarray(np.full((*size, 3), level, np.uint8)).save(file, kind)
        return Photo(f"{size[1]}x{size[0]}.{kind.lower()}", file.getvalue(), f"{size}-{kind}-{level}")

    return encode
