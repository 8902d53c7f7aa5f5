"""Messages from a session to its browser: numbered, kept for a browser that comes back, and never piling up."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

KEPT = 256
"""Messages that are kept beside the newest view. A session has far fewer."""


class Message(NamedTuple):
    """A numbered message, as JSON."""

    number: int
    text: str


class Outbox:
    """Messages of one session. Any thread may post, any event loop may wait.

    A view that a newer one has replaced is not sent any more: a slow browser is shown what is true now, not what was.
    All other messages are sent once, in order.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._view: Message | None = None
        self._last = 0
        self._closed = False
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def last(self) -> int:
        """Number of the newest message, 0 if there is none."""
        return self._last

    @property
    def closed(self) -> bool:
        """Whether no more messages will come."""
        return self._closed

    def post(self, message: Mapping[str, Any]) -> None:
        """Number a message and send it; after `close`, nothing is sent any more.

        Parameters
        ----------
        message : mapping
            With a key "type", and finite numbers only.
        """
        text = json.dumps(message, allow_nan=False, separators=(",", ":"))
        with self._lock:
            if self._closed:
                return
            self._last += 1
            if message["type"] == "view":
                self._view = Message(self._last, text)
            else:
                self._kept.append(Message(self._last, text))
            self._wake()

    def close(self) -> None:
        """Send nothing after what was posted."""
        with self._lock:
            self._closed = True
            self._wake()

    def after(self, number: int) -> list[Message]:
        """Messages that follow a number, oldest first."""
        with self._lock:
            return self._after(number)

    async def wait(self, number: int, seconds: float) -> list[Message]:
        """Messages that follow a number, as soon as there are any; none if time is up or the box is closed."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            found = self._after(number)
            if found or self._closed:
                return found
            self._waiting.add((loop, ready))
        try:
            async with asyncio.timeout(seconds):
                await ready.wait()
        except TimeoutError:
            return []
        finally:
            with self._lock:
                self._waiting.discard((loop, ready))
        return self.after(number)

    def _after(self, number: int) -> list[Message]:
        found = [message for message in self._kept if message.number > number]
        if self._view and self._view.number > number:
            found.append(self._view)
        return sorted(found)

    def _wake(self) -> None:
        for loop, ready in self._waiting:
            with suppress(RuntimeError):  # that loop has ended, and its listener with it
                loop.call_soon_threadsafe(ready.set)
