"""Frames that no camera would give."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np


def frames(portrait: np.ndarray, count: int, seed: int = 0) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for _ in range(count):
        kind = rng.integers(8)
        height, width = (int(side) for side in rng.integers(32, 720, 2))
        if kind == 0:
            yield rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        elif kind == 1:
            yield np.full((height, width, 3), rng.integers(256), np.uint8)
        elif kind == 2:
            yield cv2.resize(portrait, (width, height))
        elif kind == 3:
            yield np.ascontiguousarray(np.rot90(portrait, int(rng.integers(4))))
        elif kind == 4:
            noisy = portrait + rng.normal(0, 60, portrait.shape)
            yield np.clip(noisy, 0, 255).astype(np.uint8)
        elif kind == 5:
            top, left = int(rng.integers(0, 400)), int(rng.integers(0, 500))
            yield portrait[top:, left:]
        elif kind == 6:
            yield portrait[:: rng.choice([1, -1]), :: rng.choice([1, -1])]
        else:
            yield portrait
