"""Sample mode: somebody who is not there takes a live check. Plays the browser's part, all else is the live path."""

from __future__ import annotations

import json
import logging
import threading
import time

from attacks.media.upload import as_streamed, i420
from attacks.types import RATE, ImageArray, Presentation
from ui.live.decode import RawStill
from ui.live.limits import Refused
from ui.live.session import LiveSession

_logger = logging.getLogger(__name__)


class Stage:
    """Hands frames and stills to a live session as a browser would, from a thread of its own, until it is over.

    It knows what a browser knows: it does what the session's view asks for, and hands in the stills that its messages
    ask for. What the sensor makes of the scene goes into the stills; the stream shows the scene small, as no noise
    would be left in it anyway.

    Parameters
    ----------
    session : LiveSession
    presentation : Presentation
        What is in front of the check: for the stage's thread only, which closes it at the end.

    Attributes
    ----------
    presentation : Presentation
    """

    def __init__(self, session: LiveSession, presentation: Presentation) -> None:
        self._session, self.presentation = session, presentation
        self._asked = AskedFor(session)
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
        due = time.monotonic()
        while not self._session.over:
            numbers, view, now_s = self._asked.numbers(), self._session.view, self._session.now_s
            scene = self.presentation.frame(view.step if view else None, now_s)
            self._session.take_frame(as_streamed(scene), now_s)
            for number in numbers:
                hand_in(self._session, number, self.presentation.still())
            due = max(due + 1 / RATE, time.monotonic() - 1 / RATE)  # what was missed is not made up for
            time.sleep(max(due - time.monotonic(), 0.0))


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


def hand_in(session: LiveSession, number: int, still: ImageArray) -> None:
    """Hand in a still that a session asked for, as a browser would. One that is turned down is noted in the log.

    Parameters
    ----------
    session : LiveSession
    number : int
        As its message gave it.
    still : ndarray, shape (H, W, 3), uint8
        RGB. Sides must be even.
    """
    planes = i420(still)
    try:
        session.claim(number)
        session.take_still(RawStill(number, session.now_s, "I420", planes))
    except Refused as refusal:
        # A browser's still can be turned down, too: the session is busy, or has just ended.
        _logger.info("Still %d of a sample check was not taken: %s", number, refusal.text)
        session.release(number)
