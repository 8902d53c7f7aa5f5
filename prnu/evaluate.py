"""Measure how well cameras are told apart: every fingerprint against every probe of a folder of cameras."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from prnu.enrol import Enrolment, EnrolmentRefused
from prnu.evidence import Evidence, gather
from prnu.file_types import list_pictures
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray, ImageError, centre_crop, load_luma
from prnu.match import THRESHOLD, Match, match
from prnu.orientation import Turned, turned_back

FALSE_ALARM_RATES = (0.0, 0.001, 0.01)
"""False-alarm rates at which `Evaluation.tpr_at` is tabulated."""


@dataclass(frozen=True)
class Pair:
    """One fingerprint against one probe.

    Attributes
    ----------
    fingerprint : str
        The camera whose fingerprint it is.
    probe : str
        The camera that took the picture, and the file: ``camera/name.jpg``.
    same : bool
        Whether these are one camera.
    pce, ncc, p_value : float
        As in `prnu.match.Match`.
    passed : bool
        Whether it counts as a match.
    """

    fingerprint: str
    probe: str
    same: bool
    pce: float
    ncc: float
    p_value: float
    passed: bool


@dataclass(frozen=True)
class Skipped:
    """A file, or a pair of camera and file, that could not be compared, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Evaluation:
    """All pairs of an evaluation.

    Attributes
    ----------
    pairs : tuple of Pair
    skipped : tuple of Skipped
    threshold : float
        PCE from which a pair counts as a match.
    dropped : tuple of Skipped
        Cameras of which no photo could be compared with their own fingerprint, and why.
    """

    pairs: tuple[Pair, ...]
    skipped: tuple[Skipped, ...] = ()
    threshold: float = THRESHOLD
    dropped: tuple[Skipped, ...] = ()

    @property
    def scores(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """PCE of the same-camera pairs and of the others."""
        same, other = ([pair.pce for pair in self.pairs if pair.same is wanted] for wanted in (True, False))
        return np.array(same), np.array(other)

    @property
    def auc(self) -> float:
        """Area under the ROC curve: how often a same-camera pair scores above another pair; NaN without both kinds."""
        same, other = self.scores
        if not (same.size and other.size):
            return float("nan")
        below = np.searchsorted(np.sort(other), same, side="left") + np.searchsorted(np.sort(other), same, side="right")
        return float(below.mean() / 2 / other.size)

    def tpr_at(self, false_alarm_rate: float) -> float:
        """Share of same-camera pairs found with the threshold at which that share of other pairs passes."""
        same, other = self.scores
        if not (same.size and other.size):
            return float("nan")
        allowed = int(false_alarm_rate * other.size + 1e-9)  # .29 * 100 is a little less than 29
        if allowed >= other.size:
            return 1.0
        return float((same > np.sort(other)[::-1][allowed]).mean())

    def roc(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """False and true positive rate at every score, both increasing from 0 to 1; empty without both kinds."""
        same, other = self.scores
        if not (same.size and other.size):
            return np.array([]), np.array([])
        cuts = np.concatenate([[np.inf], np.sort(np.concatenate([same, other]))[::-1]])
        rates = [1.0 - np.searchsorted(np.sort(values), cuts, side="left") / values.size for values in (other, same)]
        return rates[0], rates[1]

    def medians(self) -> dict[str, float]:
        """Median same-camera PCE of each camera."""
        cameras = dict.fromkeys(pair.fingerprint for pair in self.pairs if pair.same)
        return {
            name: float(np.median([pair.pce for pair in self.pairs if pair.same and pair.fingerprint == name]))
            for name in cameras
        }

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers and text, for JSON."""
        same, other = self.scores
        both = bool(same.size and other.size)
        medians = self.medians()
        positive = bool(medians) and min(medians.values()) > 0
        passed = [sum(pair.passed for pair in self.pairs if pair.same is wanted) for wanted in (True, False)]
        return {
            "pairs": [vars(pair) for pair in self.pairs],
            "skipped": [vars(item) for item in self.skipped],
            "dropped": [vars(item) for item in self.dropped],
            "auc": self.auc if both else None,
            "tpr_at_fpr": {f"{rate:g}": self.tpr_at(rate) for rate in FALSE_ALARM_RATES} if both else {},
            "threshold": self.threshold,
            "passed": {"same": passed[0], "other": passed[1]},
            "same_pairs": int(same.size),
            "other_pairs": int(other.size),
            "smallest_same_pce": float(same.min()) if same.size else None,
            "largest_other_pce": float(other.max()) if other.size else None,
            "median_same_pce": medians,
            "geometric_mean_of_medians": float(np.exp(np.mean(np.log(list(medians.values()))))) if positive else None,
        }


def evaluate(
    folder: str | os.PathLike[str],
    *,
    crop: tuple[int, int] | None = None,
    enrol: int | None = None,
    threshold: float = THRESHOLD,
    transform: Callable[[FloatArray], FloatArray] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Compare the fingerprint of each camera with the probes of all.

    Parameters
    ----------
    folder : path
        Holds ``<camera>/enrol/*`` and ``<camera>/probe/*``.
    crop : (int, int), optional
        Height and width of the centre to use, so that cameras of different sizes can be compared. Default: all of it;
        pairs of different sizes are then skipped, and listed as such.
    enrol : int, optional
        Number of pictures to enrol of each camera, from the first by name. Default: all.
    threshold : float
        PCE from which a pair counts as a match.
    transform : callable, optional
        Applied to each probe's luma before it is compared, to measure recompression and the like.
    progress : callable, optional
        Called with what is being done, steps done and steps in all.

    Returns
    -------
    Evaluation

    Raises
    ------
    ImageError
        If there is no camera in the folder.
    """
    cameras = camera_folders(folder)
    report = progress or (lambda _what, _done, _total: None)
    skipped: list[Skipped] = []
    work = []
    for name, path in cameras.items():
        enrolled, probes = (_pictures(path / kind, f"{name}/{kind}", skipped) for kind in ("enrol", "probe"))
        work.append((name, enrolled[:enrol], probes))
    total, done = sum(len(enrolled) + len(probes) for _, enrolled, probes in work), 0
    fingerprints: dict[str, Fingerprint] = {}
    without: dict[str, str] = {}
    for name, enrolled, _ in work:
        enrolment = Enrolment(crop)
        for path in enrolled:
            report(f"enrolling {name}", done, total)
            enrolment.add(path)
            done += 1
        for path, step in zip(enrolled, enrolment.steps, strict=True):
            if not step.accepted:
                skipped.append(Skipped(f"{name}/enrol/{path.name}", step.message))
        try:
            fingerprints[name] = enrolment.fingerprint()
        except (EnrolmentRefused, ImageError) as error:
            without[name] = str(error)
            skipped.append(Skipped(name, str(error)))
    pairs: list[Pair] = []
    for name, _, probes in work:
        for path in probes:
            report(f"comparing {name}", done, total)
            done += 1
            try:
                luma = load_luma(path)
                luma = centre_crop(luma, crop, path.name) if crop else luma
                evidence = gather(transform(luma) if transform else luma)
                found = list(_matches(fingerprints, evidence, f"{name}/{path.name}", skipped))
            except ImageError as error:
                skipped.append(Skipped(f"{name}/probe/{path.name}", f"{error.problem}. {error.remedy}."))
                continue
            for other, one in found:
                scores = (one.pce, one.ncc, one.p_value, one.passed(threshold))
                pairs.append(Pair(other, f"{name}/{path.name}", other == name, *scores))
    report("done", total, total)
    compared = {pair.fingerprint for pair in pairs if pair.same}
    dropped = tuple(
        Skipped(name, without.get(name) or _why_dropped(len(probes)))
        for name, _, probes in work
        if name not in compared
    )
    return Evaluation(tuple(pairs), tuple(skipped), threshold, dropped)


def identify(fingerprints: dict[str, Fingerprint], images: Any) -> list[tuple[str, Match]]:
    """Rank cameras by how well pictures agree with their fingerprints.

    Parameters
    ----------
    fingerprints : dict of str to Fingerprint
    images : path, file, bytes, array, an iterable of them, or Evidence
        Several pictures count together.

    Returns
    -------
    list of (str, Match)
        Best first. Cameras of another size than the pictures are left out.

    Raises
    ------
    ImageError
        If a picture cannot be used, or no fingerprint is of its size.
    """
    evidence = gather(images)
    skipped: list[Skipped] = []
    found = sorted(_matches(fingerprints, evidence, "image", skipped), key=lambda item: item[1].pce, reverse=True)
    if not found:
        height, width = evidence.shape
        sizes = ", ".join(sorted({f"{f.shape[1]}x{f.shape[0]}" for f in fingerprints.values()})) or "none"
        problem = f"{width}x{height} pixels; registered cameras have: {sizes}"
        raise ImageError(evidence.name, problem, "Use the original photo, neither scaled nor cropped")
    return found


def identify_turned(fingerprints: Mapping[str, Fingerprint], images: Any) -> tuple[str, Turned] | None:
    """Find the camera that fits pictures best once they are turned back; as `identify`, in other orientations.

    Returns
    -------
    (str, Turned) or None
        Whether it passes or not; a threshold should be raised for the number of cameras. None where no camera has the
        pictures' size in any orientation.
    """
    evidence = gather(images)
    found = [(name, turned_back(fingerprint, evidence)) for name, fingerprint in fingerprints.items()]
    return max(((name, back) for name, back in found if back), key=lambda item: item[1].match.pce, default=None)


def camera_folders(folder: str | os.PathLike[str]) -> dict[str, Path]:
    """Find the cameras of a folder: the folders in it that hold an ``enrol`` folder.

    Raises
    ------
    ImageError
        If there is none.
    """
    root = Path(folder)
    found = {path.name: path for path in sorted(root.glob("*")) if (path / "enrol").is_dir()}
    if not found:
        problem = "holds no camera" if root.is_dir() else "there is no such folder"
        raise ImageError(str(root), problem, "Give a folder with <camera>/enrol/* and <camera>/probe/*")
    return found


def _pictures(folder: Path, name: str, skipped: list[Skipped]) -> tuple[Path, ...]:
    found = list_pictures(folder)
    skipped += [Skipped(f"{name}/{file}", reason) for file, reason in found.ignored]
    return found.pictures


def _why_dropped(probes: int) -> str:
    if not probes:
        return "There is no photo in its folder probe."
    none = "Its one photo to probe could not" if probes == 1 else f"Not one of its {probes} photos to probe could"
    return f"{none} be compared with its own fingerprint: see what was skipped."


def _matches(
    fingerprints: dict[str, Fingerprint], evidence: Evidence, name: str, skipped: list[Skipped]
) -> Iterator[tuple[str, Match]]:
    for camera, fingerprint in fingerprints.items():
        if fingerprint.shape != evidence.shape:
            sizes = [f"{shape[1]}x{shape[0]}" for shape in (evidence.shape, fingerprint.shape)]
            skipped.append(Skipped(f"{name} with {camera}", f"{sizes[0]} against {sizes[1]} pixels: use --crop"))
        else:
            yield camera, match(fingerprint, evidence)
