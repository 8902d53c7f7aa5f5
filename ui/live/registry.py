"""The live sessions of this process, by their tokens."""

from __future__ import annotations

import threading
from typing import Any

from ui.live.director import Director
from ui.live.limits import RegistryFull
from ui.live.session import LiveSession

LIMIT = 20
"""Sessions at once: each has models of its own, and two cores follow two or three faces at full rate."""

LINGER_S = 30.0
"""Seconds for which a session that has ended is still known, so that its browser hears how it ended."""


class Registry:
    """Live sessions by token. Any thread may use it.

    Parameters
    ----------
    limit : int
        Sessions at once.
    linger_s : float
        Seconds for which an ended session is still known.
    """

    def __init__(self, limit: int = LIMIT, linger_s: float = LINGER_S) -> None:
        self._limit, self._linger_s = limit, linger_s
        self._lock = threading.Lock()
        self._sessions: dict[str, LiveSession] = {}

    def __len__(self) -> int:
        with self._lock:
            self._reap()
            return sum(not session.over for session in self._sessions.values())

    def open(self, director: Director, **options: Any) -> LiveSession:
        """Begin a session; options as `LiveSession` has them.

        Raises
        ------
        RegistryFull
            If there are too many already.
        """
        with self._lock:
            self._reap()
            if sum(not session.over for session in self._sessions.values()) >= self._limit:
                text = f"{self._limit} live sessions are under way, more would slow all of them down."
                raise RegistryFull(f"{text} Try again in a minute.")
            session = LiveSession(director, **options)
            self._sessions[session.token] = session
            return session

    def get(self, token: str) -> LiveSession | None:
        """Find a session; None if there is none, or it has expired."""
        with self._lock:
            self._reap()
            return self._sessions.get(token)

    def close(self, token: str) -> None:
        """End a session and forget it; an unknown token is fine."""
        with self._lock:
            session = self._sessions.pop(token, None)
        if session is not None:
            session.close()

    def _reap(self) -> None:
        for token, session in list(self._sessions.items()):
            if not session.over and session.expired:
                session.expire()
            if session.over and session.silent_s > self._linger_s:
                del self._sessions[token]


SESSIONS = Registry()
"""Those of this process."""
