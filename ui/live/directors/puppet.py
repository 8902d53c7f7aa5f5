"""The live puppet: whoever is in front of the camera moves the photo of somebody else, and lets it take a check."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from attacks.face.expression import Expression
from attacks.face.puppet import label
from attacks.face.retarget import Driver
from attacks.types import Face, ImageArray, Sensor
from bank import Picture
from bank.ledger import StillLedger
from liveness.landmarks import FloatArray, Observation
from liveness.quality import check
from ui.live.director import View
from ui.live.session import LiveSession
from ui.live.simulated_visitor import AskedFor, hand_in

SETTLE = "Look straight into the camera, with open eyes"
FOLLOWS = "Blink, look aside, turn your head: the photo does it, too"
WAITS = "The check is getting ready. Look into the camera"

_logger = logging.getLogger(__name__)


class Puppeteer:
    """Runs a live session whose onlookers see a puppet in place of the camera's frames (`own_pictures`).

    No stills are asked for, and nothing is kept of the person who moves it.

    Parameters
    ----------
    small : Face
        Shown, and what a check's stream sees: at most `ui.live.decode.FRAME_SIDE` pixels on a side. For the frames'
        thread only.
    large : Face
        Of the same photo framed likewise, in the size of a camera's stills. May be used by any thread.
    """

    def __init__(self, small: Face, large: Face) -> None:
        self._small, self._large = small, large
        self._driver = Driver()
        self.ledger = StillLedger()  # stays empty
        self._lock = threading.Lock()
        self._settling, self._closed = False, False
        self._candidate: _Candidate | None = None

    @property
    def ready(self) -> bool:
        """Whether it is known how the person looks straight ahead: from then on all movement shows."""
        return self._driver.ready

    def settle(self) -> None:
        """Learn anew how the person looks straight ahead."""
        self._settling = True

    def unmoved(self) -> ImageArray:
        """The puppet before anybody moves it, as onlookers see it."""
        return _shown(self._large.frame(Expression()))

    def take_check(self, session: LiveSession, sensor: Sensor) -> None:
        """Let the puppet take a check, in place of the one before.

        Parameters
        ----------
        session : LiveSession
            Of the check, which is played; it ends with the one that this runs. That one ends with it, too.
        sensor : callable
            Makes the stills of what the puppet shows (`attacks.types.Sensor`).
        """
        self.stop_check()
        with self._lock:
            self._candidate = _Candidate(session, self._large, sensor)
            if self._closed:
                self._candidate.close()

    def stop_check(self) -> None:
        """End the check, if there is one, and go on without."""
        with self._lock:
            if self._candidate is not None:
                self._candidate.close()
            self._candidate = None

    def prepare(self) -> None:
        """Nothing is to be loaded: no stills of the person are taken."""

    def close(self) -> None:
        """End the check, if there is one, and take no other. Any thread may do it, also twice."""
        with self._lock:
            self._closed = True
            if self._candidate is not None:
                self._candidate.close()

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Move the puppet as the person moves, and tell the person what its check asks for."""
        gate = check(seen)
        if self._settling or (gate.blocking and not self.ready):
            self._settling = False
            self._driver.reset()
        pose = self._driver.expression(seen)
        scene = self._small.frame(pose)
        picture, candidate = _shown(scene), self._candidate
        if candidate is None:
            return View("waiting", FOLLOWS if self.ready else SETTLE, advice=gate.advice, picture=picture)
        candidate.frame(scene, pose, seen.time_s)
        if candidate.session.over:
            outcome, text = candidate.session.outcome, candidate.session.text
            return View("passed", "Done", 1.0, done=True, outcome=outcome, text=text, picture=picture)
        view = candidate.session.view or View("waiting", WAITS)
        advice = gate.advice or view.advice  # on the person's own picture comes first
        return replace(view, advice=advice, done=False, outcome="", text="", can_decline=False, picture=picture)

    def shown(self, number: int, time_s: float) -> None:
        """Tell the check, whose prompt the person reads."""
        if (candidate := self._candidate) is not None:
            candidate.shown(number, time_s)

    def stills_wanted(self, now_s: float) -> int:
        """None."""
        return 0

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Never called."""
        raise RuntimeError("No stills of the person who moves a puppet are asked for.")

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        """Never called."""
        raise RuntimeError("No stills of the person who moves a puppet are asked for.")

    def refused(self, number: int, text: str) -> None:
        """Never called."""
        raise RuntimeError("No stills of the person who moves a puppet are asked for.")


class _Candidate:
    """Takes a check with a puppet: hands in frames and stills as a browser would, and reads what a browser reads.

    The check's time is that of the person's own frames. Stills are made in a thread of their own: one takes as long as
    several frames, and what it takes to simulate it is no delay.
    """

    def __init__(self, session: LiveSession, face: Face, sensor: Sensor) -> None:
        self.session, self._face, self._sensor = session, face, sensor
        self._asked, self._numbers = AskedFor(session), deque[int]()
        self._begun_s: float | None = None
        self._maker = ThreadPoolExecutor(1, "puppet-stills")
        self._open = threading.Lock()  # held by whoever hands work to the maker, or ends it
        session.start()

    def close(self) -> None:
        """End it. A still that is being made is finished."""
        with self._open:
            self.session.close()
            self._maker.shutdown(wait=False, cancel_futures=True)

    def frame(self, scene: ImageArray, pose: Expression, time_s: float) -> None:
        """Hand in a frame, and a still of the same moment if one is asked for."""
        self._begun_s = time_s if self._begun_s is None else self._begun_s
        now_s = time_s - self._begun_s
        self._numbers += self._asked.numbers()
        self.session.take_frame(scene, now_s)
        with self._open:
            if self._numbers and not self.session.over:
                self._maker.submit(self._hand_in, self._numbers.popleft(), pose, now_s)

    def shown(self, number: int, time_s: float) -> None:
        """Report a prompt as shown, as a browser would."""
        if self._begun_s is not None:
            now_s = time_s - self._begun_s
            self.session.prompt_shown(number, now_s, now_s)

    def _hand_in(self, number: int, pose: Expression, time_s: float) -> None:
        try:
            hand_in(self.session, number, self._sensor(self._face.frame(pose)), time_s)
        except Exception:  # it must end the check, or its visitor would answer prompts for nothing
            _logger.exception("A still of a live puppet could not be made.")
            self.session.close()


def _shown(scene: ImageArray) -> ImageArray:
    """As in a mirror, so that it moves to the side that the person moves to, and labelled."""
    return label(np.ascontiguousarray(scene[:, ::-1]))
