"""The whole bank, used by eight processes at once."""

from __future__ import annotations

from collections import Counter

import cv2
import pytest
from sqlalchemy import select

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import LimitReached, TokenError
from bank.policy import Policy
from bank.tables import Attempt, Lockout
from testing.selfie import Device, Person, Table, perform
from tests.bank.crowd import PROCESSES, Crowd, meet

RULES = Policy.load().enrolment
OWN, SHARED = 2, 3
"""Attempts of each process for its own customer, and at most for the one that all of them attack."""


@pytest.fixture(scope="module")
def crowd():
    made = Crowd()
    yield made
    made.close()


def attempt(bank: Bank, name: str, device: Device, person: Person):
    reader = Table()
    ongoing = bank.begin(name, reader=reader)
    perform(ongoing.capture, reader, person, device.selfie)
    return ongoing


def work(number: int, url: str, home: str) -> dict:
    """In a process of the crowd: enrol a customer, verify them, attack the shared one; return what came of it."""
    cv2.setNumThreads(1)  # eight processes on a few cores
    device, person = Device(100 + number), Person(100 + number)
    sample = camera_sample(device.walls(6), "Phone", RULES)
    name, done = f"Customer {number}", Counter[str]()
    meet()
    bank = Bank(url, folder=home)
    info = bank.enrol(name, faces=person.template, photos=sample)
    attempts = []
    for _ in range(OWN):
        ongoing = attempt(bank, name, device, person)
        decision = bank.verify(ongoing)
        attempts.append(decision.attempt)
        done[f"own {decision.outcome}"] += 1
        try:
            bank.verify(ongoing)
        except TokenError as error:
            done[error.code] += 1
    for _ in range(SHARED):
        try:
            decision = bank.verify(attempt(bank, "Shared", device, person))
            attempts.append(decision.attempt)
            done[decision.outcome] += 1
        except LimitReached as error:
            done[error.code] += 1
    bank.close()
    return {"customer": info.id, "attempts": attempts, "done": done}


@pytest.mark.slow
def test_eight_processes_at_once_lose_nothing_and_use_nothing_twice(database_url, home, crowd):
    victim = Device(99)
    bank = Bank(database_url)
    shared = bank.enrol("Shared", faces=Person(99).template, photos=camera_sample(victim.walls(6), "Phone", RULES))
    results = crowd.run(work, database_url, str(home))
    done = sum((result["done"] for result in results), Counter[str]())

    assert len(bank.customers()) == PROCESSES + 1
    assert {result["customer"] for result in results} == {info.id for info in bank.customers()} - {shared.id}
    assert done["own accepted"] == done["used"] == PROCESSES * OWN

    failures = bank.policy.limits.failures
    assert done["refused"] + done["locked-out"] + done["rate-customer"] == PROCESSES * SHARED
    assert failures <= done["refused"] < failures + PROCESSES  # those under way when the lock fell count as well
    assert done["accepted"] == done["step-up"] == 0

    decided = [attempt for result in results for attempt in result["attempts"]]
    assert len(set(decided)) == len(decided) == PROCESSES * OWN + done["refused"]
    with bank.store.read() as session:
        chain = audit.verify_chain(session)
        entries = list(audit.entries(session))
        rows = {row.id: row for row in session.scalars(select(Attempt))}
        lockout = session.scalars(select(Lockout)).one()
    assert chain.intact
    assert chain.entries == len(entries)
    kinds = Counter(entry.kind for entry in entries)
    assert kinds["enrolled"] == PROCESSES + 1
    assert sorted(entry.attempt_id for entry in entries if entry.kind == "decision") == sorted(decided)
    assert kinds["not-admitted"] <= done["locked-out"] + done["rate-customer"]
    assert all(rows[attempt].outcome for attempt in decided)
    assert lockout.customer_id == shared.id
    assert lockout.level == done["refused"] // failures - 1  # the first one has level 0
    assert bank.store.check() == []
    bank.close()
