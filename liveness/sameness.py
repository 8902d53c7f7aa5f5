"""Whether it is one and the same person all the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liveness.identity import THRESHOLD
from liveness.landmarks import FloatArray, Observation

FRONTAL, PROFILE = 10.0, 40.0
"""Degrees of yaw or pitch up to which a face counts in full, and from which it counts least: the recogniser knows faces
from the front."""

LEAST = 0.1
"""Weight of a face in profile."""

OTHERS = 1.5
"""Weight of the sightings that must not be like the rest before they are another person's: one frame alone can err."""

STRANGER = 0.363
"""Cosine similarity of their mean to the rest below which they are: OpenCV's threshold for one person, lower than ours
because what is compared here was picked for being unlike."""

_EITHER_END = 60  # sightings from the start, and up to now, that are compared with each other


@dataclass(frozen=True, eq=False)
class Sighting:
    """The face in one frame.

    Attributes
    ----------
    time_s : float
    embedding : ndarray, shape (128,), float32
        Of length 1 (`liveness.identity.FaceMatcher.embed`).
    weight : float
        How much it tells, `LEAST`..1, by its pose.
    """

    time_s: float
    embedding: FloatArray
    weight: float


class PersonWatch:
    """Gathers sightings of a session's face, and tells whether they are two people's.

    One frame's similarity to another errs: a blur, glasses or a turned head bring one person's below the threshold. The
    mean of several does not. So the largest group of sightings that are alike makes a template, and the person has
    changed where the mean of those that are not like it is not like it either.

    Attributes
    ----------
    sightings : list of Sighting
    changed : bool
        Whether two people were seen; stays.
    """

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.changed = False

    def add(self, seen: Observation, embedding: FloatArray) -> None:
        """Take a frame that was embedded."""
        self.sightings.append(Sighting(seen.time_s, embedding, weight(seen)))
        some = self.sightings[:_EITHER_END] + self.sightings[_EITHER_END:][-_EITHER_END:]
        self.changed |= two_people(some)


def weight(seen: Observation) -> float:
    """How much a face tells in its pose, `LEAST`..1."""
    turned = max(abs(seen.yaw), abs(seen.pitch))
    if not turned <= PROFILE:  # or unknown
        return LEAST
    return max(LEAST, min(1.0, (PROFILE - turned) / (PROFILE - FRONTAL)))


def two_people(sightings: list[Sighting]) -> bool:
    """Whether sightings are of two people."""
    table = np.stack([one.embedding for one in sightings])
    weights = np.array([one.weight for one in sightings], np.float32)
    alike = table @ table.T >= THRESHOLD
    first = alike[int((alike @ weights).argmax())]
    centre = mean_face(table[first], weights[first])
    others = table @ centre < THRESHOLD
    if others.sum() < 2 or weights[others].sum() < OTHERS:
        return False
    return float(mean_face(table[others], weights[others]) @ centre) < STRANGER


def mean_face(table: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted mean of embeddings, shape (n, 128), made of length 1."""
    total = weights @ table
    return np.asarray(total / np.linalg.norm(total), np.float32)
