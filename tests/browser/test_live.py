"""Somebody registers live and is verified, in a real browser, with a simulated sensor behind the fake camera."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import cv2
import pytest
import skimage.data

from attacks.acting import Actor
from attacks.framing import selfie
from attacks.puppet import Puppet
from liveness.models import MODELS, ModelError, model_path
from prnu import scenes
from prnu.sensor import SimulatedCamera
from tests.browser.test_journey import CHROMIUM, ROOT, playwright, pytestmark, wait_for

__all__ = ["pytestmark"]

SHAPE, RATE = (720, 1280), 15
STEPS = ("blink twice", "turn left", "look right")
ANSWERS_S = (6.0, 10.0, 14.0)
"""When the film answers: each prompt comes before its answer, and waits at most seven seconds for it."""

# A film cannot hear what is asked, so the challenge that the server draws is put in its place.
SERVER = f"""
import sys
import bank.bank
from liveness.challenge import Challenge
bank.bank.random_challenge = lambda steps=3, previous=(), seconds=7.0: Challenge({STEPS!r}, seconds)
from streamlit.web import cli
sys.argv = ["streamlit", "run", "app.py", "--server.port", sys.argv[1]]
cli.main()
"""


@pytest.fixture(scope="module")
def puppet():
    try:
        for name in MODELS:
            model_path(name)
    except ModelError as error:
        pytest.skip(f"the face models are not to be had here: {error}")
    return Puppet(selfie(skimage.data.astronaut(), SHAPE))


def film(path: Path, frames) -> Path:
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{SHAPE[1]} H{SHAPE[0]} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for rgb in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def sheet_then_face(camera, puppet):
    for shot in range(12 * RATE):
        yield camera.photograph(scenes.flat(SHAPE, level=115 + shot % 20, seed=shot), shot=shot)
    actor = Actor(seed=1)
    for shot in range(9 * RATE):
        yield camera.photograph(puppet.frame(actor.expression(shot / RATE)), shot=1_000 + shot)


def answers(camera, puppet):
    actor = Actor(seed=3)
    for shot in range(18 * RATE):
        now = shot / RATE
        asked = next((step for step, at in zip(STEPS, ANSWERS_S, strict=True) if 0 <= now - at < 2.5), None)
        actor.asked(asked, now)
        yield camera.photograph(puppet.frame(actor.expression(now)), shot=5_000 + shot)


@pytest.fixture(scope="module")
def films(tmp_path_factory, puppet):
    folder = tmp_path_factory.mktemp("films")
    own, other = (SimulatedCamera.preset("smartphone", seed=seed, shape=SHAPE) for seed in (41, 42))
    made = {
        "register": film(folder / "register.y4m", sheet_then_face(own, puppet)),
        "own": film(folder / "own.y4m", answers(own, puppet)),
        "other": film(folder / "other.y4m", answers(other, puppet)),
    }
    yield made
    for path in made.values():
        path.unlink()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    others = ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY")
    home = {name: value for name, value in os.environ.items() if name not in others}
    home["LENSLOCK_HOME"] = str(folder / "home")
    log = (folder / "server.log").open("w")
    command = [sys.executable, "-c", SERVER, str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=home, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()
    assert "Traceback" not in (folder / "server.log").read_text()


@contextmanager
def visitor(film: Path, camera: bool = True):
    arguments = [
        *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
        *("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"),
        *(["--use-fake-ui-for-media-stream"] if camera else []),
    ]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        context = browser.new_context(
            permissions=["camera"] if camera else [], viewport={"width": 1280, "height": 1000}
        )
        page = context.new_page()
        page.set_default_timeout(90_000)
        yield page
        browser.close()


def start_camera(page):
    page.get_by_role("button", name="Start camera").click()


def test_register_live_then_the_own_camera_is_accepted_and_another_refused(address, films):
    with visitor(films["register"]) as page:
        page.goto(f"{address}/register_live")
        page.get_by_label("Name of the person").fill("Sample (simulated)")
        page.get_by_label("Name of the camera").fill("Webcam (simulated)")
        page.get_by_role("button", name="Open the camera").click()
        start_camera(page)
        page.get_by_text("can be verified").wait_for()
    for film, outcome, failed in (("own", "Accepted", []), ("other", "Refused", ["Camera"])):
        with visitor(films[film]) as page:
            page.goto(f"{address}/verify")
            page.get_by_role("button", name="Start the check").click()
            start_camera(page)
            page.get_by_role("button", name="Check again").wait_for()
            text = page.locator("[data-testid=stMain]").inner_text()
        assert outcome in text
        verdicts = re.findall(
            r"(Passed|Failed|Cannot tell)\s+(Face|Liveness|Camera in the face|Camera|Freshness):", text
        )
        assert len(verdicts) == 5, text
        assert [name for verdict, name in verdicts if verdict == "Failed"] == failed, text
        if film == "own":
            assert {verdict for verdict, _ in verdicts} == {"Passed"}


def test_a_camera_that_is_denied_is_told_with_a_way_on(address, films):
    with visitor(films["own"], camera=False) as page:
        page.goto(f"{address}/register_live")
        page.get_by_label("Name of the person").fill("Somebody")
        page.get_by_label("Name of the camera").fill("Laptop")
        page.get_by_role("button", name="Open the camera").click()
        start_camera(page)
        page.get_by_text(re.compile("not allowed|blocked|denied|permission", re.I)).first.wait_for()
