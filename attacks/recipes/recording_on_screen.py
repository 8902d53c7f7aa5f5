"""An earlier check of the victim, played on a screen and filmed off it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attacks.recipe import RECORDING, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation


class Ways(Way):
    """What holds the screen."""

    STAND = "stand", "Screen and camera in a stand"
    HAND = "hand", "Screen held in the hand"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Film the recording off a screen."""
    from attacks.media.screen import in_a_stand, in_the_hand, replayed
    from attacks.show.played import Played
    from attacks.show.recordings import earlier_check

    recording = earlier_check(target.face, seed)
    motion = in_the_hand if way == Ways.HAND else in_a_stand
    return Played(lambda: replayed(recording.film(), target.other.shape, None, motion), target.filmed(seed))


def steps(way: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    filmed = Look.HAND if way == Ways.HAND else Look.STAND
    text = "Another camera sees the screen's stripes, its light, the room."
    return RECORDING, MakingStep(filmed, "Filmed off a screen", text)


RECIPE = Recipe(
    order=40,
    code="screen",
    group="replay",
    icon=":material/replay:",
    title="A recording on a screen",
    teaser="An earlier check of the victim is played on a screen and filmed off it (replay).",
    needs="A recording of the victim at an earlier check.",
    stops="A challenge that is drawn anew each time, which a recording cannot know, and the registered camera.",
    ways=Ways,
    make=make,
    steps=steps,
    few_shots=True,
)
