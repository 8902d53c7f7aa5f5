"""What is presented to a check, frame by frame and still by still: by a person, or by whoever pretends to be one.

After ISO/IEC 30107-3, which calls a genuine try a bona fide presentation, and any other an attack presentation. Here a
stream shows scenes, without any sensor's noise: none is left in compressed video anyway. Stills show noise, or do not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from attacks.face.expression import Expression
from liveness.challenge import StepKind

ImageArray: TypeAlias = npt.NDArray[np.uint8]

RATE = 15
"""Frames a second that a stream shows."""


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


@runtime_checkable
class Declining(Protocol):
    """A presentation by somebody who says of some steps that they cannot do them."""

    def declines(self, step: StepKind) -> bool:
        """Tell whether another step is wanted in place of the one that is asked for at this moment."""
        ...


def declines(presentation: Presentation, step: StepKind | None) -> bool:
    """Tell whether a presentation says of the step that is asked for, if one is, that it cannot do it."""
    return step is not None and isinstance(presentation, Declining) and presentation.declines(step)


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


def shown(scene: ImageArray | None) -> ImageArray:
    """The scene of the last frame, which a still is of.

    Raises
    ------
    RuntimeError
        If no frame was shown yet.
    """
    if scene is None or not scene.size:
        raise RuntimeError("No frame was shown yet: ask for a frame before a still.")
    return scene
