from __future__ import annotations

import os
import subprocess
import sys

from bank.errors import EnrolmentError
from liveness.models import ModelError
from tests.pages.conftest import APP, ROOT
from ui.live.run import LiveRun
from ui.results import sample
from ui.widgets import face_photos


def test_it_says_what_this_is_and_that_images_stay_here(app, act):
    *_, said = act
    assert not app.exception
    assert app.title[0].value == "LensLock"
    assert "pattern on every picture" in said(app)
    assert "Images stay on the machine" in said(app)


def test_it_says_that_nothing_is_sent_elsewhere_but_what_a_threat_feed_is_asked(app, act, bank, monkeypatch):
    _, open_page, said = act
    assert "Nothing is sent elsewhere, and photos are not kept" in said(open_page(app, "start"))
    monkeypatch.setenv("LENSLOCK_ABUSEIPDB_KEY", "a-key-of-ours")
    text = said(open_page(app, "start"))
    assert "Nothing is sent elsewhere but each check's network address, to AbuseIPDB, and photos are not kept" in text


def test_ones_own_camera_leads_to_the_registration_and_once_registered_to_the_check(app, act, bank, camera):
    press, open_page, _ = act
    assert press(app, "Use my camera").title[0].value == "Register live"
    bank.enrol("Anna", photos=camera)
    assert press(open_page(app, "start"), "Use my camera").title[0].value == "Verify a selfie"


def test_the_sample_person_is_nobody_s_own_camera(app, act, bank, camera):
    press, *_ = act
    bank.enrol(sample.PERSON, photos=camera)
    assert press(app, "Use my camera").title[0].value == "Register live"


def test_the_door_for_sample_material_begins_to_play_at_once(app, act, monkeypatch):
    begun = []
    monkeypatch.setattr(LiveRun, "show", lambda run: begun.append((run.name, run.wanted.code)))
    press, *_ = act
    app = press(app, "Show me with sample material")
    assert app.title[0].value == "Sample check"
    assert begun == [("sample", "genuine")]


def test_a_bank_that_cannot_be_opened_is_told_behind_the_door(app, act, break_bank):
    press, _, said = act
    break_bank("key")
    assert "The bank cannot be unlocked" in said(press(app, "Use my camera"))


def test_sample_cameras_are_registered_by_one_click_and_ready_to_check(app, act, bank, few):
    press, open_page, said = act
    app = press(app, "Use sample cameras")
    assert app.title[0].value == "Check a photo"
    (person,) = bank.customers()
    assert person.name == sample.PERSON
    assert [camera.label for camera in person.cameras] == sorted(sample.CAMERAS)
    assert app.selectbox(key="camera").value == sample.BEST
    app = press(open_page(app, "check"), "Check this photo")
    assert "consistent with the registered camera" in said(app)


def test_sample_cameras_are_what_is_checked_though_a_real_one_was_looked_at(app, act, bank, few, camera):
    press, open_page, said = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "check")
    assert app.selectbox(key="camera").value == "Mine · Anna"
    app = app.button_group(key="question").set_value("Is it this customer?").run()
    app = press(open_page(app, "start"), "Use sample cameras")
    assert app.selectbox(key="camera").value == sample.BEST
    app = press(open_page(app, "check"), "Check this photo")
    assert f"consistent with the registered camera **{sample.BEST}**" in said(app)


def test_ones_own_camera_leads_to_nobody_else(app, act, bank, camera):
    press, *_ = act
    bank.enrol("Anna", photos=camera)
    app = press(app, "Use my camera")
    assert app.selectbox(key="claimed").value is None
    assert next(button for button in app.button if button.label == "Start the check").disabled


def test_the_sample_person_has_the_face_of_the_portrait(app, act, bank, few, models):
    press, *_ = act
    press(app, "Use sample cameras")
    assert bank.customer(sample.PERSON).face_frames == 1


def test_without_face_models_the_sample_person_has_cameras_only_and_the_page_says_so(app, act, bank, few, monkeypatch):
    def missing(*_):
        raise ModelError("Connect to the internet.")

    monkeypatch.setattr(face_photos, "face_template", missing)
    press, open_page, said = act
    app = press(app, "Use sample cameras")
    assert "without a face, as the face models are missing. Connect to the internet." in said(app)
    assert "without a face" not in said(open_page(app, "check"))  # said once
    person = bank.customer(sample.PERSON)
    assert (person.face_frames, len(person.cameras)) == (0, 3)


def test_a_sample_camera_that_cannot_be_enrolled_is_told(app, act, bank, few, monkeypatch):
    def refuse(*_, **__):
        raise EnrolmentError("Not today.")

    monkeypatch.setattr("bank.bank.Bank.enrol", refuse)
    press, _, said = act
    assert "Not today." in said(press(app, "Use sample cameras"))


def test_the_start_page_does_not_wait_for_mediapipe(tmp_path):
    look = (
        "import sys; from streamlit.testing.v1 import AppTest;"
        f"app = AppTest.from_file({str(APP)!r}, default_timeout=60).run();"
        "assert not app.exception and app.title[0].value == 'LensLock';"
        "sys.exit('mediapipe' in sys.modules)"
    )
    environment = {**os.environ, "LENSLOCK_HOME": str(tmp_path / "home")}
    run = subprocess.run([sys.executable, "-c", look], cwd=ROOT, env=environment, check=False)
    assert run.returncode == 0
    assert not (tmp_path / "home").exists()
