"""What was seen of a face, frame by frame: for plots, and for words on what was seen in place of an answer."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from liveness.answers import StepResult
from liveness.events import Event
from liveness.landmarks import FloatArray, Observation
from liveness.quality import Gate
from liveness.vote import Window

SIGNALS = ("time_s", "ear_left", "ear_right", "blink_left", "blink_right", "gaze", "yaw", "pitch", "roll")
"""What is kept of each frame: names of `liveness.landmarks.Observation`."""


class SignalTrack:
    """Keeps the signals of each frame: 40 bytes, which are 54 kB for an attempt of a minute and a half.

    Attributes
    ----------
    signals : dict of str to array of float32
        By the names of `SIGNALS`; NaN without a face.
    """

    def __init__(self) -> None:
        self.signals: dict[str, array[float]] = {name: array("f") for name in SIGNALS}
        self._gates: list[Gate] = []

    def add(self, seen: Observation, gate: Gate) -> None:
        """Take a frame, and how it was judged."""
        for name, values in self.signals.items():
            values.append(getattr(seen, name))
        self._gates.append(gate)

    def between(self, name: str, start_s: float, end_s: float) -> FloatArray:
        """Values of a signal in frames of a time, start and end included; without those that showed no face.

        Returns
        -------
        ndarray, shape (N,), float32
        """
        times, values = (np.array(self.signals[key], np.float32) for key in ("time_s", name))
        found: FloatArray = values[(times >= np.float32(start_s)) & (times <= np.float32(end_s)) & ~np.isnan(values)]
        return found

    def unusable(self, start_s: float, end_s: float) -> tuple[float, str]:
        """Share of a time's frames that could not be judged, 0..1, and the code that most of these had."""
        times = np.array(self.signals["time_s"], np.float32)
        inside = np.flatnonzero((times >= np.float32(start_s)) & (times <= np.float32(end_s)))
        codes = Counter(self._gates[number].code for number in inside if self._gates[number].blocking)
        return codes.total() / max(len(inside), 1), max(codes, key=lambda code: codes[code], default="")


@dataclass(frozen=True, eq=False)
class Timeline:
    """A live check over time. Times are those of its stream.

    Attributes
    ----------
    signals : mapping of str to sequence of float
        As `SignalTrack.signals`.
    events : sequence of Event
        Blinks, glances and turns.
    windows : sequence of Window
        The vote of each ten frames.
    steps : sequence of StepResult
        What was asked, when, and when it was answered.
    """

    signals: Mapping[str, Sequence[float]] = field(repr=False)
    events: Sequence[Event] = ()
    windows: Sequence[Window] = ()
    steps: Sequence[StepResult] = ()

    @property
    def seconds(self) -> float:
        """When the last frame was; 0 without any."""
        return max(self.signals["time_s"], default=0.0)


def following(steps: Sequence[StepResult], index: int, events: Sequence[Event]) -> list[Event]:
    """Return what began after a step's prompt and before the next one's."""
    end_s = steps[index + 1].asked_s if index + 1 < len(steps) else float("inf")
    return [event for event in events if steps[index].asked_s < event.start_s < end_s]
