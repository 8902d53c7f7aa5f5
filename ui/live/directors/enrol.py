"""The live registration: photos of something blank for the camera, then a few looks into it for the face."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bank import Picture
from bank.enrol import CameraSample
from bank.errors import EnrolmentError
from bank.ledger import StillLedger
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

ARRIVE_S = 5.0
"""Seconds after which a photo that was asked for is not waited for any more: its page was paused, or lost it."""

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
        self._clear = AMPLE * rules.min_expected_pce
        self._enrolment, self._format = Enrolment(), "I420"
        self._sample: CameraSample | None = None
        self._faces: list[FloatArray] = []
        self.ledger = StillLedger()
        self._wanted = 0
        self._next_s, self._message = 0.0, ""
        self._examining = threading.Lock()
        self.growth: list[float] = []
        self.registered: Registered | None = None
        self.problem = ""

    @property
    def enrolment(self) -> Enrolment:
        """The photos so far, with what was said of each."""
        return self._enrolment

    @property
    def ended(self) -> bool:
        """Whether there is a registration, or will be none."""
        return self.registered is not None or bool(self.problem)

    @property
    def used(self) -> int:
        """Number of photos in the fingerprint."""
        return len(self._enrolment.sketches)

    @property
    def enough(self) -> bool:
        """Whether the camera part is complete: all photos, or fewer that make a fingerprint clear enough."""
        clear = bool(self.growth) and self.growth[-1] >= self._clear
        return self.used >= self._rules.most_images or (self.used >= self._rules.asked_images and clear)

    def prepare(self) -> None:
        """Nothing is to be loaded: photos of a wall need no models."""

    def close(self) -> None:
        """Nothing is to be freed."""

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Take a frame of the stream."""
        if self._sample is None:
            if self.ledger.waits(seen.time_s, ARRIVE_S) or not (
                self.enough or len(self.ledger) >= TRIES * self._rules.most_images
            ):
                return self._wall(seen)
            try:
                with self._examining:  # by a photo that came late
                    self._sample = CameraSample.of(self._enrolment, self._label, self._format, self._rules)
            except EnrolmentError as error:
                return self._failed(error)
        if self._with_face and len(self._faces) < FACES:
            return self._face(seen, embedding)
        return self._finish(self._sample)

    def shown(self, number: int, time_s: float) -> None:
        """Nothing is measured from a prompt."""

    def stills_wanted(self, now_s: float) -> int:
        """Tell how many stills to take now."""
        wanted, self._wanted = self._wanted, 0
        return wanted

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills."""
        return [self.ledger.ask(now_s) for _ in range(stills)]

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        """Take in a still; tell what was wrong with it."""
        with self._examining:
            problem = "" if self._sample else self._add(picture)
        self.ledger.done(number)
        return problem

    def refused(self, number: int, text: str) -> None:
        """Note a still that could not be read."""
        self._message = text
        self.ledger.done(number)

    def _add(self, picture: Picture) -> str:
        step = self._enrolment.add(picture.luma, picture.name)
        self._message = step.message
        if not step.accepted:
            return step.message
        self._format = picture.pixel_format
        preview = self._enrolment.preview()
        expected = preview.expected_pce() if preview else math.nan
        self.growth.append(expected if math.isfinite(expected) else 0.0)
        return ""

    def _wall(self, seen: Observation) -> View:
        if seen.faces:
            advice = "Your face is still in the picture."
        else:
            advice = self._message
            if not self.ledger.waits(seen.time_s, ARRIVE_S) and seen.time_s >= self._next_s:
                self._wanted, self._next_s = 1, seen.time_s + PACE_S
        prompt = "Hold a white sheet of paper close before the camera, or point it at a blank wall"
        progress = min(self.used / self._rules.asked_images, 1.0)
        return View("wall", prompt, progress, advice=advice, growth=tuple(self.growth), enough=self._clear)

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
