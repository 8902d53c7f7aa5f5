from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from bank.migrations import migrate
from bank.store import Store
from tests import needs
from tests.bank.feed_service import Service

VARIABLES = (
    *("LENSLOCK_HOME", "LENSLOCK_KEY", "LENSLOCK_NEW_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY"),
    *("LENSLOCK_ABUSEIPDB_KEY", "LENSLOCK_OTX_KEY"),
)
SERVER_SETTINGS = {
    "listen_addresses": "",  # no TCP
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "150",
    "shared_buffers": "32MB",
}


# The shell ends the server, by its own id, when we say so, and also when we are killed and can say nothing any more.
WATCH = '"$@" & server=$!; read -r _; kill -INT $server; wait $server'


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 14, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float = 0, **others: float) -> datetime:
        """Move it by seconds, or by what timedelta takes, such as days=3."""
        self.now += timedelta(seconds=seconds, **others)
        return self.now


class Cluster:
    """A PostgreSQL server of our own, on a socket in its folder."""

    def __init__(self, programs: Path, folder: Path, user: dict[str, Any]) -> None:
        self.folder = folder
        data = folder / "data"
        log = folder / "log"
        run: dict[str, Any] = {"cwd": folder, **user}
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "lenslock", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"],
            capture_output=True,
            text=True,
            check=False,
            **run,
        )
        assert made.returncode == 0, made.stderr
        settings = {**SERVER_SETTINGS, "unix_socket_directories": str(folder)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with log.open("w") as output:
            self.process = subprocess.Popen(
                ["sh", "-c", WATCH, "sh", programs / "postgres", "-D", data, *options],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                **run,
            )
        self._wait(log)
        self._number = 0
        self.execute("CREATE DATABASE migrated")
        engine = create_engine(self.url("migrated"))
        with engine.begin() as connection:
            migrate(connection)
        engine.dispose()

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + 60
        while True:
            try:
                return self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    self.stop()
                    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
                time.sleep(0.05)

    def url(self, name: str) -> str:
        return f"postgresql://lenslock@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="lenslock", dbname="postgres", autocommit=True, connect_timeout=5
        ) as connection:
            connection.execute(statement)

    def create(self, template: str = "migrated") -> str:
        """Make a database; return its name."""
        self._number += 1
        name = f"test{self._number}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        self.process.communicate(timeout=60)


@pytest.fixture(scope="session")
def cluster():
    """A throw-away PostgreSQL server."""
    programs, user = needs.postgres(), needs.postgres_user()
    folder = Path(tempfile.mkdtemp(prefix="ll-", dir="/tmp"))  # a socket's path has at most 107 characters
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        server = Cluster(programs, folder, user)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """The bank's folder. No test touches the user's own."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, home):
    """Address of an empty database: SQLite in the bank's folder, or PostgreSQL, migrated already."""
    if request.param == "sqlite":
        yield f"sqlite:///{home / 'bank.db'}"
    else:
        server = request.getfixturevalue("cluster")
        name = server.create()
        yield server.url(name)
        server.drop(name)


@pytest.fixture
def bare_url(request, database_url):
    """Address of an empty database without any table."""
    if database_url.startswith("sqlite"):
        yield database_url
    else:
        server = request.getfixturevalue("cluster")
        name = server.create("template1")
        yield server.url(name)
        server.drop(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_store(database_url, clock):
    """Open the bank, as often as you like, as other processes do. Takes what Store takes."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(Store(**{"url": database_url, "clock": clock, **changes}))


@pytest.fixture
def store(open_store) -> Store:
    """The bank, open, with its key file in `home`."""
    return open_store()


@pytest.fixture
def outside(database_url):
    """Run SQL behind the bank's back, with no foreign keys in the way. Returns the rows that it gives."""
    with ExitStack() as stack:
        opened: list[psycopg.Connection] = []  # one for all statements: a server makes a process for each connection

        def run(statement: str, *values: object) -> list[tuple]:
            if database_url.startswith("sqlite"):
                with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as connection, connection:
                    return connection.execute(statement, values).fetchall()
            if not opened:
                opened.append(stack.enter_context(psycopg.connect(database_url, autocommit=True)))
                opened[0].execute("SET session_replication_role = replica")
            cursor = opened[0].execute(statement.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []

        yield run


@pytest.fixture
def service(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    service = Service()
    yield service
    service.close()
