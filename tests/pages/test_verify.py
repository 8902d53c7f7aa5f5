from __future__ import annotations

from dataclasses import replace

import pytest

from bank.errors import LimitReached
from liveness.identity import FaceTemplate
from testing.selfie import embedding
from tests.pages.conftest import under_way
from ui.live import SESSIONS, RegistryFull
from ui.verify.live import Claim


@pytest.fixture
def anna(bank, camera):
    return bank.enrol("Anna", faces=FaceTemplate(embedding(1)), photos=camera)


@pytest.fixture(autouse=True)
def no_sessions_left():
    yield
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)


def test_with_nobody_enrolled_it_leads_to_the_registration(app, act):
    _, open_page, said = act
    assert "Nobody is registered with a camera yet" in said(open_page(app, "verify"))


def test_it_says_what_will_happen_and_what_it_does_not_stop(app, act, anna):
    _, open_page, said = act
    text = said(open_page(app, "verify"))
    assert "do what is asked" in text
    assert "no proof" in text


def test_a_check_begins_shows_the_camera_and_can_be_given_up(app, act, anna, bank):
    press, open_page, said = act
    app = press(open_page(app, "verify"), "Start the check")
    assert len(SESSIONS) == 1
    assert under_way(app, "verify").wanted == Claim("Anna", mirrored=False, more_time=False)
    app = press(app, "Give up")
    assert len(SESSIONS) == 0
    assert "do what is asked" in said(app)


def test_a_locked_customer_is_told_how_long_to_wait(app, act, anna, monkeypatch):
    def locked(*_, **__):
        raise LimitReached("locked-out", "Too many attempts failed. Try again in 42 seconds.", 42.0)

    monkeypatch.setattr("bank.bank.Bank.begin", locked)
    press, open_page, said = act
    text = said(press(open_page(app, "verify"), "Start the check"))
    assert "42 seconds" in text


def test_too_many_live_checks_at_once_are_told(app, act, anna, monkeypatch):
    def full(*_, **__):
        raise RegistryFull("20 live sessions are under way. Try again in a minute.")

    monkeypatch.setattr(SESSIONS, "open", full)
    press, open_page, said = act
    assert "under way" in said(press(open_page(app, "verify"), "Start the check"))


def test_a_decision_is_shown_with_its_factors(app, act, anna, bank):
    """A check that ended, as the live session leaves it."""
    from testing.selfie import Table
    from ui.live.directors.verify import Verified

    press, open_page, said = act
    app = press(open_page(app, "verify"), "Start the check")
    director = under_way(app, "verify").director
    ongoing = bank.begin("Anna", profile="photos", stream=False, reader=Table())
    decision, finding = bank.verify_showing(ongoing)
    director.verified = Verified(decision, finding, ongoing)
    text = said(app.run())
    assert "Undecided" in text
    assert "No usable still arrived" in text
    assert "do what is asked" in said(press(app, "Check again"))


def tick(app, word: str):
    (box,) = (box for box in app.checkbox if word in box.label)
    return box.check().run()


def test_more_time_and_a_mirrored_camera_are_asked_for_before_the_check(app, act, anna, bank):
    press, open_page, said = act
    app = open_page(app, "verify")
    assert "I cannot do this" in said(app)
    app = press(tick(tick(app, "more time"), "mirrored"), "Start the check")
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
    press, open_page, _ = act
    app = press(tick(open_page(app, "verify"), "more time"), "Start the check")
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
    (box,) = (box for box in open_page(app, "verify").checkbox if "mirrored" in box.label)
    assert box.value
