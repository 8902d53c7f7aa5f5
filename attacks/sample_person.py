"""The sample person, who is there where nobody else is, and her camera. Simulated, and says so. Loads no models."""

from __future__ import annotations

from prnu import scenes
from prnu.scenes import ImageArray

MARK = "(simulated)"
"""Ends the name of every camera, or of its owner, that exists in this program only."""

PERSON, CAMERA = f"Sample person {MARK}", f"Phone {MARK}"
"""Names of the person, and of the one camera that a check of her needs."""

OWN, OTHER = 11, 12
"""Seeds of two devices of one model: hers, and one of somebody else."""


def portrait() -> ImageArray:
    """Her face: astronaut Eileen Collins, a picture by NASA in the public domain. RGB, shape (512, 512, 3), uint8."""
    return scenes.photo("astronaut", (512, 512))
