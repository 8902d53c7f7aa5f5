"""Rows in every table of a bank, and looks at what became of them."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from bank import audit
from bank.store import Store
from bank.tables import ENCRYPTED, SEALED, Attempt, Camera, Customer, Face, Lockout, Published, Seen

TABLES = {model.__tablename__: model for model in SEALED}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def add(store: Store, name: str, size: int = 200) -> str:
    """Put a customer with a row in every table into the bank; return the customer's id. Records repeat the name."""
    now = store.clock()
    with store.write() as session:
        customer = Customer(name=name, name_key=name.casefold(), created_at=now, last_accepted_at=now)
        session.add(customer)
        session.flush()
        owner = {"customer_id": customer.id}
        camera = Camera(
            **owner,
            id=f"{name}'s camera",
            label="phone",
            label_key="phone",
            width=1280,
            height=720,
            pixel_format="jpeg",
            images=20,
            expected_pce=0.1 + 0.2,
            quality='{"leakage":0}',
            created_at=now,
        )
        more = {"created_at": now, **owner}
        face = Face(id=f"{name}'s face", frames=5, **more)
        seen = Seen(id=f"{name}'s stills", camera_id=camera.id, stills=3, **more)
        published = Published(id=f"{name}'s post", camera_id=camera.id, name="holiday.jpg", **more)
        for row in (camera, face, seen, published):
            data = (f"{ENCRYPTED[type(row)]} of {name} " * size)[:size].encode()
            row.record = session.info["vault"].encrypt(
                data, purpose=ENCRYPTED[type(row)], owner=customer.id, record=row.id
            )
            session.add(row)
            session.flush()  # a camera before what belongs to it
        attempt = Attempt(
            **owner,
            token_hash=os.urandom(32),
            profile="demo",
            challenge="[]",
            address="a" * 32,
            device="d" * 32,
            location="52.5,13.4",
            issued_at=now,
            expires_at=now,
            used_at=now,
            outcome="accepted",
            reason="all-passed",
            decision="{}",
        )
        session.add_all([attempt, Lockout(level=1, locked_at=now, locked_until=now, **owner)])
        session.flush()
        audit.append(session, "enrolled", customer_id=customer.id, attempt_id=attempt.id, body={"images": 20}, at=now)
        return customer.id


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(row.name for row in session.scalars(select(Customer)))


def found(store: Store) -> set[tuple[str, str]]:
    return {(problem.table, problem.row) for problem in store.check()}


def decrypted(store):
    """All records, decrypted: by row."""
    with store.read() as session:
        decrypt = session.info["vault"].decrypt
        return {
            row.id: decrypt(row.record, purpose=purpose, owner=row.customer_id, record=row.id)
            for model, purpose in ENCRYPTED.items()
            for row in session.scalars(select(model))
        }


def secrets_of(outside) -> set[bytes]:
    """Everything that a key made: seals, encrypted records, the vault's row."""
    columns = [(model.__tablename__, "seal") for model in SEALED if model.__tablename__ != "audit_head"]
    columns += [(model.__tablename__, "record") for model in ENCRYPTED]
    columns += [("vault", "wrapped"), ("vault", "key_id")]
    return {bytes(value) for table, column in columns for (value,) in outside(f"SELECT {column} FROM {table}")}
