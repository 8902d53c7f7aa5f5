"""A film that is played, and a stream whose stills come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from attacks.types import RATE, ImageArray, Presentation, Sensor, shown
from liveness.challenge import StepKind


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
        for _ in range(min(int(now_s * RATE + 1e-6) - self._number, 2)):
            following = next(self._frames, None)
            if following is None:
                self._frames = self._film()
                following = next(self._frames)
            self._scene, self._number = following, self._number + 1
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(shown(self._scene))

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
