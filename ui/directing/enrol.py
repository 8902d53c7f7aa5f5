"""The live registration: photos of something blank for the camera, then a few looks into it for the face."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bank import Picture
from bank.enrol import CameraSample
from bank.errors import EnrolmentError
from bank.policy import EnrolmentRules
from liveness.identity import THRESHOLD as SAME_PERSON
from liveness.identity import FaceMatcher, FaceTemplate
from liveness.landmarks import FloatArray, Observation
from liveness.quality import check
from prnu.enrol import Enrolment
from ui.live.director import View

PACE_S = 0.35
"""Seconds between two stills: a camera that moves a little meanwhile gives other noise."""

FACES = 5
"""Looks into the camera that make a template: single ones err (`liveness.identity.THRESHOLD`)."""

AMPLE = 4.0
"""Times the least expected PCE from which fewer photos than the most will do."""

TRIES = 3
"""Times the most photos after which a registration that gets nowhere is given up."""


@dataclass(frozen=True, eq=False)
class Registered:
    """What a live registration made.

    Attributes
    ----------
    sample : CameraSample
    template : FaceTemplate or None
        None where no face was wanted.
    """

    sample: CameraSample
    template: FaceTemplate | None


class EnrolDirector:
    """Runs a registration over a live session; the page keeps what comes of it.

    Parameters
    ----------
    rules : EnrolmentRules
        Of the policy.
    label : str
        What to call the camera.
    with_face : bool
        Whether the face is registered, too.
    """

    def __init__(self, rules: EnrolmentRules, label: str, with_face: bool = True) -> None:
        self._rules, self._label, self._with_face = rules, label, with_face
        self._enrolment, self._format = Enrolment(), "I420"
        self._sample: CameraSample | None = None
        self._faces: list[FloatArray] = []
        self._numbers = itertools.count(1)
        self._wanted = self._under_way = self._tried = 0
        self._next_s, self._message = 0.0, ""
        self.growth: list[float] = []
        self.registered: Registered | None = None
        self.problem = ""

    @property
    def enrolment(self) -> Enrolment:
        """The photos so far, with what was said of each."""
        return self._enrolment

    @property
    def used(self) -> int:
        """Number of photos in the fingerprint."""
        return len(self._enrolment.sketches)

    @property
    def enough(self) -> bool:
        """Whether the camera part is complete: all photos, or fewer that make a fingerprint clear enough."""
        clear = bool(self.growth) and self.growth[-1] >= AMPLE * self._rules.min_expected_pce
        return self.used >= self._rules.most_images or (self.used >= self._rules.asked_images and clear)

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Take a frame of the stream."""
        if self._sample is None:
            if not self.enough and self._tried < TRIES * self._rules.most_images:
                return self._wall(seen)
            try:
                self._sample = CameraSample.of(self._enrolment, self._label, self._format, self._rules)
            except EnrolmentError as error:
                return self._failed(error)
        if self._with_face and len(self._faces) < FACES:
            return self._face(seen, embedding)
        return self._finish(self._sample)

    def stills_wanted(self, now_s: float) -> int:
        """Tell how many stills to take now."""
        wanted, self._wanted = self._wanted, 0
        return wanted

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills."""
        self._under_way += stills
        self._tried += stills
        return [next(self._numbers) for _ in range(stills)]

    def still(self, picture: Picture, number: int, received_s: float) -> str:
        """Take in a still; tell what was wrong with it."""
        self._under_way -= 1
        step = self._enrolment.add(picture.luma, picture.name)
        self._message = step.message
        if step.accepted:
            self._format = picture.pixel_format
            preview = self._enrolment.preview()
            expected = preview.expected_pce() if preview else math.nan
            self.growth.append(expected if math.isfinite(expected) else 0.0)
        return "" if step.accepted else step.message

    def refused(self, number: int, text: str) -> None:
        """Note a still that could not be read."""
        self._under_way -= 1
        self._message = text

    def _wall(self, seen: Observation) -> View:
        if seen.faces:
            advice = "Your face is still in the picture."
        else:
            advice = self._message
            if not self._under_way and seen.time_s >= self._next_s:
                self._wanted, self._next_s = 1, seen.time_s + PACE_S
        prompt = "Hold a white sheet of paper close before the camera, or point it at a blank wall"
        return View("wall", prompt, min(self.used / self._rules.asked_images, 1.0), advice=advice)

    def _face(self, seen: Observation, embedding: FloatArray | None) -> View:
        gate = check(seen)
        if embedding is not None and not gate.blocking:
            self._faces.append(embedding)
        return View("face", "Now look straight into the camera", len(self._faces) / FACES, advice=gate.advice)

    def _finish(self, sample: CameraSample) -> View:
        try:
            template = self._template() if self._with_face else None
        except EnrolmentError as error:
            return self._failed(error)
        self.registered = Registered(sample, template)
        return View("passed", "Done", 1.0, done=True, outcome="registered", text="The pattern is clear enough.")

    def _failed(self, error: EnrolmentError) -> View:
        self.problem = str(error)
        return View("failed", "Not registered", 1.0, done=True, outcome="problem", text=self.problem)

    def _template(self) -> FaceTemplate:
        first = self._faces[0]
        if min(FaceMatcher.similarity(first, face) for face in self._faces) < SAME_PERSON:
            raise EnrolmentError("Face: these were different people. Start again, with one person only.")
        return FaceTemplate(np.mean(self._faces, axis=0, dtype=np.float32), len(self._faces))
