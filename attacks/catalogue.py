"""The attacks that can be tried: what each is, needs, and how it is made. Loads no models: pages show it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from attacks.presenting import Presentation
    from attacks.target import Target

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
    """

    code: str
    group: Group
    title: str
    teaser: str
    needs: str
    strengths: tuple[Strength, ...]
    make: Callable[[Target, str, int], Presentation]


def _puppet(target: Target, strength: str, seed: int) -> Presentation:
    from attacks.presenting import Acted, no_sensor, sensor

    if strength == "injected":
        return Acted(target.face, no_sensor, seed)
    return Acted(target.face, sensor(target.other, target.shots(seed)), seed)


def _swap(target: Target, strength: str, seed: int) -> Presentation:
    from attacks.following import Swapped
    from attacks.presenting import Acted, no_sensor, sensor
    from attacks.swap import Swapper

    swapper, first = Swapper(target.portrait), target.shots(seed)
    if strength == "genuine":
        return Swapped(Acted(target.actor, sensor(target.camera, first), seed), swapper, None)
    actor = Acted(target.actor, no_sensor, seed)
    return Swapped(actor, swapper, no_sensor if strength == "injected" else sensor(target.other, first))


ATTACKS: tuple[Attack, ...] = (
    Attack(
        "puppet",
        "puppet",
        "A photo that moves",
        "One photo of the victim blinks, glances and turns its head as it is told (puppet).",
        "One photo of the victim.",
        (
            Strength("injected", "Handed in without a camera (injected)"),
            Strength("filmed", "Filmed by another camera"),
        ),
        _puppet,
    ),
    Attack(
        "swap",
        "swap",
        "A swapped face",
        "The attacker does what is asked, with the victim's face laid over the own one (face swap).",
        "One photo of the victim, and somebody to act.",
        (
            Strength("injected", "Handed in without a camera (injected)"),
            Strength("filmed", "Filmed by another camera"),
            Strength("genuine", "In pictures that the enrolled camera took"),
        ),
        _swap,
    ),
)
"""All of them, in the order to show them."""
