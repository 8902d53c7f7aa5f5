from __future__ import annotations

import secrets

import pytest

from bank.errors import KeyProblem
from ui.shell.bank import _opened, the_bank


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "one"))
    yield tmp_path
    _opened.clear()


def test_all_visitors_share_one_bank():
    assert the_bank() is the_bank()


@pytest.mark.parametrize("name", ["LENSLOCK_HOME", "LENSLOCK_DATABASE_URL"])
def test_another_home_has_another_bank(home, monkeypatch, name):
    first = the_bank()
    monkeypatch.setenv(name, str(home / "two") if name == "LENSLOCK_HOME" else f"sqlite:///{home / 'other.db'}")
    assert the_bank() is not first
    monkeypatch.delenv(name)
    monkeypatch.setenv("LENSLOCK_HOME", str(home / "one"))
    assert the_bank() is first


def test_a_bank_that_could_not_be_opened_is_tried_again(home):
    the_bank()
    _opened.clear()
    file = home / "one" / "bank.key"
    right = file.read_text()
    file.write_text(secrets.token_hex(32) + "\n")
    with pytest.raises(KeyProblem):
        the_bank()
    file.write_text(right)
    assert the_bank().customers() == []


def test_the_bank_is_closed_when_it_is_let_go(monkeypatch):
    closed = []
    bank = the_bank()

    def close():
        bank.store.close()
        closed.append(bank)

    monkeypatch.setattr(bank, "close", close)
    _opened.clear()
    assert closed == [bank]
