"""Sample checks in a real browser that has no camera."""

from __future__ import annotations

import pytest

from testing.browser.driver import CHROMIUM, running, told
from tests import needs

pytestmark = needs.ALONE


@pytest.fixture(scope="module")
def address(models, tmp_path_factory):
    program = ("-m", "streamlit", "run", "app.py", "--server.port", "PORT")
    with running(tmp_path_factory.mktemp("sample"), *program) as at:
        yield at


@pytest.fixture
def page(driver):
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(90_000)
    yield page
    browser.close()


def test_from_the_start_page_to_a_person_who_passes_and_a_deepfake_that_does_not(address, page):
    page.goto(address)
    page.get_by_role("button", name="Show me with sample material").click()
    picture = page.locator('img[src*="/live/picture"]')
    picture.wait_for()
    page.wait_for_function("(img) => img.naturalWidth === 640", arg=picture.element_handle())
    page.get_by_text("Simulated", exact=True).wait_for()
    page.get_by_text("See why").wait_for()
    text, verdicts = told(page)
    assert "Accepted" in text
    assert set(verdicts.values()) == {"Passed"}, text
    page.locator(".st-key-play-injected button").click()
    page.get_by_text("no sensor took part").wait_for()
    page.get_by_text("Refused").wait_for()
    text, verdicts = told(page)
    assert verdicts["Camera"] == "Failed", text
    assert verdicts["Face"] == "Passed", text
    assert "What is true of this sample" in text
    page.get_by_text("See why").click()
    page.get_by_text("Still by still").wait_for()
    page.get_by_text("Could it be chance?").wait_for()
