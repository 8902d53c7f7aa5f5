"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BYTES = sa.LargeBinary
_TIME = sa.BigInteger


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "vault",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key_id", _BYTES(8), nullable=False),
        sa.Column("wrapped", _BYTES, nullable=False),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_key", sa.String(160), nullable=False, unique=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_accepted_at", _TIME),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "faces",
        sa.Column("id", sa.String(32), primary_key=True),
        _child("customers", unique=True),
        sa.Column("frames", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("record", _BYTES, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "cameras",
        sa.Column("id", sa.String(32), primary_key=True),
        _child("customers", index=True),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("label_key", sa.String(120), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("pixel_format", sa.String(16), nullable=False),
        sa.Column("images", sa.Integer, nullable=False),
        sa.Column("expected_pce", sa.Double),
        sa.Column("quality", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("record", _BYTES, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
        sa.UniqueConstraint("customer_id", "label_key"),
    )
    op.create_table(
        "seen",
        sa.Column("id", sa.String(32), primary_key=True),
        _child("customers", index=True),
        _child("cameras", nullable=True),
        sa.Column("stills", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("record", _BYTES, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "published",
        sa.Column("id", sa.String(32), primary_key=True),
        _child("customers", index=True),
        _child("cameras"),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("record", _BYTES, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(32), primary_key=True),
        _child("customers", index=True),
        sa.Column("token_hash", _BYTES(32), nullable=False, unique=True),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("challenge", sa.Text, nullable=False),
        sa.Column("address", sa.String(32), nullable=False, index=True),
        sa.Column("device", sa.String(32), nullable=False),
        sa.Column("location", sa.String(32), nullable=False),
        sa.Column("issued_at", _TIME, nullable=False, index=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "lockouts",
        _child("customers", primary_key=True),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("locked_at", _TIME, nullable=False),
        sa.Column("locked_until", _TIME, nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False, index=True),
        sa.Column("customer_id", sa.String(32), nullable=False, index=True),
        sa.Column("attempt_id", sa.String(32), nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", _BYTES(32), nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("first_previous", _BYTES(32), nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.Column("last_digest", _BYTES(32), nullable=False),
        sa.Column("seal", _BYTES, nullable=False),
    )


def _child(parent: str, **kind: Any) -> sa.Column[str]:
    key = sa.ForeignKey(f"{parent}.id", ondelete="CASCADE")
    return sa.Column(f"{parent[:-1]}_id", sa.String(32), key, **{"nullable": False, **kind})
