"""Register a camera: pictures in, one by one, a judged fingerprint out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from prnu.artefacts import CALM, REPEATS, ROUNDS, repeats, repetition, without_repetition
from prnu.consistency import LINK, Agreement
from prnu.evidence import weighted
from prnu.fingerprint import Fingerprint, FingerprintError, FingerprintEstimator
from prnu.images import FloatArray, ImageError, Source, as_luma, centre_crop, name_of
from prnu.quality import LEAKAGE_REFUSE, ImageQuality, Issue, SetCheck, SetQuality, listed
from prnu.residual import noise_residual
from prnu.sketch import noise_sketch

MOST_ODD = 0.25
"""Share of a set's pictures that may be of no or of another camera: they are left out. With more of them, nobody can
say which camera is meant, and the set is refused."""


_ENOUGH_TO_AGREE = 3  # pictures of which a usable camera's agree, one way or another


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


@dataclass(frozen=True, eq=False)
class _Given:
    """A picture as it was given, to be read again if need be, and its full size; None where it cannot be read."""

    source: Source | npt.NDArray[np.float16]
    name: str
    shape: tuple[int, int] | None = None

    def luma(self) -> FloatArray:
        source = self.source
        return as_luma(source.astype(np.float32) if isinstance(source, np.ndarray) else source, self.name)


class Enrolment:
    """Collects the pictures of one camera, leaves out the unfit ones, and refuses unsafe sets.

    The size that most pictures have decides, before any crop. The noise of every picture is compared with that of all
    others (`prnu.consistency`): an exposure that was saved several times counts once, pictures that are not of the
    others' sensor are left out if they are few, and refuse the set if they are many. What repeats itself in the
    fingerprint is taken out, or refuses it (`prnu.artefacts`).

    Every picture is compared with the others that are there, so `steps`, `sketches` and `quality` may change with
    pictures that come later. Of each picture a megabyte at most is kept, and what it takes to read it once more: its
    path, its bytes, or a given array in half precision.

    Parameters
    ----------
    crop : (int, int), optional
        Height and width of the frame's centre to use; default all of it.
    """

    def __init__(self, crop: tuple[int, int] | None = None) -> None:
        self._crop = crop
        self._given: list[_Given] = []
        self._set = _OneSize(crop, None)
        self._finished: tuple[int, Fingerprint | None, tuple[Issue, ...]] | None = None

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
            As far as can be told now: see `steps`.
        """
        name = name or name_of(source)
        try:
            if not isinstance(source, np.ndarray | bytes | str | os.PathLike):
                source = _content(source, name)
            luma = as_luma(source, name)
        except ImageError as error:
            self._given.append(_Given(b"", error.name))
            step = Step(error.name, False, f"{error.problem}. {error.remedy}.", None)
            self._set.steps.append(step)
            return step
        # Whole grey levels, as cameras deliver them, are exact in half precision.
        kept = luma.astype(np.float16) if isinstance(source, np.ndarray) else source
        height, width = luma.shape
        self._given.append(_Given(kept, name, (height, width)))
        return self._set.add(luma, name)

    @property
    def steps(self) -> list[Step]:
        """What became of each picture so far, in the order in which they were given."""
        return self._judged().judged_steps

    @property
    def sketches(self) -> list[bytes]:
        """Noise sketch of each accepted picture (`prnu.sketch`), to know it again."""
        judged = self._judged()
        return [sketch for number, sketch in enumerate(judged.sketches) if number in judged.used]

    @property
    def quality(self) -> SetQuality:
        """Quality of the set so far. Looks for repetitions in its fingerprint, which takes as long as making it."""
        base = self._judged().quality
        if undecided := self._undecided():
            return replace(base, issues=(*base.issues, undecided))
        if not base.usable:
            return base
        issues = self._finish()[1]
        base = self._judged().quality  # as it is without what repeats itself
        return replace(base, issues=(*base.issues, *issues))

    def preview(self) -> Fingerprint | None:
        """Fingerprint of the usable pictures so far, whatever the set's quality; None before the first one."""
        estimator = self._judged().estimator
        return estimator.fingerprint() if estimator.images else None

    def fingerprint(self) -> Fingerprint:
        """Return the fingerprint.

        Raises
        ------
        EnrolmentRefused
            If there is no usable picture, the pictures show one unmoving scene or are of several cameras, or share a
            pattern that is not the sensor's and cannot be taken out.
        ImageError
            If a picture that has to be read once more is gone.
        """
        quality = self.quality
        fingerprint = self._finish()[0] if quality.usable else None
        if fingerprint is None:
            raise EnrolmentRefused(" ".join(issue.advice for issue in quality.issues if issue.blocking))
        return fingerprint

    @property
    def _sizes(self) -> Counter[tuple[int, int]]:
        return Counter(given.shape for given in self._given if given.shape)

    def _undecided(self) -> Issue | None:
        """What to say where no size is more frequent than all others."""
        most = self._sizes.most_common(2)
        if len(most) < 2 or most[0][1] > most[1][1]:
            return None
        (count, (height, width)), (_, (h, w)) = ((count, shape) for shape, count in most)
        photos = "1 photo has" if count == 1 else f"{count} photos have"
        advice = (
            f"{photos} {width}x{height} pixels and as many {w}x{h}: nobody can tell which are meant. Use photos of one "
            "camera in one setting."
        )
        return Issue("several-sizes", advice, blocking=True)

    def _judged(self) -> _OneSize:
        """The set in the size that most pictures have; read once more where others came first."""
        sizes = self._sizes
        common = max(sizes, key=lambda shape: sizes[shape], default=None)
        if common and self._set.shape and sizes[common] > sizes[self._set.shape]:
            restarted = _OneSize(self._crop, common)
            for given, step in zip(self._given, self._set.steps, strict=True):
                if given.shape is None:
                    restarted.steps.append(step)
                elif given.shape == common:
                    restarted.add(given.luma(), given.name)
                else:
                    restarted.leave_out(given.shape, given.name)
            self._set = restarted
        return self._set

    def _finish(self) -> tuple[Fingerprint | None, tuple[Issue, ...]]:
        """Make the fingerprint without odd pictures and repetitions; None with a blocking issue. Kept until `add`."""
        if self._finished is None or self._finished[0] != len(self._given):
            judged, lags = self._judged(), list[tuple[int, int]]()

            def clean(pattern: FloatArray) -> FloatArray:
                for lag in lags:
                    pattern = without_repetition(pattern, lag)
                return pattern

            def odd() -> Iterator[tuple[int, FloatArray]]:
                unused = ((number, place) for number, place in enumerate(judged.places) if number not in judged.used)
                return ((number, self._luma(place)) for number, place in unused)

            fingerprint: Fingerprint | None = judged.estimator.fingerprint(odd())
            assert fingerprint is not None
            pattern, issues = fingerprint.pattern, tuple[Issue, ...]()
            first = found = repetition(pattern)
            while found.z >= (CALM if lags else REPEATS) and len(lags) < ROUNDS:
                lags.append(found.lag)
                pattern = without_repetition(pattern, found.lag)
                found = repetition(pattern, lags)
            if lags:
                judged.regroup(lags)
            if found.z >= REPEATS:
                fingerprint, issues = None, (repeats(first.lag, blocking=True),)
            elif lags:
                fingerprint, issues = judged.estimator.fingerprint(odd(), clean), (repeats(first.lag, blocking=False),)
            self._finished = len(self._given), fingerprint, issues
        return self._finished[1:]

    def _luma(self, place: int) -> FloatArray:
        given = self._given[place]
        luma = given.luma()
        return centre_crop(luma, self._crop, given.name) if self._crop else luma


class _OneSize:
    """The pictures of one size: estimator, checks, and what became of each."""

    def __init__(self, crop: tuple[int, int] | None, shape: tuple[int, int] | None) -> None:
        self.shape, self._crop = shape, crop
        self.steps: list[Step] = []
        self.sketches: list[bytes] = []
        self.places: list[int] = []  # in `steps`, of the pictures that the estimator has
        self.estimator = FingerprintEstimator()
        self._check, self._agreement = SetCheck(), Agreement()
        self._grouped: tuple[int, tuple[tuple[int, ...], ...], dict[int, int]] = 0, (), {}

    def add(self, luma: FloatArray, name: str) -> Step:
        height, width = luma.shape
        self.shape = self.shape or (height, width)
        if luma.shape != self.shape:
            return self.leave_out((height, width), name)
        try:
            step = self._take(centre_crop(luma, self._crop, name) if self._crop else luma, name)
        except ImageError as error:
            step = Step(error.name, False, f"{error.problem}. {error.remedy}.", None)
        self.steps.append(step)
        return step

    def leave_out(self, shape: tuple[int, int], name: str) -> Step:
        """Say that a picture has another size than the others."""
        assert self.shape
        size, others = (f"{width}x{height}" for height, width in (shape, self.shape))
        if shape == self.shape[::-1]:
            what = "It has been turned by a quarter: use the original file."
        else:
            what = "Use photos of one camera in one setting."
        step = Step(name, False, f"{size} pixels, the others have {others}. {what}", None)
        self.steps.append(step)
        return step

    def _take(self, luma: FloatArray, name: str) -> Step:
        quality = self._check.judge(luma)
        if quality.usable:
            residual = noise_residual(luma)
            pattern = weighted(residual.copy())
            copied = self._agreement.add(pattern)
            if copied is not None:
                self._check.count(luma, copy=True)
                quality = replace(quality, issues=(self._copy_of(copied, quality),))
            else:
                self._check.count(luma)
                self.estimator.add(luma, residual, name)
                self.sketches.append(noise_sketch(pattern))
                self.places.append(len(self.steps))
        return Step(name, quality.usable, " ".join(issue.advice for issue in quality.issues), quality)

    def _copy_of(self, number: int, quality: ImageQuality) -> Issue:
        """What to say of a picture whose exposure is there already."""
        # Of the same scene from the same place, what the filter leaves of its details correlates as much.
        scene = " or the same unmoving scene" if quality.texture > LEAKAGE_REFUSE else ""
        original = self.steps[self.places[number]].name
        return Issue("copy", f"The same exposure as {original}, saved again{scene}: it counts once.", blocking=True)

    def _sorted_by(self, agreement: Agreement) -> tuple[tuple[tuple[int, ...], ...], dict[int, int]]:
        groups = agreement.groups()
        return groups, {number: other for group in groups for number, other in agreement.copies(group).items()}

    @property
    def _groups(self) -> tuple[tuple[int, ...], ...]:
        if self._grouped[0] != len(self.places):
            self._grouped = len(self.places), *self._sorted_by(self._agreement)
        return self._grouped[1]

    @property
    def _copies(self) -> dict[int, int]:
        """Pictures that were taken for new ones at first, and whose exposure each is."""
        return self._grouped[2] if self._groups else {}

    def regroup(self, lags: Iterable[tuple[int, int]]) -> None:
        """Sort the pictures again without what repeats itself: it links pictures of different cameras."""
        self._grouped = len(self.places), *self._sorted_by(self._agreement.without(lags))

    @property
    def _odd(self) -> list[int]:
        """Numbers of the pictures that are not of the main camera, in order."""
        return sorted(number for group in self._groups[1:] for number in group)

    @property
    def used(self) -> frozenset[int]:
        """Numbers of the pictures that make the fingerprint: all of them where the set is refused."""
        odd = self._odd
        few = len(odd) <= MOST_ODD * len(self.places)
        return frozenset(range(len(self.places))) - frozenset(odd if few else ()) - self._copies.keys()

    @property
    def judged_steps(self) -> list[Step]:
        """The steps, with the odd pictures left out, and the copies that were known late."""
        steps, used = list(self.steps), self.used
        for number, other in self._copies.items():
            step = steps[self.places[number]]
            message = self._copy_of(other, step.quality).advice if step.quality else ""
            steps[self.places[number]] = replace(step, accepted=False, message=message)
        for group in self._groups[1:]:
            for number in group:
                if number not in used:
                    step = steps[self.places[number]]
                    message = f"Its noise is not that of the other photos: {self._what_is_odd(group)}."
                    steps[self.places[number]] = replace(step, accepted=False, message=message)
        return steps

    @property
    def quality(self) -> SetQuality:
        """Quality of the pictures that are used."""
        left_out = len(self.places) - len(self.used)
        base = self._check.result(left_out)
        odd = self._odd
        if not odd and len(self.places) >= _ENOUGH_TO_AGREE and self._agreement.together < LINK:
            advice = (
                "These photos show no clear sensor pattern in common: they are of several cameras, or were filtered, "
                "scaled or compressed until it was gone. More photos of a blank wall would tell."
            )
            return replace(base, issues=(*base.issues, Issue("no-agreement", advice)))
        if not odd:
            return base
        groups = [[self.steps[self.places[number]].name for number in group] for group in self._groups]
        if self.used.isdisjoint(odd):
            names = listed([self.steps[self.places[number]].name for number in odd])
            issue = Issue("odd-ones-out", f"Left out, because their noise is not that of the other photos: {names}.")
        else:
            together = [f"{len(names)} agree with each other ({listed(names)})" for names in groups if len(names) > 1]
            lone = [names[0] for names in groups if len(names) == 1]
            parts = [*together, *([f"{len(lone)} with no other ({listed(lone)})"] if lone else [])]
            turn = self._agreement.turn(self._groups[1], self._groups[0])
            why = "Several cameras took them, or some were zoomed, cropped, scaled or edited"
            if turn:
                why = f"Those of the second group are {turn.words} ({turn.cause})"
            advice = (
                f"These photos are not of one sensor: of {len(self.places)}, {', '.join(parts[:-1])}, and {parts[-1]}. "
                f"{why}. Register each camera with its own photos only, as it wrote them."
            )
            issue = Issue("several-cameras", advice, blocking=True)
        return replace(base, issues=(*base.issues, issue))

    def _what_is_odd(self, group: tuple[int, ...]) -> str:
        turn = self._agreement.turn(group, self._groups[0])
        if turn:
            return f"it is {turn.words} ({turn.cause}); use the original file"
        return "another camera took it, or it was zoomed, cropped, scaled or edited"


def _content(file: BinaryIO, name: str) -> bytes:
    try:
        file.seek(0)
        return file.read()
    except (OSError, ValueError) as error:
        raise ImageError(name, f"the file cannot be read ({error})", "Open it again") from error
