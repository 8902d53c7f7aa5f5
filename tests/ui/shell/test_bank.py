from __future__ import annotations

import secrets

import pytest

from bank.errors import KeyProblem
from bank.feeds import ABUSEIPDB_KEY, OTX, OTX_KEY, AbuseIPDB
from ui.shell.bank import FEEDS, _opened, feeds_on, sent_elsewhere, the_bank


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY", *FEEDS):
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


def test_a_key_turns_its_threat_feed_on_for_all_visitors(monkeypatch):
    assert the_bank().feeds == ()
    assert feeds_on() == ""
    monkeypatch.setenv(ABUSEIPDB_KEY, "a-key-of-ours")
    assert [type(feed) for feed in the_bank().feeds] == [AbuseIPDB]
    assert feeds_on() == "AbuseIPDB"
    monkeypatch.setenv(OTX_KEY, "another-key-of-ours")
    assert [type(feed) for feed in the_bank().feeds] == [AbuseIPDB, OTX]
    assert feeds_on() == "AbuseIPDB and AlienVault OTX"


@pytest.mark.parametrize(
    ("key", "reports", "words"),
    [
        ("", False, ""),
        ("a-key", False, "each check's network address, to AbuseIPDB"),
        ("", True, "how often the face tracker (MediaPipe) is used, but no pictures, to its maker"),
        (
            "a-key",
            True,
            "each check's network address, to AbuseIPDB, and how often the face tracker (MediaPipe) is used, but no "
            "pictures, to its maker",
        ),
    ],
)
def test_all_that_leaves_the_machine_is_told(monkeypatch, key, reports, words):
    monkeypatch.setenv(ABUSEIPDB_KEY, key)
    monkeypatch.setattr("ui.shell.bank.REPORTS_USAGE", reports)
    assert sent_elsewhere() == words


def test_feeds_are_called_by_their_names():
    assert {ABUSEIPDB_KEY: AbuseIPDB.label, OTX_KEY: OTX.label} == FEEDS


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
