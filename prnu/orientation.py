"""Photos that were turned or mirrored after the camera took them: find out how, at a threshold raised for the tries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from prnu.evidence import Evidence, Image, gather
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray, ImageError, as_luma, centre_crop
from prnu.match import Match, check_settings, find_peak, match


@dataclass(frozen=True)
class Turn:
    """One of the seven ways to turn a picture over without resampling it.

    Attributes
    ----------
    words : str
        What became of the photo, such as "mirrored".
    cause : str
        What usually does that, as the end of a sentence.
    mirrored : bool
        Whether left and right are swapped, to undo it.
    quarters : int
        Quarter turns, counter-clockwise, that undo it after that.
    """

    words: str
    cause: str
    mirrored: bool
    quarters: int

    @property
    def advice(self) -> str:
        """What happened and what to do about it, for people."""
        return f"It is {self.words}: {self.cause}. Use the file as the camera wrote it"

    def undo(self, pixels: FloatArray) -> FloatArray:
        """Turn pixels back; a copy."""
        straight = pixels[:, ::-1] if self.mirrored else pixels
        return np.ascontiguousarray(np.rot90(straight, self.quarters))


_SELFIE, _VIEWER = "selfie apps do that", "viewers and editors do that when they turn a photo"

TURNS = (
    Turn("mirrored", _SELFIE, True, 0),
    Turn("turned by 180 degrees", _VIEWER, False, 2),
    Turn("mirrored top to bottom", _VIEWER, True, 2),
    Turn("turned by 90 degrees clockwise", _VIEWER, False, 1),
    Turn("turned by 90 degrees counter-clockwise", _VIEWER, False, 3),
    Turn("mirrored and turned by 90 degrees clockwise", _SELFIE, True, 1),
    Turn("mirrored and turned by 90 degrees counter-clockwise", _SELFIE, True, 3),
)
"""All orientations but the camera's own. An EXIF orientation is none of them: it leaves the pixels as they were."""


@dataclass(frozen=True, eq=False)
class Turned:
    """The best of the other orientations.

    Attributes
    ----------
    turn : Turn
    match : Match
        Of the photo turned back. `Match.searched` counts the orientations, which raises threshold and p-value.
    evidence : Evidence
        The photo turned back, to go on with.
    """

    turn: Turn
    match: Match
    evidence: Evidence


def turned_back(
    fingerprint: Fingerprint, images: Image | Evidence | Iterable[Image], crop: tuple[int, int] | None = None
) -> Turned | None:
    """Compare pictures in every orientation but their own, all of them turned alike.

    The noise is turned, not measured again: the filter treats both axes and directions alike, but for the borders.

    Parameters
    ----------
    fingerprint : Fingerprint
    images : path, file, bytes, array, an iterable of them, or Evidence
        Uncropped, where a crop is given.
    crop : (int, int), optional
        Height and width of the centre that the fingerprint was made from.

    Returns
    -------
    Turned or None
        The best one, whether it passes or not. None where no orientation has the fingerprint's size.

    Raises
    ------
    ImageError
        If a picture cannot be used.
    FingerprintError
        If the fingerprint was made with other settings.
    """
    check_settings(fingerprint)
    evidence = gather(images)
    wanted = crop or fingerprint.shape
    if wanted != fingerprint.shape:
        return None
    turns = [turn for turn in TURNS if _fits(evidence.shape, turn, wanted, crop is not None)]
    best: Turned | None = None
    for turn in turns:
        planes = (turn.undo(plane) for plane in (evidence.pattern, evidence.luma))
        pattern, luma = (np.ascontiguousarray(centre_crop(plane, wanted, evidence.name)) for plane in planes)
        back = Evidence(pattern, luma, evidence.images, evidence.name)
        found = find_peak(fingerprint, back.spectrum, back.images, searched=len(turns) + 1)  # with its own orientation
        if best is None or found.pce > best.match.pce:
            best = Turned(turn, found, back)
    return best


def match_either_way(
    fingerprint: Fingerprint,
    images: Sequence[Image],
    passes: Callable[[Match], bool],
    crop: tuple[int, int] | None = None,
    names: Sequence[str] = (),
    measured: Evidence | None = None,
) -> tuple[Match, Turned | None]:
    """Compare pictures as they are, and where they do not pass, turned over.

    Parameters
    ----------
    fingerprint : Fingerprint
    images : sequence of paths, bytes or arrays
        Arrays of luma, where a crop is given.
    passes : callable
        Tells whether a match passes.
    crop : (int, int), optional
        Height and width of the centre to compare.
    names : sequence of str, optional
        What to call the pictures in an error.
    measured : Evidence, optional
        Of what is compared as it is, cut where a crop is given: where that is known already.

    Returns
    -------
    Match, Turned or None
        The match as they are, or the one of the pictures turned back, if only that passes.

    Raises
    ------
    ImageError
        If a picture cannot be used, or they have not the fingerprint's size and pass in no orientation.
    FingerprintError
        If the fingerprint was made with other settings.
    """
    found, misfit = None, None
    whole = None if crop else measured or gather(images, names)
    try:
        found = match(fingerprint, measured or whole or gather(_cut(images, crop, names), names))
    except ImageError as error:
        misfit = error
    if found is None or not passes(found):
        turned = turned_back(fingerprint, whole or gather(images, names), crop)
        if turned and passes(turned.match):
            return turned.match, turned
    if found is None:
        assert misfit is not None
        raise misfit
    return found, None


def _fits(shape: tuple[int, int], turn: Turn, wanted: tuple[int, int], cropped: bool) -> bool:
    """Whether a picture of this shape, turned back, has the wanted size, or more where its centre is cut out."""
    sides = shape[::-1] if turn.quarters % 2 else shape
    return all(side >= want for side, want in zip(sides, wanted, strict=True)) if cropped else sides == wanted


def _cut(images: Sequence[Image], crop: tuple[int, int] | None, names: Sequence[str]) -> Iterator[FloatArray]:
    for number, image in enumerate(images):
        name = names[number] if number < len(names) else None
        luma = as_luma(image, name)
        yield centre_crop(luma, crop, name or "image") if crop else luma
