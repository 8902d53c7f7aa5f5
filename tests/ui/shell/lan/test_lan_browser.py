"""LensLock for the phones of a network, in a real browser: https at this machine's own address."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.request

import cv2
import numpy as np
import pytest

from liveness.models import LANDMARKER
from testing.browser.driver import CHROMIUM
from tests import needs
from ui.shell.lan.addresses import lan_addresses

playwright = needs.playwright()
pytestmark = needs.BROWSER

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
]
PHONE = {
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
}
KEEP_TRACKS = """
const media = navigator.mediaDevices, open = media.getUserMedia.bind(media);
window.tracks = [];
media.getUserMedia = async (wish) => {
    const stream = await open(wish);
    tracks.push(...stream.getTracks());
    return stream;
};
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The command, with a folder of its own; gives this machine's address, the port and the folder."""
    home = tmp_path_factory.mktemp("lan")
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        port = probe.getsockname()[1]
    others = ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY")
    environment = {name: value for name, value in os.environ.items() if name not in others}
    environment["LENSLOCK_HOME"] = str(home)
    log = (home / "server.log").open("w")
    command = [sys.executable, "-m", "ui.shell.lan", "--port", str(port)]
    started = subprocess.Popen(command, cwd=needs.ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    host = next(iter(lan_addresses()), "127.0.0.1")
    try:
        wait_for(f"https://{host}:{port}/_stcore/health", home / "lan.pem", started)
        yield host, port, home
    finally:
        started.terminate()
        started.wait(20)
        log.close()
    text = (home / "server.log").read_text()
    assert "Traceback" not in text
    assert "PRIVATE KEY" not in text


def wait_for(url: str, certificate, started) -> None:
    """Wait for the server, and trust no certificate but its own."""
    for _ in range(300):
        try:
            context = ssl.create_default_context(cafile=certificate)
            urllib.request.urlopen(url, timeout=2, context=context).close()
        except OSError as error:
            if isinstance(getattr(error, "reason", None), ssl.SSLError):
                raise  # another certificate, or one that does not name this address
            assert started.poll() is None, "the server did not start"
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer within half a minute")


@pytest.fixture
def visit(server):
    """Opens windows of their own at the server's address, past the browser's warning."""
    host, port, _ = server
    wrong: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)

        def open_page(path: str, **options):
            context = browser.new_context(ignore_https_errors=True, permissions=["camera"], **options)
            context.add_init_script(KEEP_TRACKS)
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(path if path.startswith("https") else f"https://{host}:{port}{path}")
            return page

        yield open_page
        browser.close()
    assert not wrong


def scan(page) -> str:
    """Read the QR code on a page as a phone does."""
    code = page.locator("img[alt^='QR code']")
    code.wait_for()
    for _ in range(20):
        pixels = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
        # One code in a hundred is beyond either of OpenCV's detectors at a given size, which is not the page's fault.
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            for scale in (1, 2):
                text = detector.detectAndDecode(cv2.resize(pixels, None, fx=scale, fy=scale))[0]
                if text:
                    return text
        page.wait_for_timeout(200)
    raise AssertionError("the code cannot be read")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_start_page_leads_phones_in(server, visit, scheme):
    host, port, _ = server
    page = visit("/", color_scheme=scheme)
    page.get_by_text("A phone as the camera").wait_for()
    assert scan(page) == f"https://{host}:{port}"
    page.get_by_text("The browser will warn").click()
    shown = page.get_by_test_id("stCode").first.inner_text()
    served = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, port)))
    assert re.sub(r"[\s:]", "", shown).lower() == hashlib.sha256(served).hexdigest()


def test_uploads_pass_the_protection_against_foreign_sites(visit):
    page = visit("/register")
    wall = cv2.imencode(".png", np.full((300, 300), 99, np.uint8))[1].tobytes()
    file = {"name": "wall.png", "mimeType": "image/png", "buffer": wall}
    with page.expect_response(lambda answer: "upload_file" in answer.url) as uploaded:
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    assert uploaded.value.ok


def test_a_browser_that_can_do_all_is_told_so_and_its_camera_released(visit):
    page = visit("/settings")
    page.get_by_role("button", name="Check my browser").click()
    page.get_by_text("Check the camera, too").wait_for()
    assert page.evaluate("tracks.length") == 0  # no camera before it was asked for
    page.get_by_role("button", name="Check my camera").click()
    page.get_by_text("A live check should work here").wait_for()
    page.get_by_text("Copy as text").click()
    text = page.get_by_test_id("stCode").first.inner_text()
    for exact in ("copied bit by bit", "as PNG"):
        assert f"✓ Stills arrive exactly, {exact}: All 921,600 pixels, 220 levels" in text
    assert "✓ Direct video connection (WebRTC, ICE): Connected to itself" in text
    assert re.search(r"✓ Messages from the server \(EventSource\): 4 messages", text)
    assert re.search(r"✓ Camera: picture size: \d+ x \d+ pixels, as the sensor gives it", text)
    assert page.evaluate("tracks.length") == 1
    assert page.evaluate("tracks.every((track) => track.readyState === 'ended')")
    ids = page.evaluate("navigator.mediaDevices.enumerateDevices().then((all) => all.map((one) => one.deviceId))")
    assert not any(one and one in text for one in ids)


def test_a_registration_goes_on_with_the_phones_camera_and_the_big_screen_watches(visit):
    needs.models(LANDMARKER)
    screen = visit("/register_live")
    screen.get_by_label("Name of the person").fill("Anna")
    screen.get_by_label("Name of the camera").fill("Phone")
    screen.get_by_role("button", name="Open the camera").click()
    screen.get_by_text("Use my phone's camera instead").click()
    address = scan(screen)
    phone = visit(address, **PHONE)
    phone.get_by_role("button", name="Start camera").wait_for()
    assert phone.url.endswith("/continue")  # the code is gone from the address
    screen.get_by_text("The phone is the camera now").wait_for()
    phone.get_by_role("button", name="Start camera").click()
    for page in (phone, screen):
        page.locator(".prompt", has_text="Hold a white sheet of paper").wait_for()
    assert screen.evaluate("tracks.length") == 0  # its own camera was never touched
    other = visit(address, **PHONE)
    other.get_by_text("This code does not work any more").wait_for()
    phone.reload()
    phone.get_by_text("Scan the code on the big screen").wait_for()
    screen.get_by_text("The phone lost the page").click()
    phone.goto(scan(screen))
    phone.get_by_role("button", name="Start camera").click()
    phone.locator(".prompt", has_text="Hold a white sheet of paper").wait_for()
    screen.get_by_role("button", name="Give up").click()
    phone.get_by_text("Look at the big screen").wait_for()
