"""Somebody answers, and somebody else is shown afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attacks.recipe import INJECTED, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attacks.target import Target
    from attacks.types import Presentation

DARK_S = 6.0
"""Seconds of darkness between the two."""

BLUR = 0.005
"""Blur, as a share of the frame's width, in which movements are still seen and nobody is recognised."""


class Ways(Way):
    """How the one gives way to the other."""

    CLEAR = "clear", "The attacker, then six dark seconds, then the victim"
    BLURRED = "blurred", "The attacker, out of focus so as not to be recognised, six dark seconds, then the victim"
    CUT = "cut", "The same, and from one frame to the next the victim"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Let the attacker answer before the enrolled camera, and the victim's photo be there for the rest."""
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Defocused, Handover

    taken = target.taken(seed)
    then = Acted(target.face, taken, seed)
    actor = Acted(target.actor, taken, seed)
    first = actor if way == Ways.CLEAR else Defocused(actor, BLUR, taken)
    return Handover(first, then, 0.0 if way == Ways.CUT else DARK_S)


def steps(_: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    return (
        MakingStep(Look.ACTOR, "The attacker", "Somebody who does what is asked, and cannot be recognised."),
        MakingStep(Look.MOVING, "The victim", f"A photo that moves, shown once all is answered. {INJECTED}."),
    )


RECIPE = Recipe(
    order=68,
    code="changed-person",
    group="injection",
    icon=":material/input:",
    title="Another person after the answers",
    teaser="The attacker answers unrecognised, goes dark, and shows the victim for the rest of the check.",
    needs="One photo of the victim to move, and the victim's phone, or malware on it.",
    stops="Answers count only from a face that was recognised around that moment, with no gap in between.",
    ways=Ways,
    make=make,
    steps=steps,
)
