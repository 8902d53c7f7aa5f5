"""What a recipe of an attack says: in words, in how many ways it can be tried, and how it is made. Loads no models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Self, TypeVar

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation
    from bank import Bank

GENUINE = "genuine"
"""Stands where an attack's code would, for somebody who is no attacker."""

INJECTED = "Handed in without a camera (injected)"
FILMED = "Filmed by another camera"

UNFORESEEN = (
    "Stills that are asked for at moments nobody can foresee, and that must show what the video shows at that moment."
)
"""What stops attacks whose stills are not made for the moment."""

STOLEN_PHONE = (
    "Who controls the phone has its camera: no check of pictures tells that from its owner. Only what does not go "
    "through the phone helps, such as a call to the number on file, or a camera that signs its pictures."
)
"""What stops attacks that have the enrolled camera."""

VICTIM_CHECKED = "The victim takes a genuine check first, which the attacker records"
"""What people wait for before attacks that need such a check."""


class Way(StrEnum):
    """Ways to try an attack, the usual one first: to be derived from, with at least one member.

    A member is a code, as in commands and files, and `words` to choose it by.

    Examples
    --------
    >>> class Ways(Way):
    ...     WAVED = "waved", "Waved in front of the camera"
    >>> Ways("waved").words
    'Waved in front of the camera'
    """

    words: str

    def __new__(cls, code: str, words: str) -> Self:
        """Make a member."""
        made = str.__new__(cls, code)
        made._value_, made.words = code, words
        return made


class Look(StrEnum):
    """What there is to look at while an attack is made."""

    PHOTO = "photo"
    """The photo of the victim."""
    POINTS = "points"
    """The photo with the points that are found on its face."""
    MOVING = "moving"
    """The photo, moving."""
    ACTOR = "actor"
    """Who does what is asked in a face swap, with such points."""
    SWAPPED = "swapped"
    """Above the actor, below with the victim's face."""
    PRESENTED = "presented"
    """What the attack shows in its first moments."""
    STAND = "stand"
    HAND = "hand"
    """A screen with the moving photo, filmed, in a stand or held in a hand."""
    TAKEN = "taken"
    """A still by the enrolled camera."""
    PUBLISHED = "published"
    """Photos by that camera which anybody can download."""
    COPY = "copy"
    """The pattern that was estimated from them, as `attacks.recipes.copied_pattern` does."""
    PLANTED = "planted"
    """A still in which it was planted."""
    DIFFERENCE = "difference"
    """What planting changed."""


@dataclass(frozen=True)
class MakingStep:
    """One step of the making, for people to watch: a picture with a title and a sentence.

    What only the picture tells stands in braces in the text: ``{psnr}`` for the decibels that `Look.PLANTED` kept,
    ``{louder}`` for the times that `Look.DIFFERENCE` is amplified.
    """

    look: Look
    title: str
    text: str


FOUND = MakingStep(Look.PHOTO, "The photo", "One photo of the person that the attacker found.")
"""What most attacks begin with."""

RECORDING = MakingStep(
    Look.MOVING, "The recording", "What the person did at an earlier check, when something else was asked."
)
"""What a replay begins with."""

W = TypeVar("W", bound=Way)


def fake_video(_: Way) -> Sequence[MakingStep]:
    """How a fake video is made, beside which stills from elsewhere are handed in."""
    text = "A photo that moves: no camera takes part. It answers what is asked."
    return FOUND, MakingStep(Look.MOVING, "The fake video", text)


def _only_the_photo(_: Way) -> Sequence[MakingStep]:
    return (FOUND,)


@dataclass(frozen=True, eq=False, kw_only=True)
class Recipe(Generic[W]):
    """One kind of attack.

    Attributes
    ----------
    order : int
        Place in the list; leave gaps for others.
    code : str
        Short name, in commands and files.
    group : str
        What it is made of; attacks of a kind share it.
    icon, title, teaser : str
        To choose it by; the teaser says what happens, in one sentence that a newcomer understands.
    needs : str
        What the attacker has to have.
    stops : str
        What stops it where a check does not.
    ways : subclass of Way
    make : callable
        Makes the presentation for a target, a way and a seed; another seed is another try. May take seconds.
    before : callable or None
        What happens at the bank before the attack, for a target that it has enrolled, a way, a seed and the bank. Gives
        the target with what the attacker got hold of. `begin` does both in their order.
    waiting : mapping of Way to str
        What to tell people meanwhile, for ways before which something happens that takes its time.
    steps : callable
        For a way, how it is made, step by step.
    few_shots : bool
        Whether it takes no more shots by the enrolled camera than a real one's held-back photos make. All others take
        dozens, and are tried on simulated cameras only.
    one_victim : bool
        Whether what it makes of a target takes long and is kept for the next time: a matrix then tries it on one
        victim for each camera.
    """

    order: int
    code: str
    group: str
    icon: str = ":material/bug_report:"
    title: str
    teaser: str
    needs: str
    stops: str = ""
    ways: type[W]
    make: Callable[[Target, W, int], Presentation]
    before: Callable[[Target, W, int, Bank], Target] | None = None
    waiting: Mapping[W, str] = field(default_factory=dict)
    steps: Callable[[W], Sequence[MakingStep]] = _only_the_photo
    few_shots: bool = False
    one_victim: bool = False

    @property
    def genuine(self) -> bool:
        """Whether it is no attack."""
        return self.code == GENUINE

    def find(self, code: str) -> W:
        """Find a way by its code.

        Raises
        ------
        ValueError
            If there is none. Names those that there are.
        """
        for way in self.ways:
            if way == code:
                return way
        raise ValueError(f"strength: expected one of {', '.join(self.ways)}; got {code!r}.")

    def way(self, code: str) -> str:
        """Say a way in words; empty if there is only one."""
        return "" if len(self.ways) == 1 else self.find(code).words

    def waits(self, code: str) -> str:
        """What happens before it at the bank, which takes its time; empty if nothing does."""
        return self.waiting.get(self.find(code), "")

    def begin(self, target: Target, code: str, seed: int, bank: Bank) -> Presentation:
        """Do what comes before, and make it: seconds, up to half a minute where a genuine check comes first.

        Parameters
        ----------
        target : Target
            Enrolled at the bank.
        code : str
            Of one of the ways.
        seed : int, 0 or more
            Another seed is another try: other movements, other shots.
        bank : Bank
            Where it will be tried. One of its own, as what comes before is written down there.

        Raises
        ------
        ValueError
            If there is no such way.
        attacks.face.portrait.PortraitError
            If the target's photo does not do for it.
        bank.errors.BankError
            If the bank takes no check, or does not know the target.
        liveness.models.ModelError
            If a model is not to be had.
        """
        way = self.find(code)
        if self.before:
            target = self.before(target, way, seed, bank)
        return self.make(target, way, seed)
