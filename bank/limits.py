"""How often somebody may try: one-time tokens, attempt rates, and lock-outs that grow.

All counting is done in the database, behind the customer's row lock, so that it holds across processes. The
customer's lock is taken before the address's, and both before the audit trail's head: nobody waits in a circle.

Lock-outs have a price: whoever knows a customer's name can keep the customer out by failing on purpose. The delay is
therefore capped, and a rate for each address makes it slow.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bank.errors import LimitReached, NotFound, TokenError
from bank.tables import Attempt, Customer, Lockout

if TYPE_CHECKING:
    from bank.settings import Limits

OUTCOMES = ("accepted", "refused", "step-up")

_WHOSE = {"rate-customer": "of one customer", "rate-address": "from one network address"}
_PSEUDONYM = re.compile(r"(?:[0-9a-f]{32})?")
_MOST_LEVEL = 64  # of the exponent: far beyond any cap, and no overflow


def issue(
    session: Session,
    customer: Customer,
    *,
    limits: Limits,
    now: datetime,
    profile: str,
    challenge_json: str,
    address: str = "",
    device: str = "",
    location: str = "",
) -> tuple[Attempt, str]:
    """Begin an attempt, if there were not too many.

    Parameters
    ----------
    session : Session
        Of `Store.write`.
    customer : Customer
        Is locked until the transaction ends.
    limits : Limits
        Of the policy.
    now : datetime
        With a zone.
    profile : str
        Name of the policy's profile.
    challenge_json : str
        What the person is asked to do.
    address, device : str
        Their pseudonyms (`Vault.pseudonym`); empty where not known. An address that is not known has no rate.
    location : str
        "latitude,longitude" to a tenth of a degree, or empty.

    Returns
    -------
    Attempt
    token : str
        For the person, to be given back once. The bank keeps only its SHA-256.

    Raises
    ------
    LimitReached
        If the customer is locked out, or was checked too often, or the address was used too often.
    ValueError
        If an address or device is no pseudonym: the bank keeps none in plain.
    """
    for what, text in (("address", address), ("device", device)):
        if not _PSEUDONYM.fullmatch(text):
            raise ValueError(f"the {what} is no pseudonym: give what Vault.pseudonym made of it, or nothing")
    _lock(session, customer.id)
    _refuse_locked(session, customer.id, now)
    mine = Attempt.customer_id == customer.id
    _refuse_rate(session, mine, limits.per_customer, limits.per_customer_s, now, "rate-customer")
    if address:
        _lock_address(session, address)
        from_there = Attempt.address == address
        _refuse_rate(session, from_there, limits.per_address, limits.per_address_s, now, "rate-address")
    token = secrets.token_urlsafe(32)
    attempt = Attempt(
        customer_id=customer.id,
        token_hash=_digest(token),
        profile=profile,
        challenge=challenge_json,
        address=address,
        device=device,
        location=location,
        issued_at=now,
        expires_at=now + timedelta(seconds=limits.token_s),
        outcome="",
        reason="",
        decision="",
    )
    session.add(attempt)
    session.flush()
    return attempt, token


def redeem(session: Session, customer_id: str, token: str, *, now: datetime) -> Attempt:
    """Take a token back: the one that `issue` gave out, in time, for the first time. It cannot be used again.

    Parameters
    ----------
    session : Session
        Of `Store.write`. The customer is locked until the transaction ends.
    customer_id : str
    token : str
    now : datetime
        With a zone.

    Returns
    -------
    Attempt

    Raises
    ------
    TokenError
        If the token is unknown, another customer's, used, or expired.
    LimitReached
        If the customer was locked out meanwhile. The token is not spent.
    NotFound
        If there is no such customer.
    """
    _lock(session, customer_id)
    query = select(Attempt).where(Attempt.token_hash == _digest(token)).execution_options(populate_existing=True)
    attempt = session.scalar(query)
    if attempt is None:
        raise TokenError("unknown", "This check was not begun here, or long ago. Start a new one.")
    if attempt.customer_id != customer_id:
        raise TokenError("other-customer", "This check was begun for another customer. Start a new one.")
    if attempt.used_at is not None:
        raise TokenError("used", "This check was handed in before, and each counts once. Start a new one.")
    if now >= attempt.expires_at:
        allowed = (attempt.expires_at - attempt.issued_at).total_seconds()
        raise TokenError("expired", f"This check took longer than the {spoken(allowed)} allowed. Start a new one.")
    _refuse_locked(session, customer_id, now)
    attempt.used_at = now
    session.flush()
    return attempt


def call_off(session: Session, customer_id: str, token: str, *, reason: str, now: datetime) -> Attempt:
    """Take a token back for an attempt that cannot come to a decision. It counts as no refused one, but as begun.

    Parameters and errors as `redeem`; `reason` is a short code for the record.
    """
    attempt = redeem(session, customer_id, token, now=now)
    attempt.outcome, attempt.reason = "called-off", reason
    session.flush()
    return attempt


def settle(session: Session, attempt: Attempt, outcome: str, *, limits: Limits, now: datetime) -> Lockout | None:
    """Write down how an attempt ended, and lock the customer out if too many were refused.

    An accepted attempt clears the refused ones before it; one that ended in a step-up counts for nothing.

    Parameters
    ----------
    session : Session
        Of `Store.write`. The customer is locked until the transaction ends.
    attempt : Attempt
        As `redeem` returned it, or loaded anew.
    outcome : {"accepted", "refused", "step-up"}
    limits : Limits
        Of the policy.
    now : datetime
        With a zone.

    Returns
    -------
    Lockout or None
        The lock-out that begins now, if one does.

    Raises
    ------
    ValueError
        If the outcome is none of these, or the attempt's token was not redeemed.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {outcome!r}: expected one of {', '.join(OUTCOMES)}")
    if attempt.used_at is None:
        raise ValueError(f"attempt {attempt.id} ends before its token was redeemed")
    _lock(session, attempt.customer_id)
    attempt.outcome = outcome
    session.flush()
    if outcome != "refused":
        return None
    last = _lockout(session, attempt.customer_id)
    since = now - timedelta(seconds=limits.window_s)
    if last:
        since = max(since, last.locked_at)
    if _failures(session, attempt.customer_id, since) < limits.failures:
        return None
    forgotten = last is None or (now - last.locked_until).total_seconds() >= limits.forget_s
    level = 0 if last is None or forgotten else last.level + 1
    seconds = min(limits.lock_s * limits.lock_factor ** min(level, _MOST_LEVEL), limits.max_lock_s)
    if last is None:
        last = Lockout(customer_id=attempt.customer_id)
        session.add(last)
    last.level, last.locked_at, last.locked_until = level, now, now + timedelta(seconds=seconds)
    session.flush()
    return last


def locked_for(session: Session, customer_id: str, now: datetime) -> float:
    """Return for how many more seconds a customer is locked out; 0 for one who is not."""
    last = _lockout(session, customer_id)
    return max(0.0, (last.locked_until - now).total_seconds()) if last else 0.0


def spoken(seconds: float) -> str:
    """Say a duration as people do, never shorter than it is: "45 seconds", "2 minutes", "1 hour"."""
    unit, length = ("second", 1) if seconds <= 99 else ("minute", 60) if seconds <= 99 * 60 else ("hour", 3600)
    count = math.ceil(seconds / length)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _lock(session: Session, customer_id: str) -> None:
    """Keep all others out of a customer's attempts until this transaction ends. On SQLite a writer is alone anyway."""
    query = (
        select(Customer).where(Customer.id == customer_id).with_for_update().execution_options(populate_existing=True)
    )
    if session.scalar(query) is None:
        raise NotFound(f"There is no customer {customer_id!r}. Perhaps they were deleted meanwhile.")


def _lock_address(session: Session, address: str) -> None:
    """Keep others who begin attempts from an address waiting, whoever they claim to be."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"lenslock address {address}".encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def _lockout(session: Session, customer_id: str) -> Lockout | None:
    query = select(Lockout).where(Lockout.customer_id == customer_id).execution_options(populate_existing=True)
    return session.scalar(query)


def _refuse_locked(session: Session, customer_id: str, now: datetime) -> None:
    seconds = locked_for(session, customer_id, now)
    if seconds > 0:
        message = f"Too many failed checks: this customer is locked out. Try again in {spoken(seconds)}."
        raise LimitReached("locked-out", message, seconds)


def _refuse_rate(
    session: Session, whose: ColumnElement[bool], most: int, window_s: float, now: datetime, code: str
) -> None:
    """Refuse if the last `most` attempts were all begun within the window: the first of them has to leave it."""
    window = timedelta(seconds=window_s)
    query = select(Attempt.issued_at).where(whose, Attempt.issued_at > now - window)
    first = session.scalar(query.order_by(Attempt.issued_at.desc()).offset(most - 1).limit(1))
    if first is not None:
        seconds = (first + window - now).total_seconds()
        message = f"{most} checks {_WHOSE[code]} within {spoken(window_s)} are all that is allowed."
        raise LimitReached(code, f"{message} Try again in {spoken(seconds)}.", seconds)


def _failures(session: Session, customer_id: str, since: datetime) -> int:
    """Count refused attempts since a moment and since the last accepted one. Whole rows are read: seals are checked."""
    query = select(Attempt).where(Attempt.customer_id == customer_id, Attempt.used_at > since).order_by(Attempt.used_at)
    count = 0
    for row in session.scalars(query):
        count = 0 if row.outcome == "accepted" else count + (row.outcome == "refused")
    return count


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
