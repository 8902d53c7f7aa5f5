from __future__ import annotations

import math

import pytest

from prnu import Fingerprint, scenes
from tests.pictures import huge_png


def upload(app, act, files):
    press, open_page, _ = act
    app = open_page(app, "register")
    app.file_uploader(key="enrol_files").set_value(files)
    return press(app.run(), "Make the fingerprint")


def walls(device, count=8):
    return [device.wall(number) for number in range(count)]


def test_nothing_to_do_without_photos(app, act):
    _, open_page, said = act
    app = open_page(app, "register")
    (button,) = (button for button in app.button if button.label == "Make the fingerprint")
    assert button.disabled
    assert "Registered cameras (0)" in said(app)
    assert "is a secret" in said(app)


def test_upload_name_save(app, act, device, shelf):
    press, _, said = act
    app = upload(app, act, walls(device))
    assert "a photo from this camera should score about" in said(app)
    assert "8 of 15 photos" in said(app)
    app.text_input(key="camera_name").set_value("  Anna's   phone ").run()
    assert "its name will be “Anna's phone (simulated)”" in said(app)
    app = press(app, "Save camera")
    assert shelf.names() == ["Anna's phone (simulated)"]
    assert shelf.load("Anna's phone (simulated)").images == 8
    assert "is registered" in said(app)
    assert "Registered cameras (1)" in said(app)


def test_the_registration_survives_a_look_at_another_page(app, act, device):
    _, open_page, said = act
    app = upload(app, act, walls(device))
    app = open_page(open_page(app, "learn"), "register")
    assert "a photo from this camera should score about" in said(app)


def test_a_taken_name_is_replaced_only_on_demand(app, act, device, shelf, fingerprint):
    press, _, said = act
    shelf.save("Mine (simulated)", fingerprint)
    app = upload(app, act, walls(device, 5))
    app.text_input(key="camera_name").set_value("Mine").run()
    assert "There is a camera “Mine (simulated)” already" in said(app)
    (save,) = (button for button in app.button if button.label == "Save camera")
    assert save.disabled
    app.checkbox(key="replace").check().run()
    app = press(app, "Save camera")
    assert shelf.load("Mine (simulated)").images == 5


def test_a_name_that_cannot_be_used_is_told(app, act, device, shelf):
    press, *_ = act
    app = press(upload(app, act, walls(device, 3)), "Save camera")
    assert app.error
    app.text_input(key="camera_name").set_value("x" * 99).run()
    app = press(app, "Save camera")
    assert app.error
    assert shelf.names() == []


def test_a_shelf_that_cannot_be_written_is_told(app, act, device, tmp_path):
    press, *_ = act
    (tmp_path / "fingerprints").write_text("a file where the folder should be")
    app = upload(app, act, walls(device, 3))
    app.text_input(key="camera_name").set_value("Mine").run()
    app = press(app, "Save camera")
    assert "cannot be written" in app.error[0].value


def test_each_bad_file_has_its_own_message_and_the_others_count(app, act, device, plain):
    *_, said = act
    bad = [
        ("text.jpg", b"no picture at all", "image/jpeg"), plain("pixel.png", (1, 1)), plain("black.png", level=0),
        plain("white.png", level=255), plain("large.png", (960, 1280)), ("huge.png", huge_png(), "image/png"),
    ]  # fmt: skip
    again = ("again.jpg", *device.wall(0)[1:])
    app = upload(app, act, [*bad, *walls(device), again])
    text = said(app)
    for name, *_ in [*bad, again]:
        assert f"**{name}**" in text
    for words in ("not a picture", "1x1 pixels", "black", "overexposed", "1280x960", "too many pixels", "given before"):
        assert words in text
    results = app.dataframe[0].value["Result"].tolist()
    assert results.count("✓ Used") == 8
    assert results.count("✗ Left out") == 7


def test_one_unmoving_scene_is_refused_with_advice(app, act, device, shelf):
    *_, said = act
    scene = scenes.photo("coffee", (480, 640))
    still = [(f"{n}.jpg", device.camera.photograph_jpeg(scene, shot=100 + n), "image/jpeg") for n in range(6)]
    app = upload(app, act, still)
    assert "same scene" in app.error[0].value
    assert not app.text_input
    assert "3. Save" not in said(app)


def test_only_bad_files_make_no_fingerprint(app, act, plain):
    app = upload(app, act, [plain("black.png", level=0)])
    assert app.error


def test_sample_camera_runs_the_same_way(app, act, shelf):
    press, open_page, said = act
    app = open_page(app, "register")
    app.button_group(key="camera_source").set_value("Sample camera").run()
    assert "The camera is simulated" in said(app)
    app = press(app, "Make the fingerprint")
    assert "Good: a photo from this camera" in said(app)
    assert app.text_input(key="camera_name").value == "Phone (simulated)"
    press(app, "Save camera")
    assert shelf.names() == ["Phone (simulated)"]


def test_deleting_asks_first(app, act, shelf, fingerprint):
    press, open_page, said = act
    shelf.save("Old", fingerprint)
    app = open_page(app, "register")
    assert "640 x 480 pixels · from 8 photos" in said(app)
    assert "Delete **Old**?" in said(app)
    app = press(app, "Yes, delete it")
    assert shelf.names() == []
    assert "Registered cameras (0)" in said(app)


@pytest.mark.parametrize("half", [math.nan, 0.001])
def test_odd_fingerprints_are_listed(app, act, shelf, fingerprint, half):
    _, open_page, said = act
    shelf.save("Odd", Fingerprint(fingerprint.pattern, 1, half))
    assert "from 1 photo ·" in said(open_page(app, "register"))


def test_a_damaged_file_is_listed_and_can_be_deleted(app, act, shelf, fingerprint):
    press, open_page, said = act
    path = shelf.save("Broken", fingerprint)
    path.write_bytes(path.read_bytes()[:-7])
    app = open_page(app, "register")
    assert "damaged" in said(app)
    press(app, "Yes, delete it")
    assert shelf.names() == []
