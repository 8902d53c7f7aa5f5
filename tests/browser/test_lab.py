"""The attack lab in a real browser that has no camera."""

from __future__ import annotations

import av
import pytest

from testing.browser.driver import CHROMIUM, running, told
from tests import needs

pytestmark = needs.ALONE


@pytest.fixture(scope="module")
def address(models, tmp_path_factory):
    program = ("-m", "streamlit", "run", "app.py", "--server.port", "PORT")
    with running(tmp_path_factory.mktemp("lab"), *program) as at:
        yield at


@pytest.fixture
def page(driver):
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(90_000)
    yield page
    browser.close()


def test_a_deepfake_is_made_judged_live_stopped_by_the_camera_and_explained_and_its_clip_says_what_it_is(
    address, page, tmp_path
):
    page.goto(f"{address}/attack_lab")
    page.locator(".st-key-attack-puppet button").click()
    page.get_by_role("button", name="Let it take the check").click()
    picture = page.locator('img[src*="/live/picture"]')
    picture.wait_for()
    page.wait_for_function("(img) => img.naturalWidth === 640", arg=picture.element_handle())
    page.get_by_text("The attack was stopped by").wait_for()
    text, verdicts = told(page)
    assert verdicts["Face"] == "Passed", text
    assert verdicts["Camera"] == "Failed", text
    page.get_by_text("Another camera, or none, scores around 0").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the clip").click()
    clip = tmp_path / "clip.mp4"
    download.value.save_as(clip)
    with av.open(str(clip)) as film:
        assert "simulated by LensLock" in film.metadata["comment"]
        assert sum(1 for _ in film.decode(video=0)) > 30
