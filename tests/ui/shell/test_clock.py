from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import streamlit as st

from ui.shell.clock import zone
from ui.text.scores import day, minute, second

WINTER = datetime(2026, 1, 5, 23, 30, 7, tzinfo=UTC)


@pytest.fixture
def browser(monkeypatch):
    """Let the visitor's browser tell a zone and an offset."""

    def tell(name: str | None, behind_min: int | None) -> None:
        monkeypatch.setattr(st, "context", SimpleNamespace(timezone=name, timezone_offset=behind_min))

    return tell


@pytest.mark.parametrize(
    ("name", "behind_min", "told"),
    [
        ("Europe/Berlin", -60, "6 January 2026, 00:30 CET"),
        ("America/Sao_Paulo", 180, "5 January 2026, 20:30 UTC-03"),
        ("Not/AZone", -330, "6 January 2026, 05:00 UTC+05:30"),
        ("../../etc/passwd", -60, "6 January 2026, 00:30 UTC+01:00"),
        (None, None, "5 January 2026, 23:30 UTC"),
        (None, 10**9, "5 January 2026, 23:30 UTC"),
    ],
)
def test_times_are_in_the_zone_of_the_visitors_browser_and_name_it(browser, name, behind_min, told):
    browser(name, behind_min)
    assert minute(WINTER, zone()) == told


def test_summer_time_is_that_of_the_moment_and_not_of_today(browser):
    browser("Europe/Berlin", -60)
    assert second(WINTER + timedelta(days=180), zone()) == "01:30:07 CEST"
    assert day(WINTER, zone()) == "6 January 2026"
