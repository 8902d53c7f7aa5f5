"""Single movements of a face: a blink, a gesture that goes, is held and comes back, and what people do unasked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

GAZE_S = 0.14
"""Seconds that the eyes take to look aside: a saccade and a little more."""

_CLOSING, _CLOSED = 0.32, 0.50  # shares of a blink at which the lid is down, and starts to rise


def ease(share: float) -> float:
    """Go from 0 to 1 as limbs do, with the least jerk (Flash and Hogan, Journal of Neuroscience 5, 1985).

    Parameters
    ----------
    share : float
        Of the time; below 0 counts as 0, above 1 as 1.
    """
    share = min(max(share, 0.0), 1.0)
    return share**3 * (10.0 + share * (6.0 * share - 15.0))


def lid(share: float) -> float:
    """How far the lids are down at a share of a blink's time, 0..1: they fall faster than they rise."""
    if share < _CLOSING:
        return ease(share / _CLOSING)
    return 1.0 - ease((share - _CLOSED) / (1.0 - _CLOSED))


@dataclass(frozen=True)
class Blink:
    """Both lids down and up again.

    Attributes
    ----------
    start_s, seconds : float
        When, and how long.
    depth : float
        How far down, 0..1.
    """

    start_s: float
    seconds: float
    depth: float = 1.0

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.start_s + self.seconds

    def at(self, now_s: float) -> float:
        """How far the lids are down at a time, 0..1."""
        return self.depth * lid((now_s - self.start_s) / self.seconds) if self.start_s <= now_s else 0.0


@dataclass(frozen=True)
class Gesture:
    """There, held, and back.

    Attributes
    ----------
    part : str
        What moves: "gaze", "yaw", "pitch", "lids", "smile" or "mouth".
    start_s, there_s, hold_s, back_s : float
        When, and how long each part of it takes.
    size : float
        How far, as `attacks.face.expression.Expression` has it.
    """

    part: str
    start_s: float
    there_s: float
    hold_s: float
    back_s: float
    size: float

    @property
    def end_s(self) -> float:
        """When it is over."""
        return self.start_s + self.there_s + self.hold_s + self.back_s

    def at(self, now_s: float) -> float:
        """How far the movement is at a time."""
        since = now_s - self.start_s
        return self.size * (ease(since / self.there_s) - ease((since - self.there_s - self.hold_s) / self.back_s))


def _look_around(start_s: float, rng: np.random.Generator) -> list[Gesture]:
    size = rng.choice((-1.0, 1.0)) * rng.uniform(0.15, 0.9)
    return [Gesture("gaze", start_s, GAZE_S, rng.uniform(0.15, 1.2), GAZE_S, size)]


def _smile(start_s: float, rng: np.random.Generator) -> list[Gesture]:
    size, hold = rng.uniform(0.3, 1.0), rng.uniform(0.5, 3.0)
    # A smile that is meant narrows the eyes, too (Duchenne).
    return [Gesture(part, start_s, 0.4, hold, 0.6, of * size) for part, of in (("smile", 1.0), ("lids", 0.2))]


def _talk(start_s: float, rng: np.random.Generator) -> list[Gesture]:
    end_s, syllables = start_s + rng.uniform(0.6, 3.0), list[Gesture]()
    while start_s < end_s:
        syllables.append(Gesture("mouth", start_s, 0.08, 0.02, 0.08, rng.uniform(0.1, 0.5)))
        start_s += rng.uniform(0.14, 0.25)  # four to seven a second
    return syllables


def _yawn(start_s: float, rng: np.random.Generator) -> list[Gesture]:
    hold, shut = rng.uniform(0.8, 2.0), rng.uniform(0.4, 1.0)
    return [
        Gesture("mouth", start_s, 1.0, hold, 0.8, rng.uniform(0.7, 1.0)),
        Gesture("lids", start_s + 0.4, 0.6, 0.8 * hold, 0.7, shut),
        Gesture("pitch", start_s, 1.0, hold, 0.8, 4.0),
    ]


UNASKED: Mapping[str, Callable[[float, np.random.Generator], list[Gesture]]] = {
    "look": _look_around,
    "smile": _smile,
    "talk": _talk,
    "yawn": _yawn,
}
"""What people do without being asked, by its name: given when it begins, and the generator to draw from."""
