"""Somebody who does not know LensLock, with mistakes on purpose, in a real browser with Chromium's own fake camera."""

from __future__ import annotations

import pytest

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.policy import Policy
from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.browser.driver import CHROMIUM, running
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
def home(tmp_path_factory):
    """Folder of a bank in which somebody else is enrolled, who has a camera and no face."""
    home = tmp_path_factory.mktemp("newcomer")
    bank = Bank(f"sqlite:///{home / 'home' / 'bank.db'}", folder=home / "home")
    bank.enrol("Zoe", photos=camera_sample(walls(51), "Phone (simulated)", Policy.load().enrolment))
    bank.close()
    return home


@pytest.fixture(scope="module")
def address(home):
    with running(home, "-m", "streamlit", "run", "app.py", "--server.port", "PORT") as at:
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
    """Anna's photos of walls, and one of her face."""
    paths = []
    for number, data in enumerate(walls(52)):
        paths.append(tmp_path / f"wall {number}.jpg")
        paths[-1].write_bytes(data)
    face = tmp_path / "face.jpg"
    face.write_bytes(SimulatedCamera(SHAPE, seed=1).photograph_jpeg(scenes.photo("astronaut", SHAPE), shot=1))
    return paths, face


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def chosen(page, label):
    return page.get_by_role("combobox", name=label)


def make_fingerprint(page, paths):
    visit(page, "Register from photos")
    upload(page, *paths)
    button(page, "Make the fingerprint").click()
    alert(page, "should score about").wait_for()


def test_nothing_is_saved_begun_or_claimed_that_nobody_asked_for(page, address, home, models, files):
    paths, face = files
    page.goto(address)

    # Somebody else is enrolled: one's own camera is not theirs, and their check could not pass.
    button(page, "Use my camera").click()
    page.get_by_role("heading", name="Verify a selfie").wait_for()
    page.get_by_text("You are not in the list? Register first").wait_for()
    assert button(page, "Start the check").is_disabled()
    page.get_by_role("combobox").click()
    page.get_by_role("option", name="Zoe").click()
    alert(page, "Zoe has no face enrolled").wait_for()
    page.get_by_role("link", name="Add the face of Zoe").wait_for()
    assert button(page, "Start the check").is_disabled()

    # Whoever was registered is who the check begins with.
    make_fingerprint(page, paths)
    fill(page, "Name of the person", "Anna")
    fill(page, "Name of the camera", "Phone")
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(face)
    page.get_by_text(face.name, exact=True).first.wait_for(state="attached")
    button(page, "Save").click()
    alert(page, "is registered as a camera of Anna, whose face is enrolled, too").wait_for()
    visit(page, "Verify a selfie")
    page.get_by_test_id("stSelectbox").get_by_text("Anna").or_(page.locator("input[value=Anna]")).first.wait_for()

    # A camera without the registered size is told with the way out, and is no attempt that failed.
    button(page, "Start the check").click()
    page.get_by_text("Is it Anna, with an enrolled camera?").wait_for()
    button(page, "Start camera").click()
    page.get_by_role("heading", name="This camera has another picture size").wait_for()
    page.get_by_text("704 × 512 pixels were registered").first.wait_for()
    page.get_by_text("Register a camera of Anna live").click()
    page.get_by_role("heading", name="Register live").wait_for()
    assert page.get_by_label("Name of the person").input_value() == "Anna"

    # What is enrolled gives way only after a second question.
    make_fingerprint(page, paths[:5])
    fill(page, "Name of the person", "anna")
    fill(page, "Name of the camera", "Phone")
    page.get_by_text("Replace the camera “Phone (simulated)” of Anna").click()
    button(page, "Save").click()
    alert(page, "from 6 photos, 704 x 512 pixels").wait_for()
    button(page, "No, keep what is enrolled").click()
    button(page, "Save").click()
    alert(page, "Attempts with it stay in the audit log").wait_for()
    button(page, "Yes, replace it").click()
    alert(page, "is registered as a camera of Anna").wait_for()

    # Sample photos meet the sample camera, though real ones are registered.
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Start").click()
    button(page, "Use sample cameras").click()
    page.get_by_role("heading", name="Check a photo").wait_for()
    button(page, "Check this photo").click()
    alert(page, "consistent with the registered camera Phone · Sample person (simulated)").wait_for()

    bank = Bank(f"sqlite:///{home / 'home' / 'bank.db'}", folder=home / "home")
    with bank.store.read() as session:
        kinds = {entry.kind for entry in audit.entries(session)}
    cameras = [camera.images for camera in bank.customer("Anna").cameras]
    bank.close()
    assert kinds == {"enrolled"}
    assert cameras == [5]
