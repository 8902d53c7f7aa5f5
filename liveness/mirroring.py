"""Cameras and drivers that swap left and right, told from answers. `liveness.Watcher` turns them back.

A mirrored picture looks right to whoever sees it. It shows only in that a person who is asked for one side is seen to
answer with the other, and does so each time.

The enrolled face does not tell reliably, so it is not used. SFace's embeddings of a photo and of its mirror image have
a cosine similarity of .95 (median; .92 at least, nine photos of three people). Six of the nine were nearer to a
template of the same person's other photos than their mirror images were, by .008 on average, with a standard deviation
of .013 from photo to photo. Within one clip, in the same light, it is 45 of 61 frames of eight people. And whoever was
enrolled before a mirrored camera has a mirrored template. A face is recognised either way round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from liveness.answers import FASTEST_S, StepResult
from liveness.events import Event

LEAST = 2
"""Answers to the opposite side, with none to the right one, from which left and right are taken to be swapped. Whoever
mixes them up does so now and then; and it costs nothing to be wrong: nobody passes by it, and nobody is refused."""

_OTHER = {"left": "right", "right": "left"}
_ANSWERS = {"look": "glance", "turn": "turn"}


@dataclass(frozen=True)
class Sides:
    """How often somebody who was asked for a side answered with it, and with the opposite one.

    Attributes
    ----------
    asked_for, opposite : int
    """

    asked_for: int = 0
    opposite: int = 0

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.asked_for + other.asked_for, self.opposite + other.opposite)

    @property
    def swapped(self) -> bool:
        """Whether left and right seem to be swapped."""
        return self.opposite >= LEAST and not self.asked_for


def answered_sides(steps: Sequence[StepResult], events: Sequence[Event]) -> Sides:
    """Count to which side somebody moved who was asked for one.

    Parameters
    ----------
    steps : sequence of StepResult
        That were asked, in order (`liveness.SessionState.steps`).
    events : sequence of Event
        What the person did (`liveness.LivenessSession.events`). Only what began after a prompt, and not sooner than
        anybody can answer, is an answer to it; turns answer turns, and glances glances.
    """
    found = Sides()
    for step, after in zip_longest(steps, steps[1:]):
        end_s = after.asked_s if after else math.inf
        verb, side = step.step.split()
        if verb not in _ANSWERS:
            continue
        start_s = step.asked_s + FASTEST_S
        kinds = [event.kind for event in events if start_s <= event.start_s < end_s]
        answer = _ANSWERS[verb]
        found += Sides(kinds.count(f"{answer} {side}"), kinds.count(f"{answer} {_OTHER[side]}"))  # type: ignore[arg-type]
    return found
