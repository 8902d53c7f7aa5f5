"""Observations of faces that no frame was needed for."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np

from liveness.landmarks import FaceBox, Observation


def seen(time_s: float, **changes: Any) -> Observation:
    """An observation of a face that looks straight ahead, with some of it changed."""
    rng = np.random.default_rng(int(time_s * 1000))
    fields: dict[str, Any] = {
        "time_s": time_s,
        "faces": 1,
        "size": (480, 640),
        "box": FaceBox(220, 120, 200, 240),
        "landmarks": mesh(0.0),
        "ear_left": 0.30,
        "ear_right": 0.30,
        "blink_left": 0.05,
        "blink_right": 0.05,
        "gaze": 0.0,
        "yaw": 0.0,
        "pitch": 0.0,
        "roll": 0.0,
        "brightness": 120.0,
        "sharpness": 150.0,
        "contrast": 40.0,
        "noise": 2.0,
        "thumbnail": rng.normal(120, 5, (12, 12)).astype(np.float32),
    }
    return Observation(**{**fields, **changes})


def nobody(time_s: float) -> Observation:
    unknown = dict.fromkeys(
        ("ear_left", "ear_right", "blink_left", "blink_right", "gaze", "yaw", "pitch", "roll"), math.nan
    )
    return seen(
        time_s,
        faces=0,
        box=None,
        landmarks=None,
        brightness=math.nan,
        sharpness=math.nan,
        contrast=math.nan,
        noise=math.nan,
        **unknown,
    )


def mesh(yaw: float, flat: bool = False) -> np.ndarray:
    """Landmarks on an ellipsoid, or on a flat picture of it, turned by an angle and seen in perspective."""
    rng = np.random.default_rng(3)
    angles = rng.uniform(-1.2, 1.2, (478, 2))
    points = np.stack([np.sin(angles[:, 0]), 1.3 * np.sin(angles[:, 1]), -np.cos(angles).prod(axis=1)], axis=1)
    if flat:
        points[:, 2] = 0
    turned = points @ cv2.Rodrigues(np.array([0.0, np.deg2rad(-yaw), 0.0]))[0].T
    distance = 8.0
    projected = turned[:, :2] * (distance / (distance + turned[:, 2:])) * 100 + [320, 240]
    return np.concatenate([projected, turned[:, 2:] * 100], axis=1).astype(np.float32)
