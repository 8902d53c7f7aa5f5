"""A new key replaces the old one everywhere or nowhere, whenever a crash comes and whoever writes meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from bank import audit
from bank import store as store_module
from bank.crypto import key_ring as keyring_module
from bank.crypto.key_ring import KeyRing
from bank.crypto.master_key import KEY_FILE, NEW_KEY_FILE, MasterKey
from bank.crypto.row_seals import BankSession
from bank.errors import KeyProblem, Tampered
from bank.store import Store
from bank.tables import ENCRYPTED, Base, Customer, Lockout
from testing.some import some
from tests import needs
from tests.bank.rows import ON_SQLITE, add, decrypted, secrets_of

ROOT = needs.ROOT


class Crash(BaseException):
    """The machine stops here."""


def rotations(store: Store) -> int:
    with store.read() as session:
        assert audit.verify_chain(session).intact
        return len(list(audit.entries(session, kind="key-rotated")))


def test_everything_is_encrypted_and_sealed_anew_and_stays_readable(store, open_store, outside, home):
    add(store, "Anna")
    add(store, "Ben")
    before, old_key, old = decrypted(store), (home / KEY_FILE).read_text(), secrets_of(outside)
    with store.read() as session:
        name = session.info["vault"].pseudonym("address", "::1")
    store.rotate_key()
    assert len(before) == 8
    assert decrypted(store) == decrypted(open_store()) == before
    assert store.check() == []
    assert secrets_of(outside).isdisjoint(old)
    assert rotations(store) == 1
    assert (home / KEY_FILE).read_text() != old_key
    assert (home / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert not (home / NEW_KEY_FILE).exists()
    with store.read() as session:
        assert session.info["vault"].pseudonym("address", "::1") == name


def test_the_old_key_opens_nothing_any_more(store, open_store, home):
    add(store, "Anna")
    old = MasterKey.load(home, {})
    store.rotate_key()
    with pytest.raises(KeyProblem, match="encrypted with another key"):
        open_store(key=old)


@ON_SQLITE
def test_what_the_old_key_opens_leaves_no_trace_in_the_files(store, outside, home):
    add(store, "Anna", 20_000)
    pieces = [value[:24] for value in secrets_of(outside)] + [bytes.fromhex((home / KEY_FILE).read_text())]
    pieces += [value[-24:] for value in secrets_of(outside)]
    store.rotate_key()
    for path in home.iterdir():
        content = path.read_bytes()
        assert not [piece for piece in pieces if piece in content and len(piece) > 8]


def test_an_empty_bank_gets_a_new_key_too(store, open_store, home):
    old = MasterKey.load(home, {})
    store.rotate_key()
    assert MasterKey.load(home, {}).id != old.id
    assert open_store().check() == []


def test_a_key_may_be_given_for_the_key_file(store, open_store, home):
    add(store, "Anna")
    new = MasterKey.new()
    store.rotate_key(new)
    assert MasterKey.load(home, {}).id == new.id
    assert len(decrypted(open_store())) == 4


def test_a_rotation_is_one_of_many(store, home):
    add(store, "Anna")
    keys = {MasterKey.load(home, {}).id}
    for _ in range(4):
        store.rotate_key()
        keys.add(MasterKey.load(home, {}).id)
    assert len(keys) == 5
    assert rotations(store) == 4
    assert store.check() == []


def test_a_key_of_the_environment_changes_to_that_of_the_environment(open_store, home, monkeypatch):
    one, two = os.urandom(32).hex(), os.urandom(32).hex()
    monkeypatch.setenv("LENSLOCK_KEY", one)
    store = open_store()
    add(store, "Anna")
    with pytest.raises(KeyProblem, match="set LENSLOCK_NEW_KEY"):
        store.rotate_key()
    monkeypatch.setenv("LENSLOCK_NEW_KEY", one)
    with pytest.raises(KeyProblem, match="is the one in use"):
        store.rotate_key()
    monkeypatch.setenv("LENSLOCK_NEW_KEY", "secret")
    with pytest.raises(KeyProblem, match="LENSLOCK_NEW_KEY: expected 32 random bytes"):
        store.rotate_key()
    monkeypatch.setenv("LENSLOCK_NEW_KEY", two)
    store.rotate_key()
    assert len(decrypted(store)) == len(decrypted(open_store())) == 4
    assert not list(home.glob("bank.key*"))
    monkeypatch.delenv("LENSLOCK_NEW_KEY")
    assert len(decrypted(store)) == 4
    with pytest.raises(KeyProblem, match="another key than LENSLOCK_KEY"):
        open_store()
    monkeypatch.setenv("LENSLOCK_KEY", two)
    assert len(decrypted(open_store())) == 4


def test_a_key_that_was_given_changes_to_one_that_is_given(open_store, home):
    one, two = MasterKey.new(), MasterKey.new()
    store, other = open_store(key=one), open_store(key=one)
    add(store, "Anna")
    with pytest.raises(KeyProblem, match="give the new one"):
        store.rotate_key()
    with pytest.raises(KeyProblem, match="is the one in use"):
        store.rotate_key(one)
    store.rotate_key(two)
    assert len(decrypted(store)) == len(decrypted(open_store(key=two))) == 4
    assert not list(home.glob("bank.key*"))
    with pytest.raises(KeyProblem, match="another key than the key that was given"):
        decrypted(other)


@pytest.mark.parametrize("change", ["UPDATE cameras SET label = 'x'", "UPDATE audit_head SET last_seq = 5"])
def test_what_was_tampered_with_is_not_blessed_with_a_new_seal(store, outside, home, change):
    add(store, "Anna")
    key = (home / KEY_FILE).read_bytes()
    outside(change)
    before = {table: outside(f"SELECT * FROM {table}") for table in Base.metadata.tables}
    told = str(store.check()[0])
    with pytest.raises(Tampered) as caught:
        store.rotate_key()
    assert str(caught.value) == told
    assert {table: outside(f"SELECT * FROM {table}") for table in Base.metadata.tables} == before
    assert (home / KEY_FILE).read_bytes() == key
    assert not (home / NEW_KEY_FILE).exists()


def test_the_key_of_another_bank_in_the_folder_is_not_lost(home, tmp_path, clock):
    with Store(clock=clock) as first, Store(f"sqlite:///{tmp_path}/second.db", clock=clock) as second:
        add(first, "Anna")
        with pytest.raises(KeyProblem, match=r"key file is that of .*bank\.db"):
            second.rotate_key()
        assert len(decrypted(first)) == 4


@ON_SQLITE
def test_one_record_at_a_time_is_in_memory(store):
    size = 400_000
    for number in range(6):
        add(store, f"Customer {number}", size)
    tracemalloc.start()
    try:
        assert store.check() == []
        store.rotate_key()
        assert tracemalloc.get_traced_memory()[1] < 9 * size  # of 24 records
    finally:
        tracemalloc.stop()


def before(_function):
    """Crash instead of doing what a function does."""

    def run(*_args, **_kwargs):
        raise Crash

    return run


def after(function):
    """Crash when a function is done."""

    def run(*args, **kwargs):
        function(*args, **kwargs)
        raise Crash

    return run


def second(crash):
    """Crash the second time."""

    def changed(function):
        turns = iter((function, crash(function)))

        def run(*args, **kwargs):
            return next(turns)(*args, **kwargs)

        return run

    return changed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "name", "crash", "changed"),
    [
        pytest.param(store_module, "reseal", before, False, id="before anything"),
        pytest.param(store_module, "reseal", after, False, id="when all is encrypted anew"),
        pytest.param(audit, "append", after, False, id="when the rotation is in the trail"),
        pytest.param(os, "fsync", before, False, id="while the new key is written"),
        pytest.param(KeyRing, "stage", after, False, id="when the new key is written"),
        pytest.param(BankSession, "commit", before, False, id="before the commit"),
        pytest.param(BankSession, "commit", after, True, id="after the commit"),
        pytest.param(KeyRing, "settle", second(before), True, id="before the key is put in place"),
        pytest.param(keyring_module, "sync_folder", before, True, id="while the key is put in place"),
        pytest.param(KeyRing, "settle", second(after), True, id="when the key is in place"),
    ],
)
def test_a_crash_leaves_the_old_key_or_the_new_one(
    store, open_store, outside, home, monkeypatch, place, name, crash, changed
):
    add(store, "Anna")
    records, key, old = decrypted(store), MasterKey.load(home, {}).id, secrets_of(outside)
    neighbour = open_store()
    with monkeypatch.context() as patched:
        patched.setattr(place, name, crash(getattr(place, name)))
        with pytest.raises(Crash):
            store.rotate_key()
    assert secrets_of(outside).isdisjoint(old) if changed else secrets_of(outside) == old
    assert decrypted(neighbour) == records  # who has the bank open goes on

    again = open_store()
    assert decrypted(again) == records
    assert again.check() == []
    assert rotations(again) == changed
    assert (MasterKey.load(home, {}).id != key) == changed
    assert not (home / NEW_KEY_FILE).exists()
    again.rotate_key()
    assert decrypted(again) == decrypted(neighbour) == decrypted(store) == records


def test_who_puts_the_key_in_place_late_does_not_undo_a_later_rotation(store, open_store, home, monkeypatch):
    add(store, "Anna")
    with monkeypatch.context() as patched:
        patched.setattr(Store, "_settle", before(None))
        with pytest.raises(Crash):
            store.rotate_key()
    assert (home / NEW_KEY_FILE).exists()
    open_store().rotate_key()
    key = MasterKey.load(home, {}).id
    store._settle()
    assert MasterKey.load(home, {}).id == key
    assert len(decrypted(store)) == len(decrypted(open_store())) == 4


def test_a_new_key_that_somebody_removed_too_early_is_written_again(store, open_store, home, monkeypatch):
    add(store, "Anna")

    def remove(keys, new):
        stage(keys, new)
        (home / NEW_KEY_FILE).unlink()

    stage = KeyRing.stage
    monkeypatch.setattr(KeyRing, "stage", remove)
    store.rotate_key()
    assert len(decrypted(open_store())) == 4


def test_a_reader_goes_on_with_what_it_began(store, open_store):
    add(store, "Anna")
    with open_store().read() as session:
        decrypt = session.info["vault"].decrypt
        assert session.scalar(select(Customer)).name == "Anna"
        store.rotate_key()
        for model, purpose in ENCRYPTED.items():
            row = session.scalar(select(model))
            record = decrypt(row.record, purpose=purpose, owner=row.customer_id, record=row.id)
            assert record.startswith(f"{purpose} of Anna".encode())
    assert store.check() == []


def test_a_reader_who_came_between_two_keys_begins_again(store, open_store, monkeypatch):
    add(store, "Anna")
    other = open_store()
    store.rotate_key()
    read = store_module._vault_row
    rows = []

    def late(session):
        rows.append(read(session))
        if len(rows) == 1:
            with monkeypatch.context() as patched:
                patched.setattr(store_module, "_vault_row", read)
                store.rotate_key()  # what was just read is of a key that is gone
        return rows[-1]

    monkeypatch.setattr(store_module, "_vault_row", late)
    with other.read() as session:
        assert session.scalar(select(Customer)).name == "Anna"
    assert len(rows) == 2


@pytest.mark.slow
def test_threads_go_on_writing_and_reading_while_the_key_changes(open_store):
    rotating, *others = (open_store() for _ in range(3))
    anna = add(rotating, "Anna")
    done = threading.Event()

    def count(store):
        turns = 0
        while not done.is_set() or turns < 5:
            with store.write() as session:
                store.lock(session, anna)
                session.get(Lockout, anna).level += 1
            turns += 1
        return turns

    def look(store):
        turns = 0
        while not done.is_set() or turns < 5:
            assert len(decrypted(store)) % 4 == 0
            turns += 1
        return turns

    with ThreadPoolExecutor(5) as pool:
        counting = [pool.submit(count, store) for store in others]
        looking = [pool.submit(look, store) for store in others]
        try:
            for number in range(5):
                rotating.rotate_key()
                add(rotating, f"Customer {number}")
        finally:
            done.set()
        turns = sum(task.result() for task in counting)
        assert all(task.result() >= 5 for task in looking)
    with rotating.read() as session:
        assert session.get(Lockout, anna).level == 1 + turns
        assert session.scalar(select(func.count()).select_from(Customer)) == 6
    assert rotating.check() == []
    assert rotations(rotating) == 5


WRITER = """
import sys
from bank.store import Store
from tests.bank.rows import ON_SQLITE, add, decrypted, secrets_of
from bank.tables import Customer, Face
with Store(sys.argv[1]) as store:
    for number in range(60):
        with store.write() as session:
            customer = Customer(name=str(number), name_key=str(number), created_at=store.clock())
            session.add(customer)
            session.flush()
            bound = {"purpose": "face", "owner": customer.id, "record": str(number)}
            record = session.info["vault"].encrypt(b"a face", **bound)
            now = store.clock()
            session.add(Face(id=str(number), customer_id=customer.id, frames=1, created_at=now, record=record))
        with store.read() as session:
            row = session.get(Face, str(number))
            assert session.info["vault"].decrypt(row.record, **bound) == b"a face"
        if number == 0:
            print("going", flush=True)
"""


@pytest.mark.slow
def test_another_process_goes_on_while_the_key_changes(open_store, database_url):
    store = open_store()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, database_url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as writer:
        assert some(writer.stdout).readline() == "going\n"
        changes = 0
        while changes < 2 or (writer.poll() is None and changes < 30):
            store.rotate_key()
            changes += 1
        assert writer.communicate(timeout=100)[1] == ""
    assert writer.returncode == 0
    assert len(decrypted(store)) == 60
    assert store.check() == []
    assert rotations(store) == changes


@pytest.mark.slow
def test_rotations_at_once_take_turns(open_store, home):
    stores = [open_store() for _ in range(3)]
    add(stores[0], "Anna")
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda store: [store.rotate_key() for _ in range(3)], stores))
    assert rotations(stores[0]) == 9
    assert not (home / NEW_KEY_FILE).exists()
    for store in (*stores, open_store()):
        assert len(decrypted(store)) == 4
