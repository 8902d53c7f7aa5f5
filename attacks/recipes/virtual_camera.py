"""A recording by the enrolled camera that a program plays as if it were taken now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attacks.recipe import RECORDING, STOLEN_PHONE, VICTIM_CHECKED, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation
    from bank import Bank


class Ways(Way):
    """Whether the bank has seen it."""

    CALL = "call", "Recorded elsewhere: the bank has never seen them"
    CHECK = "check", "Recorded at a check that the bank took"


def before(target: Target, way: Ways, seed: int, bank: Bank) -> Target:
    """Let the victim take a genuine check, and record it."""
    from attacks.malware import record_check

    return record_check(target, seed, bank) if way == Ways.CHECK else target


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Play what was recorded."""
    from attacks.show.recordings import Rerun, earlier_check

    if way == Ways.CHECK:
        return Rerun(target.recorded)
    return Rerun(earlier_check(target.face, seed), target.taken(seed))


def steps(_: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    text = "Taken by the registered camera, with its pattern, and kept bit by bit."
    return RECORDING, MakingStep(Look.TAKEN, "A recorded still", text)


RECIPE = Recipe(
    order=50,
    code="virtual-camera",
    group="replay",
    icon=":material/replay:",
    title="A recording that passes for a camera",
    teaser="A program plays back video and photos by the registered camera as if they were taken now (virtual camera).",
    needs="Malware on the victim's phone that recorded both.",
    stops=f"A challenge that is drawn anew each time, which a recording cannot know. {STOLEN_PHONE}",
    ways=Ways,
    make=make,
    before=before,
    waiting={Ways.CHECK: VICTIM_CHECKED},
    steps=steps,
)
