"""The ledger of an attempt's stills: which numbers were given out, when, and what became of each."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class _State(IntEnum):
    ASKED, CLAIMED, HANDED_IN, TAKEN, DONE = range(5)


@dataclass
class _Entry:
    asked_s: float
    state: _State = _State.ASKED
    measured: bool = False


class StillLedger:
    """Numbers stills, and keeps account of them. Each number is good for one still, and all stills have one size.

    A number is asked for, claimed before the picture is read, handed in, taken for examination and done. Whoever gets a
    still at once need not claim it or hand it in. Any thread may use the ledger.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, _Entry] = {}
        self._size: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def ask(self, now_s: float = math.nan) -> int:
        """Give out the next number, from 1 on; with the time at which a still is asked for, if at a moment at all."""
        with self._lock:
            number = len(self._entries) + 1
            self._entries[number] = _Entry(now_s)
            return number

    def asked_s(self, number: int) -> float:
        """When a still was asked for; NaN if nobody did, or at no moment."""
        entry = self._entries.get(number)
        return entry.asked_s if entry else math.nan

    def claim(self, number: int) -> bool:
        """Reserve a number for a picture that is to come; False if it is not to be had: not asked for, or used."""
        with self._lock:
            return self._move(number, _State.ASKED, _State.CLAIMED)

    def release(self, number: int) -> None:
        """Give a claimed number back: its picture did not come, and may be sent again."""
        with self._lock:
            self._move(number, _State.CLAIMED, _State.ASKED)

    def hand_in(self, number: int, size: tuple[int, int] | None = None) -> str:
        """Use up a number: its picture has come.

        Parameters
        ----------
        number : int
        size : (int, int), optional
            Width and height of the picture, in pixels; none if it could not be read. The first one settles the size of
            all.

        Returns
        -------
        str
            What is wrong with the size; the number is not used up then. Empty if all is well.
        """
        if size and (problem := self.other_size(number, size)):
            return problem
        with self._lock:
            if entry := self._entries.get(number):
                entry.state = max(entry.state, _State.HANDED_IN)
                self._settle(entry, size)
        return ""

    def take(self, number: int) -> Literal["", "unknown", "repeated"]:
        """Take a still for examination, once; else tell why not."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is None:
                return "unknown"
            if entry.state >= _State.TAKEN:
                return "repeated"
            entry.state = _State.TAKEN
            return ""

    def done(self, number: int, size: tuple[int, int] | None = None) -> None:
        """Note that nothing more comes of a number; with the size of its picture, if that was good."""
        with self._lock:
            if entry := self._entries.get(number):
                entry.state = _State.DONE
                self._settle(entry, size)

    def other_size(self, number: int, size: tuple[int, int]) -> str:
        """Say what is wrong with a picture's size; nothing if that is the others', or was found to be."""
        with self._lock:
            entry = self._entries.get(number)
            if self._size in (None, size) or (entry and entry.measured):
                return ""
            (width, height), (w, h) = size, self._size
            return f"It has {width}x{height} pixels, the first one {w}x{h}. Do not turn the phone or change the mode."

    def waits(self, now_s: float, seconds: float) -> bool:
        """Tell whether something may still come of a number that was asked for less than so many seconds ago."""
        with self._lock:
            entries = self._entries.values()
            return any(entry.state < _State.DONE and now_s - entry.asked_s < seconds for entry in entries)

    def _move(self, number: int, before: _State, after: _State) -> bool:
        entry = self._entries.get(number)
        if entry is None or entry.state != before:
            return False
        entry.state = after
        return True

    def _settle(self, entry: _Entry, size: tuple[int, int] | None) -> None:
        if size:
            self._size, entry.measured = self._size or size, True
