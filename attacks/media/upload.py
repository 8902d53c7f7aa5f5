"""Pictures as a browser sends them: frames of a stream made small, stills as planes."""

from __future__ import annotations

import cv2
import numpy as np

from attacks.types import ImageArray

LONG_SIDE = 640
"""Pixels of the longer side of a streamed frame, as the capture component sends it."""


def as_streamed(scene: ImageArray) -> ImageArray:
    """Scale a scene down to what a stream shows of it: `LONG_SIDE` pixels at most."""
    scale = min(1.0, LONG_SIDE / max(scene.shape[:2]))
    if scale == 1.0:
        return scene
    return np.asarray(cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def i420(picture: ImageArray) -> ImageArray:
    """Turn RGB into the planes that a browser hands in: shape (3 H / 2, W), uint8. Sides must be even."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
