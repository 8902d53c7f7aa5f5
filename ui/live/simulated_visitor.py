"""Sample mode: somebody who is not there takes a live check. Plays the browser's part, all else is the live path."""

from __future__ import annotations

import json
import logging
import threading
import time

from attacks.types import RATE, ImageArray, Presentation, as_streamed, i420
from liveness.challenge import PROMPTS
from ui.live.decode import RawStill
from ui.live.limits import Refused
from ui.live.session import LiveSession

_STEPS = {prompt: step for step, prompt in PROMPTS.items()}
_logger = logging.getLogger(__name__)


class Stage:
    """Hands frames and stills to a live session as a browser would, from a thread of its own, until it is over.

    It knows what a browser knows: it reads the prompts off the session's messages and hands in the stills that these
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
        self._heard = 0
        self._prompt = ""
        self._numbers: list[int] = []
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
            self._listen()
            now_s = self._session.now_s
            scene = self.presentation.frame(_STEPS.get(self._prompt), now_s)
            self._session.take_frame(as_streamed(scene), now_s)
            for number in self._numbers:
                hand_in(self._session, number, self.presentation.still())
            self._numbers.clear()
            due = max(due + 1 / RATE, time.monotonic() - 1 / RATE)  # what was missed is not made up for
            time.sleep(max(due - time.monotonic(), 0.0))

    def _listen(self) -> None:
        for number, text in self._session.outbox.after(self._heard):
            self._heard, message = number, json.loads(text)
            if message["type"] == "view":
                self._prompt = message["prompt"]
            elif message["type"] == "stills":
                self._numbers += message["numbers"]


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
