"""What Alembic runs: `bank.migrations.migrate` hands it the connection, so that there is no alembic.ini."""

from alembic import context

from bank.migrations import VERSION_TABLE
from bank.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
