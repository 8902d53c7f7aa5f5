"""Whether a camera swaps left and right."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add it, not known of any camera. Seals stay good: see `bank.tables.LATER`."""
    op.add_column("cameras", sa.Column("mirrored", sa.Boolean))
