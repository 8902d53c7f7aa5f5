"""The tables' history: brings the database of any earlier LensLock to today's tables (Alembic)."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bank.errors import StoreError

VERSION_TABLE = "lenslock_version"

_one_at_a_time = threading.Lock()  # Alembic keeps the migration that runs in a global of its own


def pending(connection: Connection) -> bool:
    """Tell whether a database is to be brought up to date.

    Raises
    ------
    StoreError
        If it was written by a newer LensLock.
    """
    scripts = ScriptDirectory.from_config(_config(connection))
    known = {script.revision for script in scripts.walk_revisions()}
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    heads = context.get_current_heads()
    for head in heads:
        if head not in known:
            raise StoreError(
                f"The bank was written by a newer LensLock: its tables are of version {head}, this one knows "
                f"{scripts.get_current_head()}. Nothing was changed. Update LensLock."
            )
    return set(heads) != set(scripts.get_heads())


def migrate(connection: Connection) -> None:
    """Bring a database up to date, within the transaction of its caller, who holds the bank's lock.

    Raises
    ------
    StoreError
        If it was written by a newer LensLock.
    """
    if pending(connection):
        with _one_at_a_time:
            command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
