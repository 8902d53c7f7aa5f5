from __future__ import annotations

import json

import pytest

from bank import audit
from prnu import scenes
from tests.pages.conftest import change
from tests.pages.test_register import png, portrait
from ui.customers import directory
from ui.results import sample
from ui.shell.bank import _opened


@pytest.fixture
def page(app, act, bank, camera, face):
    """The page with one customer who has a face and a camera."""
    _, open_page, _ = act
    bank.enrol("Anna", faces=face, photos=camera)
    return open_page(app, "customers")


def test_an_empty_bank_offers_a_sample_person_and_says_how_things_are_kept(app, act, bank, few, tmp_path):
    press, open_page, said = act
    app = open_page(app, "customers")
    assert "Nobody is registered yet" in said(app)
    assert "Was anything changed?" not in said(app)
    assert f"`{tmp_path / 'home' / 'bank.db'}`" in said(app)
    assert f"`{tmp_path / 'home' / 'bank.key'}`" in said(app)
    assert "**Back it up**" in said(app)
    app = press(app, "Register the sample person")
    assert sample.PERSON in said(app)
    assert len(bank.customer(sample.PERSON).cameras) == 3


def test_a_customer_is_shown_with_face_cameras_and_dates(page, act, bank):
    *_, said = act
    text = said(page)
    for words in ("##### Anna", "**Face** registered, from 3 photos", "**Mine**", "640 x 480 pixels · from 8 photos"):
        assert words in text
    assert f"Registered since {bank.customer('Anna').created_at:%-d %B %Y} · last accepted: never" in text
    assert "so it never leaves the bank" in text


def test_what_is_missing_is_said(app, act, bank, face, camera):
    _, open_page, said = act
    bank.enrol("Anna", faces=face)
    bank.enrol("Bert", photos=camera)
    text = said(open_page(app, "customers"))
    assert "**No camera** is registered" in text
    assert "**No face** is registered" in text


def test_key_and_database_elsewhere_are_named_and_not_shown(page, act, monkeypatch):
    _, open_page, said = act
    monkeypatch.setenv("LENSLOCK_KEY", "ab" * 32)
    text = said(open_page(page, "customers"))
    assert "environment variable `LENSLOCK_KEY`" in text
    assert "abab" not in text


def test_the_face_can_be_added_and_replaced(app, act, bank, camera, models):
    press, open_page, said = act
    bank.enrol("Anna", photos=camera)
    app = open_page(app, "customers")
    key = f"photos-{bank.customer('Anna').id}"
    app.file_uploader(key=key).set_value([("coffee.png", png(scenes.photo("coffee", (480, 640))), "image/png")]).run()
    app = press(app, "Register the face")
    assert "There is no face" in app.error[0].value
    app.file_uploader(key=key).set_value([portrait()]).run()
    app = press(app, "Register the face")
    assert "**Face** registered, from 1 photo" in said(app)
    app.file_uploader(key=f"{key}-1").set_value([portrait(), portrait()]).run()  # the first one was emptied
    assert f"This will be lost: the face of Anna, registered on {bank.customer('Anna').face_at:%-d %B %Y}" in said(app)
    app = press(app, "Yes, replace the face")
    assert "**Face** registered, from 2 photos" in said(app)


def test_each_customer_has_the_way_to_their_own_check_or_registration(page, act, bank, face):
    press, open_page, _ = act
    bank.enrol("Bert", faces=face)
    app = press(open_page(page, "customers"), "Verify a selfie of Anna")
    assert (app.title[0].value, app.selectbox(key="claimed").value) == ("Verify a selfie", "Anna")
    app = press(open_page(app, "customers"), "Register a camera of Bert live")
    assert (app.title[0].value, app.text_input[0].value) == ("Register live", "Bert")


def test_who_was_deleted_is_claimed_by_nobody(page, act, bank, face, stranger_camera):
    press, open_page, _ = act
    app = press(page, "Verify a selfie of Anna")
    app = press(open_page(app, "customers"), "Yes, delete this customer")
    bank.enrol("Anna", faces=face, photos=stranger_camera)
    assert open_page(app, "verify").selectbox(key="claimed").value is None


def test_a_camera_is_deleted_after_asking(page, act, bank):
    press, _, said = act
    assert "Delete **Mine**? Its photos are needed to register it again." in said(page)
    app = press(page, "Yes, delete this camera")
    assert bank.customer("Anna").cameras == ()
    assert "**No camera** is registered" in said(app)


def test_a_customer_is_deleted_after_asking(page, act, bank):
    press, _, said = act
    assert "Delete **Anna** for good?" in said(page)
    assert "**What goes:** name, face, 1 camera, all attempts." in said(page)
    assert "**What stays:** the audit log keeps ids and figures" in said(page)
    app = press(page, "Yes, delete this customer")
    assert bank.customers() == []
    assert "Nobody is registered yet" in said(app)


def test_the_export_is_json_without_the_fingerprint_and_is_written_down(page, bank, camera):
    (button,) = page.download_button
    assert button.label == "Download JSON"
    text = directory.export_text(bank, "Anna")
    told = json.loads(text)
    assert told["customer"]["name"] == "Anna"
    assert told["face template"]
    assert camera.fingerprint.to_bytes()[:200].hex() not in text
    assert "can forge with them" in told["left out"]
    with bank.store.read() as session:
        assert next(audit.entries(session)).kind == "exported"


def test_an_untouched_bank_is_found_unchanged(page, act):
    press, _, said = act
    app = press(page, "Check that nothing was changed")
    assert "Every row and record is as the bank wrote it" in said(app)


def test_a_changed_record_is_found_and_named(page, act, tmp_path):
    press, _, said = act
    change(tmp_path / "home", "UPDATE attempts SET outcome = ''")
    change(tmp_path / "home", "UPDATE seen SET record = zeroblob(500)")
    app = press(page, "Check that nothing was changed")
    assert "changes found" in said(app)
    assert "Seen " in app.error[0].value


def test_where_customers_cannot_be_listed_one_can_be_deleted_by_name(page, act, bank, tmp_path):
    press, open_page, said = act
    change(tmp_path / "home", "UPDATE cameras SET images = 99")
    app = open_page(page, "customers")
    assert "1 change found" in said(app)
    assert "Cameras " in app.error[0].value
    app.text_input(key="rescue").set_value("Nobody").run()
    app = press(app, "Delete this customer for good")
    assert "There is no customer named 'Nobody'" in said(app)
    app.text_input(key="rescue").set_value("Anna").run()
    app = press(app, "Delete this customer for good")
    assert "Nobody is registered yet" in said(app)


def test_a_wrong_key_is_told_and_other_pages_go_on(page, act, bank, break_bank):

    _, open_page, said = act
    _opened.clear()  # as after a restart
    break_bank("key")
    app = open_page(page, "customers")
    assert "The bank cannot be unlocked" in said(app)
    assert "was encrypted with another key" in said(app)
    assert not app.download_button
    assert "Liveness on a video" in said(open_page(app, "liveness_video"))


def test_names_are_shown_as_they_are(app, act, bank, face):
    _, open_page, _ = act
    bank.enrol("![x](http://example.org/x.png)", faces=face)
    app = open_page(app, "customers")
    text = "\n".join(element.value for element in app.markdown)
    assert r"\!\[x\]" in text
    assert "![x]" not in text


def test_a_customer_has_an_address(page, act, bank, face):
    *_, said = act
    bank.enrol("Bert", faces=face)
    page.query_params["customer"] = bank.customer("Bert").id
    text = said(page.run())
    assert "##### Bert" in text
    assert "##### Anna" not in text
    assert "All customers (2)" in [link.proto.label for link in page.get("page_link")]


@pytest.mark.parametrize("address", ["f" * 32, "' OR 1=1", ""])
def test_an_address_of_nobody_shows_everybody(page, act, address):
    *_, said = act
    page.query_params["customer"] = address
    text = said(page.run())
    assert "##### Anna" in text
    assert ("There is no customer at this address" in text) == (len(address) == 32)


def test_a_deleted_customer_leaves_the_address(page, act, bank):
    press, _, said = act
    page.query_params["customer"] = bank.customer("Anna").id
    app = press(page.run(), "Yes, delete this customer")
    assert "customer" not in app.query_params
    assert "Nobody is registered yet" in said(app)
