"""Makes the presentations of the catalogue's attacks: loads the models that these need."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from attacks.face.behaviour import script
from attacks.face.expression import Expression
from attacks.face.swap import Swapper
from attacks.media.printed_photo import MOTIONS, Pose, held
from attacks.media.screen import in_a_stand, in_the_hand, replayed
from attacks.recipes.forging import Copying, copied, planted, tell
from attacks.show.chosen_stills import Chosen, cut_out, lesser_mode
from attacks.show.deepfakes import Driven, Swapped
from attacks.show.recordings import Recorded, Recording, Rerun, record
from attacks.target import Target
from attacks.trial import run
from attacks.types import (
    RATE,
    Acted,
    Face,
    ImageArray,
    Played,
    Presentation,
    Sensor,
    Spliced,
    as_streamed,
    no_sensor,
    sensor,
)
from bank import Bank
from liveness.challenge import StepKind
from liveness.landmarks import FaceTracker

_LONGEST_S = 120.0  # of a held photo
_ANSWERS: tuple[StepKind, ...] = ("turn left", "look right", "turn right", "look left", "blink twice")
_ANSWER_S = 3.0  # from one answer to the next in a recording
_POSES_A_SECOND = 2.5  # of a hoard
_MOST = 1000  # published photos to choose from
_EARLIER = 10**6  # added to the seed of what happened earlier: other shots, another temperament


def _puppet(target: Target, strength: str, seed: int) -> Presentation:
    if strength == "driven":
        return Driven(Acted(target.actor, no_sensor, seed), target.face, no_sensor)
    return Acted(target.face, no_sensor if strength == "injected" else _filming(target, seed), seed)


def _swap(target: Target, strength: str, seed: int) -> Presentation:
    swapper = Swapper(target.portrait)
    if strength == "genuine":
        return Swapped(Acted(target.actor, _enrolled(target, seed), seed), swapper, None)
    actor = Acted(target.actor, no_sensor, seed)
    return Swapped(actor, swapper, no_sensor if strength == "injected" else _filming(target, seed))


def _photo(target: Target, strength: str, seed: int) -> Presentation:
    rng = np.random.default_rng(seed)
    motion, start_s, haste = MOTIONS["waved" if strength == "enrolled" else strength], *rng.uniform((0, 0.4), (6, 0.8))
    portrait = target.face.frame(Expression())

    def moved(time_s: float) -> Pose:
        # No hand moves like clockwork, which would be found out as a loop.
        return motion(start_s + time_s + 0.5 * math.sin(haste * time_s))

    def film() -> Iterator[ImageArray]:
        # Some noise, or a photo at rest would be told from a camera by frames that are alike to the bit.
        return held(portrait, target.camera.shape, moved, _LONGEST_S, RATE, noise=2.0, seed=seed)

    return Played(film, (_enrolled if strength == "enrolled" else _filming)(target, seed))


def _screen(target: Target, strength: str, seed: int) -> Presentation:
    recording = _earlier(target, seed)
    motion = in_the_hand if strength == "hand" else in_a_stand
    return Played(lambda: replayed(recording.film(), target.other.shape, None, motion), _filming(target, seed))


def _camera(target: Target, strength: str, seed: int) -> Presentation:
    if strength == "check":
        return Rerun(_recorded(target))
    return Rerun(_earlier(target, seed), _enrolled(target, seed))


def _stolen(target: Target, strength: str, seed: int) -> Presentation:
    stream = Acted(target.face, no_sensor, seed)
    if strength == "check":
        return Chosen(stream, [still for _, still in _recorded(target).stills])
    return Chosen(stream, _all_poses(target.face, seed), _enrolled(target, seed))


def _wrong(target: Target, strength: str, seed: int) -> Presentation:
    stream = Acted(target.face, no_sensor, seed)
    if strength == "person":
        return Chosen(stream, _all_poses(target.actor, seed), _enrolled(target, seed))
    return Spliced(stream, functools.partial(next, _without_faces(target.published(_MOST))))


def _resized(target: Target, strength: str, seed: int) -> Presentation:
    first = target.shots(seed)
    if strength == "cropped":
        rng = np.random.default_rng(seed)
        down, right = (int(side * rng.uniform(0.03, 0.2) * rng.choice((-1, 1))) for side in target.camera.shape)
        stills = cut_out(target.camera, target.other, first, (down, right))
    else:
        stills = lesser_mode(target.camera, first, aligned=strength == "aligned")
    return Chosen(Acted(target.face, no_sensor, seed), _all_poses(target.face, seed), stills)


def _copy(target: Target, strength: str, seed: int) -> Presentation:
    way = Copying.of(strength)
    copy = copied(target, way.photos, way.shared)
    return Acted(target.face, planted(_filming(target, seed), copy, strength=way.strength, psnr=way.psnr), seed)


def _publish(target: Target, strength: str, seed: int, bank: Bank) -> Target:
    tell(bank, target, Copying.of(strength).photos)
    return target


def _check(target: Target, strength: str, seed: int, bank: Bank) -> Target:
    if strength != "check":
        return target
    recorded = Recorded(target.genuine(seed + _EARLIER))
    run(bank, target.name, recorded)
    recorded.close()
    return replace(target, recording=recorded.recording())


MAKERS: Mapping[str, Callable[[Target, str, int], Presentation]] = {
    "puppet": _puppet,
    "swap": _swap,
    "photo": _photo,
    "screen": _screen,
    "virtual-camera": _camera,
    "stolen-stills": _stolen,
    "wrong-stills": _wrong,
    "resized-stills": _resized,
    "copy": _copy,
    "copy-known": _copy,
}
"""For each attack's code what makes it: see `attacks.recipes.catalogue.Attack.make`."""

BEFORE: Mapping[str, Callable[[Target, str, int, Bank], Target]] = {
    "virtual-camera": _check,
    "stolen-stills": _check,
    "copy-known": _publish,
}
"""And what happens before: see `attacks.recipes.catalogue.Attack.before`."""


def _filming(target: Target, seed: int) -> Sensor:
    """The attacker's camera."""
    return sensor(target.other, target.shots(seed))


def _enrolled(target: Target, seed: int) -> Sensor:
    """The enrolled camera, in malware's or a thief's hands."""
    return sensor(target.camera, target.shots(seed))


def _recorded(target: Target) -> Recording:
    if target.recording is None:
        raise ValueError("target: nothing was recorded. Let `attacks.recipes.catalogue.begin` make this attack.")
    return target.recording


def _earlier(target: Target, seed: int) -> Recording:
    """The victim answering what was asked in an earlier check, with the scenes of its stills."""
    steps = np.random.default_rng(seed).permutation(len(_ANSWERS))[:3]
    asked = [(1.6 + _ANSWER_S * number, _ANSWERS[step]) for number, step in enumerate(steps)]
    return record(Acted(target.face, no_sensor, seed + _EARLIER), asked, 2.0 + _ANSWER_S * len(steps))


def _all_poses(face: Face, seed: int) -> list[ImageArray]:
    """Show a face in all poses that a check can ask for."""
    asked = [(1.0 + _ANSWER_S * number, step) for number, step in enumerate(_ANSWERS)]
    seconds = 1.0 + _ANSWER_S * len(_ANSWERS)
    return [face.frame(pose) for pose in script(asked, _POSES_A_SECOND, seconds, seed + _EARLIER)]


def _without_faces(photos: Iterator[ImageArray]) -> Iterator[ImageArray]:
    with FaceTracker(stills=True) as tracker:
        for photo in photos:
            seen = tracker.observe(as_streamed(photo), 0.0)
            if seen and not seen.faces:
                yield photo
