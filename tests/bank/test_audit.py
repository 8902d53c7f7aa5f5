from __future__ import annotations

import csv
import io
import json
import math
import time
import tracemalloc
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bank import audit
from bank.errors import Tampered
from bank.store import Store
from bank.tables import AuditEntry, AuditHead, Customer
from tests.bank.crowd import PROCESSES, Crowd, meet

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ENTRIES = 9
COLUMNS = ("at", "kind", "customer_id", "attempt_id", "body", "digest")
HEAD_COLUMNS = ("first_seq", "first_previous", "last_seq", "last_digest", "seal")
# The store is the same for every example: each one takes its changes back.
EXAMPLES = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Undone(Exception):
    pass


@contextmanager
def undone(store):
    """A transaction whose changes can be looked at, and are then taken back."""
    with suppress(Undone), store.write() as session:
        yield session
        raise Undone


def fill(store, count=ENTRIES):
    """Write entries, one a day, of three kinds and customers; return the head."""
    for number in range(count):
        kind = ("decision", "enrolled", "exported")[number % 3]
        body = {"outcome": ("accepted", "refused")[number % 2], "score": number / 7, "number": number}
        with store.write() as session:
            audit.append(
                session,
                kind,
                customer_id=f"{number % 3:032x}",
                attempt_id=f"{number:032x}",
                body=body,
                at=START + number * DAY,
            )
    return check(store).head


def check(store, expect=None):
    with store.read() as session:
        return audit.verify_chain(session, expect)


def sql(session, statement, **values):
    return session.execute(text(statement), values)


def row(session, seq):
    return dict(sql(session, "SELECT * FROM audit WHERE seq = :seq", seq=seq).mappings().one())


def put(session, values):
    columns = ", ".join(values)
    sql(session, f"INSERT INTO audit ({columns}) VALUES ({', '.join(':' + name for name in values)})", **values)


def other(data, value):
    """Another value of the same type."""
    if isinstance(value, int):
        return value + data.draw(st.integers(-(10**9), 10**9).filter(bool), "added")
    if not value:
        return "x"
    place = data.draw(st.integers(0, len(value) - 1), "place")
    if isinstance(value, str):
        letter = data.draw(st.sampled_from('0aZ {}"é').filter(lambda letter: letter != value[place]), "letter")
        return value[:place] + letter + value[place + 1 :]
    return value[:place] + bytes([value[place] ^ data.draw(st.integers(1, 255), "flipped")]) + value[place + 1 :]


def change(session, data, seq):
    column = data.draw(st.sampled_from(COLUMNS), "column")
    changed = other(data, row(session, seq)[column])
    sql(session, f"UPDATE audit SET {column} = :changed WHERE seq = :seq", changed=changed, seq=seq)
    return seq


def remove(session, data, seq):
    last = data.draw(st.integers(seq, ENTRIES), "last removed")
    sql(session, "DELETE FROM audit WHERE seq BETWEEN :first AND :last", first=seq, last=last)
    return seq if last - seq + 1 < ENTRIES else None


def renumber(session, data, seq):
    number = data.draw(st.integers(-3, 0) | st.integers(ENTRIES + 1, ENTRIES + 9), "new number")
    sql(session, "UPDATE audit SET seq = :number WHERE seq = :seq", number=number, seq=seq)
    return min(seq, number)


def append_copy(session, data, seq):
    number = data.draw(st.integers(-3, 0) | st.integers(ENTRIES + 1, ENTRIES + 9), "new number")
    put(session, row(session, seq) | {"seq": number})
    return number


def insert(session, data, seq):
    """Make room for one more, and put a copy of some entry there."""
    copied = row(session, data.draw(st.integers(1, ENTRIES).filter(lambda number: number != seq), "copied"))
    sql(session, "UPDATE audit SET seq = -seq - 1 WHERE seq >= :seq", seq=seq)
    sql(session, "UPDATE audit SET seq = -seq WHERE seq < 0")
    put(session, copied | {"seq": seq})
    return seq


def swap(session, data, seq):
    second = data.draw(st.integers(1, ENTRIES).filter(lambda number: number != seq), "second")
    one, two = row(session, seq), row(session, second)
    sql(session, "DELETE FROM audit WHERE seq IN (:one, :two)", one=seq, two=second)
    put(session, one | {"seq": second})
    put(session, two | {"seq": seq})
    return min(seq, second)


def change_head(session, data, _seq):
    column = data.draw(st.sampled_from(HEAD_COLUMNS), "column")
    value = sql(session, f"SELECT {column} FROM audit_head").scalar_one()
    sql(session, f"UPDATE audit_head SET {column} = :changed", changed=other(data, value))


def remove_head(session, _data, _seq):
    sql(session, "DELETE FROM audit_head")


DAMAGES = (change, remove, renumber, append_copy, insert, swap, change_head, remove_head)


@pytest.fixture(scope="module")
def crowd():
    made = Crowd()
    yield made
    made.close()


def test_a_trail_as_it_was_written_is_intact(store):
    assert check(store).intact
    with store.write() as session:
        first = audit.append(session, "enrolled", customer_id="a", body={"images": 20}, at=START)
        assert (first.seq, first.at, first.body) == (1, START, '{"images":20}')
        last = audit.append(session, "decision", body={})
    status = check(store)
    assert status == audit.ChainStatus(2, True, None, "", f"2:{last.digest.hex()}")
    assert fill(store).startswith(f"{ENTRIES + 2}:")
    assert check(store).entries == ENTRIES + 2


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_any_damage_is_found_and_the_first_bad_entry_is_named(store, damage):
    head = fill(store)

    @EXAMPLES
    @given(st.data())
    def holds(data):
        with undone(store) as session:
            seq = data.draw(st.integers(1, ENTRIES), "entry")
            first_bad = damage(session, data, seq)
            status = audit.verify_chain(session)
        assert not status.intact
        assert status.first_bad == first_bad
        assert status.problem.endswith(".")
        assert first_bad is None or f" {first_bad} " in status.problem
        assert status.entries < ENTRIES or damage is append_copy
        assert status.head == (head if first_bad is not None else "")

    holds()
    assert check(store, head).intact


@pytest.mark.parametrize("seq", [1, ENTRIES // 2, ENTRIES])
def test_a_removed_entry_is_missed(store, seq):
    fill(store)
    with store.write() as session:
        sql(session, "DELETE FROM audit WHERE seq = :seq", seq=seq)
    status = check(store)
    assert (status.intact, status.first_bad, status.entries) == (False, seq, seq - 1)
    assert f"Entry {seq} is missing" in status.problem


def test_a_trail_that_is_wholly_gone_is_no_new_one(store):
    head = fill(store)
    with undone(store) as session:
        sql(session, "DELETE FROM audit")
        assert audit.verify_chain(session).problem == "All entries of the audit trail were removed."
        sql(session, "DELETE FROM audit_head")
        assert audit.verify_chain(session).intact
        assert not audit.verify_chain(session, expect=head).intact
        session.add(Customer(name="Anna", name_key="anna", created_at=START))
        session.flush()
        assert audit.verify_chain(session).problem.startswith("There are customers but no audit trail")


def unreadable(session):
    """The entry, if any, at which reading stops."""
    try:
        list(audit.entries(session))
    except Tampered as error:
        return error.row


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # which alone keeps anything in any column
@pytest.mark.parametrize("column", ["seq", *COLUMNS])
@pytest.mark.parametrize("junk", ["CAST(x'7bff22' AS TEXT)", "x'00'", "'soon'", "1e300", "9223372036854775807"])
def test_what_is_not_even_of_the_right_type_is_found_and_named(store, column, junk):
    fill(store)
    with undone(store) as session:
        sql(session, f"UPDATE audit SET {column} = {junk} WHERE seq = 4")
        status = audit.verify_chain(session)
        assert (status.intact, status.first_bad) == (False, 4)
        assert unreadable(session) in (None, "4" if column != "seq" else "None")
        with suppress(Tampered):
            audit.prune(session, START + 99 * DAY)
        assert audit.verify_chain(session).first_bad == 4


@pytest.mark.parametrize("column", HEAD_COLUMNS)
def test_nothing_is_appended_after_a_changed_head(store, column):
    fill(store)
    with store.write() as session:
        value = sql(session, f"SELECT {column} FROM audit_head").scalar_one()
        changed = value - 1 if isinstance(value, int) else bytes(len(value))
        if value != changed:
            sql(session, f"UPDATE audit_head SET {column} = :changed", changed=changed)
        else:
            sql(session, f"UPDATE audit_head SET {column} = :changed", changed=b"x" * 32)
    with pytest.raises(Tampered, match="audit_head"), store.write() as session:
        audit.append(session, "decision", body={})


def test_nothing_is_appended_to_a_trail_whose_head_is_gone_or_older_than_it(store):
    fill(store, 3)
    with store.read() as session:
        old = dict(sql(session, "SELECT * FROM audit_head").mappings().one())
    fill(store, 3)
    with undone(store) as session:
        sql(session, "DELETE FROM audit_head")
        with pytest.raises(Tampered, match="knows nothing of"):
            audit.append(session, "decision", body={})
    with undone(store) as session:
        put_head(session, old)
        assert audit.verify_chain(session).first_bad == 4
        with pytest.raises(Tampered, match="knows nothing of"):
            audit.append(session, "decision", body={})


def put_head(session, values):
    sql(session, "UPDATE audit_head SET " + ", ".join(f"{name} = :{name}" for name in values), **values)
    session.expire_all()


def test_a_database_put_back_is_found_by_a_head_that_was_noted(store):
    first = fill(store, 3)
    with store.read() as session:
        old = dict(sql(session, "SELECT * FROM audit_head").mappings().one())
    head = fill(store, 3)
    assert check(store, first).intact
    assert check(store, head).intact
    with store.write() as session:
        sql(session, "DELETE FROM audit WHERE seq > 3")
        put_head(session, old)
    assert check(store).intact  # in itself
    assert check(store, first).intact
    status = check(store, head)
    assert (status.intact, status.first_bad) == (False, 4)
    assert "old copy of the database" in status.problem
    with store.write() as session:
        for _ in range(5):
            audit.append(session, "decision", body={"another": True}, at=START)
    assert check(store).intact
    assert check(store, first).intact
    status = check(store, head)
    assert (status.intact, status.first_bad) == (False, 6)
    assert "written anew" in status.problem


def test_a_noted_head_is_a_number_and_a_digest(store):
    empty = check(store).head
    assert empty == "0:" + "00" * 32
    assert check(store, empty).intact
    fill(store, 2)
    assert check(store, f" {empty.upper()}\n").intact
    for wrong in ("", "2", "2:", "2:12ab", "-1:" + "00" * 32, "2:" + "g" * 64, "2:" + "00" * 33):
        with pytest.raises(ValueError, match="no head of an audit trail"):
            check(store, wrong)


def test_an_entry_is_kept_with_what_it_records_or_not_at_all(store):
    fill(store, 1)
    with undone(store) as session:
        session.add(Customer(name="Anna", name_key="anna", created_at=START))
        audit.append(session, "enrolled", body={})
    assert check(store).entries == 1
    with store.read() as session:
        assert session.query(Customer).count() == 0


def test_the_time_is_the_stores_if_none_is_given(store, clock):
    with store.write() as session:
        assert audit.append(session, "decision", body={}).at == clock.now
        clock.advance(days=1)
        assert audit.append(session, "decision", body={}).at == clock.now


def test_numbers_that_json_has_no_word_for_become_null(store):
    given = {"pce": math.nan, "best": [1.5, math.inf, {"worst": -math.inf}], "pair": (1, None), "text": "π \ud800 \0"}
    with store.write() as session:
        audit.append(session, "decision", body=given)
    assert check(store).intact
    with store.read() as session:
        (entry,) = audit.entries(session)
    assert entry.body == given | {"pce": None, "best": [1.5, None, {"worst": None}], "pair": [1, None]}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"body": {"picture": b"\xff\xd8"}}, TypeError),
        ({"body": {"template": np.zeros(128, np.float32)}}, TypeError),
        ({"body": {1: "one"}}, TypeError),
        ({"kind": ""}, ValueError),
        ({"kind": "k" * 33}, ValueError),
        ({"customer_id": "c" * 33}, ValueError),
        ({"attempt_id": "a" * 33}, ValueError),
        ({"at": datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_written_down_is_refused(store, wrong, error):
    given = {"kind": "decision", "body": {}} | wrong
    with store.write() as session:
        with pytest.raises(error):
            audit.append(session, given.pop("kind"), **given)
        assert audit.append(session, "decision", body={}).seq == 1


def test_entries_are_found_by_what_they_are_about(store):
    fill(store)

    def found(**filters):
        with store.read() as session:
            return [entry.seq for entry in audit.entries(session, **filters)]

    assert found() == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert found(newest_first=False, limit=3) == [1, 2, 3]
    assert found(limit=0) == []
    assert found(kind="enrolled") == [8, 5, 2]
    assert found(customer_id=f"{2:032x}") == [9, 6, 3]
    assert found(attempt_id=f"{2:032x}") == [3]
    assert found(outcome="refused", limit=2) == [8, 6]
    assert found(kind="decision", outcome="accepted") == [7, 1]
    assert found(since=START + 2 * DAY, until=START + 4 * DAY) == [4, 3]
    assert found(kind="' OR 1=1 --") == []
    for name in ("since", "until"):
        with pytest.raises(ValueError, match="no time zone"):
            found(**{name: datetime(2026, 1, 1)})  # noqa: DTZ001


def test_an_entry_is_read_back_as_it_was_written(store):
    with store.write() as session:
        written = audit.append(session, "decision", customer_id="c", attempt_id="a", body={"outcome": "refused"})
    with store.read() as session:
        (entry,) = audit.entries(session)
    assert entry == audit.Entry(1, written.at, "decision", "c", "a", {"outcome": "refused"}, written.digest.hex())
    assert entry.outcome == "refused"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=32)


def test_exports_say_what_was_written(store):
    @EXAMPLES
    @given(st.lists(st.tuples(IDS.filter(bool), IDS, st.dictionaries(st.text(), JSON, max_size=4)), max_size=3))
    def holds(given):
        lines, table = io.StringIO(newline=""), io.StringIO(newline="")
        with undone(store) as session:
            for kind, customer, body in given:
                audit.append(session, kind, customer_id=customer, body=body)
            assert audit.verify_chain(session).intact
            written = list(audit.entries(session, newest_first=False))
            assert audit.export_jsonl(session, lines) == audit.export_csv(session, table) == len(given)
        assert [(entry.kind, entry.customer_id, entry.body) for entry in written] == given
        for read, entry in zip(map(json.loads, lines.getvalue().splitlines()), written, strict=True):
            assert audit.Entry(**read | {"at": datetime.fromisoformat(read["at"])}) == entry
        table.seek(0)
        for cells, entry in zip(csv.DictReader(table), written, strict=True):
            assert not any(cell.startswith(tuple("=+-@")) for cell in cells.values())
            assert cells["kind"] == ("'" if entry.kind[0] in "=+-@\t\r" else "") + entry.kind
            assert (int(cells["seq"]), json.loads(cells["body"]), cells["digest"]) == (
                entry.seq,
                entry.body,
                entry.digest,
            )
            assert datetime.fromisoformat(cells["at"]) == entry.at

    holds()


def test_exports_take_filters(store):
    fill(store)
    lines, table = io.StringIO(), io.StringIO()
    with store.read() as session:
        assert audit.export_jsonl(session, lines, kind="enrolled", outcome="accepted") == 1
        assert audit.export_csv(session, table, customer_id=f"{1:032x}") == 3
    assert json.loads(lines.getvalue())["seq"] == 5
    assert [row["outcome"] for row in csv.DictReader(io.StringIO(table.getvalue()))] == [
        "refused",
        "accepted",
        "refused",
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_spreadsheet_finds_no_formula(store, cell):
    table = io.StringIO(newline="")
    with store.write() as session:
        audit.append(session, cell, body={"outcome": cell})
        audit.export_csv(session, table)
    (row,) = csv.DictReader(io.StringIO(table.getvalue(), newline=""))
    assert row["kind"] == row["outcome"] == "'" + cell
    assert json.loads(row["body"])["outcome"] == cell


@pytest.mark.slow
def test_a_long_trail_is_checked_and_exported_piece_by_piece(store):
    count, size = 700, 20_000
    with store.write() as session:
        for number in range(count):
            audit.append(session, "decision", body={"filler": f"{number:0{size}}"})

    class Sink(io.StringIO):
        lines = 0

        def write(self, text: str) -> int:
            self.lines += text.count("\n")
            return len(text)

    sink = Sink()
    tracemalloc.start()
    try:
        with store.read() as session:
            assert audit.export_jsonl(session, sink) == sink.lines == count
            assert audit.export_csv(session, sink) == count
            assert audit.verify_chain(session).intact
        with store.write() as session:
            assert audit.prune(session, START + 999_999 * DAY) == count
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < count * size / 2


def test_old_entries_are_dropped_and_the_chain_goes_on(store):
    heads = []
    for number in range(ENTRIES):
        with store.write() as session:
            audit.append(session, "decision", body={"number": number}, at=START + number * DAY)
        heads.append(check(store).head)
    with store.write() as session:
        assert audit.prune(session, START) == 0
    assert check(store).head == heads[-1]
    with store.write() as session:
        assert audit.prune(session, START + 4 * DAY) == 4
    status = check(store)
    assert (status.intact, status.entries) == (True, ENTRIES - 4 + 1)
    with store.read() as session:
        *_, oldest = audit.entries(session)
        newest = next(audit.entries(session))
    assert (oldest.seq, newest.seq, newest.kind) == (5, ENTRIES + 1, "pruned")
    assert newest.body == {"before": "2026-01-05T00:00:00.000000+00:00", "entries": 4, "first": 1, "last": 4}

    assert [check(store, head).intact for head in heads] == [False] * 3 + [True] * 6
    assert "note a newer head" in check(store, heads[2]).problem
    assert not check(store, "4:" + "00" * 32).intact
    with undone(store) as session:
        sql(session, "DELETE FROM audit WHERE seq = 5")
        assert audit.verify_chain(session).first_bad == 5


def test_all_entries_may_be_dropped(store):
    fill(store)
    with store.write() as session:
        assert audit.prune(session, START + 99 * DAY) == ENTRIES
    with store.read() as session:
        assert [(entry.seq, entry.kind) for entry in audit.entries(session)] == [(ENTRIES + 1, "pruned")]
    assert check(store).intact
    with store.write() as session:
        sql(session, "DELETE FROM audit")
    assert not check(store).intact


def test_a_change_in_what_is_kept_does_not_stop_the_dropping(store):
    fill(store)
    with store.write() as session:
        sql(session, "UPDATE audit SET kind = 'x' WHERE seq = 5")
        assert audit.prune(session, START + 4 * DAY) == 4
        assert audit.prune(session, START + 4 * DAY) == 0
    assert check(store).first_bad == 5


def test_an_empty_trail_has_nothing_to_drop(store):
    with store.write() as session:
        assert audit.prune(session, START + 99 * DAY) == 0
    assert check(store).intact
    with store.write() as session, pytest.raises(ValueError, match="no time zone"):
        audit.prune(session, datetime(2026, 1, 1))  # noqa: DTZ001


def test_only_the_beginning_is_dropped_even_if_a_clock_went_back(store):
    with store.write() as session:
        for days in (5, 1, 9, 2):
            audit.append(session, "decision", body={}, at=START + days * DAY)
    with store.write() as session:
        assert audit.prune(session, START + 6 * DAY) == 2
    assert check(store).intact


@pytest.mark.slow
@pytest.mark.parametrize("damage", [change, remove, renumber, append_copy, insert, swap])
def test_what_shows_a_change_is_not_dropped(store, damage):
    fill(store)

    @EXAMPLES
    @given(st.data())
    def holds(data):
        with undone(store) as session:
            damage(session, data, data.draw(st.integers(1, ENTRIES), "entry"))
            for day in (-1, 4):
                with suppress(Tampered):
                    audit.prune(session, START + day * DAY)
                assert not audit.verify_chain(session).intact
            with pytest.raises(Tampered, match="audit"):
                audit.prune(session, START + 99 * DAY)

    holds()


def write_entries(number, url, folder, count, prune_every=0):
    """In a process of the crowd: append entries, each in a transaction of its own; return what was dropped."""
    dropped = []
    with Store(url, folder=folder) as store:
        meet()
        for step in range(count):
            with store.write() as session:
                audit.append(session, "decision", body={"process": number, "step": step})
            if prune_every and step % prune_every == number % prune_every:
                with store.write() as session:
                    dropped.append(audit.prune(session, datetime.now(UTC)))
    return dropped


@pytest.mark.slow
def test_eight_processes_write_one_chain(store, crowd, database_url, home):
    steps = 40
    crowd.run(write_entries, database_url, home, steps)
    status = check(store)
    assert (status.intact, status.entries) == (True, PROCESSES * steps)
    with store.read() as session:
        entries = list(audit.entries(session, newest_first=False))
    assert [entry.seq for entry in entries] == list(range(1, PROCESSES * steps + 1))
    for number in range(PROCESSES):
        mine = [entry.body["step"] for entry in entries if entry.body["process"] == number]
        assert mine == list(range(steps))


@pytest.mark.slow
def test_a_chain_that_others_write_and_shorten_is_intact_at_any_moment(store, crowd, database_url, home):
    steps = 40
    futures = crowd.start(write_entries, database_url, home, steps, 5)
    while not all(future.done() for future in futures):
        status = check(store)
        assert status.intact, status
        time.sleep(0.05)
    dropped = [count for future in futures for count in future.result() if count]
    with store.read() as session:
        head = session.get_one(AuditHead, 1)
        assert head.last_seq == PROCESSES * steps + len(dropped)
        assert head.first_seq == sum(dropped) + 1
        assert session.query(AuditEntry).count() == head.last_seq - sum(dropped)
    assert check(store).intact
