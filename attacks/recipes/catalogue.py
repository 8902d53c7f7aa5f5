"""The attacks that can be tried: what each is, needs, and how it is made. Loads no models: pages show it at once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation
    from bank import Bank

Group = Literal["puppet", "swap", "photo", "replay", "injection", "copy"]


@dataclass(frozen=True)
class Strength:
    """One way to try an attack; `title` is to choose it by."""

    code: str
    title: str


@dataclass(frozen=True)
class Attack:
    """One kind of attack.

    Attributes
    ----------
    code : str
        Short name, in commands and files.
    group : str
    title, teaser : str
        To choose it by; what happens, in one sentence that a newcomer understands.
    needs : str
        What the attacker has to have.
    strengths : tuple of Strength
        Ways to try it, the usual one first; at least one.
    make : callable
        Makes the presentation for a target, a strength's code and a seed. May take seconds.
    before : callable or None
        What happens at the bank before the attack, for a target that it has enrolled, a strength's code, a seed and
        the bank. Gives the target with what the attacker got hold of. `begin` does both in their order.
    """

    code: str
    group: Group
    title: str
    teaser: str
    needs: str
    strengths: tuple[Strength, ...]
    make: Callable[[Target, str, int], Presentation]
    before: Callable[[Target, str, int, Bank], Target] | None = None


def begin(attack: Attack, target: Target, strength: str, seed: int, bank: Bank) -> Presentation:
    """Do what comes before an attack, and make it: seconds, up to half a minute where a genuine check comes first.

    Parameters
    ----------
    attack : Attack
    target : Target
        Enrolled at the bank.
    strength : str
        Code of one of the attack's strengths.
    seed : int, 0 or more
        Another seed is another try: other movements, other shots.
    bank : Bank
        Where the attack will be tried. One of its own, as what comes before is written down there.

    Raises
    ------
    ValueError
        If the attack has no such strength.
    attacks.face.portrait.PortraitError
        If the target's photo does not do for it.
    bank.errors.BankError
        If the bank takes no check, or does not know the target.
    liveness.models.ModelError
        If a model is not to be had.
    """
    codes = [one.code for one in attack.strengths]
    if strength not in codes:
        raise ValueError(f"strength: expected one of {', '.join(codes)}; got {strength!r}.")
    if attack.before:
        target = attack.before(target, strength, seed, bank)
    return attack.make(target, strength, seed)


def _make(code: str, target: Target, strength: str, seed: int) -> Presentation:
    from attacks.recipes.making import MAKERS

    return MAKERS[code](target, strength, seed)


def _before(code: str, target: Target, strength: str, seed: int, bank: Bank) -> Target:
    from attacks.recipes.making import BEFORE

    return BEFORE[code](target, strength, seed, bank)


def _attack(
    code: str, group: Group, title: str, teaser: str, needs: str, *strengths: tuple[str, str], before: bool = False
) -> Attack:
    return Attack(
        code,
        group,
        title,
        teaser,
        needs,
        tuple(Strength(*one) for one in strengths),
        functools.partial(_make, code),
        functools.partial(_before, code) if before else None,
    )


_INJECTED = "Handed in without a camera (injected)"
_FILMED = "Filmed by another camera"
_COPIES = (
    ("1", "One photo"),
    ("5", "Five photos"),
    ("20", "20 photos"),
    ("50", "50 photos"),
    ("20-strong", "20 photos, as strongly as nobody sees (40 dB)"),
    ("20-shared", "20 photos that a social network scaled down and recompressed"),
)

ATTACKS: tuple[Attack, ...] = (
    _attack(
        "puppet",
        "puppet",
        "A photo that moves",
        "One photo of the victim blinks, glances and turns its head as it is told (puppet).",
        "One photo of the victim.",
        ("injected", _INJECTED),
        ("filmed", _FILMED),
        ("driven", "Moved by another person's face, handed in without a camera (injected)"),
    ),
    _attack(
        "swap",
        "swap",
        "A swapped face",
        "The attacker does what is asked, with the victim's face laid over the own one (face swap).",
        "One photo of the victim, and somebody to act.",
        ("injected", _INJECTED),
        ("filmed", _FILMED),
        ("genuine", "In pictures that the enrolled camera took"),
    ),
    _attack(
        "photo",
        "photo",
        "A printed photo",
        "A print of the victim's photo is held into the camera.",
        "One photo of the victim, and a printer. For the last way also the victim's phone, which attackers are not "
        "supposed to have: it shows what is left then.",
        ("waved", "Waved"),
        ("tilted sideways to 45 degrees", "Tilted from side to side"),
        ("still", "Held still"),
        ("enrolled", "Waved in front of the stolen phone (the enrolled camera)"),
    ),
    _attack(
        "screen",
        "replay",
        "A recording on a screen",
        "An earlier check of the victim is played on a screen and filmed off it (replay).",
        "A recording of the victim at an earlier check.",
        ("stand", "Screen and camera in a stand"),
        ("hand", "Screen held in the hand"),
    ),
    _attack(
        "virtual-camera",
        "replay",
        "A recording that passes for a camera",
        "A program plays back video and photos by the enrolled camera as if they were taken now (virtual camera).",
        "Malware on the victim's phone that recorded both.",
        ("call", "Recorded elsewhere: the bank has never seen them"),
        ("check", "Recorded at a check that the bank took"),
        before=True,
    ),
    _attack(
        "stolen-stills",
        "injection",
        "Stolen photos beside a fake video",
        "A photo that moves answers in the video; the photos beside it are genuine ones of the victim, chosen to fit.",
        "One photo of the victim to move, and malware on the victim's phone that took dozens with its camera.",
        ("fresh", "The bank has never seen them"),
        ("check", "Taken at a check that the bank took"),
        before=True,
    ),
    _attack(
        "wrong-stills",
        "injection",
        "Published photos beside a fake video",
        "A photo that moves answers in the video; the photos beside it are what the enrolled camera took of others.",
        "One photo of the victim to move, and photos that the camera's owner published.",
        ("person", "Photos of somebody else"),
        ("place", "Photos of places"),
    ),
    _attack(
        "resized-stills",
        "injection",
        "Photos brought to the right size",
        "A photo that moves answers in the video; the photos beside it are the victim's, but had another size.",
        "One photo of the victim to move, and many by the enrolled camera in another size.",
        ("scaled", "Scaled up from 640x480 until they fill the picture"),
        ("aligned", "Scaled up from 640x480, back to their place on the sensor"),
        ("cropped", "Cut out of larger ones around the face"),
    ),
    _attack(
        "copy",
        "copy",
        "A copied camera pattern",
        "The camera's pattern is worked out from photos that its owner published, and put into a photo that moves "
        "(fingerprint copy).",
        "One photo of the victim to move, and published photos by the enrolled camera, in their full size.",
        *_COPIES,
    ),
    _attack(
        "copy-known",
        "copy",
        "A copied camera pattern, and the bank knows the photos",
        "The same, but the owner has told the bank which photos are public, so it can look for their noise "
        "(triangle test).",
        "The same.",
        *_COPIES,
        before=True,
    ),
)
"""All of them, in the order to show them."""
