from __future__ import annotations

import functools
import io
import secrets
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from bank import Bank
from bank.enrol import camera_sample
from bank.policy import Policy
from liveness.identity import FaceTemplate
from liveness.models import MODELS
from prnu import scenes
from prnu.sensor import SimulatedCamera
from tests import needs
from ui.live.run import UnderWay
from ui.results import sample
from ui.results.photo import Photo
from ui.shell.bank import FEEDS, _opened
from ui.shell.session import live_run

ROOT = needs.ROOT
APP = ROOT / "ui" / "navigation.py"
SHAPE = (480, 640)
JPEG = "image/jpeg"
WALL_PHOTOS, ALL_PHOTOS = sample.wall_photos, sample.PHOTOS_TO_ENROL


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
def camera(device):
    """The device, ready to be enrolled."""
    return camera_sample([device.wall(number)[1] for number in range(8)], "Mine", Policy.load().enrolment)


@pytest.fixture(scope="session")
def stranger_camera(stranger):
    """Another device, ready to be enrolled."""
    return camera_sample([stranger.wall(number)[1] for number in range(8)], "Theirs", Policy.load().enrolment)


@pytest.fixture(scope="session")
def face():
    """A face that nobody has."""
    return FaceTemplate(np.random.default_rng(5).normal(size=128).astype(np.float32), 3)


@pytest.fixture(scope="session")
def models():
    """The face models; a test that needs them is skipped where they are not to be had."""
    needs.models(*MODELS)


@pytest.fixture
def bank(tmp_path, monkeypatch):
    """An empty bank, which the app uses, too."""
    for name in ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY", *FEEDS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "home"))
    opened = Bank()
    yield opened
    opened.close()
    _opened.clear()


@pytest.fixture
def break_bank(bank, tmp_path):
    """Spoil the bank behind its back: its key, or a row."""

    def spoil(kind: str) -> None:
        if kind == "key":
            (tmp_path / "home" / "bank.key").write_text(secrets.token_hex(32) + "\n")
        else:
            change(tmp_path / "home", "UPDATE cameras SET images = 99")

    return spoil


def change(home: Path, statement: str) -> None:
    """Change the database as somebody does who does not have the key."""
    with closing(sqlite3.connect(home / "bank.db")) as connection:
        connection.execute(statement)
        connection.commit()


@functools.cache
def all_walls(name: str) -> list[Photo]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "PHOTOS_TO_ENROL", ALL_PHOTOS)  # whichever test comes first
        return list(WALL_PHOTOS(name))


@pytest.fixture(autouse=True)
def photographed_once(monkeypatch):
    """What a sample camera sees of a wall is the same for all tests."""
    monkeypatch.setattr(sample, "wall_photos", lambda name: islice(all_walls(name), sample.PHOTOS_TO_ENROL))


@pytest.fixture
def few(monkeypatch):
    """Sample cameras take few photos, where it does not matter how clear their fingerprints are."""
    monkeypatch.setattr(sample, "PHOTOS_TO_ENROL", 13)


@pytest.fixture
def app(bank):
    """The app on its start page."""
    return AppTest.from_file(str(APP), default_timeout=150).run()


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


def under_way(app: AppTest, name: str) -> UnderWay[Any, Any]:
    """What of a live run the visitor's session keeps."""
    now: UnderWay[Any, Any] = app.session_state[live_run(name).key].now
    return now


def open_page(app: AppTest, page: str, **query: str) -> AppTest:
    """Switch to a page. Also after a button did: AppTest forgets that with its next run."""
    app.query_params.clear()  # as browsers do
    app.query_params.update(query)
    app = app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    return app


INVISIBLE = {ord("\\"): "", ord("\u2060"): ""}
"""What keeps Markdown from doing something, and is not seen (`ui.text.plain.literal`)."""


def said(app: AppTest) -> str:
    """All text of the page as a visitor reads it, for a look at what it says."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.success, app.error, app.warning, app.info)
    elements = [element for kind in kinds for element in kind]
    titles = [str(getattr(element.proto, "title", "")) for element in elements]
    return "\n".join([*titles, *(str(element.value) for element in elements)]).translate(INVISIBLE)


@pytest.fixture(scope="session")
def act():
    """The three verbs of a visitor: press a button, open a page, read it."""
    return press, open_page, said
