"""One changed byte, wherever it is: found, named, and nothing is accepted."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from bank import audit
from bank.bank import Bank
from bank.enrol import camera_sample
from bank.errors import KeyProblem, Tampered
from bank.policy import Policy
from testing.selfie import Device, Person, perform
from testing.selfie import Table as Reader

ANNA = Person(1)
RECORDS = ["faces", "cameras", "seen", "published"]


@pytest.fixture(scope="module")
def phone():
    return Device(7)


@pytest.fixture(scope="module")
def sample(phone):
    return camera_sample(phone.walls(6), "Phone", Policy.load().enrolment)


@pytest.fixture(scope="module")
def bank(tmp_path_factory, phone, sample):
    folder = tmp_path_factory.mktemp("tampered")
    made = Bank(f"sqlite:///{folder / 'bank.db'}", folder=folder)
    made.enrol("Anna", faces=ANNA.template, photos=sample)
    made.publish("Anna", "Phone", phone.walls(7)[6:])
    yield made
    made.close()


@pytest.fixture(scope="module")
def performed(bank, phone):
    """A genuine attempt, performed once; each test begins it anew."""
    reader = Reader()
    ongoing = bank.begin("Anna", reader=reader)
    perform(ongoing.capture, reader, ANNA, phone.selfie)
    return ongoing


def outside(bank: Bank, statement: str, **values):
    """Run SQL past the bank; return what it yields."""
    engine = create_engine(f"sqlite:///{bank.store.folder / 'bank.db'}")
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else None
    finally:
        engine.dispose()


@contextmanager
def changed(bank: Bank, table: str, column: str, change):
    """Change a column of a table's first row, past the bank, for a while."""
    ((row, value),) = outside(bank, f"SELECT rowid, {column} FROM {table} LIMIT 1")
    outside(bank, f"UPDATE {table} SET {column} = :v WHERE rowid = :row", v=change(value), row=row)
    try:
        yield
    finally:
        outside(bank, f"UPDATE {table} SET {column} = :v WHERE rowid = :row", v=value, row=row)


def flipped(position: int, bits: int):
    def flip(value: bytes) -> bytes:
        at = position % len(value)
        return value[:at] + bytes([value[at] ^ bits]) + value[at + 1 :]

    return flip


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(table=st.sampled_from(RECORDS), position=st.integers(0), bits=st.integers(1, 255))
def test_one_flipped_byte_in_any_encrypted_record_is_named_and_nothing_is_accepted(
    bank, performed, table, position, bits
):
    ongoing = _anew(bank, performed)
    with changed(bank, table, "record", flipped(position, bits)):
        with pytest.raises(Tampered) as told:
            bank.verify(ongoing)
        assert told.value.table == table
        assert {finding.table for finding in bank.store.check()} == {table}
    assert bank.store.check() == []
    assert _decisions(bank) == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("customers", "name", "Eve"),
        ("faces", "frames", 99),
        ("cameras", "width", 641),
        ("seen", "stills", 0),
        ("published", "name", "other"),
        ("attempts", "profile", "photos"),
        ("attempts", "challenge", '{"steps":[]}'),
        ("attempts", "expires_at", 2**60),
        ("attempts", "used_at", 1),
    ],
)
def test_a_changed_row_that_a_decision_rests_on_is_named_and_nothing_is_accepted(bank, performed, table, column, value):
    ongoing = _anew(bank, performed)
    with changed(bank, table, column, lambda _: value):
        with pytest.raises(Tampered) as told:
            bank.verify(ongoing)
        assert told.value.table == table
        assert {finding.table for finding in bank.store.check()} == {table}
    assert _decisions(bank) == []


def test_a_customer_whose_row_was_changed_can_still_be_deleted(bank):
    bank.enrol("Bert", faces=Person(2).template)
    outside(bank, "UPDATE customers SET created_at = created_at + 1 WHERE name = 'Bert'")
    with pytest.raises(Tampered):
        bank.customer("Bert")
    bank.delete("bert")
    assert [info.name for info in bank.customers()] == ["Anna"]
    assert bank.store.check() == []


def test_a_changed_key_or_vault_opens_nothing(bank):
    path = bank.store.folder / "bank.key"
    key = path.read_text()
    url = f"sqlite:///{bank.store.folder / 'bank.db'}"
    for other in (("1" if key[0] == "0" else "0") + key[1:], key[:-2] + "\n", ""):
        path.write_text(other)
        with pytest.raises(KeyProblem, match=r"key"):
            Bank(url, folder=bank.store.folder)
    path.write_text(key)
    for column in ("key_id", "wrapped"):
        with changed(bank, "vault", column, flipped(11, 1)), pytest.raises((KeyProblem, Tampered), match=r"vault|key"):
            Bank(url, folder=bank.store.folder)
    Bank(url, folder=bank.store.folder).close()


def test_the_same_attempt_is_decided_where_nothing_was_changed(bank, performed):
    assert bank.verify(_anew(bank, performed)).factor("camera").verdict == "passed"


def _anew(bank, performed):
    """Begin an attempt that hands in what was performed before."""
    outside(bank, "DELETE FROM attempts")  # so many attempts within minutes are not the subject here
    ongoing = bank.begin("Anna", reader=Reader(), stream=False)
    ongoing.capture.stills += performed.capture.stills
    return ongoing


def _decisions(bank):
    with bank.store.read() as session:
        return list(audit.entries(session, kind="decision"))
