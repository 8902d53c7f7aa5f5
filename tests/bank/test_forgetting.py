"""Who is deleted leaves nothing, and what has passed its limit goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select

from bank import audit
from bank import database as database_module
from bank.tables import ENCRYPTED, Base, Customer, Face
from tests import needs
from tests.bank.rows import ON_SQLITE, TABLES, add, names

ROOT = needs.ROOT


def rows(outside) -> dict[str, int]:
    return {table: outside(f"SELECT count(*) FROM {table}")[0][0] for table in Base.metadata.tables}


def test_a_deleted_customer_leaves_no_row(store, outside):
    before = rows(outside)
    anna, ben = add(store, "Anna"), add(store, "Ben")
    with store.write() as session:
        session.execute(delete(Customer).where(Customer.id == anna))
    for table, model in TABLES.items():
        if "customer_id" in model.__table__.columns:
            assert outside(f"SELECT customer_id FROM {table}") == [(ben,)]
    assert names(store) == ["Ben"]
    with store.write() as session:
        session.delete(session.get(Customer, ben))
    assert rows(outside) == before | {"audit": 2, "audit_head": 1}
    assert store.check() == []


def pieces_of(outside, tables=tuple(ENCRYPTED)) -> list[bytes]:
    """Pieces of what a bank holds of its only customer."""
    pieces = []
    for model in tables:
        ((record, seal),) = outside(f"SELECT record, seal FROM {model.__tablename__}")
        pieces += [seal, *(record[start : start + 24] for start in range(0, len(record) - 24, 500))]
    return pieces


def traces(home: Path, pieces: list[bytes]) -> dict[str, int]:
    """How many of the pieces are in each of the bank's files."""
    counts = {path.name: sum(piece in path.read_bytes() for piece in pieces) for path in home.glob("bank.db*")}
    return {name: count for name, count in counts.items() if count}


@ON_SQLITE
@pytest.mark.parametrize("by", ["statement", "object"])
def test_a_deleted_customer_leaves_no_trace_in_the_files(store, open_store, outside, home, by):
    idle = open_store()
    anna = add(store, "Annabella", 20_000)
    assert names(idle) == ["Annabella"]
    pieces = [b"Annabella", b"annabella", *pieces_of(outside)]
    assert traces(home, pieces)
    with store.write() as session:
        if by == "object":
            session.delete(session.get(Customer, anna))
        else:
            session.execute(delete(Customer))
    assert traces(home, pieces) == {}


@ON_SQLITE
def test_a_replaced_record_leaves_no_trace_in_the_files(store, outside, home):
    add(store, "Anna", 20_000)
    pieces = pieces_of(outside, [Face])
    assert traces(home, pieces)
    with store.write() as session:
        session.scalar(select(Face)).record = b"something shorter"
    assert traces(home, pieces) == {}


@ON_SQLITE
def test_traces_that_a_reader_still_needs_go_later(store, open_store, outside, home, monkeypatch):
    monkeypatch.setattr(database_module, "_SCRUB_MS", 20)
    add(store, "Annabella", 20_000)
    pieces = [b"Annabella", *pieces_of(outside)]
    with open_store().read() as session:
        assert session.scalar(select(Customer.name)) == "Annabella"
        with store.write() as writing:
            writing.execute(delete(Customer))
        assert len(session.scalars(select(Face)).all()) == 1
        assert traces(home, pieces)
    assert names(store) == []
    assert traces(home, pieces) == {}


@ON_SQLITE
def test_traces_go_at_the_latest_when_the_store_is_closed(store, open_store, outside, home, monkeypatch):
    monkeypatch.setattr(database_module, "_SCRUB_MS", 20)
    add(store, "Annabella", 20_000)
    pieces = [b"Annabella", *pieces_of(outside)]
    keeper = open_store()  # or SQLite would wipe its log by itself
    with keeper.read() as session:
        assert session.scalar(select(Customer.name)) == "Annabella"
        with store.write() as writing:
            writing.execute(delete(Customer))
        assert traces(home, pieces)
    store.close()
    assert traces(home, pieces) == {}


RETENTION = SimpleNamespace(attempts_days=30, seen_days=10, audit_days=60, inactive_days=90)


def test_what_has_passed_its_limit_goes_and_the_rest_stays(store, clock, outside):
    add(store, "Anna")
    nothing = {"customers": 0, "attempts": 0, "seen": 0, "audit": 0}
    clock.advance(days=10)
    before = rows(outside)
    assert store.housekeeping(RETENTION, clock()) == nothing
    assert rows(outside) == before
    assert store.housekeeping(RETENTION, clock.advance(1)) == nothing | {"seen": 1}
    add(store, "Ben")
    assert store.housekeeping(RETENTION, clock.advance(days=20)) == nothing | {"attempts": 1, "seen": 1}
    assert store.housekeeping(RETENTION, clock.advance(days=40)) == nothing | {"attempts": 1, "audit": 1}
    assert store.housekeeping(RETENTION, clock.advance(days=20)) == nothing | {"customers": 1, "audit": 1}
    assert names(store) == ["Ben"]
    assert outside("SELECT id FROM cameras") == [("Ben's camera",)]
    assert store.check() == []
    with store.read() as session:
        assert audit.verify_chain(session).intact


def test_a_customer_who_was_never_accepted_goes_too(store, clock):
    with store.write() as session:
        session.add(Customer(name="Anna", name_key="anna", created_at=clock()))
    assert store.housekeeping(RETENTION, clock.advance(days=90))["customers"] == 0
    assert store.housekeeping(RETENTION, clock.advance(1))["customers"] == 1
    assert names(store) == []


def test_whoever_was_accepted_lately_stays(store, clock):
    anna = add(store, "Anna")
    clock.advance(days=80)
    with store.write() as session:
        store.lock(session, anna).last_accepted_at = clock()
    store.housekeeping(RETENTION, clock.advance(days=80))
    assert names(store) == ["Anna"]


def test_housekeeping_by_several_at_once_counts_each_row_once(open_store, clock):
    stores = [open_store() for _ in range(3)]
    for name in ("Anna", "Ben", "Cleo"):
        add(stores[0], name)
    now = clock.advance(days=50)
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda store: store.housekeeping(RETENTION, now), stores))
    assert sum(count["attempts"] for count in counts) == 3
    assert sum(count["seen"] for count in counts) == 3
