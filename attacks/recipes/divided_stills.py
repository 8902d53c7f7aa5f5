"""Some stills show the face, others the camera: none shows both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attacks.recipe import Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation

VICTIMS = 3
"""Stills that show the victim, unless it is every other one."""


class Ways(Way):
    """Who is in front of the enrolled camera."""

    GLASSES = "glasses", "Somebody in dark glasses, by the registered camera, and three stills of the victim by none"
    HALF = "half", "The same, and every other still is of the victim"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Show the victim in the video, and hand in both kinds of stills."""
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Beside, Numbered, Shaded
    from attacks.types import no_sensor

    wearer = Shaded(Acted(target.actor, no_sensor, seed), target.taken(seed))

    def still(scene: ImageArray, number: int) -> ImageArray:
        of_victim = number % 2 == 0 if way == Ways.HALF else number < VICTIMS
        return scene if of_victim else wearer.still()

    return Numbered(Beside(Acted(target.face, no_sensor, seed), wearer), still)


RECIPE = Recipe(
    order=74,
    code="divided-stills",
    group="injection",
    icon=":material/input:",
    title="The face on some stills, the camera on others",
    teaser="A photo that moves answers in the video; some stills show the victim, the others are by the registered "
    "camera and show somebody in dark glasses.",
    needs="One photo of the victim to move, and photos by the registered camera of somebody who cannot be recognised.",
    stops="A still counts only with a recognised face in which the camera's pattern is looked for, and each still must "
    "show the camera on its own.",
    ways=Ways,
    make=make,
    steps=fake_video,
)
