"""Genuine photos of the victim, taken by malware, beside a fake video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attacks.recipe import STOLEN_PHONE, VICTIM_CHECKED, Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation
    from bank import Bank


class Ways(Way):
    """Whether the bank has seen them."""

    FRESH = "fresh", "The bank has never seen them"
    CHECK = "check", "Taken at a check that the bank took"


def before(target: Target, way: Ways, seed: int, bank: Bank) -> Target:
    """Let the victim take a genuine check, and record it."""
    from attacks.malware import record_check

    return record_check(target, seed, bank) if way == Ways.CHECK else target


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Choose the photo that fits what the video shows."""
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Chosen, all_poses
    from attacks.types import no_sensor

    stream = Acted(target.face, no_sensor, seed)
    if way == Ways.CHECK:
        return Chosen(stream, [still for _, still in target.recorded.stills])
    return Chosen(stream, all_poses(target.face, seed), target.taken(seed))


RECIPE = Recipe(
    order=60,
    code="stolen-stills",
    group="injection",
    icon=":material/input:",
    title="Stolen photos beside a fake video",
    teaser="A photo that moves answers in the video; the photos beside it are genuine ones of the victim, chosen to "
    "fit.",
    needs="One photo of the victim to move, and malware on the victim's phone that took dozens with its camera.",
    stops=STOLEN_PHONE,
    ways=Ways,
    make=make,
    before=before,
    waiting={Ways.CHECK: VICTIM_CHECKED},
    steps=fake_video,
)
