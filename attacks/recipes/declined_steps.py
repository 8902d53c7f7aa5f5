"""A recording of earlier answers, beside stolen photos; what is not in it the attacker cannot do, as they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attacks.recipe import RECORDING, STOLEN_PHONE, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation

CHECKS = 2
"""Earlier checks that were recorded: with one, whoever swaps a step has no answer left for the further one."""


class Ways(Way):
    """How the recording is played."""

    IN_ORDER = "in-order", "Played on, as it was recorded"
    CUT = "cut", "Cut into its movements, each for when it is asked"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Record what was asked in earlier checks, and play it beside photos by the enrolled camera."""
    import random

    from attacks.show.chosen_stills import Chosen, all_poses
    from attacks.show.excused import Excused, answers_recorded
    from liveness.challenge import random_challenge

    draw = random.Random(seed)
    answers = [step for _ in range(CHECKS) for step in random_challenge(draw=draw).steps]
    film = Excused(answers_recorded(target.face, answers, seed), answers, way == Ways.IN_ORDER)
    return Chosen(film, all_poses(target.face, seed), target.taken(seed))


def steps(_: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    text = "Taken by malware with the enrolled camera, in all poses, and chosen to fit the video."
    return RECORDING, MakingStep(Look.TAKEN, "A stolen photo", text)


RECIPE = Recipe(
    order=55,
    code="declined-steps",
    group="replay",
    icon=":material/replay:",
    title="A recording, and “I cannot do this”",
    teaser="A recording of earlier checks answers, with stolen photos beside it; of each movement that it lacks the "
    "attacker says that they cannot do it.",
    needs="Malware on the victim's phone that recorded the answers of two checks, and took dozens of photos.",
    stops="Played on, it seldom fits: few steps can be swapped, and each swap adds one more. Cut up, it gets through "
    "more often than not, with swaps or without: a challenge does not stop film of most movements. " + STOLEN_PHONE,
    ways=Ways,
    make=make,
    steps=steps,
)
