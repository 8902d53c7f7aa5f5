"""What all pages with a live session do alike. What they say is tested with the pages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live import SESSIONS, RegistryFull
from ui.live.run import LiveRun, UnderWay


class Ended(Notes):
    """A director that says when it ended."""

    ended = False


class Page:
    """A page's own functions, and what they were called with."""

    def __init__(self, clock) -> None:
        self.made: list[Ended] = []
        self.watched: list[UnderWay] = []
        self.decided: list[UnderWay] = []
        self.tidied: list[UnderWay | None] = []
        self.ready, self.over, self.presentation = True, False, None
        self.run: LiveRun = LiveRun(
            "test",
            self.make,
            self.watch,
            self.decided.append,
            before=lambda wanted: self.ready,
            tidy=self.tidied.append,
            options={"clock": clock, "sight": Glance, "lifetime_s": 30.0},
        )

    def make(self, wanted):
        self.made.append(Ended())
        return self.made[-1], self.presentation

    def watch(self, now):
        self.watched.append(now)
        return self.over


@pytest.fixture
def page(clock, monkeypatch):
    monkeypatch.setattr("ui.shell.session.st.session_state", {})
    yield Page(clock)
    for session in list(SESSIONS._sessions.values()):
        SESSIONS.close(session.token)
        assert session.join(20)


def test_a_session_begins_when_it_is_first_shown_and_goes_on_from_run_to_run(page):
    assert not page.run.running
    page.run.begin("Anna")
    assert page.run.running
    assert len(SESSIONS) == 0
    page.run.show()
    page.run.show()
    assert len(SESSIONS) == len(page.made) == 1
    first, second = page.watched
    assert first is second is page.run.now
    assert (first.wanted, first.director) == ("Anna", page.made[0])


def test_what_comes_before_holds_the_session_back(page):
    page.ready = False
    page.run.begin("Anna")
    page.run.show()
    assert (page.made, page.watched, page.run.now) == ([], [], None)
    page.ready = True
    page.run.show()
    assert len(page.watched) == 1


def test_after_a_session_has_expired_another_begins(page, clock):
    page.run.begin("Anna")
    page.run.show()
    before = page.run.now.session
    clock.now += 31
    page.run.show()
    assert before.outcome == "expired"
    assert len(page.made) == 2
    assert page.run.now.session is not before


def test_what_was_decided_is_shown_in_place_of_the_session_and_again_after_that(page, clock):
    page.run.begin("Anna")
    page.run.show()
    page.made[0].ended = True
    page.run.now.session.close()
    clock.now += 1000
    page.run.show()
    page.run.show()
    assert (len(page.watched), len(page.made)) == (1, 1)
    assert page.decided == [page.run.now] * 2


def test_a_session_that_ended_unnoticed_leads_to_the_decision(page, monkeypatch):
    again = []
    monkeypatch.setattr("ui.live.run.st.rerun", lambda: again.append(True))
    page.run.begin("Anna")
    page.over = True
    page.run.show()
    assert not again, "it broke off"
    monkeypatch.setattr(Ended, "ended", property(lambda director: len(page.watched) > 1))
    page.run.show()
    assert again, "it was decided while it was watched"


def test_putting_it_away_ends_the_session_and_tidies_up(page):
    page.run.begin("Anna")
    page.run.show()
    now = page.run.now
    page.run.put_away()
    assert now.session.over
    assert not page.run.running
    assert page.tidied == [None, now]
    page.run.show()
    assert len(page.made) == 1


def test_who_plays_goes_home_if_there_is_no_room(page, monkeypatch):
    def full(*_, **__):
        raise RegistryFull("20 live sessions are under way.")

    closed = []
    page.presentation = SimpleNamespace(close=lambda: closed.append(True))
    monkeypatch.setattr(SESSIONS, "open", full)
    page.run.begin("Anna")
    page.run.show()
    assert closed == [True]
    assert page.run.now is None
