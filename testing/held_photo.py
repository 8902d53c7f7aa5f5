"""A printed photo held into a camera, in motion: what the tests and tables of the face factor attack with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attacks.media.printed_photo import MOTIONS, held

SIZE = (480, 640)

__all__ = ["MOTIONS", "SIZE", "film"]


def film(
    photo: np.ndarray, motion: str, seconds: float = 6.0, rate: float = 15.0
) -> Iterator[tuple[np.ndarray, float]]:
    """Frames of a held photo with camera noise, and their times."""
    rng = np.random.default_rng(0)
    for number, frame in enumerate(held(photo, SIZE, MOTIONS[motion], seconds, rate, detail=1000.0)):
        noisy = frame + rng.normal(0, 2, frame.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8), number / rate
