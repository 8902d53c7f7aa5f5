"""Somebody who does not know LensLock, with mistakes on purpose, in a real browser with Chromium's own fake camera."""

from __future__ import annotations

import pytest

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.policy import Policy
from liveness.identity import FaceTemplate
from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.browser.driver import CHROMIUM, running
from testing.selfie import embedding
from tests import needs
from tests.browser.test_journey import alert, fill, upload, visit

pytestmark = needs.BROWSER

SHAPE = (512, 704)
"""Of a camera whose size Chromium's fake one does not have."""

FAKE = ("--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


def walls(seed):
    camera = SimulatedCamera(SHAPE, seed=seed, prnu=0.02)
    return [camera.photograph_jpeg(scenes.flat(SHAPE, seed=number), shot=number) for number in range(6)]


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A bank with two other people: Zoe has a camera and no face, Anna has both."""
    home, rules = tmp_path_factory.mktemp("newcomer") / "home", Policy.load().enrolment
    opened = Bank(f"sqlite:///{home / 'bank.db'}", folder=home)
    opened.enrol("Zoe", photos=camera_sample(walls(51), "Phone (simulated)", rules))
    photos = camera_sample(walls(52), "Phone (simulated)", rules)
    opened.enrol("Anna", faces=FaceTemplate(embedding(1), 5), photos=photos)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(bank):
    with running(bank.store.folder.parent, "-m", "streamlit", "run", "app.py", "--server.port", "PORT") as at:
        yield at


@pytest.fixture
def page(driver):
    """A page; afterwards nothing may have failed."""
    wrong: list[str] = []
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FAKE)
    context = browser.new_context(permissions=["camera"], viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    failed = page.get_by_test_id("stException").count()
    browser.close()
    assert not failed
    assert not wrong


@pytest.fixture
def files(tmp_path):
    """Photos by Anna's camera, fewer than she was enrolled with."""
    paths = [tmp_path / f"wall {number}.jpg" for number in range(5)]
    for path, data in zip(paths, walls(52), strict=False):
        path.write_bytes(data)
    return paths


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def test_ones_own_camera_is_nobody_elses_and_a_check_that_cannot_pass_is_not_begun(page, address):
    page.goto(address)
    button(page, "Use my camera").click()
    page.get_by_role("heading", name="Verify a selfie").wait_for()
    page.get_by_text("You are not in the list? Register first").wait_for()
    assert button(page, "Start the check").is_disabled()
    page.get_by_role("combobox").click()
    page.get_by_role("option", name="Zoe").click()
    alert(page, "Zoe has no face registered").wait_for()
    page.get_by_role("link", name="Add the face of Zoe").wait_for()
    assert button(page, "Start the check").is_disabled()


def test_what_is_enrolled_gives_way_after_a_second_question_and_the_check_begins_with_that_person(
    page, address, bank, files
):
    page.goto(address)
    visit(page, "Register from photos")
    upload(page, *files)
    button(page, "Make the fingerprint").click()
    alert(page, "should score about").wait_for()
    fill(page, "Name of the person", "anna")
    fill(page, "Name of the camera", "Phone")
    page.get_by_text("Replace the camera “Phone (simulated)” of Anna").click()
    button(page, "Save").click()
    alert(page, "from 6 photos, 704 x 512 pixels").wait_for()
    button(page, "No, keep what is registered").click()
    button(page, "Save").click()
    alert(page, "Attempts with it stay in the audit log").wait_for()
    assert [camera.images for camera in bank.customer("Anna").cameras] == [6]
    button(page, "Yes, replace it").click()
    alert(page, "is registered as a camera of Anna, whose face is registered, too").wait_for()
    assert [camera.images for camera in bank.customer("Anna").cameras] == [5]

    # This browser's camera does not have the size that was registered: told with the way out, and no failed attempt.
    visit(page, "Verify a selfie")
    button(page, "Start the check").click()
    page.get_by_text("Is it Anna, with a registered camera?").wait_for()
    button(page, "Start camera").click()
    page.get_by_role("heading", name="This camera has another picture size").wait_for()
    page.get_by_text("704 × 512 pixels were registered").first.wait_for()
    page.get_by_text("Register a camera of Anna live").click()
    page.get_by_role("heading", name="Register live").wait_for()
    assert page.get_by_label("Name of the person").input_value() == "Anna"
    with bank.store.read() as session:
        assert {entry.kind for entry in audit.entries(session)} == {"enrolled"}


def test_sample_photos_meet_the_sample_camera_though_real_ones_are_registered(page, address):
    page.goto(address)
    button(page, "Use sample cameras").click()
    page.get_by_role("heading", name="Check a photo").wait_for(timeout=200_000)  # three cameras take 60 photos first
    button(page, "Check this photo").click()
    alert(page, "consistent with the registered camera Phone · Sample person (simulated)").wait_for()
