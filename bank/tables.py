"""The bank's tables. Every row carries a seal, so that a change made outside the bank is found."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Dialect,
    Double,
    Float,
    ForeignKey,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


LATER = {"since": "a later version"}
"""Marks a column that came after its table. Its None is left out of the seal, so that seals from before still fit."""


def new_id() -> str:
    """Return an identifier that tells nothing and meets no other: 32 hexadecimal digits."""
    return secrets.token_hex(16)


class Moment(TypeDecorator[datetime]):
    """A time in UTC to the microsecond, kept as a whole number: alike in every database, as a seal needs it."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a time with a zone into microseconds since 1970."""
        return None if value is None else _microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Turn microseconds since 1970 into a time in UTC. What cannot be one is left as it is: no seal fits it."""
        try:
            return _EPOCH + timedelta(microseconds=value) if isinstance(value, int) else value
        except OverflowError:
            return value


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=_NAMES)  # a migration can only change what has a name


class Sealed(Base):
    """A row whose columns are sealed together with the table's name: see `bank.crypto.row_seals`."""

    __abstract__ = True
    __table__: ClassVar[Table]
    __tablename__: str
    seal: Mapped[bytes] = mapped_column(LargeBinary)

    def sealed_content(self) -> bytes:
        """What the seal is made over: see `sealed_content`."""
        columns = self.__table__.columns
        return sealed_content(self.__table__, {column.name: getattr(self, column.name) for column in columns})


class VaultRow(Base):
    """The keys that encrypt and seal all else, themselves encrypted with the master key. One row."""

    __tablename__ = "vault"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[bytes] = mapped_column(LargeBinary(8))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Customer(Sealed):
    """Somebody who can be verified."""

    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(160), unique=True)  # casefolded: one Anna, not two
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_accepted_at: Mapped[datetime | None] = mapped_column(Moment)


class Face(Sealed):
    """A customer's face template, encrypted."""

    __tablename__ = "faces"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), unique=True)
    frames: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[bytes] = mapped_column(LargeBinary)


class Camera(Sealed):
    """A customer's camera: what people may know of it, and its fingerprint, encrypted."""

    __tablename__ = "cameras"
    __table_args__ = (UniqueConstraint("customer_id", "label_key"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    label_key: Mapped[str] = mapped_column(String(120))
    width: Mapped[int]
    height: Mapped[int]
    pixel_format: Mapped[str] = mapped_column(String(16))
    images: Mapped[int]
    expected_pce: Mapped[float | None] = mapped_column(Double)
    quality: Mapped[str] = mapped_column(Text)  # JSON: leakage, issue codes
    created_at: Mapped[datetime] = mapped_column(Moment)
    mirrored: Mapped[bool | None] = mapped_column(
        info=LATER, sort_order=1
    )  # whether it swaps left and right; None: not known
    record: Mapped[bytes] = mapped_column(LargeBinary)


class Seen(Sealed):
    """Sketches of the noise of stills that were enrolled or verified, encrypted: the same shot is known again."""

    __tablename__ = "seen"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    camera_id: Mapped[str | None] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    stills: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[bytes] = mapped_column(LargeBinary)


class Published(Sealed):
    """The noise of a photo of a customer's camera that others may have, encrypted: copies of it are looked for."""

    __tablename__ = "published"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    camera_id: Mapped[str] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[bytes] = mapped_column(LargeBinary)


class Attempt(Sealed):
    """One verification, from the token that was given out to the decision."""

    __tablename__ = "attempts"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    profile: Mapped[str] = mapped_column(String(40))
    challenge: Mapped[str] = mapped_column(Text)  # JSON: steps and seconds
    address: Mapped[str] = mapped_column(String(32), index=True)  # pseudonym; empty if not known
    device: Mapped[str] = mapped_column(String(32))  # pseudonym; empty if not known
    location: Mapped[str] = mapped_column(String(32))  # "latitude,longitude" to a tenth of a degree, or empty
    issued_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(16))  # "", accepted, refused, step-up, called-off, ...
    reason: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(Text)  # JSON: the whole decision, empty before


class Lockout(Sealed):
    """How often a customer was locked out lately, and until when."""

    __tablename__ = "lockouts"
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[int]
    locked_at: Mapped[datetime] = mapped_column(Moment)
    locked_until: Mapped[datetime] = mapped_column(Moment)


class AuditEntry(Base):
    """One entry of the audit trail; each digest covers the one before. Holds ids and figures, no names."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(String(32), index=True)
    customer_id: Mapped[str] = mapped_column(String(32), index=True)  # no foreign key: it outlives the customer
    attempt_id: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)  # JSON
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Sealed):
    """Both ends of the audit trail, so that a missing end is noticed. One row."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(BigInteger)  # older entries have passed their retention limit
    first_previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    last_seq: Mapped[int] = mapped_column(BigInteger)
    last_digest: Mapped[bytes] = mapped_column(LargeBinary(32))


ENCRYPTED: dict[type[Face | Camera | Seen | Published], str] = {
    Face: "face",
    Camera: "camera",
    Seen: "seen",
    Published: "published",
}
"""Tables whose `record` is encrypted, with its purpose. It is bound to the customer's id and the row's own."""

SEALED: tuple[type[Sealed], ...] = (Customer, Face, Camera, Seen, Published, Attempt, Lockout, AuditHead)
"""All tables with seals, parents before their children."""


def sealed_content(table: Table, values: Mapping[str, Any]) -> bytes:
    """Spell a row in one way only: its table, and each column but the seal itself.

    Parameters
    ----------
    table : sqlalchemy.Table
    values : mapping
        Value of each column by its name.
    """
    columns = {
        column.name: _plain(values[column.name], column.type)
        for column in table.columns
        if not (column.info == LATER and values[column.name] is None)
    }
    del columns["seal"]
    return json.dumps([table.name, columns], sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any, kind: object) -> Any:
    if isinstance(value, bytes):
        return ["bytes", hashlib.sha256(value).hexdigest()]
    if isinstance(value, datetime):
        return ["time", _microseconds(value)]
    if isinstance(value, float) or (isinstance(value, int) and isinstance(kind, Float)):
        return ["float", (float(value) + 0.0).hex()]  # SQLite keeps no -0.0
    return value


def _microseconds(value: datetime) -> int:
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone: give one, such as datetime.now(UTC)")
    return (value - _EPOCH) // timedelta(microseconds=1)
