"""A visitor registers a camera, checks photos, looks at why, and at what the bank keeps, in a real browser."""

from __future__ import annotations

import csv
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.browser.driver import CHROMIUM
from tests import needs

ROOT = needs.ROOT
SHAPE = (480, 640)
OURS = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")

playwright = needs.playwright()
pytestmark = needs.BROWSER


@pytest.fixture
def address(tmp_path):
    """The app on a free port, with its bank in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    log = (tmp_path / "server.log").open("w")
    others = ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY")
    home = {name: value for name, value in os.environ.items() if name not in others}
    home["LENSLOCK_HOME"] = str(tmp_path / "home")
    server = subprocess.Popen(command, cwd=ROOT, env=home, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)
        log.close()
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            assert server.poll() is None, "the app did not start"
            time.sleep(0.1)
        else:
            return
    pytest.fail("the app did not answer within half a minute")


@pytest.fixture
def page(address):
    """A page of the app; afterwards, nothing may have failed or come from another machine."""
    wrong: list[str] = []
    arguments = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--enable-unsafe-swiftshader"]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.on("console", lambda message: wrong.append(message.text) if is_ours(message) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(OURS) else wrong.append(request.url))
        page.goto(address)
        yield page
        failed = page.get_by_test_id("stException").count()
        browser.close()
    assert not failed
    assert not wrong


def is_ours(message) -> bool:
    """Whether it is an error, and not Streamlit's, which looks for its server below each page's address first."""
    return message.type == "error" and not re.search(r"/[a-z_]+/_stcore/", message.location.get("url", ""))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Photos on disk: twelve walls and a portrait by one simulated camera, the same portrait by another."""
    folder = tmp_path_factory.mktemp("photos")
    own, other = (SimulatedCamera(SHAPE, seed=seed, prnu=0.02) for seed in (31, 32))
    walls = []
    for number in range(12):
        walls.append(folder / f"wall {number:02}.jpg")
        walls[-1].write_bytes(own.photograph_jpeg(scenes.flat(SHAPE, seed=number), shot=number))
    portrait = scenes.photo("astronaut", SHAPE)
    (folder / "own.jpg").write_bytes(own.photograph_jpeg(portrait, shot=100))
    (folder / "other.jpg").write_bytes(other.photograph_jpeg(portrait, shot=101))
    return {"walls": walls, "own": folder / "own.jpg", "other": folder / "other.jpg"}


def upload(page, *paths: Path) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(paths)
    page.get_by_text(paths[-1].name, exact=True).first.wait_for(state="attached")


def visit(page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    page.get_by_role("heading", name=name, level=1).wait_for()


def alert(page, text: str):
    return page.get_by_test_id("stAlert").filter(has_text=text)


def fill(page, label: str, text: str) -> None:
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Enter")


def register(page, walls) -> None:
    """Register Anna's phone from photos."""
    page.get_by_test_id("stMain").get_by_role("link", name="Register from photos").click()
    upload(page, *walls)
    page.get_by_role("button", name="Make the fingerprint").click()
    alert(page, "a photo from this camera should score about").wait_for()
    fill(page, "Name of the person", "Anna")
    fill(page, "Name of the camera", "Phone")
    page.get_by_text("its name will be “Phone (simulated)”").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    alert(page, "is registered as a camera of Anna").wait_for()


def test_register_check_and_look(page, files):
    register(page, files["walls"])
    visit(page, "Check a photo")
    upload(page, files["other"])
    page.get_by_role("button", name="Check the photo").click()
    alert(page, "no sign of the registered camera Phone (simulated) · Anna").wait_for()

    visit(page, "Register from photos")
    visit(page, "Check a photo")
    alert(page, "no sign of the registered camera").wait_for()  # the outcome survived, and so did the photo
    page.get_by_role("button", name="Remove all (1 file)").click()
    page.get_by_text("From before: other.jpg").wait_for(state="detached")
    page.wait_for_function("() => document.querySelectorAll('[data-testid=stFileUploaderDropzoneInput]').length === 1")
    upload(page, files["own"])
    page.get_by_role("button", name="Check the photo").click()
    alert(page, "consistent with the registered camera Phone (simulated) · Anna").wait_for()

    page.get_by_role("button", name="See why").click()
    page.get_by_role("heading", name="The noise itself").wait_for()
    for key in ("gauge", "peak", "where", "region_picture", "overview", "detail"):
        page.locator(f".st-key-{key} .js-plotly-plot").wait_for(state="attached")


def test_reload_and_back_lead_to_the_same_work(page, files):
    register(page, files["walls"])
    visit(page, "Check a photo")
    upload(page, files["own"])
    page.get_by_role("button", name="Check the photo").click()
    consistent = alert(page, "consistent with the registered camera Phone (simulated) · Anna")
    consistent.wait_for()
    page.wait_for_function("() => document.activeElement.matches('[class*=st-key-verdict-]')")
    page.get_by_role("button", name="See why").click()
    page.get_by_role("heading", name="The noise itself").wait_for()
    assert page.title() == "Match view · LensLock"

    page.go_back()
    page.get_by_role("heading", name="Check a photo", level=1).wait_for()
    consistent.wait_for()
    page.get_by_text("From before: own.jpg").wait_for()
    page.go_forward()
    page.get_by_role("heading", name="The noise itself").wait_for()
    page.reload()
    alert(page, "The pictures of this check are gone").wait_for()
    consistent.wait_for()

    visit(page, "Customers")
    page.get_by_role("link", name="Address of this customer").click()
    page.get_by_role("link", name="All customers (1)").wait_for()
    page.reload()
    page.get_by_role("link", name="All customers (1)").wait_for()
    page.go_back()
    page.get_by_role("link", name="Address of this customer").wait_for()

    page.goto(page.url.replace("/customers", "/audit_log?entry=1"))
    page.get_by_role("heading", name="Entry 1: Registered").wait_for()
    page.reload()
    page.get_by_role("heading", name="Entry 1: Registered").wait_for()


def test_a_foreign_photo_among_ones_own_is_named_and_each_can_be_looked_at(page, files):
    register(page, files["walls"])
    visit(page, "Check a photo")
    upload(page, files["own"], files["other"])
    page.get_by_role("button", name="Check 2 photos").click()
    alert(
        page, "1 of 2 photos is consistent with the registered camera Phone (simulated) · Anna; other.jpg is not."
    ).wait_for()
    page.get_by_role("button", name="See why").click()
    alert(page, "This photo shows no sign of the registered camera").wait_for()  # the one that does not belong
    page.get_by_text("there is no pattern to be found or missing").wait_for()
    page.get_by_label("Look at one photo").click()
    page.get_by_role("option", name="own.jpg").click()
    alert(page, "This photo is consistent with the registered camera").wait_for()
    page.get_by_text("it is missing in").wait_for()
    page.get_by_role("heading", name="The noise itself").wait_for()


def test_export_delete_and_read_the_record(page, files, tmp_path):
    register(page, files["walls"])
    visit(page, "Customers")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    download.value.save_as(tmp_path / "Anna.json")
    told = json.loads((tmp_path / "Anna.json").read_text(encoding="utf-8"))
    assert told["customer"]["cameras"][0]["label"] == "Phone (simulated)"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Check that nothing was changed").click()
    alert(page, "as the bank wrote it").wait_for()
    page.get_by_role("button", name="Delete this customer").click()
    page.get_by_role("button", name="Yes, delete this customer").click()
    alert(page, "Nobody is registered yet").wait_for()

    visit(page, "Audit log")
    alert(page, "3 entries: none changed, removed, added or moved").wait_for()
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for()
    newest = page.get_by_role("heading", name="Entry 3: Customer deleted")
    for _ in range(20):  # tables are drawn on a canvas: nobody can tell when it hears clicks, and where it rests
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box of the newest entry
        with suppress(playwright.TimeoutError):
            newest.wait_for(timeout=5_000)
            break
    assert newest.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    download.value.save_as(tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(newline="", encoding="utf-8") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["enrolled", "exported", "deleted"]


def test_a_region_can_be_drawn(page):
    visit(page, "Match view")
    page.get_by_role("button", name="Look at a doctored photo").click()
    alert(page, "should show, and it does not").wait_for()
    picture = page.locator(".st-key-region_picture .js-plotly-plot")
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    page.mouse.move(box["x"] + 0.70 * box["width"], box["y"] + 0.35 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + 0.75 * box["height"], steps=8)
    page.mouse.up()
    alert(page, "In this region the camera's pattern is there").wait_for()
    assert int(re.sub(r"\D", "", page.get_by_label("Left (pixels)").input_value())) > 800
