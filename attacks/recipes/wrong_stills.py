"""Photos of others by the enrolled camera, beside a fake video."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attacks.recipe import UNFORESEEN, Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation

MOST = 1000
"""Published photos to choose from."""


class Ways(Way):
    """What is on them."""

    PERSON = "person", "Photos of somebody else"
    PLACE = "place", "Photos of places"


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Hand in what the owner of the camera published."""
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Chosen, all_poses
    from attacks.show.played import Spliced
    from attacks.types import no_sensor

    stream = Acted(target.face, no_sensor, seed)
    if way == Ways.PERSON:
        return Chosen(stream, all_poses(target.actor, seed), target.taken(seed))
    return Spliced(stream, functools.partial(next, _without_faces(target.published(MOST))))


def _without_faces(photos: Iterator[ImageArray]) -> Iterator[ImageArray]:
    from attacks.media.upload import as_streamed
    from liveness.landmarks import FaceTracker

    with FaceTracker(stills=True) as tracker:
        for photo in photos:
            seen = tracker.observe(as_streamed(photo), 0.0)
            if seen and not seen.faces:
                yield photo


RECIPE = Recipe(
    order=70,
    code="wrong-stills",
    group="injection",
    icon=":material/input:",
    title="Published photos beside a fake video",
    teaser="A photo that moves answers in the video; the photos beside it are what the registered camera took of "
    "others.",
    needs="One photo of the victim to move, and photos that the camera's owner published.",
    stops=UNFORESEEN,
    ways=Ways,
    make=make,
    steps=fake_video,
)
