from __future__ import annotations

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
    return press(app, "Open the camera")


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
    director = under_way(app, "register").director
    director.registered = Registered(camera, FaceTemplate(embedding(1), 5))
    text = said(app.run().run())
    assert "can be verified" in text
    (info,) = bank.customers()
    assert (info.name, info.face_frames, len(info.cameras)) == ("Anna", 5, 1)


def test_a_refusal_of_the_bank_is_told_with_a_way_on(app, act, bank, camera):
    press, _, said = act
    bank.enrol("Bert", photos=camera)
    app = begin(app, act)
    under_way(app, "register").director.registered = Registered(camera, None)
    app = app.run()
    assert "registered to another customer" in said(app)
    app.checkbox(key="live-shared").check()
    assert "can be verified" in said(press(app, "Save"))
    assert [info.name for info in bank.customers()] == ["Anna", "Bert"]


def test_a_registration_that_failed_says_why(app, act):
    press, _, said = act
    app = begin(app, act)
    under_way(app, "register").director.problem = "My camera: 2 of 20 photos can be used."
    app = app.run()
    assert "2 of 20 photos can be used" in said(app)
    assert "sheet of paper" in said(press(app, "Start again"))
