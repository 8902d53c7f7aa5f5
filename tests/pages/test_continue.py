from __future__ import annotations

import base64
import re

import pytest
from streamlit.testing.v1 import AppTest

from testing.some import some
from tests.ui.live.conftest import Clock
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live import LiveSession
from ui.live.camera_status import CameraStatus
from ui.live.codes import Pairings
from ui.phone import handover as phone_page
from ui.shell import lan
from ui.widgets import camera, handover, phone_door

DOOR = lan.Door(("https://192.168.1.5:8501", "https://10.8.0.2:8501"), ":".join(["0A"] * 32))
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"}

BIG_SCREEN = """
import streamlit as st
from ui.widgets import camera, handover
handover.camera_or_watch(st.session_state["session"], key="camera")
"""
DOOR_PAGE = "from ui.widgets.phone_door import lan_door\nlan_door()"


@pytest.fixture
def session():
    made = LiveSession(Notes(), sight=Glance)
    yield made
    made.close()
    assert made.join(20)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def pairings(monkeypatch, clock):
    made = Pairings(clock=clock, sleep=lambda seconds: None)
    for module in (handover, phone_page):
        monkeypatch.setattr(module, "PAIRINGS", made)
    return made


@pytest.fixture
def seen(monkeypatch):
    """What was shown: each camera by its key, and each QR code."""
    shown: list[str] = []

    def capture(token, *, key, source="camera", guide="face", **options):
        shown.append(f"{source} {key} {guide}")
        return camera.capture(token, key=key, source=source, guide=guide, **options)

    monkeypatch.setattr(handover, "capture", capture)
    for module in (handover, phone_door):
        monkeypatch.setattr(module, "show_qr", lambda address, alt: shown.append(address))
    return shown


@pytest.fixture
def open_door(monkeypatch):
    monkeypatch.setattr(lan, "door", lambda: DOOR)


@pytest.fixture
def big_screen(session, seen):
    page = AppTest.from_string(BIG_SCREEN)
    page.session_state["session"] = session
    return page.run()


@pytest.fixture
def phone(app, seen, act):
    """The app on the phone, opened at its page with a query."""

    def visit(**query: str) -> AppTest:
        return act[1](app, "continue_on_phone", **query)

    return visit


def codes(seen) -> list[str]:
    return [one.partition("code=")[2].partition("&")[0] for one in seen if "code=" in one]


def switch(page: AppTest, on: bool = True) -> AppTest:
    page = page.toggle[0].set_value(on).run()
    assert not page.exception
    return page


# The phone's page


def test_without_a_code_it_says_what_to_scan(phone, act):
    assert "Scan the code on the big screen" in act[2](phone())


def test_a_code_that_does_not_work_is_told_with_what_to_do(phone, act):
    text = act[2](phone(code="wrong"))
    assert "does not work any more" in text
    assert "have a new code shown" in text


def test_a_code_opens_the_phones_camera_and_leaves_the_address(phone, act, pairings, session, seen):
    page = phone(code=pairings.offer(session), guide="none")
    assert seen == ["camera capture-continued none"]
    assert pairings.taken(session)
    assert not page.query_params
    assert seen[1:] == []
    page.run()
    assert seen[-1] == "camera capture-continued none"  # it stays, though the code is used


def test_another_guide_than_there_is_shows_the_oval(phone, pairings, session, seen):
    phone(code=pairings.offer(session), guide="<script>")
    assert seen == ["camera capture-continued face"]


def test_the_code_works_on_one_phone_only(phone, act, pairings, session):
    code = pairings.offer(session)
    assert pairings.redeem(code) is session
    assert "does not work any more" in act[2](phone(code=code))


def test_an_expired_code_is_told(phone, act, pairings, session, clock):
    code = pairings.offer(session)
    clock.now += 301
    assert "does not work any more" in act[2](phone(code=code))


def test_at_the_end_it_leads_to_the_big_screen_and_shows_nothing_of_the_bank(
    phone, act, pairings, session, bank, face, camera
):
    bank.enrol("Anna", faces=face, photos=camera)
    page = phone(code=pairings.offer(session))
    session.close()
    text = act[2](page.run())
    assert "Look at the big screen" in text
    assert "Scan" not in text
    assert "Anna" not in text


def test_a_wrong_code_after_the_end_is_not_answered_with_the_old_check(phone, act, pairings, session, seen):
    phone(code=pairings.offer(session))
    session.close()
    assert "does not work any more" in act[2](phone(code="wrong"))


def test_a_wrong_code_does_not_end_a_check_that_runs(phone, act, pairings, session, seen):
    phone(code=pairings.offer(session))
    phone(code="wrong")
    assert seen[-1].startswith("camera capture-continued")


# The big screen


def test_it_shows_the_camera_with_an_offer_that_is_off(big_screen, seen, pairings):
    assert seen == ["camera camera face"]
    assert not big_screen.toggle[0].value
    assert len(pairings) == 0


def test_on_a_server_for_this_computer_only_it_says_how_to_let_phones_in(big_screen, act):
    assert "make run-lan" in act[2](switch(big_screen))


def test_the_code_is_shown_stays_and_is_withdrawn(big_screen, open_door, seen, pairings, session):
    page = switch(big_screen).run()
    assert len(set(codes(seen))) == 1
    assert seen[-1].startswith("https://192.168.1.5:8501/continue?code=")
    assert session._threads  # it is kept alive meanwhile
    switch(page, on=False)
    assert len(pairings) == 0
    switch(page)
    assert len(set(codes(seen))) == 2


def test_once_a_phone_has_it_the_screen_watches(big_screen, open_door, seen, pairings, session, act):
    page = switch(big_screen)
    assert pairings.redeem(codes(seen)[-1]) is session
    page = page.run()
    assert seen[-1] == "watch camera-watch face"
    assert "The phone is the camera now" in act[2](page)


def test_an_expired_code_gives_way_to_a_new_one(big_screen, open_door, seen, act, clock):
    page = switch(big_screen)
    clock.now += 301
    page = page.run()
    assert "its time is over" in act[2](page)
    act[0](page, "Show a new code")
    assert len(set(codes(seen))) == 2


def test_a_phone_that_lost_the_page_gets_a_new_code(big_screen, open_door, seen, pairings, session, act):
    pairings.redeem(pairings.offer(session))
    page = switch(big_screen.run())
    assert pairings.redeem(codes(seen)[-1]) is session
    assert "was used" in act[2](page.run())


def test_after_the_own_camera_ran_no_phone_is_offered(session, seen, monkeypatch, pairings):
    code = pairings.offer(session)
    running = CameraStatus(started=True, transport="post")
    monkeypatch.setattr(handover, "capture", lambda token, **options: running)
    page = AppTest.from_string(BIG_SCREEN)
    page.session_state["session"] = session
    assert not page.run().toggle
    monkeypatch.setattr(handover, "capture", lambda token, **options: CameraStatus())
    assert not page.run().toggle  # nor when it was stopped: one check, one camera
    assert pairings.redeem(code) is None


def test_after_the_end_nothing_is_offered(session, seen):
    session.close()
    page = AppTest.from_string(BIG_SCREEN)
    page.session_state["session"] = session
    assert not page.run().toggle


def test_a_computer_in_no_network_is_told(big_screen, monkeypatch, act):
    monkeypatch.setattr(lan, "door", lambda: lan.Door((), DOOR.fingerprint))
    assert "in no network" in act[2](switch(big_screen))


# The door


def test_the_door_shows_addresses_code_fingerprint_and_what_the_warning_means(open_door, seen, act):
    page = AppTest.from_string(DOOR_PAGE).run()
    text = act[2](page)
    assert "https://192.168.1.5:8501" in text
    assert "https://10.8.0.2:8501" in text
    assert seen == ["https://192.168.1.5:8501"]
    assert "self-signed" in text
    assert page.code[0].value == ":".join(["0A"] * 16) + "\n" + ":".join(["0A"] * 16)
    assert "everybody in this network" in text


def test_without_the_door_it_says_how_to_open_it(act):
    assert "make run-lan" in act[2](AppTest.from_string(DOOR_PAGE).run())


def test_the_qr_code_is_black_on_white_with_its_quiet_zone_and_a_text():
    page = AppTest.from_string(
        'from ui.widgets.phone_door import show_qr\nshow_qr("https://192.168.1.5:8501", "QR code of it")'
    ).run()
    (image,) = page.get("image")[0].proto.imgs
    assert "QR code of it" in str(page.get("image")[0].proto)
    drawing = base64.b64decode(image.url.partition("base64,")[2]).decode()
    side = int(some(re.search(r'viewBox="0 0 (\d+) \1"', drawing))[1])
    assert f'fill="#fff" d="M0 0h{side}v{side}h-{side}z"' in drawing
    assert 'stroke="#000" d="M4 4.5h7' in drawing
