"""From a key in the environment to what a decision and the record say. The feeds are played by this machine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import PolicyError
from bank.feeds import ABUSEIPDB_KEY, OTX, OTX_KEY, AbuseIPDB
from bank.policy import Policy
from bank.risk import RequestContext
from testing.selfie import Device, Person, Table, perform
from tests.bank.feed_service import KEY, V4, abuse

ANNA, PHONE = Person(1), Device(7)
WALLS = camera_sample(PHONE.walls(8), "Phone", Policy.load().enrolment)


@pytest.fixture
def asked(service, monkeypatch):
    """The played service, with a key for it in the environment."""
    for kind in (AbuseIPDB, OTX):
        monkeypatch.setattr(kind, "home", service.base)
    service.answer(abuse(87))
    monkeypatch.setenv(ABUSEIPDB_KEY, KEY)
    return service


def checked(bank: Bank, address: str = V4):
    """A genuine check by an enrolled customer, and what the record says of it."""
    with closing(bank):
        bank.enrol("Anna", faces=ANNA.template, photos=WALLS)
        reader = Table()
        ongoing = bank.begin("Anna", RequestContext(address=address, device="A browser"), reader=reader)
        perform(ongoing.capture, reader, ANNA, PHONE.selfie)
        decision = bank.verify(ongoing)
        with bank.store.read() as session:
            (entry,) = audit.entries(session, kind="decision")
    return decision, entry.body


def test_a_key_in_the_environment_leads_to_a_signal_in_decision_and_record(asked):
    decision, body = checked(Bank())
    (signal,) = (one for one in decision.signals if one.code == "address-listed")
    assert (signal.level, signal.value) == ("high", 87.0)
    assert signal.text == "AbuseIPDB gives the address 87 of 100 for abuse, from 7 reports."
    assert {"code": "address-listed", "level": "high", "text": signal.text, "value": 87.0} in body["signals"]
    assert decision.accepted  # it is advice


def test_a_feed_is_sent_the_address_and_nothing_else(asked):
    checked(Bank())
    ((path, headers),) = asked.asked
    assert path == f"/api/check?ipAddress={V4}&maxAgeInDays=90"
    assert set(map(str.lower, headers)) == {"host", "key", "accept", "accept-encoding", "connection", "user-agent"}
    assert headers["User-Agent"] == "LensLock"


def test_without_a_key_nothing_is_asked(asked, monkeypatch):
    monkeypatch.delenv(ABUSEIPDB_KEY)
    bank = Bank()
    assert bank.feeds == ()
    decision, _ = checked(bank)
    assert asked.asked == []
    assert not [one for one in decision.signals if one.code in ("address-listed", "feed-unavailable")]


def test_a_bank_can_be_told_not_to_ask_whatever_the_environment(asked):
    checked(Bank(feeds=()))
    assert asked.asked == []


@pytest.mark.parametrize("address", ["", "192.168.0.9", "127.0.0.1"])
def test_an_address_that_the_internet_does_not_know_is_not_asked_about(asked, address):
    checked(Bank(), address)
    assert asked.asked == []


def test_a_feed_that_does_not_answer_is_told_and_the_check_goes_on(asked, monkeypatch):
    monkeypatch.setenv(OTX_KEY, KEY)
    asked.reply = lambda handler: asked.released.wait(60)
    policy = Policy.load()
    policy = replace(policy, feeds=policy.feeds.model_copy(update={"timeout_s": 0.3}))
    decision, body = checked(Bank(policy=policy))
    assert decision.accepted
    told = [(one.level, one.text) for one in decision.signals if one.code == "feed-unavailable"]
    assert told == [
        ("info", f"{name} could not be asked: no answer within 0.3 seconds.")
        for name in ("AbuseIPDB", "AlienVault OTX")
    ]
    assert [one["code"] for one in body["signals"]].count("feed-unavailable") == 2


def test_what_cannot_be_a_key_stops_the_bank_by_the_name_of_its_variable(monkeypatch, home):
    monkeypatch.setenv(OTX_KEY, "short")
    with pytest.raises(PolicyError, match=rf"{OTX_KEY}: .*or unset it"):
        Bank()
    assert not home.exists()
