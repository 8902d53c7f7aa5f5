"""A photo that blinks, glances and turns its head as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attacks import recipe
from attacks.recipe import FOUND, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation


class Ways(Way):
    """Which camera sees it, and who moves it."""

    INJECTED = "injected", recipe.INJECTED
    FILMED = "filmed", recipe.FILMED
    DRIVEN = "driven", "Moved by another person's face, handed in without a camera (injected)"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Let the photo answer, by itself or as the actor's face does."""
    from attacks.show.acted import Acted
    from attacks.show.deepfakes import Driven
    from attacks.types import no_sensor

    if way == Ways.DRIVEN:
        return Driven(Acted(target.actor, no_sensor, seed), target.face, no_sensor)
    return Acted(target.face, no_sensor if way == Ways.INJECTED else target.filmed(seed), seed)


def steps(_: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    return (
        FOUND,
        MakingStep(Look.POINTS, "Points on the face", "478 landmarks; the triangles between them can be moved."),
        MakingStep(
            Look.MOVING,
            "The photo moves",
            "It closes its eyes, glances and turns its head. No network was trained for it.",
        ),
    )


RECIPE = Recipe(
    order=10,
    code="puppet",
    group="puppet",
    icon=":material/animated_images:",
    title="A photo that moves",
    teaser="One photo of the victim blinks, glances and turns its head as it is told (puppet).",
    needs="One photo of the victim.",
    stops="The registered camera's pattern, asked for each time: the fake has to come through some camera, or none.",
    ways=Ways,
    make=make,
    steps=steps,
    few_shots=True,
)
