from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attacks.sample_person import PERSON
from attacks.show.acted import Acted
from attacks.types import no_sensor
from bank.errors import LimitReached
from liveness.identity import FaceTemplate
from liveness.models import ModelError
from testing.selfie import Table, embedding
from testing.some import some
from tests.pages.conftest import under_way
from tests.ui.live.sight import Glance
from ui.live import SESSIONS, RegistryFull
from ui.sample import bank as sample_bank
from ui.shell.session import _ATTEMPTS


class Somebody:
    """Plays without networks and without sensors."""

    def __init__(self, camera):
        self.camera, self.face = camera, self

    def enrol(self, bank):
        bank.enrol(PERSON, faces=FaceTemplate(embedding(1)), photos=self.camera)

    def frame(self, pose):
        return np.full((720, 1280, 3), 100, np.uint8)

    def genuine(self, seed):
        return Acted(self.face, no_sensor, seed)

    def filmed(self, seed):
        return no_sensor


class Own:
    """Keeps the bank as Streamlit's cache does, which AppTest would share among tests."""

    made: sample_bank.SampleBank | None = None

    def __call__(self):
        self.made = self.made or sample_bank.SampleBank(sample_bank.person())
        return self.made

    def clear(self):
        if self.made:
            self.made.close()
        self.made = None


@pytest.fixture(autouse=True)
def person(monkeypatch, camera):
    made, own = Somebody(camera), Own()
    monkeypatch.setattr(sample_bank, "own", own)
    monkeypatch.setattr(sample_bank, "person", lambda: made)
    monkeypatch.setattr("ui.live.session.Watcher", Glance)
    yield made
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)
    own.clear()


@pytest.fixture
def page(app, act):
    _, open_page, _ = act
    return open_page(app, "sample")


def play(page, code="genuine"):
    page = page.button(key=f"play-{code}").click().run()
    assert not page.exception
    return page


def test_it_offers_a_genuine_check_and_two_attacks_and_says_that_all_is_simulated(page, act):
    *_, said = act
    text = said(page)
    assert {"play-genuine", "play-other-camera", "play-injected"} <= {button.key for button in page.button}
    assert "simulated sensors play the cameras" in text
    assert "A deepfake, no camera" in text


def test_what_is_chosen_is_played_through_a_live_session_in_a_bank_of_the_visitors_own(page, act, bank):
    *_, said = act
    page = play(page, "other-camera")
    assert len(SESSIONS) == 1
    assert some(under_way(page, "sample").stage)._thread.is_alive()
    assert "which nobody registered" in said(page)
    assert not bank.customers()
    page = play(page, "injected")
    assert len(SESSIONS) == 1, "the first one is closed"
    assert "no sensor took part" in said(page)


def test_the_decision_is_shown_with_the_truth_and_kept_for_the_match_view(page, act):
    from ui.live.directors.verify import Verified

    *_, said = act
    page = play(page, "injected")
    director = under_way(page, "sample").director
    own = director._bank
    ongoing = own.begin(PERSON, profile="photos", stream=False, reader=Table())
    decision, finding = own.verify_showing(ongoing)
    director.verified = Verified(decision, finding, ongoing)
    text = said(page.run())
    assert "Undecided" in text
    assert "What is true of this sample" in text
    (kept,) = page.session_state[_ATTEMPTS.key]
    assert (kept.customer, kept.simulated, kept.source) == (PERSON, True, "sample")
    page = page.run()
    assert len(page.session_state[_ATTEMPTS.key]) == 1, "kept once, not on each run"


def test_a_check_without_a_decision_says_why(page, act):
    *_, said = act
    page = play(page)
    under_way(page, "sample").director.problem = "The check was not finished in time."
    assert "not finished in time" in said(page.run())


def test_without_face_models_the_page_says_what_to_do(page, act, monkeypatch):
    def missing():
        raise ModelError("Connect to the internet.")

    monkeypatch.setattr(sample_bank, "person", missing)
    *_, said = act
    text = said(play(page))
    assert "The face models are missing" in text
    assert "Connect to the internet." in text


def test_a_locked_out_sample_person_can_begin_afresh(page, act, monkeypatch):
    press, _, said = act

    def locked(*_, **__):
        raise LimitReached("locked-out", "Too many attempts failed. Try again in 42 seconds.", 42.0)

    with monkeypatch.context() as patch:
        patch.setattr("bank.bank.Bank.begin", locked)
        page = play(page)
        assert "42 seconds" in said(page)
    page = press(page, "Begin afresh")
    assert "42 seconds" not in said(page)
    assert len(SESSIONS) == 0
    play(page)
    assert len(SESSIONS) == 1


def test_too_many_live_checks_at_once_are_told(page, act, monkeypatch):
    def full(*_, **__):
        raise RegistryFull("20 live sessions are under way. Try again in a minute.")

    monkeypatch.setattr(SESSIONS, "open", full)
    *_, said = act
    assert "under way" in said(play(page))


def test_a_sample_bank_leaves_no_file_behind(person):
    own = sample_bank.SampleBank(person)
    folder = own._folder.name
    assert own.bank.customer(PERSON).face_frames == 1
    own.close()
    assert not Path(folder).exists()
