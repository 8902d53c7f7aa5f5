"""What can be tried in the attack lab: all attacks, and a genuine try to compare with. Loads no models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from attacks.recipe import GENUINE, Look, MakingStep, Recipe, Way
from attacks.recipes import ATTACKS

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation

Offer: TypeAlias = Recipe[Any]
"""What can be tried: an attack, or the genuine try."""


class _Ways(Way):
    """The only one."""

    GENUINE = GENUINE, "As it should be"


def _make(target: Target, way: _Ways, seed: int) -> Presentation:
    return target.genuine(seed)


def _steps(_: _Ways) -> Sequence[MakingStep]:
    text = "It stands for the person: it can blink, glance and turn, and the registered camera looks at it."
    return (
        MakingStep(Look.PHOTO, "The photo", "One photo of the person who is registered."),
        MakingStep(Look.MOVING, "The photo learns to move", text),
        MakingStep(Look.TAKEN, "A photo by the registered camera", "With the faint pattern of that camera's sensor."),
    )


_REAL = Recipe(
    order=0,
    code=GENUINE,
    group=GENUINE,
    icon=":material/verified_user:",
    title="Genuine (for comparison)",
    teaser="No attack: the person does what is asked, in front of the registered camera. It should pass.",
    needs="The person, and their camera.",
    ways=_Ways,
    make=_make,
    steps=_steps,
)


def offers() -> tuple[Offer, ...]:
    """All that can be tried, in the order to show it."""
    return (*ATTACKS, _REAL)


def offer(code: str) -> Offer:
    """The one with a code; KeyError if there is none."""
    for one in offers():
        if one.code == code:
            return one
    raise KeyError(code)
