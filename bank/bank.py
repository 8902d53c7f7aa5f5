"""The bank: who is enrolled, what is decided, what is written down."""

from __future__ import annotations

import functools
import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bank import asked, audit, limits
from bank.capture import Capture
from bank.crypto.vault import MasterKey
from bank.customers import Customers
from bank.errors import EvidenceError, LimitReached, Tampered, TokenError
from bank.face_reader import FaceReader
from bank.factors import CameraFinding, Candidate
from bank.feeds import ThreatFeed, feeds_from_environment
from bank.policy import Policy
from bank.records import (
    find,
    remember,
    salts,
    unlock,
)
from bank.risk import Blocklist, Past, RequestContext, Signal, assess
from bank.still import Still
from bank.store import Store
from bank.tables import Attempt, Camera
from bank.verify import Decision, decide, judge
from bank.versions import versions
from liveness.challenge import Challenge, random_challenge

_TIDY = timedelta(hours=1)


@dataclass(frozen=True, eq=False)
class Ongoing:
    """An attempt that has begun.

    Attributes
    ----------
    id, customer : str
        Ids.
    token : str
        Proves, once, that this attempt was begun here.
    challenge : Challenge or None
        What to ask the person to do.
    expires_at : datetime
    capture : Capture
        Takes the stream and the stills.
    context : RequestContext
    kept : dict of bytes to str
        Sketches of its stills that the bank keeps already, and in which row.
    """

    id: str
    customer: str
    token: str
    challenge: Challenge | None
    expires_at: datetime
    capture: Capture
    context: RequestContext
    kept: dict[bytes, str] = field(default_factory=dict, repr=False)


class Bank(Customers):
    """Enrols customers, verifies them, and remembers what it decided.

    Any number of processes may open the same bank at once.

    Parameters
    ----------
    url : str, optional
        Database, as SQLAlchemy names it. Default: LENSLOCK_DATABASE_URL, else an SQLite file in the data folder.
    key : MasterKey, optional
        Default: LENSLOCK_KEY, else the key file in the data folder, which is made at first start.
    folder : path, optional
        Data folder. Default: LENSLOCK_HOME, else where this system keeps a user's data.
    policy : Policy, optional
        Default: LENSLOCK_POLICY, else the one that comes with LensLock.
    profile : str
        Which of its profiles decides where an attempt does not say.
    blocklist : Blocklist, optional
        Addresses that are worth a warning.
    feeds : sequence of ThreatFeed, optional
        Asked about the network address of each attempt; nothing else is sent. Default: those that the environment has
        a key for. Without one nothing leaves this machine.
    clock : callable
        Tells the time, in UTC.

    Raises
    ------
    StoreError, KeyProblem, Tampered, PolicyError
        If the database, the key, or the policy cannot be used.
    """

    def __init__(
        self,
        url: str | None = None,
        key: MasterKey | None = None,
        *,
        folder: str | os.PathLike[str] | None = None,
        policy: Policy | None = None,
        profile: str = "demo",
        blocklist: Blocklist | None = None,
        feeds: Sequence[ThreatFeed] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        policy = policy or Policy.load()
        policy.profile(profile)  # an unknown one is told now, not at the first attempt
        self.feeds = tuple(feeds_from_environment(policy.feeds) if feeds is None else feeds)
        super().__init__(Store(url, key, folder=folder, clock=clock), policy)
        self.profile = profile
        self._blocklist = blocklist or Blocklist()

    def begin(
        self,
        name: str,
        context: RequestContext | None = None,
        *,
        profile: str | None = None,
        stream: bool = True,
        reader: FaceReader | None = None,
        mirrored: bool | None = None,
        more_time: bool = False,
        draw: random.Random | None = None,
    ) -> Ongoing:
        """Begin an attempt: draw a challenge, give out a token that can be used once.

        Parameters
        ----------
        name : str
            Who the person claims to be.
        context : RequestContext, optional
            Where the request came from.
        profile : str, optional
            Which of the policy's profiles decides; default the bank's.
        stream : bool
            Whether there will be a live video. Without one liveness and freshness cannot be judged.
        reader : FaceReader, optional
            Reads faces in stills. Default: one of its own, which belongs to the thread that hands in stills.
        mirrored : bool, optional
            Whether the camera or its driver swaps left and right. Default: as in the check of this customer's camera
            that was accepted last. An accepted check is what makes the bank remember it.
        more_time : bool
            Whether each prompt waits longer for its answer, as the profile's ``slow_step_seconds`` allows.
        draw : random.Random, optional
            Draws the challenge, and what is asked instead of steps that are declined: only for attempts that are
            simulated. Default: the operating system's randomness.

        Returns
        -------
        Ongoing

        Raises
        ------
        NotFound
            If there is no such customer.
        LimitReached
            If there were too many attempts.
        PolicyError
            If there is no such profile.
        """
        self.tidy()
        context, now, profile = context or RequestContext(), self.store.clock(), profile or self.profile
        rules, challenge = self.policy.profile(profile), None
        if stream:
            wanted = rules.liveness
            seconds = wanted.slow_step_seconds if more_time else wanted.step_seconds
            challenge = random_challenge(wanted.steps, seconds=seconds, draw=draw)
        try:
            with self.store.write() as session:
                customer = find(session, name)
                if mirrored is None:
                    mirrored = stream and asked.remembered(session, customer.id)
                lately = now - timedelta(seconds=rules.step_up.window_s)
                earlier = asked.earlier_sides(session, customer.id, lately, mirrored)
                capture = Capture(rules, challenge, reader, mirrored=mirrored, earlier=earlier, draw=draw)
                row, token = limits.issue(
                    session,
                    customer,
                    limits=self.policy.limits,
                    now=now,
                    profile=profile,
                    challenge_json=asked.spelled(capture),
                    **_pseudonyms(session, context),
                    location="{:.1f},{:.1f}".format(*context.location) if context.location else "",
                )
                attempt, customer_id, expires_at = row.id, customer.id, row.expires_at
                known = salts(session, customer.id)
        except LimitReached as error:
            with self.store.write() as session:
                body = {"reason": error.code, "retry after seconds": error.retry_after_s}
                audit.append(session, "not-admitted", customer_id=find(session, name).id, body=body)
            raise
        ongoing = Ongoing(attempt, customer_id, token, challenge, expires_at, capture, context)
        capture.salts, capture.keep = known, functools.partial(self._keep, ongoing)
        return ongoing

    def decline(self, ongoing: Ongoing, step: str) -> bool:
        """Ask for another step in place of one that the person cannot do, and write it down with the attempt.

        Where none of equal strength is left, the attempt ends undecided, and leads to another way to confirm.

        Parameters
        ----------
        ongoing : Ongoing
            Any thread may do it while others take in its stream and stills.
        step : str
            The step that the person was asked for.

        Returns
        -------
        bool
            False if it is not asked for at this moment: it was answered meanwhile, or declined before.
        """
        if not ongoing.capture.decline(step):
            return False
        with self.store.write() as session:
            attempt = session.get_one(Attempt, ongoing.id, with_for_update=True)
            attempt.challenge = asked.spelled(ongoing.capture)
        return True

    def mirrored(self, name: str) -> bool:
        """Tell whether a customer's camera is known to swap left and right, from checks that were accepted.

        Raises
        ------
        NotFound
        """
        with self.store.read() as session:
            return asked.remembered(session, find(session, name).id)

    def verify(self, ongoing: Ongoing) -> Decision:
        """Decide on an attempt and write down why. Each attempt is decided once.

        Parameters
        ----------
        ongoing : Ongoing
            With its stream and stills taken in.

        Returns
        -------
        Decision

        Raises
        ------
        TokenError
            If the attempt was decided before, has expired, or was begun elsewhere.
        Tampered
            If something of the customer's was changed outside the bank. Nothing is accepted then.
        """
        return self.verify_showing(ongoing)[0]

    def verify_showing(self, ongoing: Ongoing) -> tuple[Decision, CameraFinding]:
        """Decide as `verify` does, and return also what maps and peaks are drawn from.

        The finding holds the fingerprint: for this process only, never to be sent or stored.
        """
        now = self.store.clock()
        ongoing.capture.close()
        with self.store.write() as session:  # the token is spent even if what follows fails
            number = limits.redeem(session, ongoing.customer, ongoing.token, now=now).id
            for still in ongoing.capture.stills:
                self._remember(session, ongoing, still)
        try:
            with self.store.read() as session:
                attempt = session.get_one(Attempt, number)
                drawn, rules = json.loads(attempt.challenge), self.policy.profile(attempt.profile)
                # All of its stills are kept by now. So of two attempts that share some, one sees the other's here.
                unlocked = unlock(session, ongoing.customer, ongoing.kept.values())
                history = _history(session, ongoing.customer, number)
                names = _pseudonyms(session, ongoing.context)
        except Tampered as error:
            with self.store.write() as session:
                body = {"where": f"{error.table} {error.row}", **versions(self.policy)}
                audit.append(session, "tampered", customer_id=ongoing.customer, attempt_id=number, body=body)
            raise
        if drawn != json.loads(asked.spelled(ongoing.capture)):
            raise EvidenceError("The challenge that was answered is not the one that was drawn. Start a new check.")
        factors, finding = judge(
            ongoing.capture, rules, unlocked.template, unlocked.cameras, unlocked.seen, unlocked.published
        )
        signals = self._risks(ongoing, history, names, now)
        with self.store.write() as session:
            customer = self.store.lock(session, ongoing.customer)
            attempt = session.get_one(Attempt, number, with_for_update=True)
            if attempt.outcome:
                raise TokenError("expired", "This check was not finished in time. Start a new one.")
            before = _inconclusive(session, customer.id, now - timedelta(seconds=rules.step_up.window_s))
            decision = replace(
                decide(factors, rules.required, before, rules.step_up.tries),
                customer=customer.id,
                attempt=attempt.id,
                profile=attempt.profile,
                policy=self.policy.version,
                at=now,
                signals=signals,
                context=versions(self.policy),
            )
            attempt.outcome, attempt.reason, attempt.decision = decision.outcome, decision.reason, decision.to_json()
            limits.settle(session, attempt, decision.outcome, limits=self.policy.limits, now=now)
            if decision.accepted:
                customer.last_accepted_at = now
                _remember_handedness(session, finding.camera, ongoing.capture)
            body = decision.to_dict() | {"address": attempt.address, "device": attempt.device}
            audit.append(session, "decision", customer_id=customer.id, attempt_id=attempt.id, body=body)
        return decision, finding

    def _keep(self, ongoing: Ongoing, still: Still) -> None:
        """Keep a still's sketch as soon as it arrives: attempts that are given up, or run beside this one, count too.

        Raises
        ------
        NotFound
            If the customer was deleted meanwhile.
        StoreError
            If the bank cannot be written. The still does not count then.
        """
        with self.store.write() as session:
            self.store.lock(session, ongoing.customer)
            self._remember(session, ongoing, still)

    def _remember(self, session: Session, ongoing: Ongoing, still: Still) -> None:
        sketch = still.sketch(ongoing.capture.salts[0]).to_bytes()
        if sketch not in ongoing.kept:
            ongoing.kept[sketch] = remember(session, ongoing.customer, None, [sketch], self.store.clock())

    def _risks(
        self, ongoing: Ongoing, history: Sequence[Past], names: dict[str, str], now: datetime
    ) -> tuple[Signal, ...]:
        state = ongoing.capture.state
        return assess(
            ongoing.context,
            history,
            reactions_s=[step.answered_s - step.asked_s for step in state.steps] if state else [],
            settings=self.policy.risk,
            blocklist=self._blocklist,
            feeds=self.feeds,
            now=now,
            **names,
        )


def _remember_handedness(session: Session, used: Candidate | None, capture: Capture) -> None:
    """Keep which way round a camera shows, once a check that rests on it was accepted: nobody else can set it."""
    if used and capture.streamed and used.mirrored != capture.mirrored:
        session.get_one(Camera, used.id).mirrored = capture.mirrored


def _history(session: Session, customer: str, but: str) -> list[Past]:
    """Return the attempts that a customer handed in, but for one."""
    handed_in = select(Attempt).where(Attempt.customer_id == customer, Attempt.used_at.is_not(None), Attempt.id != but)
    return [
        Past(row.issued_at, row.address, row.device, row.location, row.outcome) for row in session.scalars(handed_in)
    ]


def _pseudonyms(session: Session, context: RequestContext) -> dict[str, str]:
    vault = session.info["vault"]
    return {
        "address": vault.pseudonym("address", context.origin),
        "device": vault.pseudonym("device", context.device),
    }


def _inconclusive(session: Session, customer: str, since: datetime) -> int:
    """Count attempts since then, and since the last accepted one, that could not tell."""
    rows = session.scalars(
        select(Attempt).where(Attempt.customer_id == customer, Attempt.issued_at >= since).order_by(Attempt.issued_at)
    )
    count = 0
    for row in rows:
        count = 0 if row.outcome == "accepted" else count + (row.outcome == "step-up")
    return count
