"""SQLite or PostgreSQL: the connection, its settings and its locks, so that the store need not know which it is."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias
from weakref import WeakSet

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from bank.crypto.master_key import sync_folder
from bank.errors import StoreError

Mode: TypeAlias = Literal["read", "write", "alone"]
"""What a transaction may do: read one snapshot; write next to others; write while nobody else does."""

URL_VARIABLE = "LENSLOCK_DATABASE_URL"
"""Environment variable that names another database than the file in the user's folder."""

DATABASE_FILE = "bank.db"

_PATIENCE_S = 30  # that a writer waits for others
_CONNECT_S = 10
_SCRUB_MS = 2000  # that it waits for readers before what was deleted is wiped from the log
_LOCK = 0x4C656E734C6F636B  # the bank's advisory lock in PostgreSQL: "LensLock"
_ADVICE = "Check that it is there, reachable and has room, then try again."


class Database:
    """The bank's database.

    Parameters
    ----------
    url : str or path
        "postgresql://user:password@host/name", "sqlite:///file", or the path of an SQLite file.

    Attributes
    ----------
    name : str
        What to call it in messages; without a password.
    file : path or None
        The SQLite file.

    Raises
    ------
    StoreError
        If it is neither.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = _sqlite(url) if isinstance(url, Path) else _parsed(url)
        self.name = self._url.set(query={}).render_as_string(hide_password=True)
        self.file = Path(self._url.database or "") if self._url.get_backend_name() == "sqlite" else None
        self._traces = False
        if self.file:
            self.name = str(self.file)
            engine = create_engine(self._url, connect_args={"timeout": _PATIENCE_S}, hide_parameters=True)
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            self._engines = {
                "read": engine.execution_options(begin="BEGIN"),
                "write": engine.execution_options(begin="BEGIN IMMEDIATE"),
            }
        else:
            engine = create_engine(
                self._url,
                connect_args={} if "connect_timeout" in self._url.query else {"connect_timeout": _CONNECT_S},
                pool_pre_ping=True,
                hide_parameters=True,
            )
            event.listen(engine, "connect", _set_up_postgres)
            self._engines = {
                # One snapshot, so that no rotation changes keys between two of its statements.
                "read": engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
                "write": engine.execution_options(isolation_level="READ COMMITTED"),
            }
        event.listen(engine, "after_cursor_execute", _note_cursor)
        event.listen(engine, "reset", _close_cursors)
        self._engine = engine

    def prepare(self) -> None:
        """Make the file of an SQLite database, for its owner only, with a write-ahead log.

        Raises
        ------
        StoreError
            If that fails.
        """
        if not self.file:
            return
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
            if self.file.stat().st_mode & 0o077:
                self.file.chmod(0o600)
            sync_folder(self.file.parent)
        except OSError as error:
            raise StoreError(f"{self.name} cannot be written ({error.strerror}). {_ADVICE}") from error
        try:
            self._start_log(self.file)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter: a message with a damaged name in it
            raise StoreError(f"{self.name} cannot be opened ({error}). Is it LensLock's? Is it damaged?") from error

    def _start_log(self, file: Path) -> None:
        end = time.monotonic() + _PATIENCE_S
        with closing(sqlite3.connect(file, timeout=_PATIENCE_S)) as connection:
            while (mode := connection.execute("PRAGMA journal_mode").fetchone()[0]) != "wal":
                # SQLite does not wait for its turn here: another process that starts now gets in the way.
                try:
                    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                except sqlite3.OperationalError:
                    if time.monotonic() > end:
                        raise
                else:
                    if mode != "wal":
                        raise StoreError(f"{self.name}: no write-ahead log is possible here. Choose a local disk.")
                time.sleep(0.01)

    def bind(self, mode: Mode) -> Any:
        """Engine for a session of a mode."""
        return self._engines["read" if mode == "read" else "write"]

    def lock(self, session: Session, mode: Mode) -> None:
        """Let a transaction in: "write" next to others, "alone" while no other writes. SQLite has one writer anyway.

        It holds until the transaction ends, and is fair: writers queue behind whoever waits to be alone.
        """
        if mode != "read" and not self.file:
            call = "pg_advisory_xact_lock" if mode == "alone" else "pg_advisory_xact_lock_shared"
            session.execute(text(f"SELECT {call}({_LOCK})"))

    def check_encoding(self, connection: Connection) -> None:
        """Refuse a PostgreSQL database that cannot hold every name.

        Raises
        ------
        StoreError
            If its encoding is not UTF-8.
        """
        if not self.file and (came := connection.scalar(text("SHOW server_encoding"))) != "UTF8":
            raise StoreError(f"{self.name} has the encoding {came}: expected UTF8. Create it with ENCODING 'UTF8'.")

    def scrub(self, *, now: bool) -> None:
        """Wipe what was deleted from SQLite's log, too; if readers are in the way, a later call does.

        Parameters
        ----------
        now : bool
            Something was deleted. Otherwise only what earlier calls could not wipe is.
        """
        self._traces |= now
        if not self._traces or not self.file:
            return
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_SCRUB_MS}")
            try:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._traces = (cursor.fetchone() or [1])[0] != 0
            except sqlite3.OperationalError:  # locked
                self._traces = True
            cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_S * 1000}")

    def close(self) -> None:
        """Close all connections."""
        with self.telling():
            self.scrub(now=False)
        self._engine.dispose()

    @contextmanager
    def telling(self, *, everything: bool = False) -> Generator[None]:
        """Turn the database's errors into `StoreError`, without the password.

        Parameters
        ----------
        everything : bool
            Also those that a caller might want to handle, such as a name that is taken.
        """
        try:
            yield
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            ours = isinstance(error, OperationalError | InternalError | PoolTimeout) or type(error) is DatabaseError
            if not (ours or everything):
                raise
            reason = str(error.orig if isinstance(error, DBAPIError) else error)
            raise StoreError(f"{self.name}: {self._redacted(reason)}. {_ADVICE}") from None

    def _redacted(self, reason: str) -> str:
        for secret in (self._url.password, self._url.query.get("password")):
            reason = reason.replace(str(secret), "***") if secret else reason
        return "; ".join(filter(None, map(str.strip, reason.splitlines())))


def _parsed(text: str) -> URL:
    expected = f"expected postgresql://user:password@host/name or sqlite:///file. Correct {URL_VARIABLE}."
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):  # their messages may hold the password
        raise StoreError(f"The database's address cannot be understood: {expected}") from None
    if backend == "sqlite":
        if not url.database or url.database.startswith((":", "file:")):
            raise StoreError(f"The database's address names no file: {expected}")
        return _sqlite(Path(url.database))
    if backend not in ("postgresql", "postgres"):
        raise StoreError(f"{backend!r} is no database that LensLock knows: {expected}")
    if "@" in (url.host or ""):
        raise StoreError("The database's address has two @: write one that is part of the password as %40.")
    return url.set(drivername="postgresql+psycopg")


def _sqlite(file: Path) -> URL:
    return URL.create("sqlite", database=str(file.expanduser().absolute()))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # or the driver would begin transactions where it likes: see _begin_sqlite
    # Bytes that are no UTF-8 come through, so that the seal names their row.
    connection.text_factory = lambda value: value.decode("utf-8", "surrogateescape")
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options()["begin"])


def _note_cursor(connection: Connection, cursor: Any, *_: object) -> None:
    connection.info.setdefault("cursors", WeakSet()).add(cursor)


def _close_cursors(_connection: object, record: ConnectionPoolEntry, _state: object) -> None:
    """Close queries that nobody read to their end: they would keep SQLite's connection, used again, in the past."""
    for cursor in record.info.pop("cursors", ()):
        cursor.close()


def _set_up_postgres(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = '{_PATIENCE_S}s'")
    connection.commit()
