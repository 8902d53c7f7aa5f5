"""Photos of people whose eyes are narrow or shut, made from photos where they are open."""

from __future__ import annotations

import numpy as np

from attacks.face.eye_warp import LEFT_EYE, RIGHT_EYE, Eye
from liveness.landmarks import FaceTracker
from testing.some import some

EYES = {"as they are": 0.0, "narrow": 0.55, "nearly shut": 0.8, "shut": 1.0}
"""How far the lids are drawn down."""


def narrowed(photo: np.ndarray, closed: float) -> np.ndarray:
    """A copy of a photo of one person with both lids drawn down by a share, 0..1."""
    drawn = photo.copy()
    if not closed:
        return drawn
    with FaceTracker(stills=True) as tracker:
        seen = tracker.observe(photo, 0.0)
    landmarks = some(some(seen).landmarks)
    for points in (LEFT_EYE, RIGHT_EYE):
        Eye(photo, landmarks, points).draw(drawn, closed, 0.0)
    return drawn
