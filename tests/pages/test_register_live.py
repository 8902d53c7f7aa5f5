from __future__ import annotations

from dataclasses import replace

import pytest

from liveness.identity import FaceTemplate
from testing.selfie import embedding
from tests.pages.conftest import under_way
from ui.live import SESSIONS
from ui.live.directors.enrol import Registered


@pytest.fixture(autouse=True)
def no_sessions_left():
    yield
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)


def begin(app, act, name="Anna", label="Laptop"):
    press, open_page, _ = act
    app = open_page(app, "register_live")
    app.text_input[0].set_value(name)
    app.text_input[1].set_value(label)
    return press(app, "Open the camera and register")


def finish(app, sample, template=None):
    """Let the registration under way end with this camera and face."""
    under_way(app, "register").director.registered = Registered(sample, template)
    return app.run()


FACE = FaceTemplate(embedding(1), 5)


def label_of(box):
    return box.label.replace("\\", "")


def test_both_names_are_needed(app, act):
    *_, said = act
    assert "Give both names" in said(begin(app, act, label=" "))
    assert len(SESSIONS) == 0


def test_a_registration_opens_the_camera_and_can_be_given_up(app, act):
    press, _, said = act
    app = begin(app, act)
    assert len(SESSIONS) == 1
    app = press(app, "Give up")
    assert len(SESSIONS) == 0
    assert "sheet of paper" in said(app)


def test_what_was_registered_is_enrolled_once(app, act, bank, camera):
    *_, said = act
    app = begin(app, act)
    text = said(finish(app, camera, FACE).run())
    assert "can be verified" in text
    (info,) = bank.customers()
    assert (info.name, info.face_frames, len(info.cameras)) == ("Anna", 5, 1)


def test_a_refusal_of_the_bank_is_told_with_a_way_on(app, act, bank, camera):
    press, _, said = act
    bank.enrol("Bert", photos=camera)
    app = finish(begin(app, act), camera)
    assert "registered to another customer" in said(app)
    assert [label_of(box) for box in app.checkbox] == ["They share this camera"]
    app = app.checkbox(key="shared").check().run()
    assert [info.name for info in bank.customers()] == ["Bert"], "a tick writes nothing"
    text = said(press(app, "Save"))
    assert "Laptop** is a camera of **Anna** now" in text
    assert "Without a face Anna cannot be verified yet" in text
    assert [info.name for info in bank.customers()] == ["Anna", "Bert"]


def test_what_is_enrolled_is_replaced_only_after_asking_once_more_what_is_lost(app, act, bank, camera, stranger_camera):
    press, _, said = act
    bank.enrol("Anna", faces=FaceTemplate(embedding(2), 3), photos=replace(stranger_camera, label="laptop"))
    before = bank.customer("Anna")
    app = finish(begin(app, act), camera, FACE)
    assert bank.customer("Anna") == before, "of somebody who is registered nothing changes before it is asked"
    questions = ["Replace the camera “laptop” of Anna", "Replace the face of Anna that is registered"]
    assert [label_of(box) for box in app.checkbox] == questions
    assert next(button for button in app.button if button.label == "Save").disabled
    for box in range(2):
        app = app.checkbox[box].check().run()
    app = press(app, "Save")
    assert bank.customer("Anna") == before
    day = f"{before.created_at:%-d %B %Y}"
    text = said(app)
    assert f"The camera “laptop” of Anna, registered on {day} from 8 photos, 640 x 480 pixels" in text
    assert f"The face of Anna, registered on {day} from 3 photos" in text
    assert "Attempts with it stay in the audit log" in text
    app = press(app, "No, keep what is registered")
    assert bank.customer("Anna") == before
    app = press(press(app, "Save"), "Yes, replace it")
    anna = bank.customer("Anna")
    assert (anna.face_frames, [one.label for one in anna.cameras]) == (5, ["Laptop"])
    assert "can be verified" in said(app)


def test_the_second_question_is_asked_anew_when_something_else_would_be_lost(app, act, bank, camera, stranger_camera):
    press, *_ = act
    bank.enrol("Anna", photos=replace(stranger_camera, label="Laptop"))
    bank.enrol("Bert", photos=replace(stranger_camera, label="Laptop"), allow_shared=True)
    app = press(finish(begin(app, act), camera).checkbox[0].check().run(), "Save")
    app = app.text_input(key="review-person").set_value("Bert").run()
    assert not any(button.label == "Yes, replace it" for button in app.button)
    assert next(button for button in app.button if button.label == "Save").disabled


def test_without_a_tick_the_enrolled_face_stays_and_only_the_camera_is_added(app, act, bank, camera):
    press, _, said = act
    bank.enrol("Anna", faces=FaceTemplate(embedding(2), 3))
    app = finish(begin(app, act, name=" ANNA "), camera, FACE)
    assert "**Anna** is registered already, with 0 cameras and a face" in said(app)
    assert "The face that is registered stays" in said(app)
    app = press(app, "Save")
    anna = bank.customer("Anna")
    assert (anna.face_frames, len(anna.cameras)) == (3, 1)


def test_the_same_camera_under_another_label_is_kept_only_under_the_old_one(app, act, bank, camera):
    press, _, said = act
    bank.enrol("Anna", photos=replace(camera, label="Old"))
    app = press(finish(begin(app, act), camera), "Save")
    assert "the same camera as this customer's “Old”. Replace that one, under its label" in said(app)
    assert not app.checkbox
    app = app.text_input(key="review-camera").set_value("Old").run()
    app = press(press(app.checkbox[0].check().run(), "Save"), "Yes, replace it")
    assert [one.label for one in bank.customer("Anna").cameras] == ["Old"]


def test_names_that_cannot_be_used_are_told_before_the_camera_opens(app, act):
    *_, said = act
    assert "give 1 to 60 printable characters" in said(begin(app, act, label="x" * 61))
    assert len(SESSIONS) == 0


def test_a_registration_under_way_and_its_end_name_person_and_camera(app, act, camera):
    *_, said = act
    app = begin(app, act)
    assert "Registration of **Laptop** for **Anna**" in said(app)
    assert "Registration of **Laptop** for **Anna**" in said(finish(app, camera, FACE))


def test_the_check_that_follows_begins_with_who_was_registered(app, act, bank, camera, stranger_camera):
    press, open_page, _ = act
    bank.enrol("Aaron", faces=FACE, photos=stranger_camera)
    app = open_page(app, "verify").selectbox(key="claimed").set_value("Aaron").run()
    app = finish(begin(app, act), camera, FACE)
    assert open_page(app, "verify").selectbox(key="claimed").value == "Anna"
    assert open_page(app, "check").selectbox(key="camera").value == "Laptop · Anna"
    assert press(open_page(app, "register_live"), "Register another").text_input[0].value == ""


def test_a_registration_that_failed_says_why(app, act):
    press, _, said = act
    app = begin(app, act)
    under_way(app, "register").director.problem = "My camera: 2 of 20 photos can be used."
    app = app.run()
    assert "2 of 20 photos can be used" in said(app)
    assert "sheet of paper" in said(press(app, "Start again"))
