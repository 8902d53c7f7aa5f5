"""Make a fingerprint from photos while the page watches."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from prnu import Fingerprint
from prnu.enrol import Enrolment, EnrolmentRefused, Step
from prnu.quality import SetQuality
from ui.photos import Photo, thumbnail

PREVIEW_SHARE = 0.25
"""Share of the time that may go into looking at the fingerprint while it grows: large photos make that slow."""

_THUMBNAIL = 96


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
    quality : SetQuality or None
        None until the end.
    fingerprint : Fingerprint or None
        None until the end, and where it was refused.
    refusal : str
        Why there is no fingerprint.
    simulated : bool
        Whether a simulated camera took any of the photos.
    saved_as : str
        Name under which it was saved; empty if it was not.
    """

    steps: list[Step] = field(default_factory=list)
    thumbnails: list[bytes] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    quality: SetQuality | None = None
    fingerprint: Fingerprint | None = None
    refusal: str = ""
    simulated: bool = False
    saved_as: str = ""

    @property
    def used(self) -> int:
        """Number of photos in the fingerprint."""
        return sum(step.accepted for step in self.steps)


def enrol(photos: Iterable[Photo]) -> Iterator[Registration]:
    """Yield the registration after each photo, and once more when it is judged. Always the same object."""
    enrolment, registration = Enrolment(), Registration()
    started, previewing = time.perf_counter(), 0.0
    for photo in photos:
        step = enrolment.add(photo.open(), photo.name)
        registration.steps.append(step)
        registration.thumbnails.append(thumbnail(photo, _THUMBNAIL) if step.quality else b"")
        registration.simulated = registration.simulated or photo.simulated
        begun = time.perf_counter()
        if step.accepted and previewing <= PREVIEW_SHARE * (begun - started):
            _note_growth(registration, enrolment.preview())
            previewing += time.perf_counter() - begun
        yield registration
    registration.quality = enrolment.quality
    try:
        registration.fingerprint = enrolment.fingerprint()
    except EnrolmentRefused as refusal:
        registration.refusal = str(refusal)
    else:
        _note_growth(registration, registration.fingerprint)
    yield registration


def _note_growth(registration: Registration, fingerprint: Fingerprint | None) -> None:
    """Add a point to the curve; a single photo has no halves to compare."""
    if fingerprint is None or fingerprint.images < 2:
        return
    if not registration.growth or registration.growth[-1].photos < fingerprint.images:
        point = Growth(fingerprint.images, fingerprint.expected_pce(), fingerprint.split_half)
        registration.growth.append(point)
