"""Directors for tests: what they saw and got is theirs to tell."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path

import numpy as np

from bank.ledger import StillLedger
from bank.pictures import Picture
from liveness.landmarks import Observation
from ui.live.director import View


class Notes:
    """Notes what comes, and asks for stills when told to; `gate` holds up stills that are examined."""

    def __init__(self, done_after: int | None = None) -> None:
        self.times: list[float] = []
        self.faces: list[int] = []
        self.embeddings = 0
        self.stills: list[tuple[int, Picture, float]] = []
        self.taken: list[float] = []
        self.refusals: list[tuple[int, str]] = []
        self.wanted = 0
        self.shown_at: list[tuple[int, float]] = []
        self.ledger = StillLedger()
        self.threads: dict[str, set[str]] = {"frame": set(), "still": set()}
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Event()
        self.closed = threading.Event()
        self.done_after = done_after
        self.problem = ""

    def prepare(self) -> None:
        self._note_thread("still")

    def close(self) -> None:
        self._note_thread("still")
        self.closed.set()

    def frame(self, seen: Observation, embedding: object, trouble: str) -> View:
        self._note_thread("frame")
        self.times.append(seen.time_s)
        self.faces.append(seen.faces)
        self.embeddings += embedding is not None
        done = self.done_after is not None and len(self.times) >= self.done_after
        return View("prompting", "Look here", 0.5, 3.2, votes=("live",), done=done, outcome="passed", text="All done.")

    def shown(self, number: int, time_s: float) -> None:
        self._note_thread("frame")
        self.shown_at.append((number, time_s))

    def stills_wanted(self, now_s: float) -> int:
        wanted, self.wanted = self.wanted, 0
        return wanted

    def asked(self, stills: int, now_s: float) -> list[int]:
        return [self.ledger.ask(now_s) for _ in range(stills)]

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        self._note_thread("still")
        self.busy.set()
        assert self.gate.wait(20)
        self.stills.append((number, picture, received_s))
        self.taken.append(taken_s)
        return self.problem

    def refused(self, number: int, text: str) -> None:
        self._note_thread("still")
        self.refusals.append((number, text))

    def _note_thread(self, job: str) -> None:
        self.threads[job].add(threading.current_thread().name)


class Filer(Notes):
    """Does it in the server of a browser test: what it got is in a folder, and so is what it shall do.

    Parameters
    ----------
    folder : Path
        Stills as NUMBER.npy, their formats and the frames' times as JSON lines in "seen.jsonl". A file "burst" with a
        number asks for so many stills, a file "view.json" has more of the view, a file "problem" what is wrong with
        stills. What the visitor cannot do is in "seen.jsonl", too.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._log = (folder / "seen.jsonl").open("a", buffering=1)

    def frame(self, seen: Observation, embedding: object, trouble: str) -> View:
        self._write(t=seen.time_s, faces=seen.faces, size=seen.size)
        extra = self.folder / "view.json"
        said = json.loads(extra.read_text()) if extra.exists() else {}
        return View(**{"phase": "prompting", "prompt": "Look straight into the camera", **said})

    def shown(self, number: int, time_s: float) -> None:
        self._write(shown=number, at=time_s)

    def stills_wanted(self, now_s: float) -> int:
        order = self.folder / "burst"
        if not order.exists():
            return 0
        wanted = int(order.read_text())
        order.unlink()
        return wanted

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        np.save(self.folder / f"{number}.npy", picture.luma)
        self._write(still=number, format=picture.pixel_format, received_s=received_s, taken_s=taken_s)
        problem = self.folder / "problem"
        return problem.read_text() if problem.exists() else ""

    def decline(self, step: str) -> bool:
        self._write(declined=step)
        return True

    def _write(self, **said: object) -> None:
        self._log.write(json.dumps(said) + "\n")
