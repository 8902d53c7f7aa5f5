"""Pictures of a folder of cameras, cut and recompressed: what docs/measurements.md is made from."""

from __future__ import annotations

import os

import cv2
import numpy as np

from prnu.evaluate import camera_folders
from prnu.images import FloatArray, load_luma


def recompressed(luma: FloatArray, quality: int) -> FloatArray:
    """The luma after a trip through JPEG."""
    ok, data = cv2.imencode(".jpg", np.rint(luma).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.float32)


def tiles(luma: FloatArray, shape: tuple[int, int]) -> list[FloatArray]:
    """All whole tiles of a picture, on its 8x8 grid, from the top left."""
    (height, width), (h, w) = luma.shape, shape
    return [luma[y : y + h, x : x + w] for y in range(0, height - h + 1, h) for x in range(0, width - w + 1, w)]


def corners(luma: FloatArray, shape: tuple[int, int]) -> list[FloatArray]:
    """Four crops from the corners of a large picture; of a picture less than twice as wide, the centre alone."""
    (height, width), (h, w) = luma.shape, shape
    if width < 2 * w:
        places = [((height - h) // 2 // 8 * 8, (width - w) // 2 // 8 * 8)]
    else:
        y1, x1 = (height - h) // 8 * 8, (width - w) // 8 * 8
        places = [(0, 0), (0, x1), (y1, 0), (y1, x1)]
    return [luma[y : y + h, x : x + w] for y, x in places]


def read(folder: str | os.PathLike[str], kind: str) -> dict[str, list[FloatArray]]:
    """Luma of every camera's pictures of a kind, `enrol` or `probe`."""
    return {
        name: [load_luma(picture) for picture in sorted((path / kind).glob("*"))]
        for name, path in camera_folders(folder).items()
    }
