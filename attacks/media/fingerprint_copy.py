"""The fingerprint copy: estimate a camera's pattern from its public photos, and plant it in a forgery.

A leaked fingerprint defeats the camera factor, and photos of the camera are a leak: whatever carries the pattern well
enough to be recognised carries it well enough to be copied. No threshold helps, as a copy can be made to score like a
genuine picture, or higher. On four real cameras a single public photo of full size, planted within 40 dB, reached a
PCE of 50 in 24 of 25 forgeries, and five reached more than genuine natural photos do. Recompression alone hardly
hinders; scaling down does, until there are photos enough: one scaled from 3264 to 2048 pixels never sufficed, five
blank walls did in 7 of 12 cases (`python -m benchmarks.copying`).

What is left is the triangle test (`prnu.forgery.triangle_test`): the copy brings along the random noise of the photos
it was made from. It found all of those 25 with these photos among its candidates, and none without them; nor does it
find a copy of the bank's own fingerprint. So keep photos of the enrolled camera in their full size private, and rely
on the other factors too.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Files

from attacks.media.printed_photo import check_rgb8
from attacks.types import ImageArray, Sensor
from prnu.evidence import Image
from prnu.fingerprint import Fingerprint
from prnu.forgery import plant_fingerprint
from prnu.images import ImageError
from prnu.scenes import check_count, check_number, check_shape

LONG_SIDE, QUALITY = 2048, 80
"""Pixels and JPEG quality that a large social network leaves of a photo, about: others keep 1080 to 4096 pixels."""

_PROPORTIONS = 0.01  # by which those of a shared copy may differ from the sensor's: rounding, no crop
_STRONGEST, _PRECISION = 64.0, 1e-3


@dataclass(frozen=True, eq=False)
class Planted:
    """A picture with a copied fingerprint.

    Attributes
    ----------
    picture : ndarray, shape and dtype of the original, uint8
    strength : float
        Factor on the fingerprint.
    psnr : float
        Peak signal-to-noise ratio against the original, decibels; infinite where nothing changed. From 40 on nobody
        sees a difference.
    """

    picture: ImageArray
    strength: float
    psnr: float


def shared_copy(photo: ImageArray, long_side: int = LONG_SIDE, quality: int = QUALITY) -> ImageArray:
    """Send a photo through a social network: scaled down if it is larger than what is kept, and recompressed.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
        RGB.
    long_side : int, from 64 on
        Pixels of the longer side that are kept.
    quality : int, 1..100
        Of the JPEG, with 4:2:0 chroma.

    Returns
    -------
    ndarray, shape (h, w, 3), uint8
        The copy as it decodes. Its longer side is at most `long_side`.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    check_rgb8("photo", photo)
    check_count("long_side", long_side, 64)
    check_count("quality", quality, 1, 100)
    height, width = photo.shape[:2]
    scale = long_side / max(height, width)
    if scale < 1:
        size = round(width * scale), round(height * scale)
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
    file = io.BytesIO()
    Files.fromarray(photo).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return np.array(Files.open(file), np.uint8)


def stolen_fingerprint(photos: Iterable[Image], shape: tuple[int, int] | None = None) -> Fingerprint:
    """Estimate a camera's fingerprint from photos that are not one's own.

    Parameters
    ----------
    photos : iterable of path, file, bytes or array
        Of one camera, in one size. Read one at a time.
    shape : (int, int), optional
        Height and width to scale the fingerprint to, where the photos were scaled down since they were taken; not
        where they were cropped. What scaling averaged away of a pattern that differs from pixel to pixel stays lost:
        little comes back, and many photos are needed. Only those of the camera's own size give the whole.

    Returns
    -------
    Fingerprint

    Raises
    ------
    prnu.ImageError
        If a photo cannot be used, or has another size than the first.
    prnu.FingerprintError
        If there is none.
    ValueError
        If `shape` has other proportions than the photos: then they were cropped too, and nobody knows where.
    """
    found = Fingerprint.from_images(photos)
    if shape is None or found.shape == (shape := check_shape(shape)):
        return found
    (h, w), (height, width) = found.shape, shape
    if abs(h * width / (w * height) - 1) > _PROPORTIONS:
        raise ValueError(f"shape: the photos have {w}x{h} pixels, which no scaling brings to {width}x{height}.")
    shrinks = height < h
    pattern = cv2.resize(found.pattern, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return Fingerprint(np.asarray(pattern, np.float32), found.images, found.split_half)


def plant(
    picture: ImageArray, fingerprint: Fingerprint, strength: float | None = None, *, psnr: float | None = None
) -> Planted:
    """Plant a fingerprint in a picture, I' = I (1 + strength K) [1]_ [2]_.

    Parameters
    ----------
    picture : ndarray, shape (H, W) or (H, W, 3), uint8
        Luma or RGB, of the fingerprint's size.
    fingerprint : Fingerprint
        The attacker's; see `stolen_fingerprint`.
    strength : float, 0..64
        1 plants as much as residuals show of the pattern. In smooth pictures that is less than rounding takes away,
        the more so the more photos the fingerprint is from: attackers raise it.
    psnr : float, 20..70, instead of `strength`
        Decibels that the result keeps at least: the largest strength that does is found, to 0.1 %.

    Returns
    -------
    Planted

    Raises
    ------
    prnu.ImageError
        If the picture has another size or type.
    ValueError
        If not exactly one of `strength` and `psnr` is given, or one is out of range.

    References
    ----------
    .. [1] M. Steinebach, H. Liu, P. Fan, S. Katzenbeisser, "Cell phone camera ballistics: attacks and
       countermeasures", SPIE 7542, 2010.
    .. [2] M. Goljan, J. Fridrich, M. Chen, "Defending against fingerprint-copy attack in sensor-based camera
       identification", IEEE TIFS 6(1), 2011, equation 5.
    """
    if picture.dtype != np.uint8:
        raise ImageError("picture", f"an array of type {picture.dtype}", "Give uint8, luma or RGB")
    if (strength is None) == (psnr is None):
        raise ValueError("Give either strength or psnr, and not both.")
    if strength is not None:
        return _planted(picture, fingerprint, check_number("strength", strength, 0.0, _STRONGEST))
    assert psnr is not None
    limit = check_number("psnr", psnr, 20.0, 70.0)
    best = _planted(picture, fingerprint, _STRONGEST)
    if best.psnr >= limit:
        return best
    low, high = 0.0, _STRONGEST
    best = Planted(picture.copy(), 0.0, math.inf)
    while high - low > _PRECISION * high and high > _PRECISION:
        middle = (low + high) / 2
        tried = _planted(picture, fingerprint, middle)
        if tried.psnr >= limit:
            low, best = middle, tried
        else:
            high = middle
    return best


def planting(
    under: Sensor, fingerprint: Fingerprint, *, strength: float | None = None, psnr: float | None = None
) -> Sensor:
    """A sensor in whose stills a fingerprint is planted afterwards.

    Parameters
    ----------
    under : callable
        Makes the stills.
    fingerprint : Fingerprint
    strength, psnr : float
        One of them, as for `plant`. The strength that keeps a PSNR is looked for in the first still, and again where
        another one would not keep it.
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


def _planted(picture: ImageArray, fingerprint: Fingerprint, strength: float) -> Planted:
    planted = plant_fingerprint(picture, fingerprint, strength)
    changed = cv2.norm(picture, planted, cv2.NORM_L2SQR) / picture.size
    return Planted(planted, strength, 10 * math.log10(255**2 / changed) if changed else math.inf)
