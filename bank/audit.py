"""The audit trail: what was done and decided, and why.

Entries are only ever added; `bank.crypto.chain` finds changed ones.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import IO, Any, TypedDict, Unpack

from sqlalchemy import Row, delete, exists, func, select
from sqlalchemy.orm import Session

from bank.crypto.chain import GENESIS, ROWS, ChainStatus, as_text, content, find_problem, raw_columns, verify_chain
from bank.errors import Tampered
from bank.tables import AuditEntry, AuditHead

__all__ = [
    "ChainStatus",
    "Entry",
    "Filters",
    "append",
    "entries",
    "export_csv",
    "export_jsonl",
    "prune",
    "verify_chain",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_LOCK = 0x4C454E53_41554449  # a PostgreSQL advisory lock, any number that nothing else uses
_EXPORTED = ("seq", "at", "kind", "customer_id", "attempt_id", "outcome", "body", "digest")


@dataclass(frozen=True)
class Entry:
    """One entry of the trail, read back.

    Attributes
    ----------
    seq : int
        Counts from 1 without a gap.
    at : datetime
        In UTC.
    kind : str
    customer_id, attempt_id : str
        Empty where the entry is about none.
    body : dict
        Plain JSON values.
    digest : str
        64 hexadecimal digits.
    """

    seq: int
    at: datetime
    kind: str
    customer_id: str
    attempt_id: str
    body: dict[str, Any] = field(hash=False)
    digest: str

    @property
    def outcome(self) -> str:
        """The body's "outcome"; empty where it has none."""
        return str(self.body.get("outcome") or "")


class Filters(TypedDict, total=False):
    """Which entries: all that fit every filter given. Times need a zone; `since` counts in, `until` does not."""

    seq: int | None
    kind: str | None
    customer_id: str | None
    attempt_id: str | None
    outcome: str | None
    since: datetime | None
    until: datetime | None


def append(
    session: Session,
    kind: str,
    *,
    customer_id: str = "",
    attempt_id: str = "",
    body: Mapping[str, Any],
    at: datetime | None = None,
) -> AuditEntry:
    """Add an entry, within the caller's transaction: what is recorded and the record are kept together or not at all.

    The trail's head stays locked until the transaction ends, so append late in it.

    Parameters
    ----------
    session : Session
        Of `Store.write`.
    kind : str
        1 to 32 characters, such as "verified".
    customer_id, attempt_id : str
        At most 32 characters each.
    body : mapping
        What JSON can hold, with text as keys. NaN and infinity become null, since JSON has no word for them.
        Neither pictures nor templates: bytes and arrays are refused.
    at : datetime, optional
        With a zone; default now, by the store's clock.

    Returns
    -------
    AuditEntry

    Raises
    ------
    ValueError, TypeError
        If the entry cannot be written down as it is.
    Tampered
        If the head was changed or removed, or there are entries that it does not know.
    """
    if not 1 <= len(kind) <= 32 or len(customer_id) > 32 or len(attempt_id) > 32:
        raise ValueError(
            f"kind {kind!r}, customer {customer_id!r}, attempt {attempt_id!r}: "
            "give a kind of 1 to 32 characters and ids of at most 32"
        )
    text = json.dumps(_plain(body), sort_keys=True, separators=(",", ":"), allow_nan=False)
    moment = _zoned(at or session.info["clock"]())
    head = _locked_head(session)
    seq = head.last_seq + 1
    covered = content(seq, (moment - _EPOCH) // _MICROSECOND, kind, customer_id, attempt_id, text)
    digest = session.info["vault"].audit_digest(head.last_digest, covered)
    entry = AuditEntry(
        seq=seq, at=moment, kind=kind, customer_id=customer_id, attempt_id=attempt_id, body=text, digest=digest
    )
    head.last_seq, head.last_digest = seq, digest
    session.add_all((entry, head))
    session.flush()
    return entry


def entries(
    session: Session, *, limit: int | None = None, newest_first: bool = True, **filters: Unpack[Filters]
) -> Iterator[Entry]:
    """Read entries, one at a time.

    Parameters
    ----------
    session : Session
        Has to stay open while they are read.
    limit : int, optional
        At most so many; default all.
    newest_first : bool
    **filters
        See `Filters`.

    Returns
    -------
    iterator of Entry
        Raises Tampered at an entry that cannot be read at all. Whether the others are as they were written, only
        `verify_chain` tells.

    Raises
    ------
    ValueError
        If a time has no zone.
    """
    query = select(*raw_columns(session, AuditEntry))
    for column in (AuditEntry.seq, AuditEntry.kind, AuditEntry.customer_id, AuditEntry.attempt_id):
        wanted = filters.get(column.key)
        if wanted is not None:
            query = query.where(column == wanted)
    if since := filters.get("since"):
        query = query.where(AuditEntry.at >= _zoned(since))
    if until := filters.get("until"):
        query = query.where(AuditEntry.at < _zoned(until))
    query = query.order_by(AuditEntry.seq.desc() if newest_first else AuditEntry.seq)
    outcome = filters.get("outcome")

    def read() -> Iterator[Entry]:
        with closing(session.execute(query.execution_options(yield_per=ROWS))) as rows:
            for row in rows:
                entry = _entry(row)
                if outcome is None or entry.outcome == outcome:
                    yield entry

    return islice(read(), limit)


def export_jsonl(session: Session, file: IO[str], **filters: Unpack[Filters]) -> int:
    """Write entries as JSON lines, the oldest first, one at a time; return how many.

    Parameters
    ----------
    session : Session
    file : text file
    **filters
        See `Filters`.
    """
    count = 0
    for entry in entries(session, newest_first=False, **filters):
        values = {name: getattr(entry, name) for name in _EXPORTED if name != "outcome"}
        file.write(json.dumps({**values, "at": _iso(entry.at)}) + "\n")
        count += 1
    return count


def export_csv(session: Session, file: IO[str], **filters: Unpack[Filters]) -> int:
    """Write entries as a table for a spreadsheet, the oldest first, one at a time; return how many.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.

    Parameters
    ----------
    session : Session
    file : text file
        Opened with ``newline=""``.
    **filters
        See `Filters`.
    """
    writer = csv.writer(file)
    writer.writerow(_EXPORTED)
    count = 0
    for entry in entries(session, newest_first=False, **filters):
        values = {name: getattr(entry, name) for name in _EXPORTED}
        values |= {"at": _iso(entry.at), "body": json.dumps(entry.body)}
        writer.writerow([_harmless(str(value)) for value in values.values()])
        count += 1
    return count


def prune(session: Session, before: datetime) -> int:
    """Drop the oldest entries, up to the first that is not older than a moment; the chain goes on from there.

    They are checked first: what shows that somebody changed the trail is not thrown away. The dropping is itself
    recorded, as an entry of the kind "pruned".

    Parameters
    ----------
    session : Session
        Of `Store.write`.
    before : datetime
        With a zone.

    Returns
    -------
    int
        How many were dropped.

    Raises
    ------
    ValueError
        If the moment has no zone.
    Tampered
        If one of them is not as it was written. Nothing is dropped then.
    """
    limit = (_zoned(before) - _EPOCH) // _MICROSECOND
    head = _locked_head(session)
    vault = session.info["vault"]
    seq, previous = head.first_seq, head.first_previous
    query = select(*raw_columns(session, AuditEntry)).order_by(AuditEntry.seq).execution_options(yield_per=ROWS)
    with closing(session.execute(query)) as rows:
        for row in rows:
            if isinstance(row.at, int) and row.at >= limit:
                break
            if bad := find_problem(row, seq, previous, head.last_seq, vault):
                raise Tampered("audit", str(bad[0]), bad[1])
            seq, previous = seq + 1, row.digest
        else:
            if seq <= head.last_seq:
                raise Tampered("audit", str(seq), "is missing")
    dropped = seq - head.first_seq
    if dropped:
        old = delete(AuditEntry).where(AuditEntry.seq < seq)
        session.execute(old, execution_options={"synchronize_session": False})
        body = {"entries": dropped, "first": head.first_seq, "last": seq - 1, "before": _iso(before)}
        head.first_seq, head.first_previous = seq, previous
        append(session, "pruned", body=body)
    return dropped


def _locked_head(session: Session) -> AuditHead:
    """Return the head, or one that is not kept yet. Nobody else can change it before this transaction ends.

    On SQLite a writer is alone anyway.
    """
    query = select(AuditHead).where(AuditHead.id == 1).with_for_update().execution_options(populate_existing=True)
    head = session.scalar(query)
    if head is None and session.get_bind().dialect.name == "postgresql":
        # There is no row to be locked yet, and two may be about to make it.
        session.execute(select(func.pg_advisory_xact_lock(_FIRST_LOCK)))
        head = session.scalar(query)
    if head is None:
        head = AuditHead(id=1, first_seq=1, first_previous=GENESIS, last_seq=0, last_digest=GENESIS)
    if session.scalar(select(exists().where(AuditEntry.seq > head.last_seq))):
        raise Tampered("audit_head", "1", "there are entries that it knows nothing of, or it was removed")
    return head


def _entry(row: Row[Any]) -> Entry:
    try:
        at, body = _EPOCH + row.at * _MICROSECOND, json.loads(as_text(row.body))
        if not isinstance(body, dict):
            raise TypeError("the body is no JSON object")
        kind, customer_id, attempt_id = map(as_text, (row.kind, row.customer_id, row.attempt_id))
        return Entry(row.seq, at, kind, customer_id, attempt_id, body, row.digest.hex())
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        raise Tampered("audit", str(row.seq), f"it cannot be read ({error})") from error


def _plain(value: Any) -> Any:
    """Return what JSON can hold as JSON holds it."""
    if isinstance(value, Mapping):
        if wrong := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"key {wrong[0]!r} in an audit entry: keys have to be text")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone: give one, such as datetime.now(UTC)")
    return moment


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
