"""Whom an attack is aimed at: a customer with a face and a camera, and what an attacker has of both."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from attacks import sample_person
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.face.stranger import stranger
from attacks.face.temperament import CALM
from attacks.media.fingerprint_copy import shared_copy
from attacks.media.upload import i420
from attacks.show.acted import Acted
from attacks.show.recordings import Recording
from attacks.types import Camera, ImageArray, Presentation, Sensor, sensor
from bank import Bank, Picture
from bank.enrol import CameraSample, face_template
from bank.policy import EnrolmentRules
from liveness.identity import FaceTemplate
from liveness.landmarks import FaceTracker
from prnu import scenes
from prnu.enrol import Enrolment
from prnu.sensor import SimulatedCamera

PUBLISHED_QUALITY = 95
"""JPEG quality of photos as phones write them."""

WALLS = 15
"""Photos of a wall that the fingerprint is made from, as the policy asks for."""


@dataclass(frozen=True, eq=False)
class Target:
    """A customer, and an attacker who never holds the customer's camera.

    Attributes
    ----------
    name, label : str
        Of the customer, and of the customer's camera.
    portrait : ndarray, shape (h, w, 3), uint8
        RGB photo of the customer that the attacker found.
    face : Puppet
        The same photo, framed as a selfie of the camera's shape and able to move. Keeps nothing between frames, so any
        thread may use it. With the customer's camera before it, it also plays the customer.
    actor : Puppet
        Somebody else, who does what is asked: the attacker. Framed likewise.
    camera, other : Camera
        The enrolled one, and one of the attacker's own.
    template : FaceTemplate
    sample : CameraSample
        What is enrolled.
    first_shot : int
        Number of the first shot that was not used to enrol.
    recording : Recording or None
        Of a genuine check that the bank took, if malware has one: see `attacks.malware`.
    """

    name: str
    label: str
    portrait: ImageArray
    face: Puppet
    actor: Puppet
    camera: Camera
    other: Camera
    template: FaceTemplate
    sample: CameraSample
    first_shot: int = WALLS
    recording: Recording | None = None

    def enrol(self, bank: Bank) -> None:
        """Enrol the customer with the camera.

        Raises
        ------
        bank.errors.BankError
            If the bank does not take them.
        """
        bank.enrol(self.name, faces=self.template, photos=self.sample)

    def genuine(self, seed: int, *, calm: bool = True) -> Presentation:
        """The customer in front of the enrolled camera.

        Parameters
        ----------
        seed : int, 0 or more
            Another seed is another try: other movements, other shots.
        calm : bool
            Whether the customer has rehearsed, as for a demonstration. False: as people are, each seed another one's
            temperament, by which to measure how genuine people fare.
        """
        return Acted(self.face, self.taken(seed), seed, CALM if calm else None)

    def taken(self, seed: int) -> Sensor:
        """The enrolled camera as a sensor: in the customer's hands, or in malware's or a thief's."""
        return sensor(self.camera, self.shots(seed))

    def filmed(self, seed: int) -> Sensor:
        """The attacker's camera as a sensor."""
        return sensor(self.other, self.shots(seed))

    @property
    def recorded(self) -> Recording:
        """The recording; ValueError if there is none."""
        if self.recording is None:
            raise ValueError("target: nothing was recorded. Let `attacks.recipe.Recipe.begin` make this attack.")
        return self.recording

    def shots(self, seed: int) -> int:
        """Number of the first of a thousand shots that no other seed takes."""
        return self.first_shot + 1000 * (seed + 1)

    def published(self, count: int) -> Iterator[ImageArray]:
        """Photos by the enrolled camera that anybody can download: all kinds of scenes, as their JPEG files decode."""
        for number, scene in enumerate(scenes.varied(self.camera.shape, count, seed=5)):
            photo = self.camera.photograph(scene, shot=self.first_shot + number)
            yield shared_copy(photo, max(photo.shape), PUBLISHED_QUALITY)


def simulated(
    rules: EnrolmentRules,
    portrait: ImageArray | None = None,
    *,
    actor: ImageArray | None = None,
    enrolled: Sequence[ImageArray] = (),
    shape: tuple[int, int] = (720, 1280),
    model: str = "smartphone",
    name: str = sample_person.PERSON,
    label: str = sample_person.CAMERA,
) -> Target:
    """A person with a simulated camera: two to six seconds on two cores.

    Parameters
    ----------
    rules : EnrolmentRules
        Of the bank's policy.
    portrait : ndarray, shape (h, w, 3), uint8, optional
        RGB photo of one face, which the attacker has. Default: that of `attacks.sample_person`.
    actor : ndarray, likewise
        Photo of somebody else. Default: the sample person, or, where she is the victim, what `attacks.face.stranger`
        makes of her.
    enrolled : sequence of ndarray, likewise
        Other photos of the victim, which the bank has. Default: the very photo that the attacker has.
    shape : (int, int)
        Height and width of the cameras' stills.
    model : str
        Of both cameras: one of `prnu.sensor.PRESETS`.
    name, label : str
        Of the person and the camera.

    Raises
    ------
    attacks.face.portrait.PortraitError
        If a photo cannot be animated.
    bank.errors.EnrolmentError
        If one cannot be enrolled.
    liveness.models.ModelError
        If the face models are not to be had.
    """
    camera, other = (simulated_camera(model, seed, shape) for seed in (sample_person.OWN, sample_person.OTHER))
    with ThreadPoolExecutor(2, "target") as pool:
        people = pool.submit(_people, portrait, actor, enrolled, shape, rules)
        sample = wall_sample(camera, label, rules, pool)
        photo, face, somebody, template = people.result()
    return Target(name, label, photo, face, somebody, camera, other, template, sample)


@functools.lru_cache(maxsize=8)
def simulated_camera(model: str, seed: int, shape: tuple[int, int]) -> SimulatedCamera:
    """A camera whose stills are lossless, as a browser hands them in."""
    return SimulatedCamera.preset(model, seed=seed, shape=shape, jpeg_quality=None)


def wall_sample(camera: SimulatedCamera, label: str, rules: EnrolmentRules, pool: ThreadPoolExecutor) -> CameraSample:
    """Photograph `WALLS` walls, and make of them what is enrolled of a camera.

    Parameters
    ----------
    camera : SimulatedCamera
    label : str
        What to call it.
    rules : EnrolmentRules
    pool : ThreadPoolExecutor
        Takes the photos.

    Raises
    ------
    bank.errors.EnrolmentError
        If the rules do not allow it.
    """
    enrolment = Enrolment()
    for wall in pool.map(functools.partial(_wall, camera), range(WALLS)):
        enrolment.add(wall.luma, wall.name)
    return CameraSample.of(enrolment, label, "I420", rules)


def _wall(camera: SimulatedCamera, shot: int) -> Picture:
    rgb = camera.photograph(scenes.flat(camera.shape, level=110 + 4 * shot, seed=shot), shot=shot)
    height, width = camera.shape
    return Picture.from_i420(i420(rgb).reshape(-1).data, width, height, f"wall {shot + 1}")


def _people(
    portrait: ImageArray | None,
    actor: ImageArray | None,
    enrolled: Sequence[ImageArray],
    shape: tuple[int, int],
    rules: EnrolmentRules,
) -> tuple[ImageArray, Puppet, Puppet, FaceTemplate]:
    """The victim's photo; victim and actor, framed and able to move; what the bank has of the victim's face."""
    sample = sample_person.portrait()
    with FaceTracker(stills=True) as tracker:
        if actor is None:
            actor = stranger(sample, tracker) if portrait is None else sample
        photo = sample if portrait is None else portrait
        face, somebody = (Puppet(selfie(one, shape, tracker), tracker) for one in (photo, actor))
    return photo, face, somebody, face_template(enrolled or [photo], rules)
