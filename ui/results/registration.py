"""Make a fingerprint from photos while the page watches."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bank.enrol import CameraSample
from bank.errors import EnrolmentError
from bank.policy import EnrolmentRules
from prnu import Fingerprint
from prnu.enrol import Enrolment, Step
from ui.results.camera import called
from ui.results.photo import Photo, pixel_format, thumbnail

PREVIEW_SHARE = 0.25
"""Share of the time that may go into looking at the fingerprint while it grows: large photos make that slow."""

_THUMBNAIL = 96
_NAMELESS = "This camera"  # until its owner gives it a label


@dataclass(frozen=True)
class Growth:
    """How good the fingerprint was after some photos.

    Attributes
    ----------
    photos : int
    expected : float
        PCE to expect of a later photo.
    agreement : float
        Correlation of the fingerprint's two halves.
    """

    photos: int
    expected: float
    agreement: float


@dataclass
class Registration:
    """What came of an enrolment, so far or in the end.

    Attributes
    ----------
    steps : list of Step
        One for each photo.
    thumbnails : list of bytes
        Small JPEGs, empty where the photo could not be read.
    growth : list of Growth
    sample : CameraSample or None
        What the bank keeps. None until the end, and where it was refused.
    refusal : str
        Why there is none.
    simulated : bool
        Whether a simulated camera took any of the photos.
    problem : str
        Why the bank did not keep it, the last time it was asked to.
    problem_with : (str, str)
        The names of customer and camera that this was about.
    shared : bool
        Whether it was because somebody else has registered the same camera.
    label, owner : str
        Names of the camera and of its customer once it was saved; empty before.
    """

    steps: list[Step] = field(default_factory=list)
    thumbnails: list[bytes] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    sample: CameraSample | None = None
    refusal: str = ""
    simulated: bool = False
    problem: str = ""
    problem_with: tuple[str, str] = ("", "")
    shared: bool = False
    label: str = ""
    owner: str = ""

    @property
    def saved_as(self) -> str:
        """What the camera is called among all cameras; empty if it was not saved."""
        return called(self.label, self.owner) if self.owner else ""

    @property
    def fingerprint(self) -> Fingerprint | None:
        """The fingerprint, once it is made and good enough."""
        return self.sample.fingerprint if self.sample else None

    @property
    def used(self) -> int:
        """Number of photos in the fingerprint."""
        return sum(step.accepted for step in self.steps)


def enrol(photos: Iterable[Photo], rules: EnrolmentRules) -> Iterator[Registration]:
    """Yield the registration after each photo, and once more when it is judged. Always the same object."""
    enrolment, registration, formats = Enrolment(), Registration(), Counter[str]()
    started, previewing = time.perf_counter(), 0.0
    for photo in photos:
        step = enrolment.add(photo.open(), photo.name)
        registration.steps.append(step)
        registration.thumbnails.append(thumbnail(photo, _THUMBNAIL) if step.quality else b"")
        registration.simulated = registration.simulated or photo.simulated
        if step.accepted:
            formats[pixel_format(photo)] += 1
        begun = time.perf_counter()
        if step.accepted and previewing <= PREVIEW_SHARE * (begun - started):
            _note_growth(registration, enrolment.preview())
            previewing += time.perf_counter() - begun
        yield registration
    kind = formats.most_common(1)[0][0] if formats else "unknown"
    try:
        registration.sample = CameraSample.of(enrolment, _NAMELESS, kind, rules)
    except EnrolmentError as refusal:
        registration.refusal = str(refusal).removeprefix(f"{_NAMELESS}: ")
    registration.steps = enrolment.steps  # some may have been left out once all were there
    _note_growth(registration, registration.fingerprint)
    yield registration


def _note_growth(registration: Registration, fingerprint: Fingerprint | None) -> None:
    """Add a point to the curve; a single photo has no halves to compare."""
    if fingerprint is None or fingerprint.images < 2:
        return
    point = Growth(fingerprint.images, fingerprint.expected_pce(), fingerprint.split_half)
    # Where photos were left out after all, the fingerprint has fewer than the curve already had.
    registration.growth = [before for before in registration.growth if before.photos < point.photos] + [point]
