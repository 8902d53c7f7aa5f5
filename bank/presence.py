"""Who is in the stream, from moment to moment: what is shown after a gap, or unseen, may be somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from liveness.identity import FaceMatcher, FaceTemplate
from liveness.landmarks import FloatArray, Observation
from liveness.quality import Gate
from liveness.sameness import Sighting, mean_face, weight

GAP_S = 0.3
"""Seconds without a face that can be judged, or with one that is covered, from which another may have taken its place.
Trackers lose a face for single frames where a head turns far."""

MISSING_S = 1.0
"""The same without any frame, as on a slow machine: nobody was seen to leave."""

SEEN_S = 2.5
"""Seconds before or after a moment within which the face must have been recognised, for the moment to be that person's:
a face is recognised every second (`liveness.watcher.EMBED_S`), but not while the head is turned."""


@dataclass
class Stretch:
    """A part of the stream in which a face was in sight without a gap.

    Attributes
    ----------
    start_s, end_s : float
    sightings : list of Sighting
        Its recognised faces.
    """

    start_s: float
    end_s: float
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def weight(self) -> float:
        """How much its sightings tell together."""
        return sum(one.weight for one in self.sightings)

    @property
    def face(self) -> FloatArray | None:
        """Their weighted mean; None without any."""
        if not self.sightings:
            return None
        weights = np.array([one.weight for one in self.sightings], np.float32)
        return mean_face(np.stack([one.embedding for one in self.sightings]), weights)


class Presence:
    """Follows a stream's stretches. Has no clock: time is what the frames say."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self._hidden = False

    def add(self, seen: Observation, gate: Gate, embedding: FloatArray | None, trouble: str) -> None:
        """Take a frame; arguments as `bank.capture.Capture.observe`, with what the session says of the frame."""
        if gate.blocking or trouble == "covered":
            self._hidden = True
            return
        longest_s, self._hidden = GAP_S if self._hidden else MISSING_S, False
        if not self.stretches or seen.time_s - self.stretches[-1].end_s > longest_s:
            self.stretches.append(Stretch(seen.time_s, seen.time_s))
        last = self.stretches[-1]
        last.end_s = seen.time_s
        if embedding is not None:
            last.sightings.append(Sighting(seen.time_s, embedding, weight(seen)))

    @property
    def sightings(self) -> Iterator[Sighting]:
        """All recognised faces."""
        return (one for stretch in self.stretches for one in stretch.sightings)

    def seen(self, time_s: float) -> bool:
        """Tell whether it is known whose a moment is: the face was recognised about then, with no gap in between."""
        return any(
            stretch.start_s <= time_s <= stretch.end_s
            and any(abs(one.time_s - time_s) <= SEEN_S for one in stretch.sightings)
            for stretch in self.stretches
        )

    def compared(self, template: FaceTemplate) -> list[tuple[float, float]]:
        """Compare each stretch with an enrolled face.

        Returns
        -------
        list of (float, float)
            Of each in which the face was recognised: similarity, -1..1, and how much its sightings tell together.
        """
        faces = ((stretch.face, stretch.weight) for stretch in self.stretches)
        return [(FaceMatcher.similarity(template, face), told) for face, told in faces if face is not None]
