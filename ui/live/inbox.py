"""What waits for a live session's two threads: the newest frame, and the stills that were asked for. Any thread may use
both.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

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
        self._closed = False

    def put(self, frame: Frame) -> None:
        """Let a frame wait; one that waited still gives way to it."""
        with self._wake:
            if not self._closed:
                self._frame = frame
                self._wake.notify()

    def next(self, seconds: float) -> Frame | None:
        """Take the frame; None if there is none in time, or there will be none."""
        with self._wake:
            self._wake.wait_for(lambda: self._frame is not None or self._closed, seconds)
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> None:
        """Forget what waits, and take no more."""
        with self._wake:
            self._frame, self._closed = None, True
            self._wake.notify()


class AskedStills:
    """The stills that were asked for: each number is good for one, all have one size, and few wait at a time."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: deque[RawStill | Unread] = deque()
        self._asked: set[int] = set()
        self._on_the_way: set[int] = set()
        self._size: tuple[int, int] | None = None
        self._closed = False

    def ask(self, numbers: Iterable[int]) -> None:
        """Note that stills are asked for."""
        with self._wake:
            self._asked.update(numbers)

    def claim(self, number: int) -> None:
        """Reserve a number before the body is read.

        Raises
        ------
        Refused
            If nobody asked for it, it was handed in before, or too many are waiting.
        """
        with self._wake:
            self._check_open()
            if number not in self._asked or number in self._on_the_way:
                text = f"Still {number} was not asked for, or was handed in already. Send only numbers given to you."
                raise Refused(409, "number", text)
            if len(self._waiting) >= PENDING:
                raise Refused(429, "busy", f"{PENDING} stills are waiting for their turn. Send it again later.")
            self._on_the_way.add(number)

    def release(self, number: int) -> None:
        """Give a claimed number back: its body did not come, and may be sent again."""
        with self._wake:
            self._on_the_way.discard(number)

    def put(self, still: RawStill) -> None:
        """Let a still wait whose number was claimed.

        Raises
        ------
        Refused
            If its size is not that of the first one, or the session has ended.
        """
        with self._wake:
            self._check_open()
            self._size = self._size or still.size
            if still.size != self._size:
                (width, height), (w, h) = still.size, self._size
                text = (
                    f"It has {width}x{height} pixels, the first one {w}x{h}. Do not turn the phone or change the mode."
                )
                raise Refused(422, "other-size", text)
            self._hand_over(still.number, still)

    def put_unread(self, number: int, text: str) -> None:
        """Note that a claimed still could not be read; its number is used up."""
        with self._wake:
            self._hand_over(number, Unread(number, text))

    def next(self, seconds: float) -> RawStill | Unread | None:
        """Take the oldest that waits; None if there is none in time, or there will be none."""
        with self._wake:
            self._wake.wait_for(lambda: bool(self._waiting) or self._closed, seconds)
            return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Forget what waits, and take no more."""
        with self._wake:
            self._waiting.clear()
            self._closed = True
            self._wake.notify()

    def _check_open(self) -> None:
        if self._closed:
            raise Refused(409, "over", "The session has ended. Start a new one.")

    def _hand_over(self, number: int, item: RawStill | Unread) -> None:
        self._asked.discard(number)
        self._on_the_way.discard(number)
        if not self._closed:
            self._waiting.append(item)
            self._wake.notify()
