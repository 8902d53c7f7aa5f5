"""A face that does what is asked."""

from __future__ import annotations

from attacks.face.behaviour import CALM, Actor
from attacks.face.temperament import Temperament
from attacks.types import Face, ImageArray, Sensor, shown
from liveness.challenge import StepKind


class Acted:
    """A face that does what is asked, after a moment.

    Parameters
    ----------
    face : Face
    sensor : callable
        Makes stills.
    seed : int
        As for `attacks.face.behaviour.Actor`.
    temperament : Temperament or None
        None: drawn, as people's are. Default: of somebody who has rehearsed, as attackers and demonstrations have.
    """

    def __init__(self, face: Face, sensor: Sensor, seed: int = 0, temperament: Temperament | None = CALM) -> None:
        self._face, self._sensor = face, sensor
        self._actor = Actor(seed, temperament)
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show what the face does at this moment."""
        self._actor.asked(step, now_s)
        self._scene = self._face.frame(self._actor.expression(now_s))
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(shown(self._scene))

    def close(self) -> None:
        """Nothing to free."""
