from __future__ import annotations

import pytest

from prnu import Fingerprint, scenes
from ui import state, trying
from ui.checking import measure


@pytest.fixture
def page(app, act, shelf, fingerprint):
    """The page with one registered camera."""
    _, open_page, _ = act
    shelf.save("Mine", fingerprint)
    return open_page(app, "check")


def check(page, act, *files):
    press, *_ = act
    page.file_uploader(key="check_files").set_value(list(files))
    label = "Check the photo" if len(files) == 1 else f"Check {len(files)} photos together"
    return press(page.run(), label)


def test_without_a_camera_there_are_two_doors(app, act, shelf, few):
    press, open_page, said = act
    app = open_page(app, "check")
    assert "No camera is registered yet" in said(app)
    app = press(app, "Use sample cameras")
    assert len(shelf.names()) == 3
    assert app.radio(key="sample").value == 0


def test_own_photo_is_consistent(page, act, device):
    *_, said = act
    app = check(page, act, device.photo("coffee"))
    assert "consistent with the registered camera **Mine**" in app.success[0].value
    assert "would score this high" in app.success[0].value
    assert "peak-to-correlation energy" in said(app)


def test_another_camera_shows_no_sign_and_reasons_are_given(page, act, stranger):
    *_, said = act
    app = check(page, act, stranger.photo("coffee"))
    assert "no sign of the registered camera **Mine**" in app.error[0].value
    assert "Possible reasons" in said(app)


def test_several_photos_count_together(page, act, device):
    app = check(page, act, device.photo("coffee"), device.photo("rocket", 51))
    assert "These 2 photos together are consistent" in app.success[0].value


def test_the_noise_is_measured_once_for_the_same_photo(page, act, device, monkeypatch):
    measured = []
    monkeypatch.setattr(state, "measure", lambda photos, tick: measured.append(1) or measure(photos, tick))
    press, *_ = act
    app = check(page, act, device.photo("coffee"))
    app.number_input(key="shift").set_value(4).run()
    app = press(app, "Check the photo")
    assert "The threshold rose from 50 to 59" in act[2](app)
    assert measured == [1]


@pytest.mark.parametrize(
    ("size", "words"), [((640, 480), "turned by a quarter"), ((960, 1280), "neither scaled nor cropped")]
)
def test_another_size_is_told_by_the_photos_name(page, act, plain, size, words, stranger):
    camera = type(stranger.camera)(size, seed=1)
    file = camera.photograph_jpeg(scenes.flat(size), shot=1)
    app = check(page, act, ("holiday.jpg", file, "image/jpeg"))
    assert words in app.error[0].value
    assert not app.success


@pytest.mark.parametrize(("name", "level"), [("black.png", 0), ("white.png", 255)])
def test_a_photo_without_noise_is_told(page, act, plain, name, level):
    app = check(page, act, plain(name, level=level))
    assert "no noise" in app.error[0].value


def test_a_text_file_is_told(page, act):
    app = check(page, act, ("text.jpg", b"hello", "image/jpeg"))
    assert "not a picture" in app.error[0].value


def test_an_error_takes_the_outcome_before_away(page, act, device):
    app = check(page, act, device.photo("coffee"))
    assert app.success
    app = check(app, act, ("text.jpg", b"hello", "image/jpeg"))
    assert not app.success


def test_all_cameras_are_ranked(page, act, device, shelf, stranger):
    _, open_page, _ = act
    shelf.save("Theirs", Fingerprint.from_images(stranger.wall(n)[1] for n in range(8)))
    app = open_page(page, "check")
    app.selectbox(key="camera").set_value(trying.ALL).run()
    app = check(app, act, device.photo("coffee"))
    assert "Of 2 registered cameras, this photo is consistent with **Mine**" in app.success[0].value
    table = app.dataframe[0].value
    assert table["Camera"].tolist() == ["Mine", "Theirs"]
    assert table["Verdict"].tolist() == ["✓ Consistent", "✗ No sign"]


def test_a_fingerprint_of_other_settings_is_told(app, act, shelf, fingerprint, device):
    _, open_page, _ = act
    shelf.save("Old", Fingerprint(fingerprint.pattern, 8, 0.2, "of long ago"))
    app = check(open_page(app, "check"), act, device.photo("coffee"))
    assert "Register the camera again" in app.error[0].value


def test_search_settings_tell_their_price(page, act):
    *_, said = act
    page.number_input(key="shift").set_value(10).run()
    assert "Threshold: 62 with 441 places" in said(page)
    page.multiselect(key="zooms").set_value([1.5]).run()
    assert "882 places" in said(page)
    page.checkbox(key="crop").check().run()
    assert "rises further" in said(page)


def test_samples_of_a_registered_sample_camera(app, act):
    press, open_page, said = act
    app = open_page(press(app, "Use sample cameras"), "check")
    app.radio(key="sample").set_value(1).run()
    app = press(app, "Check this photo")
    assert "no sign" in app.error[0].value
    app.radio(key="sample").set_value(2).run()
    app = press(app, "Check this photo")
    assert "one area is not" in app.warning[0].value
    assert "What is true of this sample" in said(app)
