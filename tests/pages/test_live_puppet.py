from __future__ import annotations

import io
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from liveness.identity import FaceTemplate
from liveness.models import ModelError
from tests.bank.selfie import Table, embedding
from tests.live.sight import Glance
from ui import live_puppet
from ui.capture import CameraStatus
from ui.directing.verify import Verified
from ui.live import SESSIONS, RegistryFull
from ui.sample_bank import SampleBank

STARTED = CameraStatus(started=True, transport="post")


class Face:
    def frame(self, pose):
        return np.full((480, 640, 3), 100, np.uint8)


class Victim:
    """Somebody with a photo and a camera, without networks."""

    name, label = "Victim (simulated)", "Phone (simulated)"

    def __init__(self, sample, grey=100):
        self.sample, self.portrait, self.face = sample, np.full((9, 9, 3), grey, np.uint8), Face()
        self.camera = self.other = SimpleNamespace(shape=(480, 640), photograph=lambda scene, shot: scene)

    def enrol(self, bank):
        bank.enrol(self.name, faces=FaceTemplate(embedding(1)), photos=self.sample)

    def shots(self, seed):
        return seed


class OwnBank:
    """Keeps the bank as Streamlit's cache does, which AppTest would share among tests."""

    made: SampleBank | None = None

    def __call__(self, victim):
        self.made = self.made or SampleBank(victim)
        return self.made

    def clear(self):
        if self.made:
            self.made.close()
        self.made = None


def script(victims):
    import streamlit as st

    from ui import house, live_puppet, routes

    def lab():
        with house.errors_told():
            live_puppet.show(victims[-1])

    st.navigation([st.Page(lab, default=True), st.Page(routes.MATCH_VIEW)]).run()


@pytest.fixture
def status():
    """What the camera's component says: not started, if nobody changes it."""
    return SimpleNamespace(now=CameraStatus())


@pytest.fixture
def victims(camera):
    return [Victim(camera)]


@pytest.fixture
def page(bank, victims, status, monkeypatch):
    monkeypatch.setattr(live_puppet, "_sight", Glance)
    monkeypatch.setattr(live_puppet, "_small", lambda *_: Face())
    monkeypatch.setattr(live_puppet, "_camera", lambda _: status.now)
    monkeypatch.setattr("ui.live.session.Watcher", Glance)
    own = OwnBank()
    monkeypatch.setattr(live_puppet, "_own_bank", own)
    yield AppTest.from_function(script, default_timeout=60, kwargs={"victims": victims})
    for token in list(SESSIONS._sessions):
        SESSIONS.close(token)
    own.clear()


@pytest.fixture
def moving(page, status):
    """The page once the camera runs."""
    status.now = STARTED
    page = page.run()
    assert not page.exception
    return page


def labels(page):
    return [button.label for button in page.button]


def test_the_photo_is_shown_unmoved_and_no_check_is_offered_until_the_camera_runs(page, act, status):
    *_, said = act
    page = page.run()
    assert "Nothing of your face is kept" in said(page)
    (session,) = SESSIONS._sessions.values()
    assert session.showing.newest() is not None
    assert not labels(page)
    status.now = STARTED
    assert "Let it take the check" in labels(page.run())


def test_onlookers_see_the_photo_and_never_the_visitor(moving):
    (session,) = SESSIONS._sessions.values()
    for _ in range(5):
        session.take_frame(np.zeros((360, 640, 3), np.uint8))
        shown = np.asarray(Image.open(io.BytesIO(session.showing.newest().jpeg)))
        assert shown[100:200].mean() > 90


def test_its_check_is_one_of_a_bank_of_the_visitors_own(moving, act, bank):
    press, _, said = act
    page = press(moving, "Let it take the check")
    assert len(SESSIONS) == 2
    assert labels(page) == ["Stop the check"]
    assert "handed in as computed (injection)" in said(page)
    assert not bank.customers()


def test_a_check_can_be_stopped_and_begun_again(moving, act):
    press, *_ = act
    page = press(press(moving, "Let it take the check"), "Stop the check")
    assert len(SESSIONS) == 1
    press(page, "Let it take the check")
    assert len(SESSIONS) == 2


def test_another_victim_starts_over_and_nothing_of_the_one_before_goes_on(moving, victims, camera, act):
    press, *_ = act
    page = press(moving, "Let it take the check")
    before = list(SESSIONS._sessions.values())
    victims.append(Victim(camera, 50))
    page = page.run()
    assert "Let it take the check" in labels(page)
    assert len(SESSIONS) == 1
    assert all(session.over and session.join(20) for session in before)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("puppet-stills")]


def test_a_session_that_breaks_off_is_told_with_a_way_on(moving, act):
    press, _, said = act
    (session,) = SESSIONS._sessions.values()
    session.close()
    page = moving.run()
    assert "ended before anything was decided" in said(page)
    assert "Let it take the check" in labels(press(page, "Start again"))


def test_without_face_models_it_says_what_to_do(page, act, monkeypatch):
    *_, said = act

    def missing(*_):
        raise ModelError("Connect to the internet.")

    monkeypatch.setattr(live_puppet, "_small", missing)
    page = page.run()
    assert "The face models are missing" in said(page)
    assert "Connect to the internet." in said(page)


def test_too_many_sessions_are_told_for_the_photo_and_for_its_check(page, act, status, monkeypatch):
    press, _, said = act

    def full(*_, **__):
        raise RegistryFull("20 live sessions are under way. Try again in a minute.")

    status.now = STARTED
    with monkeypatch.context() as patch:
        patch.setattr(SESSIONS, "open", full)
        assert "under way" in said(page.run())
    page = page.run()
    monkeypatch.setattr(SESSIONS, "open", full)
    assert "under way" in said(press(page, "Let it take the check"))


def test_a_check_without_a_decision_says_why(moving, act):
    press, _, said = act
    page = press(moving, "Let it take the check")
    page.session_state["puppet-check"].problem = "The check was not finished in time."
    assert "not finished in time" in said(page.run())
    assert labels(page) == ["Start again"]


def test_the_decision_is_shown_with_the_truth(moving, act):
    press, _, said = act
    page = press(moving, "Let it take the check")
    director = page.session_state["puppet-check"]
    ongoing = director._bank.begin(Victim.name, profile="photos", stream=False, reader=Table())
    director.verified = Verified(*director._bank.verify_showing(ongoing), ongoing)
    text = said(page.run())
    assert "Undecided" in text
    assert "What is true of this sample: You move the victim's photo" in text
    assert "Why liveness does not stop this" not in text, "it did not pass"
    page = press(page, "Move the photo again")
    assert "Let it take the check" in labels(page)
