"""A print of the victim's photo, held into the camera."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attacks.recipe import FOUND, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.media.printed_photo import Pose
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation

LONGEST_S = 120.0
"""Seconds of its film."""


class Ways(Way):
    """How it is moved; codes of `attacks.media.printed_photo.MOTIONS`, but for the last."""

    WAVED = "waved", "Waved"
    TILTED = "tilted sideways to 45 degrees", "Tilted from side to side"
    STILL = "still", "Held still"
    ENROLLED = "enrolled", "Waved in front of the stolen phone (the registered camera)"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Film the print in a hand."""
    import numpy as np

    from attacks.face.expression import Expression
    from attacks.media.printed_photo import MOTIONS, held
    from attacks.show.played import Played
    from attacks.types import RATE

    rng = np.random.default_rng(seed)
    motion = MOTIONS[Ways.WAVED if way == Ways.ENROLLED else way]
    start_s, haste = rng.uniform((0, 0.4), (6, 0.8))
    portrait = target.face.frame(Expression())

    def moved(time_s: float) -> Pose:
        # No hand moves like clockwork, which would be found out as a loop.
        return motion(start_s + time_s + 0.5 * math.sin(haste * time_s))

    def film() -> Iterator[ImageArray]:
        # Some noise, or a photo at rest would be told from a camera by frames that are alike to the bit.
        return held(portrait, target.camera.shape, moved, LONGEST_S, RATE, noise=2.0, seed=seed)

    return Played(film, target.taken(seed) if way == Ways.ENROLLED else target.filmed(seed))


def steps(way: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    return FOUND, MakingStep(Look.PRESENTED, "The print", f"Held in front of a camera. {way.words}.")


RECIPE = Recipe(
    order=30,
    code="photo",
    group="photo",
    icon=":material/photo:",
    title="A printed photo",
    teaser="A print of the victim's photo is held into the camera.",
    needs="One photo of the victim, and a printer. For the last way also the victim's phone, which attackers are not "
    "supposed to have: it shows what is left then.",
    stops="A challenge that asks for movements, such as a blink and a turn of the head: paper does neither.",
    ways=Ways,
    make=make,
    steps=steps,
    few_shots=True,
)
