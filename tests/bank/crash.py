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
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from sqlalchemy import select

from bank import audit
from bank.bank import Bank
from bank.capture import Capture
from bank.enrol import CameraSample, camera_sample
from bank.face_reader import FaceSeen
from bank.policy import Policy
from bank.tables import Attempt, Camera, Face
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
        ongoing.capture.stills += [replace(still, sketch=os.urandom(128)) for still in shots[which]]
        decision = bank.verify(ongoing)
        certain("decided", decision.attempt, decision.outcome)
        if turn % 2:
            bank.rotate_key()
            certain("rotated")
            certain("deleting", name)
            bank.delete(name)
            certain("deleted", name)


def examine(url: str, home: str, log: Path, start: int) -> Counter[str]:
    """Open the bank after a kill; raise AssertionError if anything is half, lost or changed."""
    said: dict[str, list[str]] = {}
    outcomes: dict[str, str] = {}
    for line in log.read_text().splitlines():
        word, *rest = line.split()
        said.setdefault(word, []).append(rest[0] if rest else "")
        if word == "decided":
            outcomes[rest[0]] = rest[1]
    bank = Bank(url, folder=home, clock=Clock(start))
    assert bank.store.check() == []
    there = {info.name: info for info in bank.customers()}
    for info in there.values():
        assert info.face_frames > 0, f"{info.name}: half an enrolment"
        assert len(info.cameras) == 1, f"{info.name}: half an enrolment"
    kept = set(said.get("enrolled", [])) - set(said.get("deleting", []))
    assert kept <= there.keys(), f"lost: {kept - there.keys()}"
    assert not set(said.get("deleted", [])) & there.keys()
    with bank.store.read() as session:
        chain = audit.verify_chain(session)
        assert chain.intact, chain.problem
        recorded = {e.attempt_id: e.outcome for e in audit.entries(session, kind="decision")}
        kinds = Counter(e.kind for e in audit.entries(session))
        rows = {row.id: row.outcome for row in session.scalars(select(Attempt))}
        assert len(session.scalars(select(Face)).all()) == len(session.scalars(select(Camera)).all()) == len(there)
    assert outcomes.items() <= recorded.items(), "a decision was lost"
    decided = {row: outcome for row, outcome in rows.items() if outcome in ("accepted", "refused", "step-up")}
    assert decided.items() <= recorded.items(), "a decision without its record"
    assert kinds["key-rotated"] >= len(said.get("rotated", []))
    assert set(recorded.values()) <= {"accepted"}, "a genuine selfie was not accepted"
    left = sorted(path.name for path in Path(home).iterdir() if "key" in path.name)
    assert left == ["bank.key"], left
    bank.close()
    return Counter({word: len(items) for word, items in said.items()}) + Counter(recorded=len(recorded))


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
    total: Counter[str] = Counter()
    Bank(url, folder=home, clock=Clock(0)).close()
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
        total = examine(url, home, log, 1 + kill * 10_000 + 9_000)
    sys.stdout.write(json.dumps({"kills": kills, **total}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
