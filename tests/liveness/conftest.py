from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from liveness.landmarks import FaceTracker
from liveness.models import LANDMARKER
from tests import needs

DATA = needs.DATA / "faces"


@pytest.fixture(scope="session")
def landmarker() -> Path:
    return needs.models(LANDMARKER)[0]


@pytest.fixture
def tracker(landmarker):
    with FaceTracker(model=landmarker) as made:
        yield made


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """The public-domain portrait of an astronaut: 640x480, RGB."""
    face = skimage.data.astronaut()[0:300, 80:380]
    canvas = np.full((480, 640, 3), 120, np.uint8)
    canvas[40:440, 120:520] = cv2.resize(face, (400, 400), interpolation=cv2.INTER_CUBIC)
    return canvas


@pytest.fixture(scope="session")
def real_faces(landmarker) -> Path:
    return DATA
