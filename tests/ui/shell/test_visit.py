from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui.shell.visit import at_this_computer

CAMERA = "from ui.widgets import photo_camera\nphoto_camera.take('camera')"
DOOR = "from ui.widgets.phone_door import lan_door\nlan_door()"


@pytest.fixture
def visited(monkeypatch):
    """Let the visitor's browser have come to an address."""

    def come(address: str | None) -> None:
        monkeypatch.setattr(type(st.context), "url", property(lambda _: address))

    return come


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:8501/verify", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        ("http://app.localhost", True),
        (None, True),
        ("https://192.168.1.5:8501", False),
        ("https://localhost.example.org", False),
        ("https://bank.example.org/start", False),
    ],
)
def test_a_visitor_is_at_this_computer_if_the_address_is(visited, address, here):
    visited(address)
    assert at_this_computer() is here


@pytest.mark.parametrize(("address", "told"), [("http://localhost:8501", True), ("https://bank.example.org", False)])
def test_only_who_sits_there_is_told_what_to_start(visited, address, told):
    visited(address)
    page = AppTest.from_string(DOOR, default_timeout=60).run()
    assert any("make run-lan" in one.value for one in page.markdown) is told


def test_a_camera_is_off_until_it_is_switched_on():
    page = AppTest.from_string(CAMERA, default_timeout=60).run()
    assert not page.get("camera_input")
    page = page.toggle[0].set_value(True).run()
    assert len(page.get("camera_input")) == 1
