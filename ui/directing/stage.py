"""Sample mode: somebody who is not there takes a live check. Plays the browser's part, all else is the live path."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

import cv2
import numpy as np

from attacks.acting import Actor
from attacks.expression import Expression
from liveness.challenge import PROMPTS
from ui.live.errors import Refused
from ui.live.pixels import FRAME_SIDE, FrameArray, RawStill
from ui.live.session import LiveSession

RATE = 15
"""Frames a second, as the capture component sends them."""

Sensor: TypeAlias = Callable[[FrameArray], FrameArray]
"""Makes a picture of a scene, both RGB: a simulated camera, or nothing at all where a picture is injected."""

_STEPS = {prompt: step for step, prompt in PROMPTS.items()}
_logger = logging.getLogger(__name__)


class Face(Protocol):
    """Somebody's face that can be asked to show something; `attacks.puppet.Puppet` is one."""

    def frame(self, pose: Expression) -> FrameArray:
        """Show an expression: RGB, shape (H, W, 3), uint8."""
        ...


class Stage:
    """Hands frames and stills to a live session as a browser would, from a thread of its own, until it is over.

    It knows what a browser knows: it reads the prompts off the session's messages and hands in the stills that these
    ask for. What the sensor makes of the scene goes into the stills; the stream shows the scene small, as no noise
    would be left in it anyway.

    Parameters
    ----------
    session : LiveSession
    face : Face
    sensor : callable
        Makes stills.
    seed : int
        Of how the face moves by itself.
    """

    def __init__(self, session: LiveSession, face: Face, sensor: Sensor, seed: int = 0) -> None:
        self._session, self._face, self._sensor = session, face, sensor
        self._actor = Actor(seed)
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

    def _play(self) -> None:
        due = time.monotonic()
        while not self._session.over:
            self._listen()
            now_s = self._session.now_s
            self._actor.asked(_STEPS.get(self._prompt), now_s)
            scene = self._face.frame(self._actor.expression(now_s))
            self._session.take_frame(_small(scene), now_s)
            for number in self._numbers:
                self._hand_in(number, scene)
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

    def _hand_in(self, number: int, scene: FrameArray) -> None:
        planes = cv2.cvtColor(self._sensor(scene), cv2.COLOR_RGB2YUV_I420)
        try:
            self._session.claim(number)
            self._session.take_still(RawStill(number, self._session.now_s, "I420", np.asarray(planes, np.uint8)))
        except Refused as refusal:
            # A browser's still can be turned down, too: the session is busy, or has just ended.
            _logger.info("Still %d of a sample check was not taken: %s", number, refusal.text)
            self._session.release(number)


def _small(scene: FrameArray) -> FrameArray:
    scale = min(1.0, FRAME_SIDE / max(scene.shape[:2]))
    return np.asarray(cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
