"""What somebody recorded of a genuine presentation, to show it again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from attacks.media.upload import as_streamed
from attacks.show.acted import Acted
from attacks.show.played import Played
from attacks.types import RATE, Face, ImageArray, Presentation, Sensor, no_sensor
from liveness.challenge import StepKind

ANSWERS: tuple[StepKind, ...] = ("turn left", "look right", "turn right", "look left", "blink twice")
"""All that a check can ask for."""

ANSWER_S = 3.0
"""Seconds from one answer to the next in what was recorded of somebody."""

EARLIER = 10**6
"""Added to the seed of what happened earlier: other shots, another temperament."""

_QUALITY = 92  # of recorded frames: as good as video calls get


@dataclass(frozen=True, eq=False)
class Recording:
    """A stream, and stills, or the scenes of these.

    Attributes
    ----------
    frames : tuple of (float, bytes)
        Time in seconds from 0 on, rising, and a JPEG of what the stream showed from then on; at least one.
    stills : tuple of (float, ndarray)
        Time, and RGB of shape (H, W, 3), uint8, not compressed.
    """

    frames: tuple[tuple[float, bytes], ...]
    stills: tuple[tuple[float, ImageArray], ...]

    @property
    def length(self) -> int:
        """Frames at `RATE` a second from the first frame to the last."""
        return round(self.frames[-1][0] * RATE) + 1

    def film(self) -> Iterator[ImageArray]:
        """Show the stream's frames at `RATE` a second: RGB, uint8."""
        return (self.at(number / RATE) for number in range(self.length))

    def at(self, time_s: float) -> ImageArray:
        """What the stream showed at a time: RGB, uint8."""
        number = bisect_right(self.frames, time_s + 1e-6, key=lambda frame: frame[0]) - 1
        packed = np.frombuffer(self.frames[max(number, 0)][1], np.uint8)
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB), np.uint8)


class Recorded:
    """Shows what another presentation shows, and records it."""

    def __init__(self, shown: Presentation) -> None:
        self._shown = shown
        self._frames: list[tuple[float, bytes]] = []
        self._stills: list[tuple[float, ImageArray]] = []
        self._first_s: float | None = None
        self._now_s = 0.0

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show and record a frame, as the stream has it."""
        scene = self._shown.frame(step, now_s)
        self._first_s = now_s if self._first_s is None else self._first_s
        self._now_s = now_s - self._first_s
        bgr = cv2.cvtColor(as_streamed(scene), cv2.COLOR_RGB2BGR)
        _, packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        self._frames.append((self._now_s, packed.tobytes()))
        return scene

    def still(self) -> ImageArray:
        """Hand in and record a still."""
        still = self._shown.still()
        self._stills.append((self._now_s, still))
        return still

    def close(self) -> None:
        """Close what was shown. The recording stays."""
        self._shown.close()

    def recording(self) -> Recording:
        """Return what was recorded.

        Raises
        ------
        RuntimeError
            If no frame was shown yet.
        """
        if not self._frames:
            raise RuntimeError("No frame was shown yet: there is nothing to show again.")
        return Recording(tuple(self._frames), tuple(self._stills))


class Rerun:
    """A recording that passes for a camera: its stream, and of its stills the one nearest in time, each one once.

    Parameters
    ----------
    recording : Recording
        With at least one still.
    sensor : callable
        What makes a still of a recorded one when it is handed in: for recordings of scenes.
    """

    def __init__(self, recording: Recording, sensor: Sensor = no_sensor) -> None:
        if not recording.stills:
            raise ValueError("recording: expected at least one still, got none. Record stills, too.")
        self._recording, self._sensor = recording, sensor
        self._film = Played(recording.film, no_sensor)
        self._unused: list[tuple[float, ImageArray]] = []
        self._at_s = 0.0

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the recording's frame, whatever is asked."""
        self._at_s = (int(now_s * RATE + 1e-6) % self._recording.length) / RATE
        return self._film.frame(step, now_s)

    def still(self) -> ImageArray:
        """Hand in the nearest still; after the last one they begin again."""
        if not self._unused:
            self._unused = list(self._recording.stills)
        nearest = min(range(len(self._unused)), key=lambda number: abs(self._unused[number][0] - self._at_s))
        return self._sensor(self._unused.pop(nearest)[1])

    def close(self) -> None:
        """Nothing to free."""


def record(
    shown: Presentation,
    asked: Iterable[tuple[float, StepKind]],
    seconds: float,
    *,
    every_s: float = 0.7,
    rate: float = RATE,
) -> Recording:
    """Record a presentation without a bank, and close it.

    Parameters
    ----------
    shown : Presentation
    asked : iterable of (float, str)
        When each step is asked, in seconds from the first frame, rising; it stands until the next.
    seconds, rate : float
        Length, and frames a second, above 0.
    every_s : float
        Seconds from one still to the next.
    """
    recorded, waiting = Recorded(shown), list(asked)
    step: StepKind | None = None
    due_s = 0.0
    for number in range(round(seconds * rate)):
        now_s = number / rate
        if waiting and waiting[0][0] <= now_s:
            step = waiting.pop(0)[1]
        recorded.frame(step, now_s)
        if now_s >= due_s:
            recorded.still()
            due_s += every_s
    recorded.close()
    return recorded.recording()


def earlier_check(face: Face, seed: int) -> Recording:
    """A face that answers what was asked in an earlier check, with the scenes of its stills."""
    steps = np.random.default_rng(seed).permutation(len(ANSWERS))[:3]
    asked = [(1.6 + ANSWER_S * number, ANSWERS[step]) for number, step in enumerate(steps)]
    return record(Acted(face, no_sensor, seed + EARLIER), asked, 2.0 + ANSWER_S * len(steps))
