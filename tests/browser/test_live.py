"""People register live and are verified, in real browsers, with simulated sensors behind the fake cameras."""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack

import pytest

from tests.browser.conftest import LARGE, SMALL
from tests.browser.driving import CHROMIUM, result, start_camera, start_check, visitor
from tests.browser.watching import until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium: apt-get install chromium"),
]

FACTORS = ["Face", "Liveness", "Camera", "Camera in the face", "Freshness"]
PASSED = dict.fromkeys(FACTORS, "Passed")

# The browser of somebody who has other pictures than those of the camera: they come from an address of the test.
HOSTILE = """
const send = window.fetch;
window.fetch = async (url, options) => {
    if (!String(url).includes("/live/still")) return send(url, options);
    const other = await send("/hostile/still");
    return send(url, { ...options, body: await other.blob() });
};
"""

NO_ICE = "RTCPeerConnection.prototype.setRemoteDescription = () => new Promise(() => {});"


@pytest.fixture(scope="module")
def registered(driver, films, server):
    """Somebody registered live; then a check with the same camera. Gives page's text, verdicts, and the server's notes."""
    address, _, watched = server
    with visitor(driver, films["register"].path) as page:
        page.goto(f"{address}/register_live")
        page.get_by_label("Name of the person").fill("Live (simulated)")
        page.get_by_label("Name of the camera").fill("Webcam (simulated)")
        page.get_by_role("button", name="Open the camera").click()
        start_camera(page)
        page.get_by_text("can be verified").wait_for()
    with visitor(driver, films["large-own"].path) as page:
        start_check(page, address, "Live (simulated)")
        page.get_by_text("1280 × 720 pixels, WebRTC").wait_for()
        said = result(page)
    return *said, watched.checks()[-1]


def test_who_registered_live_is_accepted_with_the_same_camera(registered):
    text, verdicts, check = registered
    assert "Accepted" in text
    assert verdicts == PASSED
    assert check.outcome == "accepted"


def test_stills_of_a_check_arrive_bit_by_bit(registered, films):
    *_, check = registered
    numbers = films["large-own"].numbers()
    assert len(check.stills) >= 12
    assert {tuple(still["size"]) for still in check.stills} == {LARGE}
    assert {still["luma"] for still in check.stills} <= numbers.keys()
    assert len({still["luma"] for still in check.stills}) == len(check.stills)


def test_a_check_keeps_its_picture_rate_while_stills_are_taken(registered):
    *_, check = registered
    assert check.rate >= 12, check.rates()
