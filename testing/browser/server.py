"""The app as journeys drive it: ``python -m testing.browser.server PORT FILE``.

It is the real app, but for its challenge, which is the one that films answer, and for sessions, which end sooner when
their visitor has gone. FILE gets a line of JSON for each frame, still and decision of a check, and twice a second one
on the process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from streamlit.web import cli

import bank.bank
from testing.browser.studio import CHALLENGE, sha
from ui.live.director import View
from ui.live.directors.verify import VerifyDirector
from ui.live.session import LiveSession

IDLE_S = 8.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Writes down what a director is told and says; times are seconds of one clock for all."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._begun: dict[str, float] = {}

    def note(self, **said: Any) -> None:
        self._file.write(json.dumps(said) + "\n")

    def frame(self, director: VerifyDirector, seen: Any, view: View) -> None:
        who = director._ongoing.id
        self.note(who=who, frame=seen.time_s, at=time.monotonic(), faces=seen.faces, size=seen.size)
        if view.done:
            self.note(who=who, done=view.outcome, at=time.monotonic())

    def asked(self, director: VerifyDirector, numbers: list[int], now_s: float) -> None:
        who = director._ongoing.id
        begun = self._begun[who] = time.monotonic() - now_s
        self.note(who=who, customer=director._ongoing.customer, asked=list(numbers), begun=begun)

    def still(self, director: VerifyDirector, picture: Any, number: int, received_s: float, problem: str) -> None:
        who = director._ongoing.id
        luma = sha(picture.luma.astype("u1").tobytes())
        arrived = received_s + self._begun[who]
        size = picture.shape
        self.note(who=who, still=number, luma=luma, arrived=arrived, at=time.monotonic(), size=size, problem=problem)

    def process(self) -> None:
        while True:
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
            threads = sum(thread.name in ("live-frames", "live-stills") for thread in threading.enumerate())
            self.note(resident=resident, live_threads=threads, threads=threading.active_count(), at=time.monotonic())
            time.sleep(0.5)


def observe(watch: Watch) -> None:
    """Have every check watched."""
    frame, asked, still = VerifyDirector.frame, VerifyDirector.asked, VerifyDirector.still

    def watched_frame(director: VerifyDirector, seen: Any, *others: Any) -> View:
        view = frame(director, seen, *others)
        watch.frame(director, seen, view)
        return view

    def watched_asked(director: VerifyDirector, stills: int, now_s: float) -> list[int]:
        numbers = list(asked(director, stills, now_s))
        watch.asked(director, numbers, now_s)
        return numbers

    def watched_still(director: VerifyDirector, picture: Any, number: int, received_s: float, taken_s: float) -> str:
        problem = still(director, picture, number, received_s, taken_s)
        watch.still(director, picture, number, received_s, problem)
        return problem

    for name, method in (("frame", watched_frame), ("asked", watched_asked), ("still", watched_still)):
        setattr(VerifyDirector, name, method)
    threading.Thread(target=watch.process, daemon=True).start()


def main(port: str, path: Path) -> None:
    bank.bank.random_challenge = lambda *_, **__: CHALLENGE  # type: ignore[attr-defined]
    assert LiveSession.__init__.__kwdefaults__ is not None
    LiveSession.__init__.__kwdefaults__["idle_s"] = IDLE_S
    observe(Watch(path))
    sys.argv = ["streamlit", "run", "app.py", "--server.port", port]
    cli.main()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
