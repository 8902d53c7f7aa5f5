"""Stills of an earlier check, under noise that is to hide that they were handed in before."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from attacks.recipe import VICTIM_CHECKED, Recipe, Way, fake_video

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation
    from bank import Bank

NOISE, BAND = 4.0, 8.0
"""Grey levels of noise that nobody sees, and of noise in a narrow band."""


class Ways(Way):
    """Which noise, and what became of the check."""

    NOISE = "noise", "Of a check that was accepted, under noise that nobody sees"
    BAND = "band", "The same, under noise in a narrow band, of which a match takes no notice"
    GIVEN_UP = "given-up", "Of a check that was given up, under noise"


def before(target: Target, way: Ways, seed: int, bank: Bank) -> Target:
    """Let the victim take a check, to its end or not, and record it."""
    from attacks.malware import record_check

    return _given_up(target, seed, bank) if way == Ways.GIVEN_UP else record_check(target, seed, bank)


def _given_up(target: Target, seed: int, bank: Bank) -> Target:
    from attacks.media.upload import i420
    from attacks.show.recordings import ANSWER_S, ANSWERS, EARLIER, record
    from bank import Picture

    asked = [(1.6 + ANSWER_S * number, step) for number, step in enumerate(ANSWERS[:3])]
    recording = record(target.genuine(seed + EARLIER), asked, 2.0 + ANSWER_S * 3)
    capture = bank.begin(target.name).capture
    for time_s, still in recording.stills[:12]:
        height, width = still.shape[:2]
        picture = Picture.from_i420(i420(still).reshape(-1).data, width, height, "still")
        capture.add(picture, capture.ask(time_s), time_s)
    capture.close()
    return replace(target, recording=recording)


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Choose the still that fits what the video shows, and hide it."""
    from attacks.show.acted import Acted
    from attacks.show.chosen_stills import Chosen, noisy
    from attacks.types import no_sensor

    band, numbers = way == Ways.BAND, itertools.count(seed * 1000)

    def hidden(still: ImageArray) -> ImageArray:
        return noisy(still, BAND if band else NOISE, next(numbers), band)

    return Chosen(Acted(target.face, no_sensor, seed), [still for _, still in target.recorded.stills], hidden)


RECIPE = Recipe(
    order=65,
    code="reused-stills",
    group="injection",
    icon=":material/input:",
    title="Stills of an earlier check, hidden under noise",
    teaser="A photo that moves answers in the video; the stills beside it were handed in before, and noise is added so "
    "that they are not known again.",
    needs="One photo of the victim to move, and malware on the victim's phone that recorded a check.",
    stops="The bank keeps a sketch of each still's own noise as soon as it arrives. Added noise hides the registered "
    "camera as much as it hides the shot.",
    ways=Ways,
    make=make,
    before=before,
    waiting=dict.fromkeys(Ways, VICTIM_CHECKED),
    steps=fake_video,
)
