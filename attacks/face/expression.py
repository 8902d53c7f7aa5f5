"""What a face can be asked to show."""

from __future__ import annotations

from dataclasses import dataclass, replace

LIMITS = {
    "blink_left": (0.0, 1.0),
    "blink_right": (0.0, 1.0),
    "gaze": (-1.0, 1.0),
    "yaw": (-30.0, 30.0),
    "pitch": (-25.0, 25.0),
    "roll": (-25.0, 25.0),
    "shift_x": (-0.5, 0.5),
    "shift_y": (-0.5, 0.5),
    "scale": (0.8, 1.25),
    "smile": (0.0, 1.0),
    "mouth": (0.0, 1.0),
}
"""Lowest and highest value of each number of an `Expression`."""


@dataclass(frozen=True)
class Expression:
    """Pose of a head and its eyes, relative to the photo. Left is the person's left, the right of the picture.

    Attributes
    ----------
    blink_left, blink_right : float
        0 as in the photo, 1 closed.
    gaze : float
        Where the eyes look across, -1..1, positive to the left, as `liveness.landmarks.Observation.gaze`.
    yaw, pitch, roll : float
        Degrees: positive is turned to the left (at most 30), up (25), and tilted to the left shoulder (25).
    shift_x, shift_y : float
        Movement to the right and down in the picture, in face widths, up to half a one.
    scale : float
        .8..1.25; above 1 nearer to the camera.
    smile, mouth : float
        0..1: how far the corners of the mouth go up, and how far it opens; 1 is a yawn, talk up to .5.

    Raises
    ------
    ValueError
        If a number is outside its range.
    """

    blink_left: float = 0.0
    blink_right: float = 0.0
    gaze: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    scale: float = 1.0
    smile: float = 0.0
    mouth: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name}: expected {low:g} to {high:g}, got {value!r}.")

    @property
    def moves_head(self) -> bool:
        """Whether more than eyes and mouth differs from the photo."""
        still = replace(self, blink_left=0.0, blink_right=0.0, gaze=0.0, mouth=0.0)
        return still != Expression()
