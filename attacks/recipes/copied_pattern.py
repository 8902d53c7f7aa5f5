"""The enrolled camera's pattern, worked out from photos that its owner published, and planted in a photo that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from weakref import WeakKeyDictionary

from attacks.recipe import FOUND, Look, MakingStep, Recipe, Way

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray, Presentation
    from prnu import Fingerprint

SHARED_SIDE = 1080
"""Pixels of the longer side that the social network keeps of a photo."""

LIMIT_DB = 40.0
"""Peak signal-to-noise ratio that a strongly planted fingerprint leaves. Nobody sees it; but it drowns the stills' own
noise, so that they look like copies of one shot."""

CAREFUL_DB = 50.0
"""What an attacker leaves who minds that, and whose fingerprint is too faint to be planted as it is: rounding to whole
grey levels would take it away again."""

# Kept as long as the target is, and no longer: it may be somebody's own photo.
_COPIES: WeakKeyDictionary[Target, dict[tuple[int, bool], Fingerprint]] = WeakKeyDictionary()


class Ways(Way):
    """How many photos it is worked out from, and how strongly it is planted."""

    ONE = "1", "One photo"
    FIVE = "5", "Five photos"
    TWENTY = "20", "20 photos"
    FIFTY = "50", "50 photos"
    TWENTY_STRONG = "20-strong", "20 photos, as strongly as nobody sees (40 dB)"
    TWENTY_SHARED = "20-shared", "20 photos that a social network scaled down and recompressed"


@dataclass(frozen=True)
class Copying:
    """One way to copy a fingerprint.

    Attributes
    ----------
    photos : int
        It is estimated from.
    shared : bool
        Whether they went through a social network.
    strength, psnr : float or None
        How strongly it is planted: one of them, as for `attacks.media.fingerprint_copy.plant`.
    """

    photos: int
    shared: bool = False
    strength: float | None = 1.0
    psnr: float | None = None

    @classmethod
    def of(cls, code: str) -> Self:
        """Read the code of one of the `Ways`, such as "20", "20-strong" or "20-shared"."""
        photos, _, how = code.partition("-")
        if how == "strong":
            return cls(int(photos), False, None, LIMIT_DB)
        if how == "shared":
            return cls(int(photos), True, None, CAREFUL_DB)
        return cls(int(photos))


def make(target: Target, way: Ways, seed: int) -> Presentation:
    """Film the photo that moves with another camera, and plant the pattern in what that makes of it."""
    from attacks.media.fingerprint_copy import planting
    from attacks.show.acted import Acted

    copying = Copying.of(way)
    copy = copied(target, copying.photos, copying.shared)
    forged = planting(target.filmed(seed), copy, strength=copying.strength, psnr=copying.psnr)
    return Acted(target.face, forged, seed)


def copied(target: Target, count: int, shared: bool, progress: Callable[[float], None] | None = None) -> Fingerprint:
    """Estimate the enrolled camera's fingerprint from its owner's published photos. Kept for the next time.

    Parameters
    ----------
    target : Target
    count : int
        Photos, from 1 on.
    shared : bool
        Whether they went through a social network, which scaled them down and recompressed them.
    progress : callable, optional
        Told the share that is done, 0..1, after each photo.
    """
    from attacks.media.fingerprint_copy import shared_copy, stolen_fingerprint

    known = _COPIES.setdefault(target, {})
    if (count, shared) not in known:
        photos = _watched(target.published(count), count, progress)
        if shared:
            photos = (shared_copy(photo, SHARED_SIDE) for photo in photos)
        known[count, shared] = stolen_fingerprint(photos, target.camera.shape)
    return known[count, shared]


def _watched(
    photos: Iterator[ImageArray], count: int, progress: Callable[[float], None] | None
) -> Iterator[ImageArray]:
    for number, photo in enumerate(photos, 1):
        yield photo
        if progress:
            progress(number / count)


def steps(way: Ways) -> Sequence[MakingStep]:
    """How it is made."""
    copying = Copying.of(way)
    photos = "1 photo" if copying.photos == 1 else f"{copying.photos} photos"
    shared = " after a social network has scaled them down and compressed them again" if copying.shared else ""
    return (
        FOUND,
        MakingStep(
            Look.PUBLISHED,
            "Published photos",
            f"{photos} by the registered camera that anybody can download{shared}.",
        ),
        MakingStep(
            Look.COPY,
            "The copied pattern (fingerprint)",
            "The noise of these photos. What they share is the sensor's pattern. A detail, much amplified.",
        ),
        MakingStep(
            Look.PLANTED,
            "The pattern planted in the fake",
            "Filmed by another camera, then changed so little that nobody sees it: {psnr} dB (PSNR).",
        ),
        MakingStep(
            Look.DIFFERENCE,
            "The difference",
            "What was changed, {louder} times amplified: the same detail as above.",
        ),
    )


STOPS = (
    "Keep photos of the registered camera in full size private: then there is nothing to copy from. A bank that knows "
    "the published ones can look for their noise (triangle test), and misses copies that were made from others or from "
    "many. Against a stolen fingerprint only another way helps, such as a call to the number on file."
)
"""What stops it, whether or not the bank knows the photos."""

RECIPE = Recipe(
    order=90,
    code="copy",
    group="copy",
    icon=":material/fingerprint:",
    title="A copied camera pattern",
    teaser="The camera's pattern is worked out from photos that its owner published, and put into a photo that moves "
    "(fingerprint copy).",
    needs="One photo of the victim to move, and published photos by the registered camera, in their full size.",
    stops=STOPS,
    ways=Ways,
    make=make,
    steps=steps,
    one_victim=True,
)
