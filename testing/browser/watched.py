"""What `testing.browser.server` wrote down, check by check."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Note = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One attempt. Times are seconds of the server's clock.

    Attributes
    ----------
    attempt, customer : str
        Ids.
    frames : list of (float, float)
        When each processed frame was done, and how long after its arrival.
    stills : list of dict
        Number, sha of the luma, arrival, end of examination, size.
    asked : int
        Stills.
    outcome : str
        Empty while it is on.
    decided_s : float
    """

    attempt: str
    customer: str
    frames: list[tuple[float, float]]
    stills: list[Note]
    asked: int
    outcome: str
    decided_s: float

    def rates(self, begin_s: float = -math.inf, end_s: float = math.inf) -> list[int]:
        """Processed frames in each second, without the first and the last one, which are no whole seconds."""
        times = [at for at, _ in self.frames if begin_s <= at < end_s]
        counts = Counter(math.floor(at - times[0]) for at in times)
        return [counts[second] for second in range(1, max(counts))]

    @property
    def rate(self) -> float:
        """Processed frames a second: the median second."""
        return statistics.median(self.rates())

    @property
    def lags_ms(self) -> list[float]:
        """From each frame's arrival until it was processed."""
        return [1000 * lag for _, lag in self.frames]

    @property
    def last_still_s(self) -> float:
        """Seconds from the arrival of the last still to the decision."""
        return self.decided_s - max(still["arrived"] for still in self.stills)

    @property
    def last_picture_s(self) -> float:
        """Seconds from the arrival of whatever came last, a still or the frame with the last answer."""
        at, lag = self.frames[-1]
        return self.decided_s - max(at - lag, *(still["arrived"] for still in self.stills))


class Watched:
    """The server's notes, read as they grow.

    Parameters
    ----------
    path : Path
        As the server was given it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0
        self._process: list[Note] = []
        self._attempts: dict[str, list[Note]] = {}

    def process(self) -> list[Note]:
        """Memory and threads of the server, twice a second."""
        self._read()
        return self._process

    def checks(self) -> list[Check]:
        """All attempts so far, in order."""
        self._read()
        return [_check(attempt, notes) for attempt, notes in self._attempts.items()]

    def check(self, customer: str) -> Check:
        """The latest attempt of a customer, by id; an empty one if there is none yet."""
        self._read()
        for attempt, notes in reversed(self._attempts.items()):
            if any(note.get("customer") == customer for note in notes):
                return _check(attempt, notes)
        return _check("", [])

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            lines = file.read().rpartition(b"\n")[0]
        if not lines:
            return
        self._offset += len(lines) + 1
        for note in map(json.loads, lines.splitlines()):
            if "who" in note:
                self._attempts.setdefault(note["who"], []).append(note)
            else:
                self._process.append(note)


def _check(attempt: str, notes: list[Note]) -> Check:
    asked = [note for note in notes if "asked" in note]
    done: Note = next((note for note in notes if "done" in note), {"done": "", "at": math.nan})
    offset = asked[0]["begun"] if asked else math.nan
    return Check(
        attempt,
        asked[0]["customer"] if asked else "",
        [(note["at"], note["at"] - note["frame"] - offset) for note in notes if "frame" in note],
        [note for note in notes if "still" in note],
        sum(len(note["asked"]) for note in asked),
        done["done"],
        done["at"],
    )


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.1)
