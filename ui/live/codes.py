"""Hand a live session over to a phone: a code that can be redeemed once, for a few minutes."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakSet

from ui.live.session import LiveSession

LIFETIME_S = 300.0
"""Seconds for which a code can be redeemed: time to find the phone and to go past a browser's warning."""

WRONG_S = 1.0
"""Seconds that a wrong guess waits for its answer. A right one does not wait, whoever guesses meanwhile."""

_CODE_BYTES = 16  # 128 bits: a thousand guesses a second find one in 10^28 years


class _Offer(NamedTuple):
    session: LiveSession
    ends_s: float


class Pairings:
    """Sessions that wait for a phone, and those that one has taken. Any thread may use it.

    Codes are kept as their hashes only.

    Parameters
    ----------
    lifetime_s, wrong_s : float
        As `LIFETIME_S` and `WRONG_S`.
    clock, sleep : callable
        Seconds that only rise, and what waits for some.
    """

    def __init__(
        self,
        lifetime_s: float = LIFETIME_S,
        wrong_s: float = WRONG_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._lifetime_s, self._wrong_s, self._clock, self._sleep = lifetime_s, wrong_s, clock, sleep
        self._lock = threading.Lock()
        self._offers: dict[bytes, _Offer] = {}
        self._taken: WeakSet[LiveSession] = WeakSet()

    def __len__(self) -> int:
        with self._lock:
            self._tidy()
            return len(self._offers)

    def offer(self, session: LiveSession) -> str:
        """Make a code for a session; one that was made before is void.

        Returns
        -------
        str
            128 random bits, fit for an address. Whoever redeems it gets the session: for the visitor's eyes only.

        Raises
        ------
        ValueError
            If the session has ended.
        """
        if session.over:
            raise ValueError("The session has ended: there is nothing to hand over. Start a new one.")
        code = secrets.token_urlsafe(_CODE_BYTES)
        with self._lock:
            self._tidy(but=session)
            self._offers[_digest(code)] = _Offer(session, self._clock() + self._lifetime_s)
        return code

    def left_s(self, session: LiveSession) -> float:
        """Seconds for which the session's code can still be redeemed; 0 if there is none."""
        with self._lock:
            self._tidy()
            ends_s = [offer.ends_s for offer in self._offers.values() if offer.session is session]
            return ends_s[0] - self._clock() if ends_s else 0.0

    def withdraw(self, session: LiveSession) -> None:
        """Make the session's code void, if it has one."""
        with self._lock:
            self._tidy(but=session)

    def redeem(self, code: str) -> LiveSession | None:
        """Take over a session. Each code works once; None if it is unknown, used, void or expired."""
        with self._lock:
            self._tidy()
            offer = self._offers.pop(_digest(code), None)
            if offer is not None:
                self._taken.add(offer.session)
                return offer.session
        self._sleep(self._wrong_s)
        return None

    def taken(self, session: LiveSession) -> bool:
        """Whether a code of the session was redeemed."""
        with self._lock:
            return session in self._taken

    def _tidy(self, but: LiveSession | None = None) -> None:
        """Forget what has expired or ended, and the offer of one session."""
        now_s = self._clock()
        for digest, (session, ends_s) in list(self._offers.items()):
            if session is but or session.over or now_s >= ends_s:
                del self._offers[digest]


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="replace")).digest()


PAIRINGS = Pairings()
"""Those of this process."""
