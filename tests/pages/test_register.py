from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from liveness.models import ModelError
from prnu import scenes
from tests.pictures import huge_png
from ui.results import sample
from ui.widgets import face_photos


def upload(app, act, files):
    press, open_page, _ = act
    app = open_page(app, "register")
    app.file_uploader(key="enrol_files").set_value(files)
    return press(app.run(), "Make the fingerprint")


def walls(device, count=8):
    return [device.wall(number) for number in range(count)]


def name_it(app, customer, label):
    app.text_input(key="customer_name").set_value(customer).run()
    return app.text_input(key="camera_name").set_value(label).run()


def png(rgb):
    return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


def portrait():
    return "me.png", png(sample.portrait()), "image/png"


def test_nothing_to_do_without_photos(app, act):
    _, open_page, said = act
    app = open_page(app, "register")
    (button,) = (button for button in app.button if button.label == "Make the fingerprint")
    assert button.disabled
    assert "Registered cameras (0)" in said(app)
    assert "is a secret" in said(app)
    assert not app.error


def test_upload_name_save(app, act, device, bank):
    press, _, said = act
    app = upload(app, act, walls(device))
    assert "a photo from this camera should score about" in said(app)
    assert "8 photos; 15 or more are better" in said(app)
    app.text_input(key="customer_name").set_value(" Anna  Smith").run()
    app.text_input(key="camera_name").set_value("  Anna's   phone ").run()
    assert "its name will be “Anna's phone (simulated)”" in said(app)
    app = press(app, "Save")
    (anna,) = bank.customers()
    (camera,) = anna.cameras
    assert (anna.name, anna.face_frames) == ("Anna Smith", 0)
    assert (camera.label, camera.images, camera.pixel_format) == ("Anna's phone (simulated)", 8, "JPEG")
    assert "is registered as a camera of **Anna Smith**, whose face is not registered yet" in said(app)
    assert "Registered cameras (1)" in said(app)
    assert "Anna's phone (simulated) · Anna Smith" in said(app)


def test_two_cameras_in_one_set_are_refused_and_their_photos_named(app, act, device, stranger):
    *_, said = act
    theirs = [(f"their {name}", data, kind) for name, data, kind in walls(stranger, 4)]
    app = upload(app, act, [*walls(device, 4), *theirs])
    assert "4 agree with each other (wall 0.jpg, wall 1.jpg, wall 2.jpg, wall 3.jpg)" in said(app)
    assert "4 agree with each other (their wall 0.jpg, " in said(app)
    assert not any(button.label == "Save" for button in app.button)


def test_odd_and_repeated_photos_are_left_out_and_said_once_for_each_reason(app, act, device, stranger):
    *_, said = act
    again = []
    with Image.open(io.BytesIO(device.wall(0)[1])) as image:
        for quality in range(80, 90):
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality)
            again.append((f"again {quality}.jpg", file.getvalue(), "image/jpeg"))
    app = upload(app, act, [*walls(device, 6), *again, ("odd.jpg", *stranger.wall(0)[1:])])
    assert "**10 photos**: The same exposure as wall 0.jpg" in said(app)
    assert "odd.jpg**: Its noise is not that of the other photos: another camera took it" in said(app)
    assert "Left out, because their noise is not that of the other photos: odd.jpg." in said(app)
    assert [metric.value for metric in app.metric][:2] == ["6", "11"]


def test_face_and_camera_are_enrolled_together(app, act, device, bank, models):
    press, _, said = act
    app = name_it(upload(app, act, walls(device)), "Anna", "Phone")
    app.file_uploader(key="faces").set_value([portrait()]).run()
    app = press(app, "Save")
    assert "whose face is registered, too" in said(app)
    anna = bank.customer("Anna")
    assert (anna.face_frames, len(anna.cameras)) == (1, 1)


def test_a_picture_without_a_face_saves_nothing_and_loses_nothing(app, act, device, bank, models):
    press, _, said = act
    app = name_it(upload(app, act, walls(device)), "Anna", "Phone")
    nobody = ("coffee.png", png(scenes.photo("coffee", (480, 640))), "image/png")
    app.file_uploader(key="faces").set_value([nobody]).run()
    app = press(app, "Save")
    assert "Nothing was saved" in said(app)
    assert "There is no face in the picture" in app.error[0].value
    assert bank.customers() == []
    assert app.text_input(key="customer_name").value == "Anna"
    assert app.text_input(key="camera_name").value == "Phone"
    app.file_uploader(key="faces").set_value([]).run()
    press(app, "Save")
    assert bank.customer("Anna").cameras


@pytest.mark.parametrize("given", [b"no picture", b""])
def test_an_unreadable_photo_of_the_face_is_told_by_name(app, act, device, bank, given):
    press, *_ = act
    app = name_it(upload(app, act, walls(device)), "Anna", "Phone")
    app.file_uploader(key="faces").set_value([("me.jpg", given, "image/jpeg")]).run()
    app = press(app, "Save")
    assert app.error[0].value.startswith("me.jpg")
    assert bank.customers() == []


def test_missing_face_models_save_nothing_and_are_told(app, act, device, bank, monkeypatch):
    def missing(*_):
        raise ModelError("Connect to the internet.")

    monkeypatch.setattr(face_photos, "face_template", missing)
    press, *_ = act
    app = name_it(upload(app, act, walls(device)), "Anna", "Phone")
    app.file_uploader(key="faces").set_value([portrait()]).run()
    app = press(app, "Save")
    assert "Connect to the internet" in app.error[0].value
    assert bank.customers() == []


def test_only_five_photos_of_the_face_count(app, act, device):
    *_, said = act
    app = name_it(upload(app, act, walls(device)), "Anna", "Phone")
    app.file_uploader(key="faces").set_value([portrait()] * 6).run()
    assert "6 photos were given; the first 5 count" in said(app)


def test_a_second_camera_goes_to_an_enrolled_customer(app, act, device, bank, stranger_camera, face):
    press, _, said = act
    bank.enrol("Anna", faces=face, photos=stranger_camera)
    app = upload(app, act, walls(device))
    app.button_group(key="whose").set_value("A registered customer").run()
    assert app.selectbox(key="customer_known").value is None
    app.selectbox(key="customer_known").set_value("Anna").run()
    assert "**Anna** is registered already, with 1 camera and a face. This is added." in said(app)
    app.text_input(key="camera_name").set_value("Tablet").run()
    press(app, "Save")
    assert [camera.label for camera in bank.customer("Anna").cameras] == ["Tablet (simulated)", "Theirs"]


def test_a_name_typed_anew_is_the_enrolled_customers_too(app, act, device, bank, face):
    press, _, said = act
    bank.enrol("Anna", faces=face)
    app = name_it(upload(app, act, walls(device)), "ANNA", "Phone")
    assert "**Anna** is registered already, with 0 cameras and a face" in said(app)
    press(app, "Save")
    assert len(bank.customers()) == 1


def test_somebody_elses_camera_is_refused_unless_they_share_it(app, act, device, bank, camera):
    press, *_ = act
    bank.enrol("Anna", photos=camera)
    app = name_it(upload(app, act, walls(device)), "Bert", "Phone")
    assert not any(box.key == "shared" for box in app.checkbox)
    app = press(app, "Save")
    assert "registered to another customer" in app.error[0].value
    assert app.text_input(key="customer_name").value == "Bert"
    assert len(bank.customers()) == 1
    app.checkbox(key="shared").check().run()
    press(app, "Save")
    assert [customer.name for customer in bank.customers()] == ["Anna", "Bert"]


def test_what_was_said_of_one_customer_is_not_shown_for_another(app, act, device, bank, camera):
    press, *_ = act
    bank.enrol("Anna", photos=camera)
    app = press(name_it(upload(app, act, walls(device)), "Bert", "Phone"), "Save")
    app.checkbox(key="shared").check().run()
    app.text_input(key="customer_name").set_value("Carl").run()
    assert not app.error
    assert not any(box.key == "shared" for box in app.checkbox)


def test_the_registration_survives_a_look_at_another_page(app, act, device):
    _, open_page, said = act
    app = upload(app, act, walls(device))
    app = open_page(open_page(app, "learn"), "register")
    assert "a photo from this camera should score about" in said(app)


def test_what_is_there_is_replaced_only_on_demand(app, act, device, bank, camera, face, models):
    press, _, said = act
    bank.enrol("Anna", faces=face, photos=replace(camera, label="Mine (simulated)"))
    app = name_it(upload(app, act, walls(device, 6)), "Anna", "mine")
    app.file_uploader(key="faces").set_value([portrait()]).run()
    questions = [box.label.replace("\\", "") for box in app.checkbox]
    assert questions == ["Replace the camera “Mine (simulated)” of Anna", "Replace the face of Anna that is registered"]
    for box in range(2):
        (save,) = (button for button in app.button if button.label == "Save")
        assert save.disabled
        assert "Tick what is to be replaced" in said(app)
        app.checkbox[box].check().run()
    app = press(app, "Save")
    assert "The camera “Mine (simulated)” of Anna, registered on" in said(app)
    assert "The face of Anna, registered on" in said(app)
    assert [camera.images for camera in bank.customer("Anna").cameras] == [8]
    press(app, "Yes, replace it")
    anna = bank.customer("Anna")
    assert (anna.face_frames, [camera.images for camera in anna.cameras]) == (1, [6])


def test_a_name_that_cannot_be_used_is_told(app, act, device, bank):
    press, *_ = act
    app = press(upload(app, act, walls(device, 4)), "Save")
    assert app.error[0].value == "Give both names."
    app = press(name_it(app, "\u3164", "Phone"), "Save")
    assert "give 1 to 80 printable characters" in app.error[0].value
    app = press(name_it(app, "Anna", "x" * 99), "Save")
    assert "give 1 to 60 printable characters" in app.error[0].value
    assert bank.customers() == []


def test_names_are_shown_as_they_are(app, act, device, bank):
    press, *_ = act
    name = "![x](http://example.org/x.png) *Anna*"
    app = press(name_it(upload(app, act, walls(device, 4)), name, "Phone"), "Save")
    assert bank.customers()[0].name == name
    text = "\n".join(element.value for element in [*app.success, *app.markdown])
    assert "\\!\\[x\\](http\\:\u2060//example.org/x.png) \\*Anna\\*" in text
    assert "![x]" not in text


@pytest.mark.parametrize(("count", "words"), [(3, "at least 4 are needed"), (0, "0 of 1 photos can be used")])
def test_too_few_photos_are_refused(app, act, device, plain, count, words):
    _, _, said = act
    app = upload(app, act, walls(device, count) or [plain("black.png", level=0)])
    assert words in app.error[0].value
    assert "No fingerprint was made" in said(app)
    assert not app.text_input


def test_a_fingerprint_that_is_too_weak_is_refused(app, act, plain):
    rng = np.random.default_rng(1)
    files = []
    for number in range(4):
        grey = (128 + rng.normal(0, 3, (480, 640, 1))).clip(0, 255).astype(np.uint8)
        files.append((f"{number}.png", png(np.repeat(grey, 3, axis=2)), "image/png"))
    app = upload(app, act, files)
    assert "The fingerprint is too weak" in app.error[0].value


def test_each_bad_file_has_its_own_message_and_the_others_count(app, act, device, plain):
    *_, said = act
    bad = [
        ("text.jpg", b"no picture at all", "image/jpeg"), ("raw.RAF", b"FUJIFILMCCD-RAW 0201", "image/raf"),
        plain("pixel.png", (1, 1)), plain("black.png", level=0),
        plain("white.png", level=255), plain("large.png", (960, 1280)), ("huge.png", huge_png(), "image/png"),
    ]  # fmt: skip
    again = ("again.jpg", *device.wall(0)[1:])
    app = upload(app, act, [*bad, *walls(device), again])
    text = said(app)
    for name, *_ in [*bad, again]:
        assert f"**{name}**" in text
    for words in (
        "not a picture",
        "raw file (RAF)",
        "1x1 pixels",
        "black",
        "overexposed",
        "1280x960",
        "too many pixels",
        "given before",
    ):
        assert words in text
    results = app.dataframe[0].value["Result"].tolist()
    assert results.count("✓ Used") == 8
    assert results.count("✗ Left out") == 8


def test_one_unmoving_scene_is_refused_with_advice(app, act, device):
    *_, said = act
    scene = scenes.photo("coffee", (480, 640))
    still = [(f"{n}.jpg", device.camera.photograph_jpeg(scene, shot=100 + n), "image/jpeg") for n in range(6)]
    app = upload(app, act, still)
    assert "same scene" in app.error[0].value
    assert not app.text_input
    assert "3. Owner and face" not in said(app)


def test_only_bad_files_make_no_fingerprint(app, act, plain):
    app = upload(app, act, [plain("black.png", level=0)])
    assert app.error


def test_sample_camera_runs_the_same_way(app, act, bank):
    press, open_page, said = act
    app = open_page(app, "register")
    app.button_group(key="camera_source").set_value("Sample camera").run()
    assert "The camera is simulated" in said(app)
    app = press(app, "Make the fingerprint")
    assert "Good: a photo from this camera" in said(app)
    assert app.text_input(key="camera_name").value == "Phone"
    assert app.text_input(key="customer_name").value == sample.PERSON
    press(app, "Save")
    (person,) = bank.customers()
    assert (person.name, person.cameras[0].label) == (sample.PERSON, "Phone")


def test_ones_own_photos_after_a_sample_are_not_the_sample_persons(app, act, device):
    press, open_page, _ = act
    app = open_page(app, "register")
    app.button_group(key="camera_source").set_value("Sample camera").run()
    app = press(app, "Make the fingerprint")
    app.button_group(key="camera_source").set_value("My photos").run()
    app.file_uploader(key="enrol_files").set_value(walls(device))
    app = press(app.run(), "Make the fingerprint")
    assert app.text_input(key="customer_name").value == ""


def test_registered_cameras_are_listed_with_their_owners(app, act, bank, camera):
    _, open_page, said = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "register")
    assert "**Mine · Anna**  \n640 x 480 pixels · from 8 photos · good, expected score" in said(app)


@pytest.mark.parametrize(("kind", "words"), [("key", "cannot be unlocked"), ("row", "was changed")])
def test_a_bank_that_cannot_be_used_is_told(app, act, bank, camera, break_bank, kind, words):
    _, open_page, said = act
    bank.enrol("Anna", photos=camera)
    break_bank(kind)
    assert words in said(open_page(app, "register"))
