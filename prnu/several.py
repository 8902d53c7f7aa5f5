"""Several photos on the command line: each is compared on its own, and those that do not pass also together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prnu.consistency import Agreement
from prnu.evidence import Evidence, gather
from prnu.fingerprint import Fingerprint
from prnu.group import Group, Grouping, Standing
from prnu.images import ImageError, as_luma, centre_crop
from prnu.match import Match, Search, match
from prnu.orientation import Turned, turned_back


@dataclass(eq=False)
class OfSeveral:
    """One of several photos.

    Attributes
    ----------
    name : str
    found : Match or None
        On its own; None where it could not be used.
    turned : Turned or None
        Of a photo that passes once it is turned back.
    standing : {"alone", "together", "neither"}
        As `prnu.group` has it.
    copy_of : str
        Name of the photo before it whose exposure it is; empty for one of its own.
    problem : str
        Why it could not be used; else empty.
    """

    name: str
    found: Match | None = None
    turned: Turned | None = None
    standing: Standing = "neither"
    copy_of: str = ""
    problem: str = ""


def compare_each(
    fingerprint: Fingerprint,
    paths: Sequence[Path],
    threshold: float,
    search: Search | None = None,
    crop: tuple[int, int] | None = None,
) -> tuple[list[OfSeveral], Group]:
    """Compare photos with a fingerprint, one in memory at a time.

    Parameters
    ----------
    fingerprint : Fingerprint
    paths : sequence of Path
    threshold : float
        PCE to reach.
    search : Search, optional
        Other places to look at. Photos are then not looked at together: each may lie at another place.
    crop : (int, int), optional
        Height and width of the centre to compare.

    Returns
    -------
    list of OfSeveral, Group
        All photos, and those that do not pass on their own.

    Raises
    ------
    FingerprintError
        If the fingerprint was made with other settings.
    """
    grouping = Grouping(fingerprint, lambda found: found.passed(threshold))
    agreement, exposures = Agreement(), list[str]()
    photos, weak = [OfSeveral(path.name) for path in paths], list[OfSeveral]()
    for path, photo in zip(paths, photos, strict=True):
        try:
            luma = as_luma(path, photo.name)
            whole = gather(luma, [photo.name])
            evidence = gather(centre_crop(luma, crop, photo.name), [photo.name]) if crop else whole
            if search:
                photo.found = match(fingerprint, centre_crop(luma, crop, photo.name) if crop else luma, search)
            elif back := _turned(fingerprint, whole, evidence, threshold, crop):
                photo.found, photo.turned = back.match, back
            else:
                photo.found = match(fingerprint, evidence)
        except ImageError as error:
            photo.problem = f"{error.problem}. {error.remedy}."
            continue
        if evidence.shape == fingerprint.shape:
            copy = agreement.add(evidence.pattern)
            if copy is None:
                exposures.append(photo.name)
            else:
                photo.copy_of = exposures[copy]
        if photo.found.passed(threshold):
            photo.standing = "alone"
        elif not (search or photo.copy_of):
            grouping.add(evidence, photo.found)
            weak.append(photo)
    group = grouping.outcome()
    for photo, standing in zip(weak, group.standing, strict=True):
        photo.standing = standing
    return photos, group


def _turned(
    fingerprint: Fingerprint, whole: Evidence, evidence: Evidence, threshold: float, crop: tuple[int, int] | None
) -> Turned | None:
    """How a photo passes only once it is turned back; None where it passes as it is, or not even then."""
    if evidence.shape == fingerprint.shape and match(fingerprint, evidence).passed(threshold):
        return None
    back = turned_back(fingerprint, whole, crop)
    return back if back and back.match.passed(threshold) else None
