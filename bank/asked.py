"""What an attempt asks of a person, as it is written down: steps, time, swaps, and which way round its camera shows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank.tables import Attempt, Camera
from liveness.mirroring import Sides

if TYPE_CHECKING:
    from bank.capture import Capture

ASKED_FOR, OPPOSITE = "answers to the side asked for", "answers to the opposite side"
"""Names of figures in the details of the liveness factor."""


def spelled(capture: Capture) -> str:
    """Return what is asked at this moment, as JSON; "null" where nothing is."""
    challenge = capture.session.challenge
    if challenge is None:
        return "null"
    asked: dict[str, Any] = {"steps": challenge.steps, "seconds": challenge.seconds, "mirrored": capture.mirrored}
    names = ("number", "declined", "instead", "further", "at_s")
    return json.dumps(asked | {"swaps": [{name: getattr(swap, name) for name in names} for swap in capture.swaps]})


def remembered(session: Session, customer: str) -> bool:
    """Tell whether a customer's camera swaps left and right, as far as earlier accepted checks showed.

    Nobody knows yet which of several cameras a check will see. Where they differ, none is taken to be mirrored.
    """
    known = {row.mirrored for row in session.scalars(select(Camera).where(Camera.customer_id == customer))} - {None}
    return known == {True}


def earlier_sides(session: Session, customer: str, since: datetime, mirrored: bool) -> Sides:
    """Count to which side answers went in attempts since then and since the last accepted one, seen the same way round.

    Parameters
    ----------
    session : Session
    customer : str
        Id.
    since : datetime
    mirrored : bool
        Of the attempts that count: as the one that begins.
    """
    rows = select(Attempt).where(Attempt.customer_id == customer, Attempt.issued_at >= since, Attempt.decision != "")
    found = Sides()
    for row in session.scalars(rows.order_by(Attempt.issued_at)):
        if row.outcome == "accepted":
            found = Sides()
        elif ((json.loads(row.challenge) or {}).get("mirrored", False)) == mirrored:
            found += _sides(json.loads(row.decision))
    return found


def _sides(decision: dict[str, Any]) -> Sides:
    details: dict[str, Any] = next((one["details"] for one in decision["factors"] if one["name"] == "liveness"), {})
    return Sides(int(details.get(ASKED_FOR, 0)), int(details.get(OPPOSITE, 0)))
