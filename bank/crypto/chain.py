"""The chain of the audit trail: what its digests cover, and whether it is as it was written.

Somebody who can write to the database, but does not hold the key, cannot change the trail unnoticed. Whoever puts an
old copy of the whole database back is found only by a head that was noted elsewhere: see `expect` in `verify_chain`.

Entries are chained as in B. Schneier and J. Kelsey, "Secure audit logs to support computer forensics", 1999, with one
keyed hash (HMAC-SHA256): the bank that holds the key is trusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Row, case, cast, exists, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from bank.tables import AuditEntry, AuditHead, Customer

GENESIS = bytes(32)
"""What the first entry follows."""

ROWS = 100
"""Rows fetched at a time."""

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@dataclass(frozen=True)
class ChainStatus:
    """Whether the trail is as it was written.

    Attributes
    ----------
    entries : int
        How many follow each other as they should, up to the first that does not.
    intact : bool
    first_bad : int or None
        Number of the first entry that is changed, missing or added. None where all are fine or the head is at fault.
    problem : str
        One sentence; empty where the trail is intact.
    head : str
        "SEQ:DIGEST" of the newest entry, to be noted elsewhere; empty where there is no head to be trusted.
    """

    entries: int
    intact: bool
    first_bad: int | None
    problem: str
    head: str


def verify_chain(session: Session, expect: str | None = None) -> ChainStatus:
    """Check that no entry was changed, removed, added or moved. Entries are read one after the other, never all.

    A trail that is wholly gone is told from a new bank by the customers: every enrolment has to write an entry.

    Parameters
    ----------
    session : Session
        Of `Store.read` or `Store.write`. Others may append meanwhile: the state of one moment is checked.
    expect : str, optional
        The head that an earlier check gave. It has to be in the trail still; that finds a database put back to an
        older state, which is intact in itself.

    Returns
    -------
    ChainStatus

    Raises
    ------
    ValueError
        If `expect` is no head.
    """
    noted = None if expect is None else _parsed(expect)
    # One statement, so that all of it is of one moment.
    query = (
        select(*raw_columns(session, AuditEntry), *raw_columns(session, AuditHead))
        .outerjoin(AuditHead, AuditHead.id == 1)
        .order_by(AuditEntry.seq)
        .execution_options(yield_per=ROWS)
    )
    with closing(session.execute(query)) as rows:
        if first := rows.fetchone():
            return _verify_rows(session.info["vault"], first, rows, noted)
    return _verify_empty(session, expect)


def content(seq: int, at: int, kind: str, customer_id: str, attempt_id: str, body: str) -> bytes:
    """Return what an entry's digest is made over, in one spelling only; `at` in microseconds since 1970."""
    return json.dumps([seq, at, kind, customer_id, attempt_id, body], separators=(",", ":")).encode()


def raw_columns(session: Session, table: type[AuditEntry] | type[AuditHead]) -> list[ColumnElement[Any]]:
    """Return a table's columns as the database has them: damage must not stop the check that looks for it.

    On SQLite text comes as bytes, and a number that is none as None.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    raw: list[ColumnElement[Any]] = []
    for column in table.__table__.columns:
        value: ColumnElement[Any] = column
        if sqlite:  # keeps anything in any column, such as text that is none, which would fail when it is fetched
            binary = column.type.python_type in (str, bytes)
            value = cast(column, LargeBinary) if binary else case((func.typeof(column) == "integer", column))
        raw.append(type_coerce(value, NullType()).label(column.name))
    return raw


def as_text(value: str | bytes) -> str:
    """Return text of `raw_columns`; UnicodeDecodeError or AttributeError if it is none."""
    return value if isinstance(value, str) else value.decode()


def find_problem(row: Row[Any], seq: int, previous: bytes, last_seq: int, vault: Any) -> tuple[int, str] | None:
    """Return which entry is bad and how, if this row is not entry `seq` that follows the digest `previous`."""
    if not isinstance(row.seq, int):
        return seq, "is missing; one without a number is there"
    if row.seq < seq or seq > last_seq:
        return row.seq, "was added by somebody else"
    if row.seq > seq:
        return seq, "is missing"
    try:
        covered = content(seq, row.at, *map(as_text, (row.kind, row.customer_id, row.attempt_id, row.body)))
    except (ValueError, TypeError, AttributeError):
        return seq, "was changed: it cannot even be read"
    if vault.audit_digest(previous, covered) != row.digest:
        return seq, "was changed, or put in another's place"
    return None


def _verify_rows(vault: Any, first: Row[Any], rows: Iterable[Row[Any]], noted: tuple[int, bytes] | None) -> ChainStatus:
    if first.seal is None:
        return ChainStatus(0, False, None, "The head of the audit trail was removed.", "")
    names = ("id", "first_seq", "first_previous", "last_seq", "last_digest")
    head = AuditHead(**{name: getattr(first, name) for name in names})
    if not vault.check_seal(head.sealed_content(), first.seal):
        return ChainStatus(0, False, None, "The head of the audit trail was changed.", "")

    seq, previous, there = head.first_seq, head.first_previous, None
    bad: tuple[int | None, str] | None = None
    for row in chain([first], rows):
        if bad := find_problem(row, seq, previous, head.last_seq, vault):
            break
        if noted and noted[0] == seq:
            there = row.digest
        seq, previous = seq + 1, row.digest
    if bad:
        bad = bad[0], f"Entry {bad[0]} {bad[1]}."
    elif seq <= head.last_seq:
        bad = seq, f"Entry {seq} is missing, and so are all after it."
    elif previous != head.last_digest:
        bad = None, "The head of the audit trail is that of another trail."
    elif noted:
        bad = _compare(noted, head.first_previous if noted[0] == head.first_seq - 1 else there, head.last_seq)
    first_bad, problem = bad or (None, "")
    return ChainStatus(seq - head.first_seq, not problem, first_bad, problem, _spelled(head.last_seq, head.last_digest))


def _verify_empty(session: Session, expect: str | None) -> ChainStatus:
    """Judge a trail without entries: fine in a new bank, and only there."""
    query = select(exists(select(AuditHead.id)), exists(select(AuditEntry.seq)), exists(select(Customer.id)))
    has_head, has_entries, has_customers = session.execute(query).one()
    if has_entries:  # the first was appended a moment ago
        return verify_chain(session, expect)
    if has_head:
        return ChainStatus(0, False, None, "All entries of the audit trail were removed.", "")
    if has_customers:
        return ChainStatus(0, False, 1, "There are customers but no audit trail: all of it was removed.", "")
    bad = _compare(_parsed(expect), GENESIS, 0) if expect else None
    first_bad, problem = bad or (None, "")
    return ChainStatus(0, not problem, first_bad, problem, _spelled(0, GENESIS))


def _compare(noted: tuple[int, bytes], there: bytes | None, last_seq: int) -> tuple[int | None, str] | None:
    """Return what is wrong with a trail, intact in itself, in which a noted entry's digest is now `there`."""
    seq, digest = noted
    if seq > last_seq:
        return last_seq + 1, (
            f"The trail ends at entry {last_seq}, but entry {seq} was noted earlier: "
            "newer entries are gone, as when an old copy of the database is put back."
        )
    if there is None:
        return None, (
            f"The entries that are left are intact, but entry {seq} has passed its retention limit and can no longer "
            "be compared: note a newer head."
        )
    if there != digest:
        return seq, f"Entry {seq} is not the one that was noted earlier: it, or some before it, were written anew."
    return None


def _spelled(seq: int, digest: bytes) -> str:
    return f"{seq}:{digest.hex()}"


def _parsed(head: str) -> tuple[int, bytes]:
    match = _HEAD.fullmatch(head.strip().lower())
    if match is None:
        raise ValueError(
            f"{head!r} is no head of an audit trail: give NUMBER:64 hexadecimal digits, as a check gave it"
        )
    return int(match[1]), bytes.fromhex(match[2])
