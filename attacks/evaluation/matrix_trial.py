"""One trial of the matrix: who is attacked with what, before a bank that was made for it alone."""

from __future__ import annotations

import functools
import math
import random
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from attacks import target as targets
from attacks import trial
from attacks.camera.noise_transplant import SHAPE, RealCamera, Transplant, real_cameras
from attacks.evaluation.paper.material import Portrait, portraits
from attacks.evaluation.rates import Attempt, Finding
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from attacks.recipe import GENUINE
from attacks.recipes import ATTACKS
from attacks.target import Target
from attacks.types import Camera, Presentation
from bank import Bank, Policy
from bank.enrol import face_template
from bank.errors import BankError
from bank.face_reader import Reader
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from liveness.models import ModelError

SIMULATED = ("laptop", "webcam", "smartphone")
"""Models of `prnu.sensor.PRESETS`, all with pictures of `attacks.camera.noise_transplant.SHAPE`."""

LENS = 0.6
"""Deviation, in pixels, of the blur with which people of a photo appear before a camera, unless told otherwise. Photos
that were scaled down can show finer detail than a lens leaves: at the scale of one pixel up to .9 of that at two pixels
(median of textured blocks, diagonal Haar details), where scenes of three real phones have .51 to .61; with this blur it
is .62 at most. By the width of their edges, though, they are no sharper than these scenes, and the value was chosen
after seeing that genuine customers are refused less often with it: look at both, with it and with 0."""


@dataclass(frozen=True)
class Setting:
    """What all trials have in common.

    Attributes
    ----------
    data : Path or None
        Folder with cameras/ and faces/photos/, or with one of them.
    profile : str
        Of the bank's policy.
    lens : float
        Pixels, as `LENS`; 0 leaves photos as they came.
    """

    data: Path | None
    profile: str
    lens: float = LENS


@dataclass(frozen=True)
class Case:
    """A trial to be made.

    Attributes
    ----------
    attack, strength : str
        As `attacks.evaluation.rates.Attempt` has them.
    number : int
        Of the trial; it is also the seed of the presentation.
    camera : str
        Folder of a real one, or one of `SIMULATED`.
    real : bool
    part : int
        Which part of a real camera's sensor, and which choice of photos; any number, they begin again.
    victim : int
        Which person and photo; likewise.
    """

    attack: str
    strength: str
    number: int
    camera: str
    real: bool
    part: int
    victim: int


@functools.lru_cache(maxsize=1)
def cameras(setting: Setting) -> dict[str, tuple[RealCamera, ...]]:
    """Real cameras of which enough photos are held back for the stills that the profile asks for.

    Raises
    ------
    prnu.images.ImageError
        If a first photo cannot be used.
    """
    if setting.data is None or not (setting.data / "cameras").is_dir():
        return {}
    needed = Policy.load().profile(setting.profile).camera.min_stills
    found = real_cameras(setting.data / "cameras")
    return {name: parts for name, parts in found.items() if len(parts[0].held_back) >= needed}


def attempt(setting: Setting, case: Case) -> Attempt:
    """Make a trial. Whatever makes it impossible is noted in it: one attack that fails must not end all others.

    Raises
    ------
    liveness.models.ModelError
        If a model is not to be had: no trial could be made then.
    """
    blank = Attempt(case.attack, case.strength, case.number, case.camera, case.real, "", "", "", {})
    try:
        target = _target(setting, case)
        result = _tried(setting, case, target)
    except ModelError:
        raise
    except (BankError, ValueError, RuntimeError) as error:
        return replace(blank, trouble=f"{type(error).__name__}: {error}")
    decision = result.decision
    factors = {
        one.name: Finding(one.verdict, one.reason, one.score if math.isfinite(one.score) else None)
        for one in decision.factors
    }
    return replace(
        blank,
        victim=target.name,
        outcome=decision.outcome,
        reason=decision.reason,
        factors=factors,
        stills=len(result.capture.stills),
        seconds=round(result.seconds, 2),
    )


def _tried(setting: Setting, case: Case, target: Target) -> trial.Trial:
    with tempfile.TemporaryDirectory(prefix="lenslock-") as folder:
        bank = Bank(f"sqlite:///{folder}/bank.db", folder=folder, profile=setting.profile)
        try:
            target.enrol(bank)
            presentation = _presentation(case, target, bank)
            try:
                reader, matcher = _models()
                used = (target.camera,) if case.attack == GENUINE else (target.camera, target.other)
                most = _most(*used)
                drawn = random.Random(case.number)
                return trial.run(bank, target.name, presentation, reader=reader, matcher=matcher, most=most, draw=drawn)
            finally:
                presentation.close()
        finally:
            bank.close()


def _most(*cameras: Camera) -> int | None:
    """How many stills can be handed in, where photos of real cameras run out."""
    return min((len(camera.noises) for camera in cameras if isinstance(camera, Transplant)), default=None)


def _presentation(case: Case, target: Target, bank: Bank) -> Presentation:
    if case.attack == GENUINE:
        return target.genuine(case.number, calm=False)
    attack = next(attack for attack in ATTACKS if attack.code == case.attack)
    return attack.begin(target, case.strength, case.number, bank)


@functools.cache
def _models() -> tuple[Reader, FaceMatcher]:
    return Reader(), FaceMatcher()


def _target(setting: Setting, case: Case) -> Target:
    return _made(setting, case.camera, case.part if case.real else None, case.victim)


@functools.lru_cache(maxsize=6)  # all attacks of one number share theirs, copied fingerprints are kept with it
def _made(setting: Setting, camera: str, part: int | None, victim: int) -> Target:
    base = _simulated(camera if part is None else "smartphone")
    if people := _victims(_portraits(setting)):
        base = _with_face(base, setting, *people[victim % len(people)])
    if part is None:
        return base
    parts = cameras(setting)
    own = parts[camera][part % len(parts[camera])]
    sample = own.sample(Policy.load().enrolment)
    other = _another(parts, own, part, base)
    return replace(base, label=own.label, camera=own.camera(), other=other, sample=sample, first_shot=0)


def _another(parts: dict[str, tuple[RealCamera, ...]], own: RealCamera, part: int, base: Target) -> Camera:
    """The attacker's camera: the next one of the folder, if there is another."""
    names = list(parts)
    name = names[(names.index(own.name) + 1) % len(names)]
    return parts[name][part % len(parts[name])].camera() if name != own.name else base.other


@functools.lru_cache(maxsize=len(SIMULATED))
def _simulated(model: str) -> Target:
    return targets.simulated(
        Policy.load().enrolment, shape=SHAPE, model=model, label=f"{model} (simulated)".capitalize()
    )


@functools.lru_cache(maxsize=1)
def _portraits(setting: Setting) -> tuple[Portrait, ...]:
    folder = setting.data / "faces" / "photos" if setting.data else None
    if folder is None or not folder.is_dir():
        return ()
    with FaceTracker(stills=True) as looker:
        return tuple(portraits(folder, looker))


def _victims(photos: tuple[Portrait, ...]) -> list[tuple[int, list[int]]]:
    """Each photo that an attacker may have found, with the other photos of that person, which are enrolled."""
    numbers = range(len(photos))
    others = [[o for o in numbers if photos[o].person == photos[n].person and o != n] for n in numbers]
    return [(number, enrolled) for number, enrolled in zip(numbers, others, strict=True) if enrolled]


def _with_face(base: Target, setting: Setting, number: int, enrolled: list[int]) -> Target:
    """Let somebody of the folder be the victim, and the next person, if there is one, the actor."""
    photos = _portraits(setting)
    people = list(dict.fromkeys(photo.person for photo in photos))
    victim = photos[number]
    person = people[(people.index(victim.person) + 1) % len(people)]
    actor = next(number for number, photo in enumerate(photos) if photo.person == person)
    return replace(
        base,
        name=f"{victim.person}, {victim.name}",
        portrait=victim.photo,
        face=_puppet(setting, number),
        actor=_puppet(setting, actor) if person != victim.person else base.actor,
        template=face_template([photos[one].photo for one in enrolled], Policy.load().enrolment, _models()[1]),
    )


@functools.lru_cache(maxsize=16)
def _puppet(setting: Setting, number: int) -> Puppet:
    with FaceTracker(stills=True) as tracker:
        framed = selfie(_portraits(setting)[number].photo, SHAPE, tracker)
        if setting.lens:
            framed = np.asarray(cv2.GaussianBlur(framed, (0, 0), setting.lens), np.uint8)
        return Puppet(framed, tracker)
