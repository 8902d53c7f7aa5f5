"""Somebody who does what is asked, with the victim's face laid over the own one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attacks import recipe
from attacks.recipe import FOUND, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation


class Ways(Way):
    """What the face is swapped in."""

    INJECTED = "injected", recipe.INJECTED
    FILMED = "filmed", recipe.FILMED
    GENUINE = "genuine", "In pictures that the registered camera took"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Let the actor answer with the face of the victim's photo."""
    from attacks.face.swap import Swapper
    from attacks.show.acted import Acted
    from attacks.show.deepfakes import Swapped
    from attacks.types import no_sensor

    swapper = Swapper(target.portrait)
    if way == Ways.GENUINE:
        return Swapped(Acted(target.actor, target.taken(seed), seed), swapper, None)
    actor = Acted(target.actor, no_sensor, seed)
    return Swapped(actor, swapper, no_sensor if way == Ways.INJECTED else target.filmed(seed))


def steps(_: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    return (
        FOUND,
        MakingStep(Look.POINTS, "Points on the victim's face", "478 landmarks, and triangles between them."),
        MakingStep(Look.ACTOR, "The actor", "Somebody else, made of the sample portrait, who will do what is asked."),
        MakingStep(
            Look.SWAPPED,
            "The swapped face",
            "Each triangle of the photo goes to its place, its colours are matched, its border is blended. Above the "
            "actor, below what comes of it.",
        ),
    )


RECIPE = Recipe(
    order=20,
    code="swap",
    group="swap",
    icon=":material/face_retouching_natural:",
    title="A swapped face",
    teaser="The attacker does what is asked, with the victim's face laid over the own one (face swap).",
    needs="One photo of the victim, and somebody to act.",
    stops="Larger faces and more stills: the face is then tested on its own, and the pattern is missing just there.",
    ways=Ways,
    make=make,
    steps=steps,
    few_shots=True,
)
