"""A visitor without a browser: plays the capture component's part over the live routes, as fast as a person can."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import closing
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np

from attacks.face.behaviour import CALM, Actor
from attacks.face.puppet import Puppet
from liveness.challenge import PROMPTS
from prnu.sensor import SimulatedCamera
from testing.browser import studio

_STEPS = {prompt: step for step, prompt in PROMPTS.items()}


class Player:
    """Takes one check from its first frame to its decision.

    Parameters
    ----------
    address : str
        Of the server.
    token : str
        Of a live session.
    camera : SimulatedCamera
    seed : int
        Of the person's temperament, and of the camera's shots: another one for each check.
    """

    def __init__(self, address: str, token: str, camera: SimulatedCamera, seed: int) -> None:
        self._host, self.token, self._camera, self._seed = urlsplit(address).netloc, token, camera, seed
        self._actor, self._prompt, self._numbers = Actor(seed, CALM), "", list[int]()
        self._stills = 0
        self.outcome = ""

    def play(self) -> str:
        """Play; return the outcome."""
        listener = threading.Thread(target=self._listen, daemon=True)
        listener.start()
        sender, due = http.client.HTTPConnection(self._host, timeout=20), time.monotonic()
        begun = due
        while not self.outcome and time.monotonic() - begun < 60:
            now_s = time.monotonic() - begun
            self._actor.asked(_STEPS.get(self._prompt), now_s)
            scene = _puppet(self._camera.shape).frame(self._actor.expression(now_s))
            self._send(
                sender, "frame", cv2.imencode(".jpg", scene[..., ::-1])[1].tobytes(), {"Content-Type": "image/jpeg"}
            )
            while self._numbers and not self.outcome:
                self._hand_in(sender, self._numbers.pop(0), scene)
            due = max(due + 1 / studio.RATE, time.monotonic())
            time.sleep(max(due - time.monotonic(), 0.0))
        sender.close()
        listener.join(20)
        return self.outcome

    def _hand_in(self, sender: http.client.HTTPConnection, number: int, scene: np.ndarray) -> None:
        self._stills += 1
        picture = self._camera.photograph(scene, shot=1000 * self._seed + self._stills)
        planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420)
        (height, width), size = self._camera.shape, self._camera.shape[0] * self._camera.shape[1]
        offsets, strides = (0, size, size + size // 4), (width, width // 2, width // 2)
        layout = [{"offset": offset, "stride": stride} for offset, stride in zip(offsets, strides, strict=True)]
        headers = {"X-Format": "I420", "X-Width": str(width), "X-Height": str(height), "X-Layout": json.dumps(layout)}
        self._send(sender, "still", planes.tobytes(), headers, f"&number={number}")

    def _send(
        self, sender: http.client.HTTPConnection, name: str, body: bytes, headers: dict[str, str], more: str = ""
    ) -> None:
        sender.request("POST", f"/live/{name}?token={self.token}{more}", body, headers)
        answer = sender.getresponse()
        said = answer.read()
        if answer.status != 204 and b'"over"' not in said:  # the decision may fall while a still is under way
            raise RuntimeError(f"{name}: {answer.status} {said!r}")

    def _listen(self) -> None:
        with closing(http.client.HTTPConnection(self._host, timeout=60)) as connection:
            connection.request("GET", f"/live/events?token={self.token}")
            with connection.getresponse() as answer:
                for line in iter(answer.readline, b""):
                    if line.startswith(b"data: {"):
                        self._hear(json.loads(line[6:]))

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "view":
            self._prompt = message["prompt"]
        elif message["type"] == "stills":
            self._numbers += message["numbers"]
        elif message["type"] == "done":
            self.outcome = message["outcome"]


@cache
def _puppet(shape: tuple[int, int]) -> Puppet:
    return Puppet(studio.portrait(shape))
