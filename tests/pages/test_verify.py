from __future__ import annotations

from dataclasses import replace

import pytest

from bank.errors import LimitReached
from liveness.identity import FaceTemplate
from testing.selfie import embedding
from tests.pages.conftest import under_way
from ui.live import SESSIONS, RegistryFull
from ui.results import sample
from ui.shell.session import CAMERA_SIZE
from ui.verify.live import Claim


@pytest.fixture
def anna(bank, camera):
    return bank.enrol("Anna", faces=FaceTemplate(embedding(1)), photos=camera)


@pytest.fixture(autouse=True)
def no_sessions_left():
    yield
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)


def start(app, act, *ticks):
    """Begin a check as Anna."""
    press, open_page, _ = act
    app = open_page(app, "verify").selectbox(key="claimed").set_value("Anna").run()
    for word in ticks:
        app = tick(app, word)
    return press(app, "Start the check")


def test_with_nobody_enrolled_it_leads_to_the_registration(app, act):
    _, open_page, said = act
    assert "Nobody is registered with a camera yet" in said(open_page(app, "verify"))


def test_it_says_what_will_happen_and_what_it_does_not_stop(app, act, anna):
    _, open_page, said = act
    text = said(open_page(app, "verify"))
    assert "do what is asked" in text
    assert "no proof" in text


def test_a_check_begins_shows_the_camera_and_can_be_given_up(app, act, anna, bank):
    press, _, said = act
    app = start(app, act)
    assert len(SESSIONS) == 1
    assert under_way(app, "verify").wanted == Claim("Anna", mirrored=False, more_time=False)
    app = press(app, "Give up")
    assert len(SESSIONS) == 0
    assert "do what is asked" in said(app)


def test_a_locked_customer_is_told_how_long_to_wait(app, act, anna, monkeypatch):
    def locked(*_, **__):
        raise LimitReached("locked-out", "Too many attempts failed. Try again in 42 seconds.", 42.0)

    monkeypatch.setattr("bank.bank.Bank.begin", locked)
    *_, said = act
    assert "42 seconds" in said(start(app, act))


def test_too_many_live_checks_at_once_are_told(app, act, anna, monkeypatch):
    def full(*_, **__):
        raise RegistryFull("20 live sessions are under way. Try again in a minute.")

    monkeypatch.setattr(SESSIONS, "open", full)
    *_, said = act
    assert "under way" in said(start(app, act))


def test_a_decision_is_shown_with_its_factors(app, act, anna, bank):
    """A check that ended, as the live session leaves it."""
    from testing.selfie import Table
    from ui.live.directors.verify import Verified

    press, _, said = act
    app = start(app, act)
    assert "Is it **Anna**, with a registered camera?" in said(app)
    director = under_way(app, "verify").director
    ongoing = bank.begin("Anna", profile="photos", stream=False, reader=Table())
    decision, finding = bank.verify_showing(ongoing)
    director.verified = Verified(decision, finding, ongoing)
    text = said(app.run())
    assert "Is it **Anna**, with a registered camera?" in text
    assert "Undecided" in text
    assert "No face can be recognised in the photos" in text
    assert "do what is asked" in said(press(app, "Check again"))


def tick(app, word: str):
    (box,) = (box for box in app.checkbox if word in box.label)
    return box.check().run()


def test_more_time_and_a_mirrored_camera_are_asked_for_before_the_check(app, act, anna, bank):
    app = start(app, act, "more time", "mirrored")
    capture = under_way(app, "verify").director._ongoing.capture
    rules = bank.policy.profile("demo").liveness
    assert capture.session.challenge.seconds == rules.slow_step_seconds
    assert capture.mirrored


def ended(app, bank, reason: str):
    """Let the check under way end as the bank would have it with this reason of the liveness factor."""
    from testing.selfie import Table
    from ui.live.directors.verify import Verified

    director = under_way(app, "verify").director
    ongoing = bank.begin("Anna", profile="photos", stream=False, reader=Table())
    decision, finding = bank.verify_showing(ongoing)
    factors = tuple(
        replace(factor, reason=reason) if factor.name == "liveness" else factor for factor in decision.factors
    )
    director.verified = Verified(replace(decision, factors=factors), finding, ongoing)
    return app.run()


def test_a_camera_that_seems_mirrored_is_switched_by_a_button_and_the_next_check_begins(app, act, anna, bank):
    press, *_ = act
    app = start(app, act, "more time")
    before = under_way(app, "verify")
    app = press(ended(app, bank, "mirrored"), "Switch left and right, and check again")
    after = under_way(app, "verify")
    assert after.wanted == Claim("Anna", mirrored=True, more_time=True)
    assert after.session.token != before.session.token
    app = press(ended(app, bank, "mirrored"), "Switch left and right, and check again")
    assert not under_way(app, "verify").wanted.mirrored
    app = ended(app, bank, "timeout")
    assert not [button for button in app.button if button.label.startswith("Switch")]


def test_what_the_bank_remembers_of_a_camera_is_ticked(app, act, anna, bank, monkeypatch):
    monkeypatch.setattr("bank.bank.Bank.mirrored", lambda *_: True)
    _, open_page, _ = act
    app = open_page(app, "verify").selectbox(key="claimed").set_value("Anna").run()
    (box,) = (box for box in app.checkbox if "mirrored" in box.label)
    assert box.value


def choose(app, act, name):
    _, open_page, _ = act
    app = open_page(app, "verify").selectbox(key="claimed").set_value(name).run()
    assert not app.exception
    return app


def start_button(app):
    return next(button for button in app.button if button.label == "Start the check")


def test_nobody_is_taken_to_be_somebody_who_is_enrolled(app, act, anna):
    _, open_page, said = act
    app = open_page(app, "verify")
    assert app.selectbox(key="claimed").value is None
    assert start_button(app).disabled
    app = choose(app, act, "Anna")
    assert not start_button(app).disabled
    assert "I cannot do this" in said(app)


@pytest.mark.parametrize(
    ("face", "photos", "words", "way"),
    [
        (False, True, "**Bert** has no face registered", None),
        (True, False, "**Bert** has no camera registered", "Register a camera of Bert live"),
    ],
)
def test_a_check_without_face_or_camera_cannot_be_begun_and_there_is_a_way_out(
    app, act, bank, anna, stranger_camera, face, photos, words, way
):
    press, _, said = act
    given = {"faces": FaceTemplate(embedding(2))} if face else {}
    bank.enrol("Bert", **given, **({"photos": stranger_camera} if photos else {}))
    app = choose(app, act, "Bert")
    assert words in said(app)
    assert start_button(app).disabled
    if way:
        app = press(app, way)
        assert app.title[0].value == "Register live"
        assert app.text_input[0].value == "Bert"


def test_the_sample_person_is_sent_to_the_sample_check(app, act, bank, anna):
    *_, said = act
    bank.enrol(sample.PERSON, faces=FaceTemplate(embedding(2)), photos=None)
    app = choose(app, act, sample.PERSON)
    assert "exists in this program only" in said(app)
    assert start_button(app).disabled


def test_what_this_browsers_camera_gave_last_is_compared_before_the_start(app, act, anna):
    *_, said = act
    app.session_state[CAMERA_SIZE.key] = (1280, 720)
    app = choose(app, act, "Anna")
    text = said(app)
    assert "gave pictures of 1280 x 720 pixels when it was open last" in text
    assert "**Anna** was registered with 640 x 480 pixels" in text
    assert not start_button(app).disabled, "it may have other sizes, too"


def test_a_check_asks_the_browser_for_the_size_that_was_registered(app, act, anna):
    assert under_way(start(app, act), "verify").session.sizes == ((640, 480),)


def test_a_check_that_ends_because_of_the_size_shows_the_way_out_and_is_no_refusal(app, act, anna, bank):
    press, _, said = act
    app = start(app, act)
    director = under_way(app, "verify").director
    director.misfit, director.problem = (320, 240), "Nothing can be compared."
    app = app.run()
    assert "Nothing can be compared." in said(app)
    assert len(SESSIONS) == 1
    app = press(app, "Register a camera of Anna live")
    assert (app.title[0].value, app.text_input[0].value) == ("Register live", "Anna")
    assert len(SESSIONS) == 0
