"""A bank that is killed in mid-work, again and again: run by test_crash as a program of its own.

Everything costly is prepared once; each victim is a fork that opens the bank and works until it is killed.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
import traceback
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bank import audit
from bank.bank import Bank
from bank.capture import Capture
from bank.crypto.chain import GENESIS, find_problem, raw_columns
from bank.enrol import CameraSample, camera_sample
from bank.face_reader import FaceSeen
from bank.policy import Policy
from bank.tables import Attempt, AuditEntry, AuditHead, Camera, Customer, Face
from testing.selfie import BOX, Device, Person, Table

SHAPE = (256, 320)
SMALL = BOX._replace(left=80, top=40, width=160, height=170)
MOST_LINES = 12
"""A victim gets fewer things done: two turns of its work have nine. Not in seconds: some machines are busy."""


class Clock:
    """Each look at it is 20 seconds later: limits on attempts have their own tests."""

    def __init__(self, start: int) -> None:
        self._ticks = itertools.count(start)

    def __call__(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=20 * next(self._ticks))


def sample(seed: int) -> CameraSample:
    return camera_sample(Device(seed, SHAPE).walls(5), "Phone", Policy.load().enrolment)


def stills(seed: int) -> list:
    reader = Table()
    reader.answer = FaceSeen(None, SMALL, 1, Person(seed).face(1), "")
    capture, device = Capture(Policy.load().profile("photos"), None, reader), Device(seed, SHAPE)
    for _ in range(3):
        capture.upload(device.selfie())
    return capture.stills


def victim(url: str, home: str, start: int, samples: list, shots: list, log: int) -> None:
    """Enrol, verify and rotate until killed; write down what is certain."""

    def certain(*words: str) -> None:
        os.write(log, (" ".join(words) + "\n").encode())

    bank = Bank(url, folder=home, clock=Clock(start))
    for turn in itertools.count():
        name = f"C{start}-{turn}"
        which = turn % len(samples)
        certain("trying", name)
        bank.enrol(name, faces=Person(which).template, photos=samples[which], allow_shared=True)
        certain("enrolled", name)
        ongoing = bank.begin(name, profile="photos", stream=False, reader=Table())
        ongoing.capture.stills += shots[which]
        decision = bank.verify(ongoing)
        certain("decided", decision.attempt, decision.outcome)
        if turn % 2:
            bank.rotate_key()
            certain("rotated")
            certain("deleting", name)
            bank.delete(name)
            certain("deleted", name)


class Head(NamedTuple):
    """Of the audit trail after an earlier kill."""

    seq: int = 0
    digest: bytes = GENESIS


class Said:
    """What victims wrote down as certain, from one line of the log on."""

    def __init__(self, log: Path, first: int = 0) -> None:
        self.names: dict[str, set[str]] = {word: set() for word in ("enrolled", "deleting", "deleted")}
        self.outcomes: dict[str, str] = {}
        self.count: Counter[str] = Counter()
        for line in log.read_text().splitlines()[first:]:
            word, *rest = line.split()
            self.count[word] += 1
            if word == "decided":
                self.outcomes[rest[0]] = rest[1]
            elif word in self.names:
                self.names[word].add(rest[0])

    def check(self, there: set[str], recorded: dict[str, str], attempts: dict[str, str]) -> None:
        """Compare it with the names and decisions that the bank knows, and those with each other."""
        kept = self.names["enrolled"] - self.names["deleting"]
        assert kept <= there, f"lost: {kept - there}"
        assert not self.names["deleted"] & there
        assert self.outcomes.items() <= recorded.items(), "a decision was lost"
        decided = {row: outcome for row, outcome in attempts.items() if outcome in ("accepted", "refused", "step-up")}
        assert decided.items() <= recorded.items(), "a decision without its record"
        assert set(recorded.values()) <= {"accepted"}, "a genuine selfie was not accepted"


def examine(bank: Bank, said: Said, begun: datetime, since: Head) -> Head:
    """Look at what the last victim did; fail if anything is half, lost or changed. Return the new head."""
    with bank.store.read() as session:
        head = follow(session, since)
        recorded = {e.attempt_id: e.outcome for e in audit.entries(session, limit=head.seq - since.seq) if e.outcome}
        names = set(session.scalars(select(Customer.name)))
        attempts = select(Attempt).where(Attempt.issued_at >= begun)
        said.check(names, recorded, {row.id: row.outcome for row in session.scalars(attempts)})
        for table in (Face, Camera):
            owners = set(session.scalars(select(Customer.name).join(table, table.customer_id == Customer.id)))
            assert owners == names, "half an enrolment"
            assert session.scalar(select(func.count()).select_from(table)) == len(names), "half an enrolment"
    return head


def follow(session: Session, since: Head) -> Head:
    """Check the audit trail from an earlier head on."""
    there = session.get(AuditHead, 1)
    if there is None:
        assert since == Head()
        return since
    query = select(*raw_columns(session, AuditEntry)).where(AuditEntry.seq > since.seq).order_by(AuditEntry.seq)
    seq, digest = since
    for row in session.execute(query):
        assert find_problem(row, seq + 1, digest, there.last_seq, session.info["vault"]) is None
        seq, digest = seq + 1, row.digest
    assert (seq, digest) == (there.last_seq, there.last_digest)
    return Head(seq, digest)


def examine_all(bank: Bank, said: Said) -> int:
    """Look at everything after the last kill, every row and the trail from its beginning; return how many decisions."""
    assert bank.store.check() == []
    there = bank.customers()
    for info in there:
        assert info.face_frames > 0, f"{info.name}: half an enrolment"
        assert len(info.cameras) == 1, f"{info.name}: half an enrolment"
    with bank.store.read() as session:
        chain = audit.verify_chain(session)
        assert chain.intact, chain.problem
        recorded = {e.attempt_id: e.outcome for e in audit.entries(session, kind="decision")}
        kinds = Counter(e.kind for e in audit.entries(session))
        said.check(
            {info.name for info in there}, recorded, {row.id: row.outcome for row in session.scalars(select(Attempt))}
        )
        assert len(session.scalars(select(Face)).all()) == len(session.scalars(select(Camera)).all()) == len(there)
    assert kinds["key-rotated"] >= said.count["rotated"]
    return len(recorded)


def lines_of(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def wait_for_lines(log: Path, lines: int, child: int) -> None:
    while lines_of(log) < lines:
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "the victim ended by itself"
        time.sleep(0.003)


def main(url: str, home: str, kills: int, seed: int) -> None:
    cv2.setNumThreads(0)  # threads do not survive a fork
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = np.random.default_rng(seed)
    samples, shots = [sample(seed) for seed in range(4)], [stills(seed) for seed in range(4)]
    log = Path(home) / "certain.log"
    Bank(url, folder=home, clock=Clock(0)).close()
    head = Head()
    for kill in range(kills):
        file = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        before = lines_of(log)
        child = os.fork()
        if child == 0:
            try:
                victim(url, home, 1 + kill * 10_000, samples, shots, file)
            finally:
                traceback.print_exc()  # it must not get here by itself
                sys.stderr.flush()
                os._exit(3)
        os.close(file)
        wait_for_lines(log, before + int(rng.integers(MOST_LINES)), child)
        time.sleep(float(rng.uniform(0.0, 0.05)))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"the victim ended by itself: {os.waitstatus_to_exitcode(status)}"
        with closing(Bank(url, folder=home, clock=Clock(1 + kill * 10_000 + 9_000))) as bank:
            head = examine(bank, Said(log, before), Clock(1 + kill * 10_000)(), head)
            left = sorted(path.name for path in Path(home).iterdir() if "key" in path.name)
            assert left == ["bank.key"], left
            if kill == kills - 1:
                recorded = examine_all(bank, Said(log))
                sys.stdout.write(json.dumps({"kills": kills, "recorded": recorded, **Said(log).count}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
