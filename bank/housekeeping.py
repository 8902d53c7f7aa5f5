"""Retention limits: what is older than the policy allows is deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import CursorResult, delete, func
from sqlalchemy.orm import Session

from bank import audit
from bank.tables import Attempt, Customer, Seen


class Retention(Protocol):
    """How many days rows are kept: see `bank.settings`."""

    @property
    def attempts_days(self) -> int:
        """After an attempt began."""

    @property
    def seen_days(self) -> int:
        """After a still was seen."""

    @property
    def audit_days(self) -> int:
        """After an audit entry was written."""

    @property
    def inactive_days(self) -> int:
        """After a customer was last accepted, or enrolled."""


def clean(session: Session, retention: Retention, now: datetime) -> dict[str, int]:
    """Delete what has passed its limit; see `bank.store.Store.housekeeping`."""
    active_at = func.coalesce(Customer.last_accepted_at, Customer.created_at)
    limits = (
        (Customer, active_at, retention.inactive_days),
        (Attempt, Attempt.issued_at, retention.attempts_days),
        (Seen, Seen.created_at, retention.seen_days),
    )
    counts = {}
    for table, moment, days in limits:
        query = delete(table).where(moment < now - timedelta(days=days))
        result = session.execute(query, execution_options={"synchronize_session": False})
        assert isinstance(result, CursorResult)
        counts[table.__tablename__] = result.rowcount
    counts["audit"] = audit.prune(session, now - timedelta(days=retention.audit_days))
    return counts
