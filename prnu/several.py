"""Several photos on the command line: each is compared on its own, and those that do not pass also together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prnu.consistency import Exposures
from prnu.evidence import gather
from prnu.fingerprint import Fingerprint
from prnu.group import Group, Grouping, Standing
from prnu.images import ImageError, as_luma, centre_crop
from prnu.match import Match, Search, match
from prnu.orientation import Turned, match_either_way


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

    def passes(found: Match) -> bool:
        return found.passed(threshold)

    grouping, exposures = Grouping(fingerprint, passes), Exposures()
    photos, weak = [OfSeveral(path.name) for path in paths], list[OfSeveral]()
    for path, photo in zip(paths, photos, strict=True):
        try:
            luma = as_luma(path, photo.name)
            cut = centre_crop(luma, crop, photo.name) if crop else luma
            evidence = gather(cut, [photo.name])
            if search:
                photo.found = match(fingerprint, cut, search)
            else:
                photo.found, photo.turned = match_either_way(
                    fingerprint, [luma], passes, crop, [photo.name], measured=evidence
                )
        except ImageError as error:
            photo.problem = f"{error.problem}. {error.remedy}."
            continue
        if evidence.shape == fingerprint.shape:
            photo.copy_of = exposures.first(photo.name, evidence.pattern)
        if passes(photo.found):
            photo.standing = "alone"
        elif not (search or photo.copy_of):
            grouping.add(evidence, photo.found)
            weak.append(photo)
    group = grouping.outcome()
    for photo, standing in zip(weak, group.standing, strict=True):
        photo.standing = standing
    return photos, group
