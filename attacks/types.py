"""What is presented to a check, frame by frame and still by still: by a person, or by whoever pretends to be one.

After ISO/IEC 30107-3, which calls a genuine try a bona fide presentation, and any other an attack presentation. Here a
stream shows scenes, without any sensor's noise: none is left in compressed video anyway. Stills show noise, or do not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.behaviour import Actor
from attacks.face.expression import Expression
from liveness.challenge import StepKind

ImageArray: TypeAlias = npt.NDArray[np.uint8]

RATE = 15
"""Frames a second that a stream shows."""

LONG_SIDE = 640
"""Pixels of the longer side of a streamed frame, as the capture component sends it."""


class Presentation(Protocol):
    """Something in front of a check. Used by one thread; times never fall."""

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream a frame: RGB, shape (H, W, 3), uint8.

        Parameters
        ----------
        step : str or None
            What is asked at this moment; None while nothing is.
        now_s : float
            On the stream's clock.
        """
        ...

    def still(self) -> ImageArray:
        """Hand in a still of the moment of the last frame: RGB, uint8, its size the sensor's, sides even."""
        ...

    def close(self) -> None:
        """Free what it holds, such as models, when no frame and no still is wanted any more."""
        ...


class Camera(Protocol):
    """Makes photos of what is in front of it; `prnu.sensor.SimulatedCamera` is one."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        ...

    def photograph(self, scene: ImageArray, *, shot: int | None = None) -> ImageArray:
        """Take a photo of a scene, both RGB, uint8; another shot has other random noise."""
        ...


class Face(Protocol):
    """A face that can be asked to show something; `attacks.face.puppet.Puppet` is one."""

    def frame(self, pose: Expression) -> ImageArray:
        """Show an expression: RGB, shape (H, W, 3), uint8."""
        ...


Sensor: TypeAlias = Callable[[ImageArray], ImageArray]
"""What makes a still of a scene, both RGB: a camera, or nothing at all where a picture is injected."""


def no_sensor(scene: ImageArray) -> ImageArray:
    """Hand in the scene itself: no camera took part (injection)."""
    return scene


def sensor(camera: Camera, first_shot: int = 0) -> Sensor:
    """A camera that takes one shot after another, the first with that number."""
    shots = itertools.count(first_shot)
    return lambda scene: camera.photograph(scene, shot=next(shots))


class Acted:
    """A face that does what is asked, after a moment.

    Parameters
    ----------
    face : Face
    sensor : callable
        Makes stills.
    seed : int
        Of the temperament; see `attacks.face.behaviour.Actor`.
    """

    def __init__(self, face: Face, sensor: Sensor, seed: int = 0) -> None:
        self._face, self._sensor = face, sensor
        self._actor = Actor(seed)
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show what the face does at this moment."""
        self._actor.asked(step, now_s)
        self._scene = self._face.frame(self._actor.expression(now_s))
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(_shown(self._scene))

    def close(self) -> None:
        """Nothing to free."""


class Played:
    """A film that takes no notice of what is asked, and begins again at its end.

    Parameters
    ----------
    film : callable
        Gives the frames from the first one on, at `RATE` a second.
    sensor : callable
        Makes stills.
    """

    def __init__(self, film: Callable[[], Iterator[ImageArray]], sensor: Sensor) -> None:
        self._film, self._sensor = film, sensor
        self._frames = film()
        self._number, self._scene = -1, np.empty((0, 0, 3), np.uint8)

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the film's frame of this moment."""
        # At most two: a film that takes longer to make than to show would fall behind more and more.
        for _ in range(min(int(now_s * RATE) - self._number, 2)):
            following = next(self._frames, None)
            if following is None:
                self._frames = self._film()
                following = next(self._frames)
            self._scene, self._number = following, self._number + 1
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(_shown(self._scene))

    def close(self) -> None:
        """Nothing to free."""


class Spliced:
    """A stream from one source with stills from another.

    Parameters
    ----------
    stream : Presentation
        Shown.
    stills : callable
        Gives each still, whatever the stream shows.
    """

    def __init__(self, stream: Presentation, stills: Callable[[], ImageArray]) -> None:
        self._stream, self._stills = stream, stills

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream's frame."""
        return self._stream.frame(step, now_s)

    def still(self) -> ImageArray:
        """Take the next still from the other source."""
        return self._stills()

    def close(self) -> None:
        """Free the stream."""
        self._stream.close()


def as_streamed(scene: ImageArray) -> ImageArray:
    """Scale a scene down to what a stream shows of it: `LONG_SIDE` pixels at most."""
    scale = min(1.0, LONG_SIDE / max(scene.shape[:2]))
    if scale == 1.0:
        return scene
    return np.asarray(cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def i420(picture: ImageArray) -> ImageArray:
    """Turn RGB into the planes that a browser hands in: shape (3 H / 2, W), uint8. Sides must be even."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)


def _shown(scene: ImageArray | None) -> ImageArray:
    if scene is None or not scene.size:
        raise RuntimeError("No frame was shown yet: ask for a frame before a still.")
    return scene
