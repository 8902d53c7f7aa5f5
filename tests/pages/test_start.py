from __future__ import annotations

import pytest

from ui import samples


def test_it_says_what_this_is_and_that_images_stay_here(app, act):
    *_, said = act
    assert not app.exception
    assert app.title[0].value == "LensLock"
    assert "pattern on every picture" in said(app)
    assert "Images stay on the machine" in said(app)


@pytest.mark.parametrize(
    ("door", "title"), [("Register camera", "Register camera"), ("Check a photo", "Check a photo")]
)
def test_doors_lead_to_their_pages(app, act, door, title):
    press, *_ = act
    assert press(app, door).title[0].value == title


def test_sample_cameras_are_registered_by_one_click_and_ready_to_check(app, act, shelf, few):
    press, open_page, said = act
    app = press(app, "Use sample cameras")
    assert app.title[0].value == "Check a photo"
    assert shelf.names() == sorted(samples.CAMERAS)
    assert app.selectbox(key="camera").value == samples.CAMERAS[0]
    app = press(open_page(app, "check"), "Check this photo")
    assert "consistent with the registered camera" in said(app)


def test_the_glossary_page_opens(app, act):
    _, open_page, said = act
    text = said(open_page(app, "learn"))
    assert "What it does not stop" in text
    assert "PCE" in text
