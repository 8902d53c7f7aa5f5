from __future__ import annotations

import io

import pytest
from PIL import Image

from ui.samples import CAMERAS, PERSON


def test_nothing_checked_yet_offers_a_sample(app, act):
    press, open_page, said = act
    app = open_page(app, "match_view")
    assert "Nothing was checked yet" in said(app)
    app = press(app, "Show me a sample")
    assert "one area is not" in said(app)
    assert "In this region the camera's pattern should show, and it does not" in said(app)


@pytest.fixture
def view(app, act, bank, camera, device):
    """The view of a photo that matches."""
    press, open_page, _ = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "check")
    app.file_uploader(key="check_files").set_value([device.photo("coffee")])
    app = press(app.run(), "Check the photo")
    return open_page(press(app, "See why: match view"), "match_view")


def test_all_sections_are_there(view, act):
    *_, said = act
    titles = [heading.value for heading in view.subheader]
    assert titles == ["The peak", "Where in the photo the pattern is", "Test one region", "The noise itself"]
    assert "consistent with the registered camera **Mine · Anna**" in said(view)


def test_a_region_can_be_given_in_numbers(view, act):
    *_, said = act
    for side, value in {"left": 0, "top": 0, "width": 640, "height": 480}.items():
        view.number_input(key=f"region_{side}").set_value(value)
    view.run()
    whole = said(view)
    assert "In this region the camera's pattern is there" in whole
    view.number_input(key="region_left").set_value(592)
    view.number_input(key="region_width").set_value(48)
    view.number_input(key="region_height").set_value(48)
    view.run()
    assert not view.exception
    assert said(view) != whole


def test_a_region_past_the_edge_is_cut(view):
    view.number_input(key="region_left").set_value(590)
    view.number_input(key="region_width").set_value(640)
    view.run()
    assert not view.exception


def test_the_detail_follows_its_sliders(view):
    view.slider(key="detail_left").set_value(8)
    view.slider(key="detail_top").set_value(0)
    view.run()
    assert not view.exception


def test_a_shifted_match_has_no_maps(app, act, bank, camera, device):
    press, open_page, said = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "check")
    name, data, kind = device.photo("coffee")
    app.number_input(key="shift").set_value(8).run()
    app.checkbox(key="crop").check().run()
    app.file_uploader(key="check_files").set_value([(name, cropped(data), kind)])
    app = press(app.run(), "Check the photo")
    app = open_page(app, "match_view")
    assert "maps cannot be laid" in said(app)
    assert [heading.value for heading in app.subheader] == ["The peak"]


def cropped(data: bytes) -> bytes:
    file = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.crop((40, 32, 600, 448)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("button", ["Yes, delete this camera", "Yes, delete this customer"])
def test_deleting_the_camera_takes_its_check_along(view, act, bank, button):
    press, open_page, said = act
    app = press(open_page(view, "customers"), button)
    assert not [camera for customer in bank.customers() for camera in customer.cameras]
    assert "Nothing was checked yet" in said(open_page(app, "match_view"))


def test_the_sample_is_one_of_the_sample_cameras(app, act, bank, few):
    press, open_page, _ = act
    press(open_page(app, "match_view"), "Show me a sample")
    assert {camera.label for camera in bank.customer(PERSON).cameras} == set(CAMERAS)
