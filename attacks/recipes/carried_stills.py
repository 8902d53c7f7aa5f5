"""A few photos by the enrolled camera among stills that it did not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attacks.recipe import Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation

NOISE = 2.5
"""Grey levels of noise that make another copy of a photo."""

GRAIN = 12.0
"""Grey levels of grain under which no camera's pattern could be expected any more."""


class Ways(Way):
    """Which photos, among which stills."""

    WALL = "wall", "One wall, among stills by another camera"
    TWO = "two", "Two photos of the victim, copied under noise, among stills of no camera"
    GRAIN = "grain", "Three walls, among stills so grainy that they could show no camera"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Let a few genuine photos carry the others over the threshold."""
    from attacks.face.expression import Expression
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Numbered, noisy
    from attacks.types import no_sensor
    from prnu import scenes

    taken, filmed = target.taken(seed), target.filmed(seed)
    if way == Ways.TWO:
        photos = [taken(target.face.frame(Expression(yaw=yaw))) for yaw in (0.0, 4.0)]
    else:
        walls = 1 if way == Ways.WALL else 3
        photos = [taken(scenes.flat(target.camera.shape, seed=seed + number)) for number in range(walls)]

    def still(scene: ImageArray, number: int) -> ImageArray:
        if way == Ways.TWO:
            return scene if number % 2 else noisy(photos[number // 2 % 2], NOISE, seed + number)
        if number < len(photos):
            return photos[number]
        return filmed(scene) if way == Ways.WALL else noisy(scene, GRAIN, seed + number)

    return Numbered(Acted(target.face, no_sensor, seed), still)


RECIPE = Recipe(
    order=72,
    code="carried-stills",
    group="injection",
    icon=":material/input:",
    title="A few genuine photos carry the others",
    teaser="A photo that moves answers in the video; one to three photos by the registered camera are handed in among "
    "stills that it did not take.",
    needs="One photo of the victim to move, and one to three photos by the registered camera.",
    stops="Each still is compared with the registered camera on its own, and must show the share of its pattern that "
    "its light and content let expect.",
    ways=Ways,
    make=make,
    steps=fake_video,
    few_shots=True,
)
