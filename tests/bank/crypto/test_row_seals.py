"""A change behind the bank's back is found and named in any column of any row, and nothing is handed out."""

from __future__ import annotations

import math
import os
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, MetaData, delete, insert, select, update

from bank.errors import KeyProblem, StoreError, Tampered
from bank.store import Store
from bank.tables import ENCRYPTED, SEALED, Camera, Customer, Face, sealed_content
from tests import needs
from tests.bank.rows import TABLES, add, found, names

ROOT = needs.ROOT


def key_of(table: str) -> str:
    (key,) = TABLES[table].__table__.primary_key
    return key.name


def assert_found(store: Store, table: str, row: object) -> None:
    """A row is named by the check, and is not handed out, however often one asks."""
    assert (table, str(row)) in found(store)
    with store.read() as session:
        for _ in range(2):
            with pytest.raises(Tampered) as caught:
                session.scalars(select(TABLES[table])).all()
            assert (caught.value.table, caught.value.row) == (table, str(row))


def altered(value) -> list:
    """What a value might be changed to: the smallest changes there are."""
    if value is None:
        return [0]
    if isinstance(value, bytes | memoryview):
        changed = bytearray(value)
        changed[random.Random(1).randrange(len(changed))] ^= 1 << 5
        return [bytes(changed), bytes(value)[:-1], b""]
    if isinstance(value, str):
        return [value[:-1] + chr(ord(value[-1]) ^ 1), value[:-1], "x" + value[1:]] if value else ["x"]
    if isinstance(value, float):
        return [math.nextafter(value, math.inf), -value]
    return [value + 1, -value]


@pytest.mark.parametrize("table", TABLES)
def test_a_change_in_any_column_is_found_and_named(store, outside, table):
    add(store, "Anna")
    key = key_of(table)
    (row,) = [value for (value,) in outside(f"SELECT {key} FROM {table}")]
    changes = 0
    for column in TABLES[table].__table__.columns:
        ((value,),) = outside(f"SELECT {column.name} FROM {table}")
        changed = [not value] if isinstance(column.type, Boolean) else altered(value)
        for other in changed + ([None] if column.nullable and value is not None else []):
            outside(f"UPDATE {table} SET {column.name} = ?", other)
            assert_found(store, table, other if column.name == key else row)
            changes += 1
        outside(f"UPDATE {table} SET {column.name} = ?", value)
    assert changes > len(TABLES[table].__table__.columns)
    assert store.check() == []


@pytest.mark.parametrize("table", TABLES)
def test_what_was_moved_to_another_row_is_found(store, outside, table):
    add(store, "Anna")
    if table == "audit_head":
        return  # there is one only
    add(store, "Ben")
    key = key_of(table)
    moved = 0
    for column in (column.name for column in TABLES[table].__table__.columns):
        (one, first), (two, second) = outside(f"SELECT {key}, {column} FROM {table} ORDER BY {key}")
        spare = b"spare" if isinstance(first, bytes) else "spare"  # a value may be there once only
        if column != key and first != second:
            for values in ((spare, second), (second, first)), ((spare, first), (first, second)):
                change = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
                outside(change, values[0][0], one)
                outside(change, values[1][1], two)
                outside(change, values[1][0], one)
                moved += 1
                if moved % 2:
                    assert {(table, one), (table, two)} <= found(store)
            assert found(store) == set()
    assert moved >= 2


def test_a_record_moved_with_its_seal_is_found(store, outside):
    add(store, "Anna")
    add(store, "Ben")
    for model in ENCRYPTED:
        table = model.__tablename__
        (one, *first), (two, *second) = outside(f"SELECT id, record, seal FROM {table}")
        outside(f"UPDATE {table} SET record = ?, seal = ? WHERE id = ?", *first, two)
        outside(f"UPDATE {table} SET record = ?, seal = ? WHERE id = ?", *second, one)
        assert {(table, one), (table, two)} <= found(store)


def test_a_row_moved_to_another_customer_with_its_seal_is_found(store, outside):
    add(store, "Anna")
    ben = add(store, "Ben")
    outside("DELETE FROM faces WHERE id = 'Ben''s face'")
    outside("UPDATE faces SET customer_id = ?", ben)
    assert_found(store, "faces", "Anna's face")


def test_a_row_of_somebody_elses_making_is_found(store, outside):
    add(store, "Anna")
    insert = "INSERT INTO customers (id, name, name_key, created_at, seal) VALUES ('eve', 'Eve', 'eve', 5, ?)"
    outside(insert, os.urandom(32))
    assert_found(store, "customers", "eve")


@pytest.mark.slow
def test_one_flipped_byte_anywhere_in_any_record_is_found(store, outside):
    add(store, "Anna")

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def holds(data):
        model = data.draw(st.sampled_from(list(ENCRYPTED)))
        table = model.__tablename__
        ((row, record),) = outside(f"SELECT id, record FROM {table}")
        changed = bytearray(record)
        changed[data.draw(st.integers(0, len(record) - 1))] ^= data.draw(st.integers(1, 255))
        outside(f"UPDATE {table} SET record = ?", bytes(changed))
        try:
            told = store.check()
            assert [(problem.table, problem.row) for problem in told] == [(table, row)] * 2
            assert ["seal" in str(problem) for problem in told] == [True, False]  # the other is the record itself
            with store.read() as session, pytest.raises(Tampered):
                session.scalar(select(model))
        finally:
            outside(f"UPDATE {table} SET record = ?", bytes(record))

    holds()


def test_a_row_that_is_read_again_is_checked_again(store, outside):
    anna = add(store, "Anna")
    with store.read() as session:
        assert session.get(Customer, anna).name == "Anna"
    outside("UPDATE customers SET name = 'Eve'")
    with store.write() as session, pytest.raises(Tampered):
        store.lock(session, anna)
    if "postgresql" in repr(store):
        outside("UPDATE customers SET name = 'Anna'")
        with store.write() as session:
            customer = session.get(Customer, anna)
            outside("UPDATE customers SET name = 'Eve'")
            for _ in range(2):
                with pytest.raises(Tampered):
                    session.refresh(customer)
            with pytest.raises(Tampered):
                assert customer.name


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("customers", "name", "CAST(x'ff41' AS TEXT)"),
        ("customers", "name", "x'416e6e61'"),
        ("customers", "id", "CAST(x'ff41' AS TEXT)"),
        ("faces", "id", "CAST(x'ff411b5b316d0a' AS TEXT)"),
        ("customers", "created_at", "9223372036854775807"),
        ("customers", "created_at", "-9223372036854775808"),
        ("customers", "created_at", "1e300"),
        ("customers", "created_at", "'yesterday'"),
        ("customers", "last_accepted_at", "x'00'"),
        ("customers", "seal", "'text'"),
        ("customers", "seal", "5"),
        ("faces", "frames", "'many'"),
        ("faces", "frames", "5.5"),
        ("faces", "record", "'text'"),
        ("faces", "record", "5"),
        ("cameras", "expected_pce", "'high'"),
        ("cameras", "expected_pce", "9e999"),
        ("lockouts", "level", "x''"),
    ],
)
def test_a_value_of_another_kind_is_found_and_does_not_break_anything(home, clock, table, column, value):
    with Store(clock=clock) as store:
        add(store, "Anna")
        with closing(sqlite3.connect(home / "bank.db")) as connection, connection:
            connection.execute(f"UPDATE {table} SET {column} = {value}")
        assert table in {problem.table for problem in store.check()}
        for problem in store.check():
            str(problem).encode("ascii")
        with store.read() as session, pytest.raises(Tampered, match=table):
            session.scalars(select(TABLES[table])).all()
        with pytest.raises(Tampered):
            store.rotate_key()


@pytest.mark.slow
def test_bytes_flipped_in_the_file_itself_are_found_or_change_nothing(home, clock):
    with Store(clock=clock) as store:
        add(store, "Anna", 20_000)
    path = home / "bank.db"
    content = path.read_bytes()
    rng = random.Random(5)
    results = []
    for _ in range(150):
        position = rng.randrange(len(content))
        changed = bytearray(content)
        changed[position] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        try:
            with Store(clock=clock) as store:
                told = store.check()
                with store.read() as session:
                    rows = [row.sealed_content() for model in SEALED for row in session.scalars(select(model))]
                results.append((bool(told), len(rows)))
        except (Tampered, StoreError, KeyProblem):
            results.append((True, 0))
    assert all(told or rows == len(SEALED) for told, rows in results)
    assert sum(told for told, _ in results) > 20


def test_every_flipped_byte_of_the_vaults_row_is_found_at_once(store, open_store, outside):
    ((key_id, wrapped),) = [(bytes(one), bytes(two)) for one, two in outside("SELECT key_id, wrapped FROM vault")]
    for column, value in (("key_id", key_id), ("wrapped", wrapped)):
        for position in range(0, len(value), 1 if "sqlite" in repr(store) else 7):
            changed = bytearray(value)
            changed[position] ^= 0x10
            outside(f"UPDATE vault SET {column} = ?", bytes(changed))
            with pytest.raises(Tampered, match="vault 1"):
                open_store()
            with pytest.raises(Tampered, match="vault 1"):
                names(store)
            assert found(store) == {("vault", "1")}
            outside(f"UPDATE vault SET {column} = ?", value)
    assert names(store) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vault SET id = 2",
        "INSERT INTO vault SELECT 2, key_id, wrapped FROM vault",
        "DELETE FROM vault",
    ],
)
def test_the_vaults_row_is_there_and_the_only_one(store, open_store, outside, change):
    add(store, "Anna")
    outside(change)
    with pytest.raises(Tampered, match="vault 1"):
        open_store()
    with pytest.raises(Tampered, match="vault 1"):
        names(store)
    assert found(store) == {("vault", "1")}


def test_a_row_in_another_table_is_another_row():
    face = {"id": "1", "customer_id": "2", "frames": 5, "created_at": None, "record": b"x", "seal": b""}
    copy = Face.__table__.to_metadata(MetaData(), name="more_faces")
    assert sealed_content(Face.__table__, face) != sealed_content(copy, face)


def test_rows_are_only_written_with_a_seal(store):
    add(store, "Anna")
    for statement in (update(Customer).values(name="Eve"), insert(Customer).values(name="Eve")):
        with store.write() as session, pytest.raises(RuntimeError, match="sealed"):
            session.execute(statement)
    assert names(store) == ["Anna"]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
TIMES = st.datetimes(timezones=st.sampled_from([UTC, datetime.fromisoformat("2024-01-01T00:00+09:30").tzinfo]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TIMES, st.none() | st.floats(allow_nan=False) | st.integers(-(2**53), 2**53), st.binary(min_size=1))
@example("Anna", datetime(2024, 5, 14, tzinfo=UTC), -0.0, b"x")
def test_every_row_comes_back_as_it_was(store, text, time, number, data):
    with store.write() as session:
        session.execute(delete(Customer))
        customer = Customer(name=text, name_key=text, created_at=time, last_accepted_at=None)
        session.add(customer)
        session.flush()
        given = {"label": text, "label_key": text, "expected_pce": number, "quality": text, "record": data}
        more = {"width": 1, "height": 2, "pixel_format": "", "images": 3, "created_at": time}
        session.add(Camera(customer_id=customer.id, **given, **more))
    with store.read() as session:
        row = session.scalar(select(Camera))
        assert {name: getattr(row, name) for name in given} == given
        assert row.created_at == time
        assert session.get(Customer, customer.id).last_accepted_at is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"created_at": datetime(2024, 5, 14)}, "time zone"),  # noqa: DTZ001
        ({"name": "x" * 81}, "81 characters: at most 80"),
        ({"name": "a\0b"}, "NUL"),
    ],
)
def test_what_a_database_would_change_is_refused(store, clock, changes, told):
    def put():
        with store.write() as session:
            session.add(Customer(**{"name": "Anna", "name_key": "anna", "created_at": clock(), **changes}))

    with pytest.raises(ValueError, match=told):
        put()
    assert names(store) == []


def test_a_number_that_is_none_is_refused(store):
    add(store, "Anna")

    def put():
        with store.write() as session:
            session.scalar(select(Camera)).expected_pce = math.nan

    with pytest.raises(ValueError, match=r"cameras\.expected_pce is not a number"):
        put()
    assert store.check() == []
