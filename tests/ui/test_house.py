from __future__ import annotations

import secrets

import pytest

from bank.errors import KeyProblem
from ui import house


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "one"))
    yield tmp_path
    house._opened.clear()


def test_all_visitors_share_one_bank():
    assert house.opened() is house.opened()


@pytest.mark.parametrize("name", ["LENSLOCK_HOME", "LENSLOCK_DATABASE_URL"])
def test_another_home_has_another_bank(home, monkeypatch, name):
    first = house.opened()
    monkeypatch.setenv(name, str(home / "two") if name == "LENSLOCK_HOME" else f"sqlite:///{home / 'other.db'}")
    assert house.opened() is not first
    monkeypatch.delenv(name)
    monkeypatch.setenv("LENSLOCK_HOME", str(home / "one"))
    assert house.opened() is first


def test_a_bank_that_could_not_be_opened_is_tried_again(home):
    house.opened()
    house._opened.clear()
    file = home / "one" / "bank.key"
    right = file.read_text()
    file.write_text(secrets.token_hex(32) + "\n")
    with pytest.raises(KeyProblem):
        house.opened()
    file.write_text(right)
    assert house.opened().customers() == []


def test_the_bank_is_closed_when_it_is_let_go(monkeypatch):
    closed = []
    bank = house.opened()
    monkeypatch.setattr(bank, "close", lambda: closed.append(bank.store.close()))
    house._opened.clear()
    assert closed == [None]
