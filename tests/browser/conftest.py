from __future__ import annotations

import pytest

from liveness.models import MODELS
from testing.browser.driver import running
from testing.browser.enroller import Enroller
from testing.browser.studio import OTHER, OWN, OWN_AGAIN, REGISTERED, Studio
from testing.browser.watched import Watched
from tests import needs

LARGE, SMALL = (720, 1280), (480, 640)


@pytest.fixture(scope="module")
def driver():
    """Playwright. Not for longer than a module: while it runs, nobody else has an event loop in this thread."""
    with needs.playwright().sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def models():
    needs.models(*MODELS)


@pytest.fixture(scope="session")
def films(models, tmp_path_factory):
    """Films by name: by the own sensor, by it once more with other shots, and by another one; large and small."""
    folder = tmp_path_factory.mktemp("films")
    studio = Studio()
    made = {"register": studio.film_registration(folder / "register.y4m", LARGE, REGISTERED)}
    for size, shape in (("large", LARGE), ("small", SMALL)):
        cameras = {"own": OWN, "again": OWN_AGAIN} if size == "large" else {"own": OWN, "other": OTHER}
        takes = {folder / f"{size}-{name}.y4m": camera for name, camera in cameras.items()}
        made |= {film.path.stem: film for film in studio.film_checks(shape, takes)}
    studio.finish()
    yield made
    for film in made.values():
        film.path.unlink()


@pytest.fixture(scope="session")
def server(models, tmp_path_factory):
    """The app with its challenge known and all that it sees written down: its address, folder and notes."""
    folder = tmp_path_factory.mktemp("live")
    notes = folder / "notes.jsonl"
    with running(folder, "-m", "testing.browser.server", "PORT", str(notes)) as address:
        yield address, folder, Watched(notes)


@pytest.fixture(scope="session")
def enrol(server):
    """Enrol the film's person with the film's own camera, past the browser; gives the customer's id."""
    with Enroller(server[1] / "home") as enroller:
        yield enroller.enrol
