"""Who plays in sample mode: the sample person, the cameras that take pictures of her, and what is played."""

from __future__ import annotations

import functools
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2

from attacks.framing import selfie
from attacks.presenting import Acted, Presentation, no_sensor, sensor
from attacks.puppet import Puppet
from bank import Bank, Picture
from bank.enrol import CameraSample, face_template
from bank.policy import EnrolmentRules
from liveness.identity import FaceTemplate
from liveness.landmarks import FaceTracker
from prnu import scenes
from prnu.enrol import Enrolment
from prnu.scenes import ImageArray
from prnu.sensor import SimulatedCamera
from ui.scenarios import CAMERA, PERSON, Scenario

SHAPE = (720, 1280)
WALLS = 15
"""Photos of a wall that the fingerprint is made from, as the policy asks for."""

_ENROLLED, _STRANGER = 11, 12  # seeds: two devices of one model


@dataclass(frozen=True, eq=False)
class Cast:
    """The sample person, ready to be enrolled and to play. All of it is simulated.

    Attributes
    ----------
    face : Puppet
        Shows what is asked of it, and keeps nothing between frames: any thread may use it.
    template : FaceTemplate
    camera : CameraSample
    """

    face: Puppet
    template: FaceTemplate
    camera: CameraSample

    def enrol(self, bank: Bank) -> None:
        """Enrol the sample person with the sample camera.

        Raises
        ------
        BankError
            If the bank does not take them.
        """
        bank.enrol(PERSON, faces=self.template, photos=self.camera)


def prepare(rules: EnrolmentRules) -> Cast:
    """Photograph walls for the fingerprint, and make the portrait move: two to four seconds on two cores.

    Parameters
    ----------
    rules : EnrolmentRules
        Of the policy.

    Raises
    ------
    liveness.models.ModelError
        If the face models are not to be had.
    """
    with ThreadPoolExecutor(2, "sample-cast") as pool:
        person = pool.submit(_person, rules)
        enrolment = Enrolment()
        for wall in pool.map(_wall, range(WALLS)):
            enrolment.add(wall.luma, wall.name)
        face, template = person.result()
    return Cast(face, template, CameraSample.of(enrolment, CAMERA, "I420", rules))


def presentation_of(cast: Cast, scenario: Scenario) -> Presentation:
    """What is played in a scenario, another time each time."""
    seed = secrets.randbelow(2**31)
    if scenario.code == "injected":
        return Acted(cast.face, no_sensor, seed)
    camera = _camera(_ENROLLED if scenario.code == "genuine" else _STRANGER)
    first = secrets.randbelow(2**40) + WALLS  # no two attempts share the noise of a shot
    return Acted(cast.face, sensor(camera, first), seed)


@functools.lru_cache(maxsize=2)
def _camera(seed: int) -> SimulatedCamera:
    return SimulatedCamera.preset("smartphone", seed=seed, shape=SHAPE, jpeg_quality=None)  # stills are lossless


def _wall(shot: int) -> Picture:
    rgb = _camera(_ENROLLED).photograph(scenes.flat(SHAPE, level=110 + 4 * shot, seed=shot), shot=shot)
    height, width = SHAPE
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420).reshape(-1)
    return Picture.from_i420(planes.data, width, height, f"wall {shot + 1}")


def _person(rules: EnrolmentRules) -> tuple[Puppet, FaceTemplate]:
    portrait = _portrait()
    with FaceTracker(stills=True) as tracker:
        face = Puppet(selfie(portrait, SHAPE, tracker), tracker)
    return face, face_template([portrait], rules)


def _portrait() -> ImageArray:
    """Astronaut Eileen Collins, a picture by NASA in the public domain."""
    return scenes.photo("astronaut", (512, 512))
