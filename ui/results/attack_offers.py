"""What can be tried in the attack lab, in words, and how it is made. Loads no models: the page shows it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from attacks.recipes.catalogue import ATTACKS, Attack, Strength, begin

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation
    from bank import Bank

GENUINE = "genuine"
"""Code of the offer that is no attack."""

_ICONS = {
    "puppet": ":material/animated_images:",
    "swap": ":material/face_retouching_natural:",
    "photo": ":material/photo:",
    "replay": ":material/replay:",
    "injection": ":material/input:",
    "copy": ":material/fingerprint:",
}
_UNFORESEEN = (
    "Stills that are asked for at moments nobody can foresee, and that must show what the video shows at that moment."
)
_STOLEN = (
    "Who controls the phone has its camera: no check of pictures tells that from its owner. Only what does not go "
    "through the phone helps, such as a call to the number on file, or a camera that signs its pictures."
)
_PRIVATE = (
    "Keep photos of the enrolled camera in full size private: then there is nothing to copy from. A bank that knows "
    "the published ones can look for their noise (triangle test), and misses copies that were made from others or from "
    "many. Against a stolen fingerprint only another way helps, such as a call to the number on file."
)
_STOPS = {
    "puppet": "The enrolled camera's pattern, asked for each time: the fake has to come through some camera, or none.",
    "swap": "Larger faces and more stills: the face is then tested on its own, and the pattern is missing just there.",
    "photo": "A challenge that asks for movements, such as a blink and a turn of the head: paper does neither.",
    "screen": "A challenge that is drawn anew each time, which a recording cannot know, and the enrolled camera.",
    "virtual-camera": f"A challenge that is drawn anew each time, which a recording cannot know. {_STOLEN}",
    "stolen-stills": _STOLEN,
    "wrong-stills": _UNFORESEEN,
    "resized-stills": f"The enrolled camera's pattern, pixel by pixel, which scaling and moving hide. {_UNFORESEEN}",
    "copy": _PRIVATE,
    "copy-known": _PRIVATE,
}
"""What stops an attack, by its code."""


@dataclass(frozen=True)
class Offer:
    """One thing to try.

    Attributes
    ----------
    code, group : str
    icon, title, teaser, needs : str
        To choose it by.
    strengths : tuple of Strength
        Ways to try it, the usual one first.
    make : callable
        As `attacks.recipes.catalogue.Attack.make`: for a look at it.
    begin : callable
        Makes it for a target, a strength's code and a seed, at the bank where it will be tried.
    stops : str
        What stops it where a check does not.
    first : bool
        Whether something happens before it at the bank.
    """

    code: str
    group: str
    icon: str
    title: str
    teaser: str
    needs: str
    strengths: tuple[Strength, ...]
    make: Callable[[Target, str, int], Presentation]
    begin: Callable[[Target, str, int, Bank], Presentation]
    stops: str = ""
    first: bool = False

    @classmethod
    def of(cls, attack: Attack) -> Offer:
        """Offer an attack of the catalogue."""
        return cls(
            attack.code,
            attack.group,
            _ICONS.get(attack.group, ":material/bug_report:"),
            attack.title,
            attack.teaser,
            attack.needs,
            attack.strengths,
            attack.make,
            partial(begin, attack),
            _STOPS.get(attack.code, ""),
            attack.before is not None,
        )

    @property
    def genuine(self) -> bool:
        """Whether it is no attack."""
        return self.code == GENUINE

    def way(self, strength: str) -> str:
        """Title of a strength; empty if there is only one."""
        if len(self.strengths) == 1:
            return ""
        return next(one.title for one in self.strengths if one.code == strength)

    def waits(self, strength: str) -> str:
        """What happens before it at the bank, which takes its time; empty if nothing does."""
        if self.first and self.group == "copy":
            return "The bank is told which photos are public"
        if self.first and strength == "check":
            return "The victim takes a genuine check first, which the attacker records"
        return ""

    def truth(self, strength: str) -> str:
        """How what is shown came about."""
        if self.genuine:
            return "No attack: an animated photo in front of the enrolled camera stands for the person. Simulated."
        way = self.way(strength)
        return f"An attack made by this program: {self.title}. {way + '. ' if way else ''}{self.teaser}"


def _genuine(target: Target, strength: str, seed: int) -> Presentation:
    return target.genuine(seed)


def _begin_genuine(target: Target, strength: str, seed: int, bank: Bank) -> Presentation:
    return target.genuine(seed)


_REAL = Offer(
    GENUINE,
    GENUINE,
    ":material/verified_user:",
    "Genuine (for comparison)",
    "No attack: the person does what is asked, in front of the enrolled camera. It should pass.",
    "The person, and their camera.",
    (Strength(GENUINE, "As it should be"),),
    _genuine,
    _begin_genuine,
)


def offers() -> tuple[Offer, ...]:
    """All that can be tried, in the order to show it."""
    return (*(Offer.of(attack) for attack in ATTACKS), _REAL)


def offer(code: str) -> Offer:
    """The offer with a code; KeyError if there is none."""
    for one in offers():
        if one.code == code:
            return one
    raise KeyError(code)
