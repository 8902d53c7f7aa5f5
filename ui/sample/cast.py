"""Who plays in sample mode: the sample person, the cameras that take pictures of her, and what is played."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.target import OTHER, OWN, WALLS, simulated_camera, wall_sample
from attacks.types import Acted, Presentation, no_sensor, sensor
from bank import Bank
from bank.enrol import CameraSample, face_template
from bank.policy import EnrolmentRules
from liveness.identity import FaceTemplate
from liveness.landmarks import FaceTracker
from prnu import scenes
from prnu.scenes import ImageArray
from prnu.sensor import SimulatedCamera
from ui.results.scenario import CAMERA, PERSON, Scenario

SHAPE = (720, 1280)


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
        camera = wall_sample(_camera(OWN), CAMERA, rules, pool)
        face, template = person.result()
    return Cast(face, template, camera)


def presentation_of(cast: Cast, scenario: Scenario) -> Presentation:
    """What is played in a scenario, another time each time."""
    seed = secrets.randbelow(2**31)
    if scenario.code == "injected":
        return Acted(cast.face, no_sensor, seed)
    camera = _camera(OWN if scenario.code == "genuine" else OTHER)
    first = secrets.randbelow(2**40) + WALLS  # no two attempts share the noise of a shot
    return Acted(cast.face, sensor(camera, first), seed)


def _camera(seed: int) -> SimulatedCamera:
    return simulated_camera("smartphone", seed, SHAPE)


def _person(rules: EnrolmentRules) -> tuple[Puppet, FaceTemplate]:
    portrait = _portrait()
    with FaceTracker(stills=True) as tracker:
        face = Puppet(selfie(portrait, SHAPE, tracker), tracker)
    return face, face_template([portrait], rules)


def _portrait() -> ImageArray:
    """Astronaut Eileen Collins, a picture by NASA in the public domain."""
    return scenes.photo("astronaut", (512, 512))
