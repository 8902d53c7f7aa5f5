"""Stills with a copied fingerprint: what an attacker makes of photos that the enrolled camera's owner published."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self
from weakref import WeakKeyDictionary

from PIL import Image as Files

from attacks.media.fingerprint_copy import plant, shared_copy, stolen_fingerprint
from attacks.target import Target
from attacks.types import ImageArray, Sensor
from bank import Bank
from prnu.fingerprint import Fingerprint

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
        """Read the code of a strength in `attacks.recipes.catalogue`, such as "20", "20-strong" or "20-shared"."""
        photos, _, how = code.partition("-")
        if how == "strong":
            return cls(int(photos), False, None, LIMIT_DB)
        if how == "shared":
            return cls(int(photos), True, None, CAREFUL_DB)
        return cls(int(photos))


def planted(
    under: Sensor, fingerprint: Fingerprint, *, strength: float | None = None, psnr: float | None = None
) -> Sensor:
    """A sensor in whose stills a fingerprint is planted afterwards.

    Parameters
    ----------
    under : callable
        Makes the stills.
    fingerprint : Fingerprint
    strength, psnr : float
        One of them, as for `attacks.media.fingerprint_copy.plant`. The strength that keeps a PSNR is looked for in
        the first still, and again where another one would not keep it.
    """
    found = strength

    def take(scene: ImageArray) -> ImageArray:
        nonlocal found
        still = under(scene)
        if found is not None:
            result = plant(still, fingerprint, found)
            if psnr is None or result.psnr >= psnr:
                return result.picture
        result = plant(still, fingerprint, psnr=psnr)
        found = result.strength
        return result.picture

    return take


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
    known = _COPIES.setdefault(target, {})
    if (count, shared) not in known:
        photos = _watched(target.published(count), count, progress)
        if shared:
            photos = (shared_copy(photo, SHARED_SIDE) for photo in photos)
        known[count, shared] = stolen_fingerprint(photos, target.camera.shape)
    return known[count, shared]


def tell(bank: Bank, target: Target, count: int) -> None:
    """Let a bank know the photos that the enrolled camera's owner published.

    Raises
    ------
    bank.errors.NotFound
        If it has not enrolled the target.
    """
    bank.publish(target.name, target.label, (_file(photo) for photo in target.published(count)))


def _watched(
    photos: Iterator[ImageArray], count: int, progress: Callable[[float], None] | None
) -> Iterator[ImageArray]:
    for number, photo in enumerate(photos, 1):
        yield photo
        if progress:
            progress(number / count)


def _file(photo: ImageArray) -> bytes:
    file = io.BytesIO()
    Files.fromarray(photo).save(file, "PNG", compress_level=1)
    return file.getvalue()
