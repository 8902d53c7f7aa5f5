"""What waits for a live session's two threads: the newest frame, and the stills that were asked for. Any thread may use
both.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

from bank.ledger import StillLedger
from ui.live.decode import FrameArray, RawStill
from ui.live.limits import Refused

PENDING = 8
"""Stills that wait for their turn: 28 MB at 1920x1200."""


class Frame(NamedTuple):
    """A frame of the stream, and when the server had it."""

    rgb: FrameArray
    time_s: float


class Unread(NamedTuple):
    """A still that was asked for and could not be read, and why."""

    number: int
    text: str


class NewestFrame:
    """Of the frames that wait, the newest: a server that cannot keep up leaves out, and never lags behind."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._frame: Frame | None = None
        self._free = self._closed = False

    def put(self, frame: Frame) -> None:
        """Let a frame wait; one that waited still gives way to it."""
        with self._wake:
            if not self._closed:
                self._frame = frame
                self._wake.notify_all()

    def next(self, seconds: float) -> Frame | None:
        """Take the frame; None if there is none in time, or there will be none."""
        with self._wake:
            self._free = True
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._frame is not None or self._closed, seconds)
            frame, self._frame = self._frame, None
            self._free = frame is None
            return frame

    def settled(self, seconds: float) -> bool:
        """Wait until the frame was looked at: who takes frames has come back for another. Tell whether it was."""
        with self._wake:
            return self._wake.wait_for(lambda: self._closed or (self._free and self._frame is None), seconds)

    def close(self) -> None:
        """Forget what waits, and take no more."""
        with self._wake:
            self._frame, self._closed = None, True
            self._wake.notify_all()


class AskedStills:
    """The stills that were asked for, and come for those numbers only; few wait at a time.

    Parameters
    ----------
    ledger : StillLedger
        In which the director gives out numbers.
    """

    def __init__(self, ledger: StillLedger) -> None:
        self._wake = threading.Condition()
        self._waiting: deque[RawStill | Unread] = deque()
        self._ledger = ledger
        self._free = self._closed = False

    def claim(self, number: int) -> None:
        """Reserve a number before the body is read.

        Raises
        ------
        Refused
            If nobody asked for it, it was handed in before, or too many are waiting.
        """
        with self._wake:
            self._check_open()
            if not self._ledger.claim(number):
                text = f"Still {number} was not asked for, or was handed in already. Send only numbers given to you."
                raise Refused(409, "number", text)
            if len(self._waiting) >= PENDING:
                self._ledger.release(number)
                raise Refused(429, "busy", f"{PENDING} stills are waiting for their turn. Send it again later.")

    def release(self, number: int) -> None:
        """Give a claimed number back: its body did not come, and may be sent again."""
        self._ledger.release(number)

    def put(self, still: RawStill) -> None:
        """Let a still wait whose number was claimed.

        Raises
        ------
        Refused
            If its size is not that of the first one, or the session has ended.
        """
        with self._wake:
            self._check_open()
            if problem := self._ledger.hand_in(still.number, still.size):
                raise Refused(422, "other-size", problem)
            self._hand_over(still)

    def put_unread(self, number: int, text: str) -> None:
        """Note that a claimed still could not be read; its number is used up."""
        with self._wake:
            self._ledger.hand_in(number)
            self._hand_over(Unread(number, text))

    def next(self, seconds: float) -> RawStill | Unread | None:
        """Take the oldest that waits; None if there is none in time, or there will be none."""
        with self._wake:
            self._free = True
            self._wake.notify_all()
            self._wake.wait_for(lambda: bool(self._waiting) or self._closed, seconds)
            still = self._waiting.popleft() if self._waiting else None
            self._free = still is None
            return still

    def settled(self, seconds: float) -> bool:
        """Wait until all stills were examined: who takes them has come back for another. Tell whether they were."""
        with self._wake:
            return self._wake.wait_for(lambda: self._closed or (self._free and not self._waiting), seconds)

    def close(self) -> None:
        """Forget what waits, and take no more."""
        with self._wake:
            self._waiting.clear()
            self._closed = True
            self._wake.notify_all()

    def _check_open(self) -> None:
        if self._closed:
            raise Refused(409, "over", "The session has ended. Start a new one.")

    def _hand_over(self, item: RawStill | Unread) -> None:
        if not self._closed:
            self._waiting.append(item)
            self._wake.notify_all()
