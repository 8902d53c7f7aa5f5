"""Photos of the victim that had another size, beside a fake video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attacks.recipe import UNFORESEEN, Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation


class Ways(Way):
    """How they get the size that is asked for."""

    SCALED = "scaled", "Scaled up from 640x480 until they fill the picture"
    ALIGNED = "aligned", "Scaled up from 640x480, back to their place on the sensor"
    CROPPED = "cropped", "Cut out of larger ones around the face"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Bring the victim's photos to size, and choose those that fit what the video shows."""
    import numpy as np

    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Chosen, all_poses, cut_out, lesser_mode
    from attacks.types import no_sensor

    first = target.shots(seed)
    if way == Ways.CROPPED:
        rng = np.random.default_rng(seed)
        down, right = (int(side * rng.uniform(0.03, 0.2) * rng.choice((-1, 1))) for side in target.camera.shape)
        stills = cut_out(target.camera, target.other, first, (down, right))
    else:
        stills = lesser_mode(target.camera, first, aligned=way == Ways.ALIGNED)
    return Chosen(Acted(target.face, no_sensor, seed), all_poses(target.face, seed), stills)


RECIPE = Recipe(
    order=80,
    code="resized-stills",
    group="injection",
    icon=":material/input:",
    title="Photos brought to the right size",
    teaser="A photo that moves answers in the video; the photos beside it are the victim's, but had another size.",
    needs="One photo of the victim to move, and many by the registered camera in another size.",
    stops=f"The registered camera's pattern, pixel by pixel, which scaling and moving hide. {UNFORESEEN}",
    ways=Ways,
    make=make,
    steps=fake_video,
)
