"""The bank's store: opened, migrated and unlocked, then read and written in whole transactions."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import platformdirs
from sqlalchemy import Row, Table, exists, select, update
from sqlalchemy.orm import Session

from bank import audit
from bank.crypto.key_ring import KeyRing
from bank.crypto.row_seals import BankSession, findings, reseal
from bank.crypto.vault import MasterKey, Vault
from bank.database import DATABASE_FILE, URL_VARIABLE, Database, Mode
from bank.errors import KeyProblem, NotFound, StoreError, Tampered
from bank.housekeeping import Retention, clean
from bank.migrations import migrate, pending
from bank.tables import Base, Customer, VaultRow

HOME_VARIABLE = "LENSLOCK_HOME"
"""Environment variable that names another folder for the bank than the user's own."""

_TRIES = 3  # to begin a transaction while the key changes
_VAULT: Table = VaultRow.__table__  # type: ignore[assignment]


class Store:
    """The bank's database, with its key.

    Opening makes or migrates the tables, makes key and vault where there are none, and finishes or undoes a rotation
    that a crash cut short. Threads may share a store; a process forked from one that has it open needs its own.

    Parameters
    ----------
    url : str, optional
        "postgresql://user:password@host/name" or "sqlite:///file". Default: ``LENSLOCK_DATABASE_URL``, else the file
        ``bank.db`` in the folder.
    key : MasterKey, optional
        Default: ``LENSLOCK_KEY``, else the file ``bank.key`` in the folder.
    folder : path, optional
        Default: ``LENSLOCK_HOME``, else the user's data folder. Made for its owner only.
    clock : callable
        Tells the time, with a zone.

    Raises
    ------
    StoreError
        If the database cannot be opened, reached or migrated, or a newer LensLock wrote it.
    KeyProblem
        If the key is missing, malformed, readable by others, or another one.
    Tampered
        If the vault's row was changed.
    """

    def __init__(
        self,
        url: str | None = None,
        key: MasterKey | None = None,
        *,
        folder: str | os.PathLike[str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        home = folder or os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("lenslock", appauthor=False)
        self.folder = Path(home).expanduser()
        self.clock = clock
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be made ({error.strerror}). Choose another folder.") from error
        self._database = Database(url or os.environ.get(URL_VARIABLE) or self.folder / DATABASE_FILE)
        self._keys = KeyRing(self.folder, key)
        self._known: tuple[Row[Any], Vault] | None = None
        try:
            self._open()
        except BaseException:
            self._database.close()
            raise

    def __repr__(self) -> str:
        return f"Store({self._database.name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Generator[Session]:
        """Read one snapshot of everything: nothing that others write meanwhile shows.

        Yields
        ------
        Session
            See `bank.crypto.row_seals.BankSession`.

        Raises
        ------
        Tampered
            As soon as a row is read that was changed outside the bank.
        KeyProblem
            If the key was changed by another process, and the new one is not to be had.
        StoreError
            If the database fails.
        """
        with self._transaction("read") as session:
            yield session

    @contextmanager
    def write(self) -> Generator[Session]:
        """Write, all or nothing: kept for good when the block ends, undone if an error leaves it.

        Yields and raises as `read` does.
        """
        with self._transaction("write") as session:
            yield session

    def lock(self, session: Session, customer_id: str) -> Customer:
        """Read a customer, and keep all others from locking the same until this transaction ends.

        Raises
        ------
        NotFound
            If there is none with that id.
        """
        if not session.info["writes"]:
            raise RuntimeError("this transaction only reads: use Store.write")
        # On SQLite the transaction itself is the lock.
        query = select(Customer).where(Customer.id == customer_id).with_for_update()
        customer = session.scalar(query.execution_options(populate_existing=True))
        if customer is None:
            raise NotFound(f"There is no customer with the id {customer_id!r}.")
        return customer

    def rotate_key(self, new: MasterKey | None = None) -> None:
        """Change the master key and the inner data key: encrypt and seal everything anew, all or nothing.

        Where the key is in the key file, so is the new one afterwards; other processes go on. Where it is in
        ``LENSLOCK_KEY``, ``LENSLOCK_NEW_KEY`` holds the new one: put it into ``LENSLOCK_KEY`` before the next start.

        Parameters
        ----------
        new : MasterKey, optional
            Default: as above, else a random one.

        Raises
        ------
        KeyProblem
            If there is no new key, it is the old one, or it cannot be written down. Nothing was changed.
        Tampered
            If a row or record is not as the bank wrote it: it is not blessed with a new seal. Nothing was changed.
        """
        default = self.folder / DATABASE_FILE
        if self._keys.in_file and default.exists() and self._database.file != default.absolute():
            raise KeyProblem(f"The key file is that of {default}, too: it would be lost. Move one of the banks away.")
        with self._transaction("alone") as session:
            key_id = _vault_row(session).key_id
            self._keys.settle(key_id)
            key = self._keys.following(new)
            if key.id == key_id:
                raise KeyProblem("The new key is the one in use: give another. Nothing was changed.")
            old: Vault = session.info["vault"]
            vault = old.following()
            rows = reseal(session.connection(), old, vault)
            session.info["vault"] = vault
            body = {"old": key_id.hex(), "new": key.id.hex(), "rows": rows}
            audit.append(session, "key-rotated", body=body, at=self.clock())
            self._keys.stage(key)  # before the commit: a crash must not leave a bank whose key is nowhere
            session.connection().execute(update(_VAULT).values(key_id=key.id, wrapped=vault.wrap(key)))
            session.info["traces"] = True  # what the old key opens is wiped
        self._settle()

    def check(self) -> list[Tampered]:
        """Check the seal of every row and the tag of every encrypted record, one row in memory at a time.

        Returns
        -------
        list of Tampered
            What was found; empty if all is well. The audit trail has its own check, `bank.audit.verify_chain`.
        """
        try:
            with self.read() as session:
                return list(findings(session))
        except Tampered as error:  # the vault: without it nothing else can be checked
            return [error]

    def housekeeping(self, retention: Retention, now: datetime) -> dict[str, int]:
        """Delete what has passed its limit.

        Parameters
        ----------
        retention : Retention
        now : datetime
            With a zone.

        Returns
        -------
        dict of str to int
            How many rows of each table.
        """
        with self._transaction("alone") as session:
            return clean(session, retention, now)

    def close(self) -> None:
        """Close all connections. A store that is used again opens new ones."""
        self._database.close()

    def _open(self) -> None:
        with self._database.telling(everything=True):
            self._database.prepare()
            if self._is_ready():
                return
            with self._session("alone") as session:
                self._database.lock(session, "alone")
                connection = session.connection()
                self._database.check_encoding(connection)
                migrate(connection)
                if session.scalar(select(exists().select_from(_VAULT))):
                    self._settle_in(session)
                else:
                    self._fill(session)
                session.commit()

    def _is_ready(self) -> bool:
        """Tell whether the bank can be used as it is, so that opening it waits for nobody who writes."""
        with self._session("read") as session:
            if pending(session.connection()) or not self._keys.is_settled:
                return False
            try:
                self._unlock(_vault_row(session))
            except (KeyProblem, Tampered):
                return False  # perhaps the key is just being changed; if not, it is told when nobody else writes
        return True

    def _fill(self, session: Session) -> None:
        """Put a vault into an empty bank."""
        for table in Base.metadata.sorted_tables:
            if session.scalar(select(exists().select_from(table))):
                raise Tampered("vault", "1", "the row is missing, but there are others")
        key = self._keys.first()
        session.add(VaultRow(id=1, key_id=key.id, wrapped=Vault.new().wrap(key)))

    def _settle(self) -> None:
        with self._transaction("alone") as session:
            self._settle_in(session)

    def _settle_in(self, session: Session) -> None:
        row = _vault_row(session)
        self._unlock(row)
        self._keys.settle(row.key_id)

    def _session(self, mode: Mode) -> BankSession:
        info = {"vault": None, "clock": self.clock, "writes": mode != "read", "traces": False}
        return BankSession(self._database.bind(mode), expire_on_commit=False, info=info)

    @contextmanager
    def _transaction(self, mode: Mode) -> Generator[Session]:
        with self._database.telling():
            with self._session(mode) as session:
                self._enter(session, mode)
                yield session
                if mode != "read":
                    session.commit()
            self._database.scrub(now=session.info["traces"])

    def _enter(self, session: Session, mode: Mode) -> None:
        """Begin with the vault of this very transaction, whoever changed the key before."""
        for left in reversed(range(_TRIES)):
            self._database.lock(session, mode)
            try:
                session.info["vault"] = self._unlock(_vault_row(session))
            except KeyProblem:
                # A reader's snapshot may be older than the key file: take a new one.
                session.rollback()
                if not left:
                    raise
            else:
                return

    def _unlock(self, row: Row[Any]) -> Vault:
        if self._known is not None and self._known[0] == row:
            return self._known[1]
        keys = self._keys.keys()
        for key in keys:
            if key.id == row.key_id:
                vault = Vault.unwrap(row.wrapped, key)
                self._known = row, vault
                return vault
        for key in keys:
            if Vault.opens(row.wrapped, key):
                raise Tampered("vault", "1", "its key_id is not that of the key that opens it")
        sources = " and ".join(dict.fromkeys(key.source for key in keys))
        raise KeyProblem(
            f"{self._database.name} was encrypted with another key than {sources}. Put back the key that belongs to "
            "it, or the bank that belongs to the key. Nothing was read or changed."
        )


def _vault_row(session: Session) -> Row[Any]:
    rows = session.execute(select(_VAULT)).all()
    if [row.id for row in rows] != [1]:
        raise Tampered("vault", "1", f"expected this row and no other, found {len(rows)}")
    return rows[0]
