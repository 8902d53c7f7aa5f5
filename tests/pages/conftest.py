from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from prnu import Fingerprint, scenes
from prnu.sensor import SimulatedCamera
from prnu.shelf import Shelf
from ui import samples

APP = Path(__file__).parents[2] / "app.py"
SHAPE = (480, 640)
JPEG = "image/jpeg"


class Device:
    """A simulated camera, and the files it writes."""

    def __init__(self, seed: int) -> None:
        self.camera = SimulatedCamera(SHAPE, seed=seed, prnu=0.02)

    def wall(self, number: int) -> tuple[str, bytes, str]:
        scene = scenes.flat(SHAPE, seed=number)
        return f"wall {number}.jpg", self.camera.photograph_jpeg(scene, shot=number), JPEG

    def photo(self, name: str, number: int = 50) -> tuple[str, bytes, str]:
        return f"{name}.jpg", self.camera.photograph_jpeg(scenes.photo(name, SHAPE), shot=number), JPEG


@pytest.fixture(scope="session")
def device():
    return Device(21)


@pytest.fixture(scope="session")
def stranger():
    return Device(22)


@pytest.fixture(scope="session")
def fingerprint(device):
    return Fingerprint.from_images(device.wall(number)[1] for number in range(8))


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """An empty shelf, which the app uses."""
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path))
    return Shelf(tmp_path / "fingerprints")


@pytest.fixture
def few(monkeypatch):
    """Sample cameras take few photos, where it does not matter how clear their fingerprints are."""
    monkeypatch.setattr(samples, "PHOTOS_TO_ENROL", 6)


@pytest.fixture
def app(shelf):
    """The app on its start page."""
    return AppTest.from_file(str(APP), default_timeout=60).run()


@pytest.fixture
def plain():
    """Make an upload of one grey level."""

    def make(name: str, size: tuple[int, int] = SHAPE, level: int = 128) -> tuple[str, bytes, str]:
        file = io.BytesIO()
        Image.fromarray(np.full((*size, 3), level, np.uint8)).save(file, "PNG")
        return name, file.getvalue(), "image/png"

    return make


def press(app: AppTest, label: str) -> AppTest:
    """Click the button with a label, as a visitor finds it."""
    (button,) = (button for button in app.button if button.label == label)
    app = button.click().run()
    assert not app.exception
    return app


def open_page(app: AppTest, page: str) -> AppTest:
    """Switch to a page. Also after a button did: AppTest forgets that with its next run."""
    app = app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """All text of the page, for a look at what it says."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.success, app.error, app.warning, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture(scope="session")
def act():
    """The three verbs of a visitor: press a button, open a page, read it."""
    return press, open_page, said
