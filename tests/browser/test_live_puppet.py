"""A visitor moves the victim's photo with a webcam, in a real browser, and it takes the check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from prnu import scenes
from testing.browser.driver import told, visitor
from testing.browser.puppeteer import begin_moving, film_stranger, record, recorded, wait_for_loop
from testing.browser.watched import until
from testing.some import some
from tests import needs

pytestmark = needs.ALONE


@dataclass(frozen=True, eq=False)
class Moved:
    """What a visitor saw who moved the photo and let it take the check."""

    pictures: list[np.ndarray]
    text: str
    verdicts: dict[str, str]


@pytest.fixture(scope="module")
def moved(driver, server, tmp_path_factory):
    address, _, watched = server
    film = film_stranger(tmp_path_factory.mktemp("puppet") / "stranger.y4m")
    with visitor(driver, film.path) as page:
        begin_moving(page, address)
        record(page)
        wait_for_loop(page)
        _, pictures = recorded(page)
        page.get_by_role("button", name="Let it take the check").click()
        page.get_by_role("button", name="Move the photo again").wait_for()
        text, verdicts = told(page)
        page.get_by_role("button", name="Move the photo again").click()
        page.get_by_role("button", name="Start camera").click()
        page.get_by_text("the photo does it, too").first.wait_for()
        page.get_by_role("button", name="Let it take the check").click()
        page.get_by_text("Look straight into the camera").first.wait_for()
        assert watched.process()[-1]["live_threads"] >= 2
    film.path.unlink()
    return Moved(pictures, text, verdicts)


def test_the_photo_blinks_and_turns_as_the_visitor_does_and_to_the_same_side_of_the_screen(moved):
    assert len(moved.pictures) > 30
    with FaceTracker(mirrored=True) as tracker:
        seen = [some(tracker.observe(picture, number / 15)) for number, picture in enumerate(moved.pictures)]
    assert all(one.faces == 1 for one in seen)
    yaw = np.array([one.yaw for one in seen])
    assert (yaw - np.median(yaw)).max() > 15, "a turn to the left, which is the left of a mirror, too"
    assert (yaw - np.median(yaw)).min() > -10
    shut = np.array([min(one.blink_left, one.blink_right) for one in seen])
    assert shut.max() - np.median(shut) > 0.3


def test_who_is_shown_is_the_victim_and_labelled(moved):
    picture = moved.pictures[0]
    matcher = FaceMatcher()
    victim = matcher.embed(scenes.photo("astronaut", (512, 512)))
    assert matcher.similarity(matcher.embed(picture), victim) > 0.7
    height, width = picture.shape[:2]
    corner = picture[-height // 24 :, -width // 10 :].mean(axis=2)
    assert np.percentile(corner, 40) < 40, "a dark plate"
    assert corner.max() > 200, "with light letters"


def test_its_check_is_stopped_by_the_camera_and_not_by_liveness(moved):
    assert "Refused" in moved.text
    assert moved.verdicts["Face"] == "Passed"
    assert moved.verdicts["Camera"] == "Failed"
    # On a busy machine there may be too few frames to tell, and then the page does not say that it passed.
    assert moved.verdicts["Liveness"] in ("Passed", "Cannot tell"), moved.text
    passed = moved.verdicts["Liveness"] == "Passed"
    assert ("a living person did move the face, and it was you" in moved.text) == passed


def test_a_visitor_who_leaves_in_the_middle_of_its_check_leaves_nothing_behind(moved, server):
    until(lambda: server[2].process()[-1]["live_threads"] == 0)
