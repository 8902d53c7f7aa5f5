"""Bring a picture to the size that a check asks for, as an attacker does whose picture has another."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import cv2
import numpy as np

from attacks.media.printed_photo import check_rgb8
from attacks.types import ImageArray
from prnu.scenes import check_shape

How: TypeAlias = Literal["scaled", "cropped", "padded"]


def fitted(picture: ImageArray, shape: tuple[int, int], how: How) -> ImageArray:
    """Bring a picture to a size, its middle staying in the middle.

    A fingerprint looks for the sensor's pattern pixel by pixel. Scaling takes that away. Cropping and padding keep the
    pattern but shift it, by half of what is cut off or added: a search over shifts finds it again.

    Parameters
    ----------
    picture : ndarray, shape (h, w, 3), uint8
        RGB.
    shape : (int, int)
        Height and width of the result, from 64 on.
    how : str
        ``scaled``: up or down until it covers the shape, proportions kept, and what stands out cut off. ``cropped``:
        cut out of the middle, no pixel changed. ``padded``: the border pixels repeated around it, and cut off where
        it is too large.

    Returns
    -------
    ndarray, shape (height, width, 3), uint8

    Raises
    ------
    ValueError
        If an argument is not as described, or the picture is too small to be cropped.

    Examples
    --------
    >>> fitted(np.zeros((480, 640, 3), np.uint8), (720, 1280), "scaled").shape
    (720, 1280, 3)
    """
    rows, columns = check_shape(shape)
    check_rgb8("picture", picture)
    if how not in get_args(How):
        raise ValueError(f"how: expected one of {', '.join(get_args(How))}; got {how!r}.")
    h, w = picture.shape[:2]
    if how == "cropped" and (h < rows or w < columns):
        raise ValueError(f"picture: {w}x{h} pixels are too few to cut out {columns}x{rows}. Scale it instead.")
    if how == "scaled" and (h, w) != (rows, columns):
        scale = max(rows / h, columns / w)
        size = max(columns, round(w * scale)), max(rows, round(h * scale))
        picture = np.asarray(
            cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8
        )
    over = [max(there - wanted, 0) for there, wanted in zip(picture.shape[:2], (rows, columns), strict=True)]
    top, left = (number // 2 for number in over)
    middle = picture[top : top + rows, left : left + columns]
    above, beside = (rows - middle.shape[0]) // 2, (columns - middle.shape[1]) // 2
    below, after = rows - middle.shape[0] - above, columns - middle.shape[1] - beside
    return np.asarray(cv2.copyMakeBorder(middle, above, below, beside, after, cv2.BORDER_REPLICATE), np.uint8)
