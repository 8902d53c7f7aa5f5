from __future__ import annotations

import math

import pytest

from bank.ledger import StillLedger

SIZE = (640, 480)


@pytest.fixture
def ledger():
    return StillLedger()


def test_numbers_are_given_out_once_with_the_time_they_were_asked_for(ledger):
    assert [ledger.ask(1.0), ledger.ask(2.5), ledger.ask()] == [1, 2, 3]
    assert len(ledger) == 3
    assert ledger.asked_s(2) == 2.5
    assert math.isnan(ledger.asked_s(3))
    assert math.isnan(ledger.asked_s(99))


def test_a_number_is_claimed_by_one_at_a_time_and_only_if_it_was_given_out(ledger):
    number = ledger.ask(1.0)
    assert not ledger.claim(99)
    assert ledger.claim(number)
    assert not ledger.claim(number)
    ledger.release(number)
    assert ledger.claim(number)


def test_what_was_handed_in_cannot_be_claimed_or_given_back(ledger):
    number = ledger.ask(1.0)
    ledger.claim(number)
    assert ledger.hand_in(number, SIZE) == ""
    ledger.release(number)
    assert not ledger.claim(number)


def test_a_still_is_taken_once(ledger):
    number = ledger.ask(1.0)
    assert ledger.take(99) == "unknown"
    assert ledger.take(number) == ""
    assert ledger.take(number) == "repeated"
    ledger.done(number)
    assert ledger.take(number) == "repeated"


def test_all_stills_have_the_size_of_the_first_good_one(ledger):
    first, second, third = (ledger.ask(1.0) for _ in range(3))
    ledger.take(first)
    ledger.done(first)  # no good: its size says nothing
    assert ledger.hand_in(second, SIZE) == ""
    assert ledger.hand_in(third, (480, 640)) == (
        "It has 480x640 pixels, the first one 640x480. Do not turn the phone or change the mode."
    )
    assert ledger.claim(third), "it was not used up"
    assert ledger.hand_in(third) == ""


def test_it_waits_for_what_was_asked_for_lately_and_is_not_done(ledger):
    assert not ledger.waits(0.0, 3.0)
    number = ledger.ask(1.0)
    assert ledger.waits(3.9, 3.0)
    assert not ledger.waits(4.0, 3.0)
    ledger.take(number)
    assert ledger.waits(2.0, 3.0)
    ledger.done(number)
    assert not ledger.waits(2.0, 3.0)
    ledger.take(ledger.ask())
    assert not ledger.waits(2.0, 3.0), "nobody waits for an uploaded photo"
