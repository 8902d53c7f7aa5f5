"""Enrolment: photos in, a face template and a judged camera fingerprint out, ready to be kept."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank.errors import EnrolmentError
from bank.pictures import load_rgb
from bank.settings import EnrolmentRules
from liveness.identity import FaceError, FaceMatcher, FaceTemplate
from prnu import THRESHOLD, Evidence, Fingerprint, ImageError, match
from prnu.enrol import Enrolment, EnrolmentRefused, Step
from prnu.images import name_of, open_picture
from prnu.quality import SetQuality, by_reason, listed

Photo = str | os.PathLike[str] | bytes


@dataclass(frozen=True, eq=False)
class CameraSample:
    """A camera, ready to be enrolled.

    Attributes
    ----------
    label : str
        What its owner calls it.
    fingerprint : Fingerprint
    quality : SetQuality
        Of the pictures that it was made from.
    pixel_format : str
        How they came: "JPEG", "I420" and so on.
    sketches : tuple of bytes
        Noise sketch of each, so that none of them passes for a fresh still later.
    """

    label: str
    fingerprint: Fingerprint
    quality: SetQuality
    pixel_format: str
    sketches: tuple[bytes, ...]

    @classmethod
    def of(cls, enrolment: Enrolment, label: str, pixel_format: str, policy: EnrolmentRules) -> CameraSample:
        """Judge a finished enrolment by the policy.

        Raises
        ------
        EnrolmentError
            If there are too few usable pictures, they show one unmoving scene, are of several cameras or share what
            software added, or the fingerprint is too weak.
        """
        used, given = len(enrolment.sketches), len(enrolment.steps)
        if used < policy.min_images:
            refused = by_reason((step.name, step.message) for step in enrolment.steps if not step.accepted)
            reasons = " ".join(f"{listed(names)}: {message}" for message, names in refused.items())
            raise EnrolmentError(
                f"{label}: {used} of {given} photos can be used, at least {policy.min_images} are needed and "
                f"{policy.asked_images} to {policy.most_images} are best. {reasons}".strip()
            )
        try:
            fingerprint = enrolment.fingerprint()
        except (EnrolmentRefused, ImageError) as error:
            raise EnrolmentError(f"{label}: {error}") from error
        expected = fingerprint.expected_pce()
        if not expected >= policy.min_expected_pce:
            raise EnrolmentError(
                f"{label}: the fingerprint is too weak. A photo would score about {max(expected, 0.0):.0f}, "
                f"{policy.min_expected_pce:g} are needed. Take more photos of a blank wall, in full quality."
            )
        return cls(label, fingerprint, enrolment.quality, pixel_format, tuple(enrolment.sketches))


def camera_sample(
    photos: Iterable[Photo],
    label: str,
    policy: EnrolmentRules,
    crop: tuple[int, int] | None = None,
    watch: Callable[[Step], None] | None = None,
) -> CameraSample:
    """Make a camera sample from photo files.

    Parameters
    ----------
    photos : iterable of paths or bytes
        Of one size, best 15 to 25 blank walls. Read one at a time.
    label : str
        What to call the camera.
    policy : EnrolmentRules
    crop : (int, int), optional
        Height and width of the frame's centre to use, as a video mode does.
    watch : callable, optional
        Called with what became of each photo.

    Raises
    ------
    EnrolmentError
        As `CameraSample.of`.
    """
    enrolment, formats = Enrolment(crop), Counter[str]()
    for number, photo in enumerate(photos, 1):
        step = enrolment.add(photo, f"photo {number}" if isinstance(photo, bytes) else None)
        if step.accepted:
            formats[_format(photo)] += 1
        if watch:
            watch(step)
    kind = formats.most_common(1)[0][0] if formats else "unknown"
    return CameraSample.of(enrolment, label, kind, policy)


def face_template(
    faces: Iterable[Photo | npt.NDArray[np.uint8]], policy: EnrolmentRules, matcher: FaceMatcher | None = None
) -> FaceTemplate:
    """Make a face template from photos of one person.

    Parameters
    ----------
    faces : iterable of paths, bytes, or RGB arrays of shape (H, W, 3), uint8
    policy : EnrolmentRules
    matcher : FaceMatcher, optional
        Default: a new one.

    Raises
    ------
    EnrolmentError
        If a file cannot be read, or the photos show no face, several, or different people.
    """
    try:
        frames = [face if isinstance(face, np.ndarray) else load_rgb(face) for face in faces]
        template = (matcher or FaceMatcher()).template(frames)
    except (FaceError, ImageError) as error:
        raise EnrolmentError(f"Face: {error}") from error
    if template.frames < policy.face_frames:
        raise EnrolmentError(
            f"Face: {template.frames} of {len(frames)} photos can be used, at least {policy.face_frames} must be."
        )
    return template


def same_camera(a: Fingerprint, b: Fingerprint, cameras: int = 1) -> bool:
    """Tell whether two fingerprints are one camera's: of one size, and each in the other's noise.

    Parameters
    ----------
    a, b : Fingerprint
    cameras : int, 1 or more
        How many are compared with the new one in all: so many chances to be alike by accident.
    """
    if a.shape != b.shape:
        return False
    return match(a, Evidence(b.pattern, b.pattern, b.images)).passed(THRESHOLD, cameras)


def _format(photo: Photo) -> str:
    with open_picture(photo, name_of(photo)) as image:
        return str(image.format)
