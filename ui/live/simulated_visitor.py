"""Sample mode: somebody who is not there takes a live check. Plays the browser's part, all else is the live path.

What is simulated runs on a simulated clock, as in `attacks.trial`: frame number n is of the moment n / RATE, however
long the machine takes for it. Real time is kept for the onlookers, where the machine can.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from attacks.media.upload import as_streamed, i420
from attacks.types import RATE, ImageArray, Presentation, declines
from ui.live.decode import RawStill
from ui.live.limits import Refused
from ui.live.session import LiveSession

SLOW = "This machine is busy: the film runs slower than it was made. The result is the same."

_LAG_S = 0.5  # that a film may fall behind and still make up for: a still is examined in less
_WATCHED_S = 2.0  # of the film, over which its pace is measured
_SLOWER = 1.25  # times as long as it should take: less is hardly seen

_logger = logging.getLogger(__name__)


class Stage:
    """Hands frames and stills to a live session as a browser would, from a thread of its own, until it is over.

    It knows what a browser knows: it does what the session's view asks for, and hands in the stills that its messages
    ask for, one after each frame, as a camera makes them. What the sensor makes of the scene goes into the stills; the
    stream shows the scene small, as no noise would be left in it anyway.

    Parameters
    ----------
    session : LiveSession
        That is played (its `played`).
    presentation : Presentation
        What is in front of the check: for the stage's thread only, which closes it at the end.

    Attributes
    ----------
    presentation : Presentation
    """

    def __init__(self, session: LiveSession, presentation: Presentation) -> None:
        self._session, self.presentation = session, presentation
        self._asked, self._pace = AskedFor(session), Pace()
        self._thread = threading.Thread(target=self._run, name="sample-stage", daemon=True)

    def start(self) -> None:
        """Begin to play. Once."""
        self._session.start()
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait until the play is over; tell whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._play()
        except Exception:  # it must end the session, or its visitor would wait for a minute
            _logger.exception("A sample check could not be played.")
            self._session.close()
        finally:
            self.presentation.close()

    def _play(self) -> None:
        session, waiting, step = self._session, deque[int](), None
        session.settle()  # until the models are loaded: that is no part of the film
        scene = self.presentation.frame(None, 0.0)
        for number in itertools.count():
            session.take_frame(as_streamed(scene), number / RATE)
            # The next frame is made while this one is looked at, so it cannot know yet what comes of it: who sits
            # before a screen sees a prompt a moment later, too.
            next_s = (number + 1) / RATE
            scene = self.presentation.frame(step, next_s)
            session.settle()
            step = session.view.step if session.view else None
            if step and declines(self.presentation, step):
                session.decline(step)
                step = None
            waiting += self._asked.numbers()
            if waiting and not session.over:
                hand_in(session, waiting.popleft(), self.presentation.still(), next_s)
                session.settle()
            if session.over:
                return
            self._pace.keep()
            session.remark = SLOW if self._pace.slow else ""


class Pace:
    """Real time for a film of `RATE` frames a second, where the machine keeps up.

    Parameters
    ----------
    clock : callable
        Seconds that only rise.
    sleep : callable
        Waits for so many seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._due: float | None = None
        self._shown: deque[float] = deque(maxlen=round(_WATCHED_S * RATE) + 1)

    def keep(self) -> None:
        """Wait until the next frame is due. What was missed is made up for only if it was little."""
        now = self._clock()
        self._due = now if self._due is None else max(self._due + 1 / RATE, now - _LAG_S)
        self._sleep(max(self._due - now, 0.0))
        self._shown.append(self._clock())

    @property
    def slow(self) -> bool:
        """Whether the film has been running slower than it was made."""
        taken = self._shown[-1] - self._shown[0] if self._shown else 0.0
        return len(self._shown) == self._shown.maxlen and taken > _SLOWER * _WATCHED_S


class AskedFor:
    """Reads off a session's messages which stills it asks for, as a browser does."""

    def __init__(self, session: LiveSession) -> None:
        self._outbox, self._heard = session.outbox, 0

    def numbers(self) -> list[int]:
        """Numbers of the stills that were asked for since the last call."""
        found: list[int] = []
        for number, text in self._outbox.after(self._heard):
            self._heard, message = number, json.loads(text)
            if message["type"] == "stills":
                found += message["numbers"]
        return found


def hand_in(session: LiveSession, number: int, still: ImageArray, time_s: float) -> None:
    """Hand in a still that a session asked for, as a browser would. One that is turned down is noted in the log.

    Parameters
    ----------
    session : LiveSession
    number : int
        As its message gave it.
    still : ndarray, shape (H, W, 3), uint8
        RGB. Sides must be even.
    time_s : float
        Of the moment that it shows, on the session's clock: what it takes to simulate it is no delay.
    """
    planes = i420(still)
    try:
        session.claim(number)
        session.take_still(RawStill(number, time_s, "I420", planes))
    except Refused as refusal:
        # A browser's still can be turned down, too: the session is busy, or has just ended.
        _logger.info("Still %d of a sample check was not taken: %s", number, refusal.text)
        session.release(number)
