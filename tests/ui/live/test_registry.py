from __future__ import annotations

import pytest

from tests.ui.live.conftest import until
from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.limits import RegistryFull
from ui.live.registry import Registry
from ui.live.session import LiveSession


def test_a_session_is_found_by_its_token_only(begin):
    registry = Registry()
    session: LiveSession = begin(Notes(), Glance(), registry=registry)
    assert registry.get(session.token) is session
    assert registry.get(session.token[:-1]) is None
    assert registry.get("") is None


def test_one_more_than_the_server_carries_is_told(begin):
    registry = Registry(limit=2)
    first = begin(Notes(), Glance(), registry=registry)
    begin(Notes(), Glance(), registry=registry)
    with pytest.raises(RegistryFull, match="Try again in a minute"):
        begin(Notes(), Glance(), registry=registry)
    registry.close(first.token)
    begin(Notes(), Glance(), registry=registry)
    assert len(registry) == 2


def test_a_closed_session_is_forgotten_and_its_models_freed(begin):
    registry, glance = Registry(), Glance()
    session = begin(Notes(), glance, registry=registry)
    session.start()
    registry.close(session.token)
    registry.close(session.token)
    assert registry.get(session.token) is None
    assert glance.closed.wait(20)


def test_an_expired_session_makes_room_even_if_it_never_began(begin, clock):
    registry = Registry(limit=1, linger_s=30)
    session = begin(Notes(), Glance(), registry=registry, clock=clock, idle_s=60)
    clock.now += 61
    begin(Notes(), Glance(), registry=registry)
    assert session.outcome == "expired"


def test_an_ended_session_is_known_for_a_while(begin, clock):
    registry = Registry(linger_s=30)
    session: LiveSession = begin(Notes(), Glance(), registry=registry, clock=clock)
    session.start()
    session.close()
    until(lambda: session.over)
    assert registry.get(session.token) is session
    assert len(registry) == 0
    clock.now += 31
    assert registry.get(session.token) is None
