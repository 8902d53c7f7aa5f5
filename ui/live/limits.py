"""Requests that are refused, and slots that are taken: what keeps one client from hurting the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager


class Refused(Exception):
    """A request is not served.

    Attributes
    ----------
    status : int
        Of HTTP.
    code : str
        For the component.
    text : str
        What was expected, what came and what to do.
    """

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


class RegistryFull(RuntimeError):
    """There are as many live sessions as the server can carry. The message says what to do."""


class Slots:
    """A number of places. Whoever finds none is refused at once, instead of waiting in line.

    Belongs to one event loop.
    """

    def __init__(self, places: int) -> None:
        self._places, self._taken = places, 0

    @contextmanager
    def take(self) -> Generator[None]:
        """Hold a place.

        Raises
        ------
        Refused
            If all are taken.
        """
        if self._taken >= self._places:
            raise Refused(429, "busy", f"{self._places} requests of this kind are under way. Send it again later.")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


class Pace:
    """At most so many in any second."""

    def __init__(self, most: int) -> None:
        self._times: deque[float] = deque(maxlen=most)

    def step(self, now_s: float) -> None:
        """Count one.

        Raises
        ------
        Refused
            If it is one too many; it is not counted then.
        """
        if len(self._times) == self._times.maxlen and now_s - self._times[0] < 1.0:
            raise Refused(429, "too-fast", f"More than {self._times.maxlen} in a second. Slow down.")
        self._times.append(now_s)
