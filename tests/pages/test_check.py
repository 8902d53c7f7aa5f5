from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bank import audit
from liveness.models import ModelError
from prnu import scenes
from tests.pictures import TiffPage, tiff
from ui.photo_check import form, report
from ui.results import sample
from ui.results.photo_check import measure
from ui.shell import session as visit
from ui.verify import from_photos


@pytest.fixture
def page(app, act, bank, camera):
    """The page with one registered camera."""
    _, open_page, _ = act
    bank.enrol("Anna", photos=camera)
    return open_page(app, "check")


def check(page, act, *files):
    press, *_ = act
    page.file_uploader(key="check_files").set_value(list(files))
    label = "Check the photo" if len(files) == 1 else f"Check {len(files)} photos"
    return press(page.run(), label)


def test_without_a_camera_there_are_two_doors(app, act, bank, few):
    press, open_page, said = act
    app = open_page(app, "check")
    assert "No camera is registered yet" in said(app)
    app = press(app, "Use sample cameras")
    assert len(bank.customer(sample.PERSON).cameras) == 3
    assert app.radio(key="sample").value == 0


def test_own_photo_is_consistent(page, act, device):
    *_, said = act
    app = check(page, act, device.photo("coffee"))
    assert "consistent with the registered camera **Mine · Anna**" in app.success[0].value
    assert "would score this high" in app.success[0].value
    assert "peak-to-correlation energy" in said(app)


def test_a_mirrored_photo_is_found_and_said(page, act, device):
    *_, said = act
    with Image.open(io.BytesIO(device.photo("coffee")[1])) as image:
        file = io.BytesIO()
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(file, "JPEG", quality=95)
    app = check(page, act, ("mirrored.jpg", file.getvalue(), "image/jpeg"))
    assert "This photo is mirrored: selfie apps do that. Turned back, it is consistent with" in app.success[0].value
    assert "because the best of 4 ways to turn the photo over counts" in said(app)


def test_another_camera_shows_no_sign_and_reasons_are_given(page, act, stranger):
    *_, said = act
    app = check(page, act, stranger.photo("coffee"))
    assert "no sign of the registered camera **Mine · Anna**" in app.error[0].value
    assert "Possible reasons" in said(app)


def test_each_of_several_photos_has_its_own_score_and_verdict(page, act, device):
    app = check(page, act, device.photo("coffee"), device.photo("rocket", 51))
    assert "Both photos are consistent with the registered camera **Mine · Anna**" in app.success[0].value
    table = app.dataframe[0].value
    assert table["Photo"].tolist() == ["coffee.jpg", "rocket.jpg"]
    assert table["Verdict"].tolist() == ["✓ Consistent"] * 2
    assert (table["Score (PCE)"] > 50).all()
    assert table[""].str.startswith("data:image/jpeg").all()


def test_a_foreign_photo_does_not_hide_among_several(page, act, device, stranger):
    press, open_page, said = act
    foreign = stranger.photo("rocket", 51)
    files = [device.photo("coffee"), ("IMG_3.jpg", *foreign[1:]), ("text.jpg", b"hello", "image/jpeg")]
    app = check(page, act, *files)
    assert not app.success
    assert "1 of 2 photos is consistent with the registered camera **Mine · Anna**; **IMG\\_3.jpg** is not." in (
        app.warning[0].value
    )
    assert "1 file could not be compared: see the table" in app.warning[0].value
    table = app.dataframe[0].value
    assert table["Verdict"].tolist() == ["✓ Consistent", "✗ No sign", "– Not compared"]
    assert abs(table["Score (PCE)"][1]) < 20
    app = open_page(press(app, "See why: match view"), "match_view")
    (picker,) = (box for box in app.selectbox if box.label == "Look at one photo")
    assert picker.options == ["✓ coffee.jpg", "✗ IMG_3.jpg"]
    assert picker.value == 1, "the one that does not belong comes first"
    text = said(app)
    assert "This photo shows no sign of the registered camera **Mine · Anna**" in text
    assert "there is no pattern to be found or missing" in text
    assert "it is missing in" not in text
    app = picker.set_value(0).run()
    assert not app.exception
    assert "This photo is consistent with the registered camera **Mine · Anna**" in said(app)
    assert "it is missing in" in said(app)


def test_the_noise_is_measured_once_for_the_same_photo(page, act, device, monkeypatch):
    measured = []

    def noted(photos, tick):
        measured.append(1)
        return measure(photos, tick)

    monkeypatch.setattr(visit, "measure", noted)
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


def test_all_cameras_are_ranked(page, act, device, bank, stranger_camera):
    _, open_page, _ = act
    bank.enrol("Bert", photos=stranger_camera)
    app = open_page(page, "check")
    app.selectbox(key="camera").set_value(form.ALL).run()
    app = check(app, act, device.photo("coffee"))
    assert "Of 2 registered cameras, this photo is consistent with **Mine · Anna**" in app.success[0].value
    table = app.dataframe[0].value
    assert table["Camera"].tolist() == ["Mine · Anna", "Theirs · Bert"]
    assert table["Verdict"].tolist() == ["✓ Consistent", "✗ No sign"]


def test_a_fingerprint_of_other_settings_is_told(app, act, bank, camera, device):
    _, open_page, _ = act
    old = replace(camera.fingerprint, settings="of long ago")
    bank.enrol("Anna", photos=replace(camera, fingerprint=old))
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


def ask_for_customer(page, name=""):
    page.button_group(key="question").set_value(from_photos.QUESTION).run()
    if name:
        page.selectbox(key="claimed").set_value(name).run()
    assert not page.exception
    return page


@pytest.fixture
def as_anna(page, bank, face):
    """The page asks whether it is Anna, who has a face and a camera."""
    bank.enrol("Anna", faces=face)
    return ask_for_customer(page, "Anna")


def decisions(bank):
    with bank.store.read() as session:
        return list(audit.entries(session, kind="decision"))


def test_the_sample_person_is_verified_and_a_swapped_face_is_not(app, act, bank, models):
    press, open_page, said = act
    app = ask_for_customer(open_page(press(app, "Use sample cameras"), "check"))
    assert "Photos say nothing of liveness and freshness" in said(app)
    app = press(app, "Check this photo")
    assert "Accepted: all factors that are required passed" in said(app)
    assert "**Liveness:** Is somebody alive there, who answers? :gray-badge[not required]" in said(app)
    assert "at least 52 is needed (PCE)" in said(app)
    assert bank.customer(sample.PERSON).last_accepted_at
    app.radio(key="sample").set_value(2).run()
    app = press(app, "Check this photo")
    assert "the face was put in from elsewhere" in app.error[0].value
    assert "What is true of this sample" in said(app)
    assert [entry.outcome for entry in decisions(bank)] == ["refused", "accepted"]


def test_own_photos_are_verified_and_what_is_left_out_is_told(as_anna, act, bank, device, models):
    press, open_page, said = act
    page = as_anna
    files = [("text.jpg", b"no picture", "image/jpeg"), device.photo("astronaut"), device.photo("coffee", 51)]
    page.file_uploader(key="check_files").set_value(files)
    app = press(page.run(), "Check 3 photos")
    assert "Is it **Anna**" in said(app)
    assert len(decisions(bank)) == 1
    table = app.dataframe[0].value
    assert table["Verdict"].tolist() == ["– Not compared", "✓ Consistent", "✓ Consistent"]
    assert "not a picture" in table["What it means"][0]
    app = press(open_page(app, "customers"), "Yes, delete this customer")
    assert app.session_state["proof"] is None


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("text.jpg", b"no picture", "not a picture"),
        ("shot.CR3", b"\0\0\0\x18ftypcrx " + bytes(99), "raw file (CR3)"),
        ("shot.dng", tiff(TiffPage(np.zeros((300, 400), np.uint16), {262: ("H", [32803])})), "Use the camera's JPEG"),
    ],
)
def test_only_unreadable_photos_are_no_attempt(as_anna, act, bank, models, name, data, said):
    press, *_ = act
    page = as_anna
    page.file_uploader(key="check_files").set_value([(name, data, "application/octet-stream")])
    app = press(page.run(), "Check the photo")
    assert said in app.error[0].value
    assert decisions(bank) == []


def test_missing_face_models_are_told_and_are_no_attempt(as_anna, act, bank, device, monkeypatch):
    def missing(*_, **__):
        raise ModelError("Connect to the internet.")

    monkeypatch.setattr("bank.face_reader.FaceTracker", missing)
    press, *_ = act
    page = as_anna
    page.file_uploader(key="check_files").set_value([device.photo("coffee")])
    app = press(page.run(), "Check the photo")
    assert "Connect to the internet" in app.error[0].value
    with bank.store.read() as session:
        assert {entry.kind for entry in audit.entries(session)} == {"enrolled"}


def test_too_many_attempts_are_told(as_anna, act, bank, device, models):
    press, _, said = act
    page = as_anna
    for _ in range(bank.policy.limits.per_customer):
        bank.begin("Anna", stream=False)
    page.file_uploader(key="check_files").set_value([device.photo("coffee")])
    app = press(page.run(), "Check the photo")
    assert "Too many attempts" in said(app)


def test_a_photo_of_another_size_is_left_out_and_alone_is_no_attempt(as_anna, act, bank, device, models):
    press, *_ = act
    file = io.BytesIO()
    Image.open(io.BytesIO(device.photo("rocket")[1])).resize((800, 600)).save(file, "JPEG")
    page, scaled = as_anna, ("scaled.jpg", file.getvalue(), "image/jpeg")
    page.file_uploader(key="check_files").set_value([scaled])
    app = press(page.run(), "Check the photo")
    assert "It has 800x600 pixels, and was to be compared with 640 x 480 pixels" in app.error[0].value
    assert decisions(bank) == []
    app.file_uploader(key="check_files").set_value([device.photo("coffee"), scaled])
    app = press(app.run(), "Check 2 photos")
    assert app.dataframe[0].value["Verdict"].tolist() == ["", "– Not compared"]
    assert "It has 800x600 pixels" in app.dataframe[0].value["What it means"][1]
    assert len(decisions(bank)) == 1


def test_a_check_of_somebody_without_a_face_is_not_begun(page, act, bank):
    *_, said = act
    app = ask_for_customer(page)
    assert app.selectbox(key="claimed").value is None
    assert "Choose first who it should be" in said(app)
    app = app.selectbox(key="claimed").set_value("Anna").run()
    assert "**Anna** has no face registered" in said(app)
    assert not app.file_uploader


def test_sample_photos_are_compared_with_sample_cameras_only_whatever_else_is_registered(page, act, bank, few):
    press, _, said = act
    app = page.button_group(key="photo_source").set_value("Sample photos").run()
    assert "not registered yet" in said(app)
    app = press(app, "Use sample cameras")
    assert app.selectbox(key="camera").value == sample.BEST
    assert "Mine · Anna" not in app.selectbox(key="camera").options
    app = ask_for_customer(app)
    assert app.selectbox[0].value == sample.PERSON
    assert len(bank.customers()) == 2
    app = app.button_group(key="photo_source").set_value("My photos").run()
    assert app.selectbox(key="claimed").value is None
    app = app.button_group(key="question").set_value(form.QUESTION).run()
    assert app.selectbox(key="camera").value == "Mine · Anna"


def test_the_camera_factor_does_not_pass_with_a_foreign_photo_among_them(as_anna, act, bank, device, stranger, models):
    press, open_page, said = act
    page = as_anna
    files = [device.photo("coffee"), device.photo("rocket", 51), ("IMG_3.jpg", *stranger.photo("rocket", 52)[1:])]
    page.file_uploader(key="check_files").set_value(files)
    app = press(page.run(), "Check 3 photos")
    assert "Photo 3 of 3 does not show the registered camera's pattern" in said(app)
    assert app.dataframe[0].value["Verdict"].tolist() == ["✓ Consistent", "✓ Consistent", "✗ No sign"]
    (entry,) = decisions(bank)
    (camera,) = (factor for factor in entry.body["factors"] if factor["name"] == "camera")
    assert (camera["verdict"], camera["reason"]) == ("failed", "photos-of-another-camera")
    app = open_page(app, "match_view")
    (picker,) = (box for box in app.selectbox if box.label == "Look at one photo")
    assert picker.options[picker.value] == "3 · IMG_3.jpg · ✗ No sign"
    assert "Here they agree nowhere more than chance explains" in said(app)
    assert "together" not in " ".join(str(pills.options) for pills in app.get("button_group"))


@pytest.mark.parametrize(("kind", "words"), [("key", "cannot be unlocked"), ("row", "was changed")])
def test_a_bank_that_cannot_be_used_is_told(app, act, bank, camera, break_bank, kind, words):
    _, open_page, said = act
    bank.enrol("Anna", photos=camera)
    break_bank(kind)
    assert words in said(open_page(app, "check"))


def table_of_checks(app):
    return app.dataframe[-1].value


def test_each_of_several_photos_is_in_the_list_of_checks(page, act, device, stranger):
    press, _, said = act
    files = [device.photo("coffee"), stranger.photo("coffee", 51), ("torn.jpg", b"no picture", "image/jpeg")]
    page.file_uploader(key="check_files").set_value(files)
    page = press(page.run(), "Check 3 photos")
    assert "Checks of this session (3)" in said(page)
    rows = table_of_checks(page)
    assert rows["Verdict"].tolist() == ["✓ Consistent", "✗ No sign", "? Cannot tell"]
    assert rows["Photos"].tolist()[2] == "torn.jpg"
    assert rows["Score (PCE)"].isna().tolist() == [False, False, True]
    assert len(visit_of(page, "checks")) == 1


def visit_of(page, key):
    return page.session_state[key]


def test_uploads_and_checks_stay_when_the_page_is_left_until_they_are_removed(page, act, device):
    press, open_page, said = act
    page = check(page, act, device.photo("coffee"))
    page = open_page(open_page(page, "customers"), "check")
    assert "From before: coffee.jpg" in said(page)
    assert "Checks of this session (1)" in said(page)
    page = press(page, "Check the photo")
    assert "Checks of this session (2)" in said(page)
    page = press(page, "Remove all (1 file)")
    assert "From before" not in said(page)
    page = press(page, "Yes, remove all")
    assert "Checks of this session" not in said(page)
    assert not page.success


def test_a_check_has_a_report_that_asks_nothing_of_the_network(page, act, device):
    page = check(page, act, device.photo("coffee"))
    (kept,) = visit_of(page, "checks")
    (figures,) = visit_of(page, "checked")
    for made in (kept, None):
        html = report.report(replace(figures, photos=("<script>.jpg",)), made)
        assert "<script" not in html
        assert "http" not in html.replace("http-equiv", "")
        assert "consistent with the registered camera Mine · Anna" in html
        assert html.count("<img") == (4 if made else 0)
