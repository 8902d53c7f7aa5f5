"""The store keeps all or nothing, finds what was changed behind its back, and forgets what it has to."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, delete, func, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bank import database as database_module
from bank.crypto.vault import MasterKey
from bank.database import Database
from bank.errors import KeyProblem, NotFound, StoreError, Tampered
from bank.migrations import VERSION_TABLE, migrate
from bank.store import Store
from bank.tables import ENCRYPTED, Base, Customer, Lockout
from testing.some import some
from tests import needs
from tests.bank.rows import ON_POSTGRES, ON_SQLITE, add, names

ROOT = needs.ROOT
PASSWORD = "".join(["hor", "se st", "aple"])  # not in one piece, since a traceback shows lines of this file


def test_what_is_written_is_there_for_all(store, open_store, clock):
    with store.write() as session:
        session.add(Customer(name="Anna", name_key="anna", created_at=clock()))
    assert names(store) == names(open_store()) == ["Anna"]


def test_a_failed_transaction_leaves_nothing(store):
    add(store, "Anna")

    def spoil():
        with store.write() as session:
            session.scalar(select(Customer)).name = "Eve"
            session.add(Customer(name="Ben", name_key="ben", created_at=store.clock()))
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spoil()
    assert names(store) == ["Anna"]
    assert store.check() == []


def test_a_reader_sees_one_moment(store, open_store):
    add(store, "Anna")
    with open_store().read() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
        add(store, "Ben")
        assert len(session.scalars(select(Customer)).all()) == 1
    assert names(store) == ["Anna", "Ben"]


@pytest.mark.parametrize("fails", [False, True])
def test_a_query_that_was_not_read_to_its_end_holds_nothing_up(store, open_store, fails):
    other = open_store()
    for name in ("Anna", "Ben", "Cleo"):
        add(store, name)
    kept = []

    def begin() -> None:
        with store.read() as session:
            rows = session.scalars(select(Customer).execution_options(yield_per=1))
            kept.append(rows)
            assert next(rows).name in {"Anna", "Ben", "Cleo"}
            if fails:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) if fails else nullcontext():
        begin()
    add(other, "Dora")
    assert names(store) == ["Anna", "Ben", "Cleo", "Dora"]
    add(store, "Eli")
    assert len(names(other)) == 5
    assert len(kept) == 1


def test_a_reader_cannot_write(store, clock):
    def disobey():
        with store.read() as session:
            session.add(Customer(name="Anna", name_key="anna", created_at=clock()))
            session.flush()

    with pytest.raises(RuntimeError, match=r"use Store\.write"):
        disobey()
    assert names(store) == []


def test_what_a_transaction_handed_out_can_be_read_after_it(store):
    add(store, "Anna")
    with store.write() as session:
        customer = session.scalar(select(Customer))
        customer.name = "Anne"
    assert customer.name == "Anne"


def test_a_name_that_is_taken_is_told_without_the_row(store):
    add(store, "Anna")
    with pytest.raises(IntegrityError) as caught:
        add(store, "ANNA")
    assert "hidden" in str(caught.value)
    assert names(store) == ["Anna"]


def test_a_lock_gives_the_customer_and_names_who_is_missing(store):
    anna = add(store, "Anna")
    with store.write() as session:
        assert store.lock(session, anna).name == "Anna"
        with pytest.raises(NotFound, match="nobody"):
            store.lock(session, "nobody")
    with store.read() as session, pytest.raises(RuntimeError, match=r"use Store\.write"):
        store.lock(session, anna)


@ON_POSTGRES  # on SQLite a second writer cannot even begin
def test_a_lock_shows_what_was_written_while_it_waited(store, open_store):
    anna = add(store, "Anna")
    with store.write() as session:
        customer = session.get(Customer, anna)
        assert customer.name == "Anna"
        other = open_store()
        with other.write() as second:
            other.lock(second, anna).name = "Anne"
        assert store.lock(session, anna) is customer
        assert customer.name == "Anne"


def test_whoever_holds_the_lock_counts_alone(open_store):
    stores = [open_store() for _ in range(3)]
    anna = add(stores[0], "Anna")

    def count(number: int) -> None:
        store = stores[number % 3]
        for _ in range(5):
            with store.write() as session:
                store.lock(session, anna)
                session.get(Lockout, anna).level += 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count, range(6)))
    with stores[0].read() as session:
        assert session.get(Lockout, anna).level == 1 + 6 * 5
    assert stores[0].check() == []


def test_migrations_make_exactly_the_tables(bare_url, home):
    home.mkdir()
    engine, reference = create_engine(bare_url), create_engine(bare_url.replace("bank.db", "other.db"))
    try:
        with engine.begin() as connection:
            migrate(connection)
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            assert compare_metadata(context, Base.metadata) == []
            migrated = schema(connection)
            # PostgreSQL has one database here: make way in it.
            Base.metadata.drop_all(connection)
        with reference.begin() as connection:
            Base.metadata.create_all(connection)
            assert schema(connection) == migrated
    finally:
        engine.dispose()
        reference.dispose()


def schema(connection) -> dict:
    inspector = inspect(connection)
    assert len(inspector.get_table_names()) >= len(Base.metadata.tables)
    return {
        name: {
            "columns": [str({**column, "type": str(column["type"])}) for column in inspector.get_columns(name)],
            "primary": inspector.get_pk_constraint(name),
            "foreign": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "indexes": sorted(map(str, inspector.get_indexes(name))),
        }
        for name in Base.metadata.tables
    }


def test_an_empty_database_becomes_a_bank_from_any_folder(bare_url, open_store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    add(open_store(url=bare_url), "Anna")
    assert names(open_store(url=bare_url)) == ["Anna"]


def test_a_database_of_a_newer_lenslock_is_refused_and_left_alone(store, open_store, outside):
    add(store, "Anna")
    before = outside("SELECT * FROM customers")
    outside(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer LensLock.*9999.*Update LensLock"):
        open_store()
    assert outside("SELECT * FROM customers") == before
    assert outside(f"SELECT version_num FROM {VERSION_TABLE}") == [("9999",)]


def test_somebody_elses_tables_are_not_touched(bare_url, open_store, home):
    home.mkdir()
    engine = create_engine(bare_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (shop INTEGER)"))
    with pytest.raises(StoreError, match="customers"):
        open_store(url=bare_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["customers"]
    engine.dispose()


@pytest.mark.slow
def test_processes_that_open_an_empty_bank_at_once_share_it(bare_url, open_store, home):
    code = """
import sys
from bank.store import Store
from bank.tables import Customer
input()
with Store(sys.argv[1]) as store, store.write() as session:
    session.add(Customer(name=sys.argv[2], name_key=sys.argv[2], created_at=store.clock()))
"""
    starters = [
        subprocess.Popen(
            [sys.executable, "-c", code, bare_url, str(number)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for starter in starters:
        stdin = some(starter.stdin)
        stdin.write("\n")
        stdin.flush()
    assert [starter.communicate()[1] for starter in starters] == [""] * 6
    store = open_store(url=bare_url)
    assert names(store) == [str(number) for number in range(6)]
    assert store.check() == []
    assert {path.name for path in home.iterdir()} <= {"bank.key", "bank.db", "bank.db-wal", "bank.db-shm"}


def test_threads_may_open_banks_at_once(tmp_path):
    def open_one(number: int) -> list[Tampered]:
        with Store(folder=tmp_path / str(number % 2)) as store:
            return store.check()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(open_one, range(12))) == [[]] * 12


def test_by_default_the_bank_is_a_file_in_the_users_folder(home, clock):
    before = os.umask(0)
    try:
        with Store(clock=clock) as store:
            add(store, "Anna")
            files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert set(files) == {"bank.db", "bank.key", "bank.db-wal", "bank.db-shm"}
    assert set(files.values()) == {0o600}


def test_an_old_file_that_others_can_read_is_made_private(home):
    Store().close()
    (home / "bank.db").chmod(0o644)
    Store().close()
    assert stat.S_IMODE((home / "bank.db").stat().st_mode) == 0o600


def test_the_environment_names_database_and_folder(database_url, monkeypatch, tmp_path, clock):
    monkeypatch.setenv("LENSLOCK_DATABASE_URL", database_url)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "elsewhere"))
    with Store(clock=clock) as store:
        add(store, "Anna")
    assert (tmp_path / "elsewhere" / "bank.key").exists()
    with Store(database_url, clock=clock) as store:
        assert names(store) == ["Anna"]


@pytest.mark.parametrize("name", ["with space", "50%", "what?", "#1", "a@b:c", "Täschchen", "%41"])
def test_the_folder_may_have_any_name(tmp_path, name):
    with Store(folder=tmp_path / name) as store:
        assert store.check() == []
    assert {path.name for path in (tmp_path / name).iterdir()} == {"bank.db", "bank.key"}


def test_sqlite_is_set_up_to_keep_and_to_forget(home):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 30000}
    with Store() as store:
        for _ in range(2):  # also after the log was wiped, which waits for less
            with store.read() as session:
                assert {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
            with store.write() as session:
                session.execute(delete(Customer))


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://anna:{PASSWORD}@127.0.0.1:1/bank",
        f"postgres://anna:{PASSWORD}@127.0.0.1:1/bank",
        f"postgresql+psycopg2://anna:{PASSWORD}@127.0.0.1:1/bank",
        f"postgresql://anna@127.0.0.1:1/bank?password={PASSWORD}",
        f"postgresql://anna:{PASSWORD}@/bank?host=/nowhere",
        f"postgresql://anna:{PASSWORD}@nowhere.invalid/bank",
    ],
)
def test_a_database_out_of_reach_is_told_without_its_password(url, home):
    with pytest.raises(
        StoreError, match=r"postgresql\+psycopg://anna.*/bank: .*(refused|No such file|resolve)"
    ) as caught:
        Store(url)
    assert_hidden(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"mysql://anna:{PASSWORD}@host/bank", "'mysql' is no database"),
        (f"nonsense {PASSWORD}", "expected postgresql://"),
        (f"postgresql://anna:{PASSWORD}:5432@host:port/bank", "expected postgresql://"),
        (f"postgresql://anna:a@{PASSWORD}@host/bank", "%40"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:bank?mode=memory&uri=true", "names no file"),
    ],
)
def test_an_address_that_is_none_is_told_without_its_password(url, told):
    with pytest.raises(StoreError, match=told) as caught:
        Store(url)
    assert_hidden(caught.value)


def test_a_drivers_message_that_has_the_password_in_it_is_passed_on_without():
    database = Database(f"postgresql://anna:{PASSWORD}@host/bank")
    with pytest.raises(StoreError, match=r"no password=\*\*\* please") as caught, database.telling():
        raise OperationalError("", {}, RuntimeError(f"no password={PASSWORD} please"))
    assert_hidden(caught.value)


def assert_hidden(error: BaseException) -> None:
    told = "".join(traceback.format_exception(error)) + repr(error)
    assert "horse" not in told
    assert "aple" not in told


@pytest.mark.postgres
def test_a_missing_postgres_database_is_told(cluster):
    with pytest.raises(StoreError, match='"nowhere" does not exist'):
        Store(cluster.url("nowhere"))


@pytest.mark.postgres
def test_a_postgres_database_that_cannot_hold_every_name_is_refused(cluster):
    cluster.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="encoding LATIN1: expected UTF8"):
        Store(cluster.url("latin"))
    cluster.drop("latin")


def test_a_file_that_is_no_database_is_told(home):
    home.mkdir()
    (home / "bank.db").write_bytes(b"a shopping list, " * 100)
    with pytest.raises(StoreError, match=r"bank\.db cannot be opened"):
        Store()
    assert (home / "bank.db").read_bytes() == b"a shopping list, " * 100


def test_a_folder_that_is_a_file_is_told(home):
    home.write_text("a shopping list")
    with pytest.raises(StoreError, match="cannot be made"):
        Store()
    with pytest.raises(StoreError, match="cannot be written"):
        Store(f"sqlite:///{home}/bank.db", folder=home.parent / "other")


@ON_SQLITE
def test_who_waits_too_long_to_write_is_told_and_may_still_read(store, open_store, monkeypatch):
    monkeypatch.setattr(database_module, "_PATIENCE_S", 0.1)
    add(store, "Anna")

    def push():
        with other.write():
            pass

    with store.write():
        other = open_store()
        with pytest.raises(StoreError, match="locked"):
            push()
        assert names(other) == ["Anna"]


def test_another_key_is_told_and_nothing_is_read_or_changed(store, open_store, outside):
    add(store, "Anna")
    before = {table: outside(f"SELECT * FROM {table}") for table in Base.metadata.tables}
    with pytest.raises(KeyProblem, match="encrypted with another key than the key that was given"):
        open_store(key=MasterKey.new())
    assert {table: outside(f"SELECT * FROM {table}") for table in Base.metadata.tables} == before
    assert names(store) == ["Anna"]


def test_a_key_of_the_environment_is_used_and_never_written(open_store, home, monkeypatch):
    monkeypatch.setenv("LENSLOCK_KEY", os.urandom(32).hex())
    add(open_store(), "Anna")
    assert names(open_store()) == ["Anna"]
    assert not (home / "bank.key").exists()
    monkeypatch.setenv("LENSLOCK_KEY", os.urandom(32).hex())
    with pytest.raises(KeyProblem, match="another key than LENSLOCK_KEY"):
        open_store()
    monkeypatch.setenv("LENSLOCK_KEY", "secret")
    with pytest.raises(KeyProblem, match="64 hexadecimal digits"):
        open_store()


def test_a_bank_without_its_key_is_not_given_a_new_one(store, open_store, home):
    store.close()
    (home / "bank.key").unlink()
    with pytest.raises(KeyProblem, match="There is no key"):
        open_store()
    assert not (home / "bank.key").exists()


def test_a_key_file_that_others_can_read_opens_nothing(store, open_store, home):
    (home / "bank.key").chmod(0o644)
    with pytest.raises(KeyProblem, match="chmod 600"):
        open_store()


def test_every_flipped_byte_of_the_key_file_is_told(home):
    Store().close()
    content = (home / "bank.key").read_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1
        (home / "bank.key").write_bytes(changed)
        with pytest.raises(KeyProblem, match=r"bank\.key"):
            Store()
    (home / "bank.key").write_bytes(content)
    Store().close()


def test_nothing_that_is_encrypted_lies_anywhere_in_plain(home, clock):
    with Store(clock=clock) as store:
        add(store, "Anna", 20_000)
        with store.read() as session:
            vault = session.info["vault"]
            for model, purpose in ENCRYPTED.items():
                row: Any = session.scalar(select(model))
                plain = vault.decrypt(row.record, purpose=purpose, owner=row.customer_id, record=row.id)
                assert plain.startswith(f"{purpose} of Anna".encode())
        key = (home / "bank.key").read_text().strip()
        for path in home.iterdir():
            if path.name != "bank.key":
                content = path.read_bytes()
                assert not any(f"{purpose} of Anna".encode() in content for purpose in ENCRYPTED.values())
                assert bytes.fromhex(key) not in content
                assert key.encode() not in content
