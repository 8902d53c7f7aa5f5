"""Register a camera: pictures in, one by one, a judged fingerprint out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from prnu.evidence import weighted
from prnu.fingerprint import Fingerprint, FingerprintError, FingerprintEstimator
from prnu.images import ImageError, Source, as_luma, centre_crop, name_of
from prnu.quality import ImageQuality, SetCheck, SetQuality
from prnu.residual import noise_residual
from prnu.sketch import noise_sketch


@dataclass(frozen=True)
class Step:
    """What became of one picture.

    Attributes
    ----------
    name : str
    accepted : bool
        Whether it went into the fingerprint.
    message : str
        Why not, or what could be better; empty where all is well.
    quality : ImageQuality or None
        None where the file could not be read.
    """

    name: str
    accepted: bool
    message: str
    quality: ImageQuality | None


class EnrolmentRefused(FingerprintError):
    """The set as a whole makes no safe fingerprint. Says why and what to do."""


class Enrolment:
    """Collects the pictures of one camera, leaves out the unfit ones, and refuses unsafe sets.

    Parameters
    ----------
    crop : (int, int), optional
        Height and width of the frame's centre to use; default all of it.

    Attributes
    ----------
    steps : list of Step
        One for each picture so far.
    sketches : list of bytes
        Noise sketch of each accepted picture (`prnu.sketch`), to know it again.
    """

    def __init__(self, crop: tuple[int, int] | None = None) -> None:
        self.steps: list[Step] = []
        self.sketches: list[bytes] = []
        self._crop = crop
        self._estimator = FingerprintEstimator()
        self._check = SetCheck()

    def add(self, source: Source | npt.NDArray[Any], name: str | None = None) -> Step:
        """Take a picture in, or say why not. A bad picture is a step like any other, never an exception.

        Parameters
        ----------
        source : path, file, bytes or array
            As `prnu.images.as_luma` takes it.
        name : str, optional
            What to call it; default the file's name.

        Returns
        -------
        Step
        """
        name = name or name_of(source)
        try:
            step = self._take(source, name)
        except ImageError as error:
            step = Step(error.name, False, f"{error.problem}. {error.remedy}.", None)
        self.steps.append(step)
        return step

    def _take(self, source: Source | npt.NDArray[Any], name: str) -> Step:
        luma = as_luma(source, name)
        if self._crop:
            luma = centre_crop(luma, self._crop, name)
        self._estimator.check_size(luma, name)
        quality = self._check.add(luma)
        if quality.usable:
            residual = noise_residual(luma)
            self._estimator.add(luma, residual, name)
            self.sketches.append(noise_sketch(weighted(residual)))
        return Step(name, quality.usable, " ".join(issue.advice for issue in quality.issues), quality)

    @property
    def quality(self) -> SetQuality:
        """Quality of the set so far."""
        return self._check.result()

    def preview(self) -> Fingerprint | None:
        """Fingerprint of the pictures so far, whatever the set's quality; None before the first usable one."""
        return self._estimator.fingerprint() if self._estimator.images else None

    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint.

        Raises
        ------
        EnrolmentRefused
            If there is no usable picture, or the pictures show one unmoving scene.
        """
        quality = self.quality
        if not quality.usable:
            raise EnrolmentRefused(" ".join(issue.advice for issue in quality.issues if issue.blocking))
        return self._estimator.fingerprint()
