"""Seals: each row carries a keyed digest of all its columns, made when it is written and checked when it is read.

A seal shows that a row was changed or moved. It cannot show that a whole row was removed, or put back as it was
earlier: only the audit trail tells what the bank did with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import Column, Connection, Table, event, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import ORMExecuteState, QueryContext, Session, UOWTransaction

from bank.crypto.vault import Vault
from bank.errors import Tampered
from bank.tables import ENCRYPTED, SEALED, Sealed, sealed_content

_PURPOSES = {model.__tablename__: purpose for model, purpose in ENCRYPTED.items()}
_CHANGED = "its seal does not fit what is in it"


class BankSession(Session):
    """A session whose objects are sealed when written and checked when read. Made by `Store.read` and `Store.write`.

    Attributes
    ----------
    info : dict
        "vault": the `Vault` of this transaction; "clock": what tells the time; "writes": whether it may write;
        "traces": whether rows were deleted or records replaced, which SQLite's log still has.

    Notes
    -----
    Read whole objects: a query for single columns checks no seal.
    """


@event.listens_for(BankSession, "before_flush")
def _seal(session: Session, _context: UOWTransaction, _instances: object) -> None:
    if not session.info["writes"]:
        raise RuntimeError("this transaction only reads: use Store.write")
    for row in (*session.new, *session.dirty):
        if isinstance(row, Sealed) and session.is_modified(row):
            _complete(row)
            row.seal = session.info["vault"].seal(row.sealed_content())
    session.info["traces"] |= bool(session.deleted) or any(type(row) in ENCRYPTED for row in session.dirty)


@event.listens_for(BankSession, "do_orm_execute")
def _guard(state: ORMExecuteState) -> None:
    if state.is_update or state.is_insert:
        raise RuntimeError("rows are written as objects, so that they are sealed")
    state.session.info["traces"] |= state.is_delete


@event.listens_for(Sealed, "load", propagate=True)
def _check_loaded(row: Sealed, context: QueryContext) -> None:
    _check(row, context.session)


@event.listens_for(Sealed, "refresh", propagate=True)
def _check_refreshed(row: Sealed, context: QueryContext, _names: Iterable[str] | None) -> None:
    _check(row, context.session)


def _check(row: Sealed, session: Session) -> None:
    if not session.info["vault"].check_seal(row.sealed_content(), row.seal):
        table = row.__table__
        error = Tampered(table.name, _name(table, row.__dict__), _CHANGED)
        session.expire(row)  # or it would be handed out unchecked the next time
        raise error


def _complete(row: Sealed) -> None:
    """Set what the database would be given by default, such as a new id, and refuse what one of them would change."""
    table = row.__table__
    for column in table.columns:
        value = getattr(row, column.name)
        if value is None and column.default is not None:
            setattr(row, column.name, column.default.arg(None))  # type: ignore[attr-defined]
        problem = ""
        if isinstance(value, float) and math.isnan(value):
            problem = "is not a number"
        elif isinstance(value, str) and "\0" in value:
            problem = "has a NUL character"
        elif isinstance(value, str) and len(value) > (getattr(column.type, "length", None) or math.inf):
            problem = f"has {len(value)} characters: at most {column.type.length} are kept"  # type: ignore[attr-defined]
        if problem:
            raise ValueError(f"{table.name}.{column.name} {problem}")


def findings(session: Session) -> Iterator[Tampered]:
    """Look for rows and records that are not as the bank wrote them.

    Yields
    ------
    Tampered
        Named by table and row. On SQLite also what its own check of the file finds.
    """
    connection, vault = session.connection(), session.info["vault"]
    if connection.dialect.name == "sqlite":
        yield from _file_findings(connection)
    for model in SEALED:
        table = model.__table__
        query = select(table).execution_options(yield_per=_page(table))
        try:
            with closing(connection.execute(query).mappings()) as rows:
                for row in rows:
                    yield from _row_findings(vault, table, dict(row))
        except (DatabaseError, UnicodeDecodeError) as error:
            yield Tampered(table.name, "(all rows)", f"cannot be read ({getattr(error, 'orig', error)})")


def reseal(connection: Connection, old: Vault, new: Vault) -> int:
    """Encrypt and seal everything anew, in the caller's transaction; return how many rows.

    Raises
    ------
    Tampered
        If a row or record does not fit the old keys.
    """
    count = 0
    for model in SEALED:
        table = model.__table__
        for row in _pages(connection, table):
            for problem in _row_findings(old, table, row):
                raise problem
            if bound := _binding(table, row):
                row["record"] = new.encrypt(old.decrypt(row["record"], **bound), **bound)
            row["seal"] = new.seal(sealed_content(table, row))
            key = _key(table)
            connection.execute(update(table).where(key == row[key.name]).values(row))
            count += 1
    return count


def _pages(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    """Read all rows in the order of their key, a page at a time, so that they may be changed meanwhile."""
    key = _key(table)
    query = select(table).order_by(key).limit(_page(table))
    page = connection.execute(query).mappings().all()
    while page:
        yield from map(dict, page)
        page = connection.execute(query.where(key > page[-1][key.name])).mappings().all()


def _row_findings(vault: Vault, table: Table, row: Mapping[str, Any]) -> Iterator[Tampered]:
    if not vault.check_seal(sealed_content(table, row), row["seal"]):
        yield Tampered(table.name, _name(table, row), _CHANGED)
    if bound := _binding(table, row):
        try:
            vault.decrypt(row["record"], **bound)
        except (Tampered, TypeError):  # the latter: not even bytes
            yield Tampered(table.name, _name(table, row), "its encrypted record is not the one that was put there")


def _file_findings(connection: Connection) -> Iterator[Tampered]:
    try:
        for (what,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if what != "ok":
                yield Tampered("the database's", "file", what.encode("unicode_escape").decode())
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield Tampered(table, f"(row {row})", f"it belongs to a row of {parent} that is missing")
    except (DatabaseError, UnicodeDecodeError) as error:
        yield Tampered("the database's", "file", f"cannot be read ({getattr(error, 'orig', error)})")


def _binding(table: Table, row: Mapping[str, Any]) -> dict[str, str]:
    """What the record of a row is bound to; empty if the table has none."""
    purpose = _PURPOSES.get(table.name)
    return {"purpose": purpose, "owner": row["customer_id"], "record": row["id"]} if purpose else {}


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key
    return key


def _name(table: Table, values: Mapping[str, Any]) -> str:
    """Name a row by its key, in characters that can be printed whatever was done to it."""
    return str(values[_key(table).name]).encode("unicode_escape").decode()


def _page(table: Table) -> int:
    return 1 if table.name in _PURPOSES else 256  # fingerprints take megabytes
