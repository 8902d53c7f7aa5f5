"""The face in a picture, as the factors need it: how it stands, where it is, and the numbers that tell whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from liveness.identity import FaceMatcher
from liveness.landmarks import FaceBox, FaceTracker, FloatArray, Observation

TURNED_DEG = 15.0
"""Degrees of yaw from which a face need not be recognised; half of what a turn asks for (`bank.freshness`)."""


class Pose(NamedTuple):
    """How a face stands in a frame, in measures that do not depend on the frame's size."""

    time_s: float
    yaw: float
    pitch: float
    roll: float
    x: float  # of the face's centre, in widths of the frame
    y: float
    width: float  # of the face, in widths of the frame
    aspect: float  # of the frame, height over width

    def mirrored(self) -> Pose:
        """The same in a frame in which left and right are swapped."""
        return self._replace(yaw=-self.yaw, roll=-self.roll, x=1.0 - self.x)


@dataclass(frozen=True, eq=False)
class FaceSeen:
    """The face in one picture.

    Attributes
    ----------
    pose : Pose or None
        None without a face.
    box : FaceBox or None
        In pixels of the upright picture.
    faces : int
    embedding : ndarray, shape (128,), float32, or None
        None where the face cannot be recognised.
    trouble : str
        Code of the `liveness.identity.FaceError` that says why; empty where all is well.
    """

    pose: Pose | None
    box: FaceBox | None
    faces: int
    embedding: FloatArray | None
    trouble: str

    @property
    def recognised(self) -> bool:
        """Whether it can be told whose face it is."""
        return self.embedding is not None

    @property
    def turned(self) -> bool:
        """Whether the head is turned so far to the side that it need not be recognised."""
        return self.pose is not None and abs(self.pose.yaw) >= TURNED_DEG


class FaceReader(Protocol):
    """Reads the face in a picture; `Reader` does it with the networks, tests may do it with a table."""

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face."""
        ...


class Reader:
    """The real `FaceReader`. Belongs to the thread that made it, as MediaPipe's objects do.

    Raises
    ------
    liveness.models.ModelError
        If a model is not to be had.
    """

    def __init__(self) -> None:
        self._tracker, self._matcher = FaceTracker(stills=True), FaceMatcher()

    def close(self) -> None:
        """Free the models."""
        self._tracker.close()

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face in an upright RGB picture taken at a time."""
        seen = self._tracker.observe(rgb, 0.0)
        assert seen is not None  # only frames of a video can be late
        return FaceSeen(pose_of(seen, time_s), seen.box, seen.faces, *self._matcher.try_embed(rgb))


class LateReader:
    """A `Reader` that is made when it is first needed, by the thread that needs it, and belongs to that one.

    Raises `liveness.models.ModelError` where a model is not to be had.
    """

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def prepare(self) -> None:
        """Load the models, in the thread that will read."""
        self._reader = self._reader or Reader()

    def close(self) -> None:
        """Free the models, if there are any."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face in an upright RGB picture taken at a time."""
        self.prepare()
        assert self._reader is not None
        return self._reader.read(rgb, time_s)


def pose_of(seen: Observation, time_s: float) -> Pose | None:
    """Return the pose that an observation shows; None without a face."""
    if seen.box is None:
        return None
    height, width = seen.size
    x, y = seen.box.left + seen.box.width / 2, seen.box.top + seen.box.height / 2
    return Pose(time_s, seen.yaw, seen.pitch, seen.roll, x / width, y / width, seen.box.width / width, height / width)
