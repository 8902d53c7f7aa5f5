from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from prnu import Fingerprint, scenes
from prnu.images import FloatArray, as_luma
from prnu.sensor import SimulatedCamera
from tests import needs

SHAPE = (480, 640)
DATA = needs.DATA / "cameras"


@dataclass(frozen=True)
class Rig:
    """A simulated camera with its fingerprint, and photos that the fingerprint was not made from."""

    camera: SimulatedCamera
    fingerprint: Fingerprint
    photos: list[FloatArray]


def make_rig(seed: int) -> Rig:
    camera = SimulatedCamera(SHAPE, seed=seed)
    walls = [as_luma(camera.photograph(scenes.flat(SHAPE, seed=n))) for n in range(12)]
    photos = [as_luma(camera.photograph(scene)) for scene in scenes.varied(SHAPE, 6, seed=seed + 100)]
    return Rig(camera, Fingerprint.from_images(walls), photos)


@pytest.fixture(scope="session")
def rig() -> Rig:
    return make_rig(1)


@pytest.fixture(scope="session")
def other() -> Rig:
    return make_rig(2)


@pytest.fixture(scope="session")
def real_cameras() -> Path:
    return DATA
