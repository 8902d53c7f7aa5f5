"""Injection: a stream from one source, stills from another, handed in by a program that passes for a camera."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from attacks.face.behaviour import CALM, script
from attacks.media.resize import fitted
from attacks.media.upload import as_streamed
from attacks.show.deepfakes import Follower
from attacks.show.recordings import ANSWER_S, ANSWERS, EARLIER
from attacks.types import Camera, Face, ImageArray, Presentation, Sensor, no_sensor, sensor
from bank.face_reader import Pose, pose_of
from liveness.challenge import StepKind
from liveness.landmarks import FaceTracker

LESSER = (480, 640)
"""Height and width of a camera's lesser mode."""

_DEGREES, _OFFSET = 10.0, 0.15  # of the head, and face widths, that make two poses differ by as much
_POSES_A_SECOND = 2.5  # of a hoard


class Chosen(Follower):
    """A stream with stills from a hoard: each time the one in which the head is most as the stream shows it, once.

    Parameters
    ----------
    stream : Presentation
        Shown.
    hoard : sequence of ndarray, shape (H, W, 3), uint8
        RGB. Those without a face are left out.
    sensor : callable
        What makes a still of one of the hoard when it is chosen. Default: the hoard holds the stills themselves.

    Raises
    ------
    ValueError
        If none has a face.
    """

    def __init__(self, stream: Presentation, hoard: Sequence[ImageArray], sensor: Sensor = no_sensor) -> None:
        super().__init__(stream)
        with FaceTracker(stills=True) as tracker:
            read = [(_pose(tracker, scene), scene) for scene in hoard]
        self._hoard = [(pose, scene) for pose, scene in read if pose is not None]
        if not self._hoard:
            raise ValueError(f"hoard: expected at least one still with a face, got {len(hoard)} without.")
        self._sensor = sensor
        self._unused: list[tuple[Pose, ImageArray]] = []

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream's frame."""
        return self._follow(step, now_s, small=True)[0]

    def still(self) -> ImageArray:
        """Take the best still that is left; after the last one they begin again."""
        if not self._unused:
            self._unused = list(self._hoard)
        shown = pose_of(self._seen, 0.0) if self._seen else None
        best = min(range(len(self._unused)), key=lambda n: _distance(self._unused[n][0], shown)) if shown else 0
        return self._sensor(self._unused.pop(best)[1])


def all_poses(face: Face, seed: int) -> list[ImageArray]:
    """Show a face in all poses that a check can ask for: a hoard of scenes."""
    asked = [(1.0 + ANSWER_S * number, step) for number, step in enumerate(ANSWERS)]
    seconds = 1.0 + ANSWER_S * len(ANSWERS)
    return [face.frame(pose) for pose in script(asked, _POSES_A_SECOND, seconds, seed + EARLIER, CALM)]


def lesser_mode(camera: Camera, first_shot: int, *, aligned: bool) -> Sensor:
    """A camera's mode of fewer pixels, scaled up to the size that is asked for.

    Cameras fill such a mode by scaling the middle of their picture down. What that averages away of a pattern which
    differs from pixel to pixel stays lost; the coarser part comes back where it was, if it is scaled back to its place.

    Parameters
    ----------
    camera : Camera
    first_shot : int
    aligned : bool
        Whether the attacker knows that place, and leaves the rest of the picture without any pattern. Otherwise the
        picture is filled.
    """
    whole, (height, width) = sensor(camera, first_shot), camera.shape
    scale = min(height / LESSER[0], width / LESSER[1])
    part = round(LESSER[0] * scale), round(LESSER[1] * scale)

    def take(scene: ImageArray) -> ImageArray:
        middle = fitted(whole(scene), part, "cropped")
        small = np.asarray(cv2.resize(middle, LESSER[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        if not aligned:
            return fitted(small, (height, width), "scaled")
        return fitted(fitted(small, part, "scaled"), (height, width), "padded")

    return take


def cut_out(camera: Camera, around: Camera, first_shot: int, offset: tuple[int, int]) -> Sensor:
    """Cut stills of the enrolled size out of larger photos by a camera whose stills are the middle of its sensor.

    Attackers do not know which part of the sensor that is, and cut around the face: the pattern is there, shifted.

    Parameters
    ----------
    camera : Camera
        As it is enrolled: the middle of the sensor.
    around : Camera
        Stands for the part of the sensor beyond: of the same shape.
    first_shot : int
    offset : (int, int)
        Rows and columns by which the cut misses the middle, less than the camera's shape.
    """
    middle, beyond, (down, right) = sensor(camera, first_shot), sensor(around, first_shot), offset
    move = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    size = camera.shape[::-1]

    def take(scene: ImageArray) -> ImageArray:
        # In front of the lens the scene lies where the cut will be.
        moved = cv2.warpAffine(scene, move, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        still = beyond(scene)
        inside = np.s_[max(-down, 0) : size[1] - max(down, 0), max(-right, 0) : size[0] - max(right, 0)]
        there = np.s_[max(down, 0) : size[1] + min(down, 0), max(right, 0) : size[0] + min(right, 0)]
        still[inside] = middle(np.asarray(moved, np.uint8))[there]
        return still

    return take


def _pose(tracker: FaceTracker, still: ImageArray) -> Pose | None:
    seen = tracker.observe(as_streamed(still), 0.0)
    return pose_of(seen, 0.0) if seen else None


def _distance(a: Pose, b: Pose) -> float:
    turned = sum(abs(getattr(a, angle) - getattr(b, angle)) for angle in ("yaw", "pitch", "roll"))
    return turned / _DEGREES + math.hypot(a.x - b.x, (a.y - b.y) * a.aspect) / b.width / _OFFSET
