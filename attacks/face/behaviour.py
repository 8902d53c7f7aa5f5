"""What a face does over time: idle movement, blinks, and answers to prompts, as people of flesh would give them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from attacks.face.expression import LIMITS, Expression
from liveness.challenge import STEP_KINDS, StepKind

REACTION_S = (0.5, 1.2)
"""Shortest and longest time from a prompt to the movement."""

BLINK_EVERY_S = (2.0, 5.0)
"""Shortest and longest time between two blinks that nobody asked for."""

FIRST_BLINK_S = (0.6, 1.3)
"""Shortest and longest time to the first blink: who sits down in front of a camera blinks."""

BLINK_S = 0.38
"""Seconds that a blink takes: a third to close, a moment closed, the rest to open."""

TRY_AGAIN_S = 2.0
"""Seconds after an answer at which it is given again while the prompt still stands."""

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
class _Gesture:
    """There, held, and back."""

    start_s: float
    there_s: float
    hold_s: float
    back_s: float
    size: float

    @property
    def end_s(self) -> float:
        return self.start_s + self.there_s + self.hold_s + self.back_s

    def at(self, now_s: float) -> float:
        since = now_s - self.start_s
        return self.size * (ease(since / self.there_s) - ease((since - self.there_s - self.hold_s) / self.back_s))


class Actor:
    """Somebody in front of a camera who does what is asked, after a moment, and is never quite still.

    Deterministic for a seed and a sequence of calls. Times must not fall.

    Parameters
    ----------
    seed : int, 0 or more
        Of the temperament: reaction times, blinks, sway.
    sway : float
        Size of the idle movement; 1 is a calm sitter's, 0 none.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """

    def __init__(self, seed: int = 0, sway: float = 1.0) -> None:
        if seed < 0:
            raise ValueError(f"seed: expected 0 or more, got {seed}.")
        if not 0.0 <= sway <= 3.0:
            raise ValueError(f"sway: expected 0 to 3, got {sway}.")
        self._rng = np.random.default_rng(seed)
        self._sway = sway
        # Three waves for each of seven movements; periods of two to fifteen seconds that never meet again.
        self._waves = self._rng.uniform(2 * math.pi * 0.07, 2 * math.pi * 0.45, (7, 3))
        self._phases = self._rng.uniform(0.0, 2 * math.pi, (7, 3))
        self._step: StepKind | None = None
        self._blinks: list[float] = []
        self._turns: list[_Gesture] = []
        self._glances: list[_Gesture] = []
        self._last_s = -math.inf
        self._free_s = -math.inf
        self._next_blink_s = math.inf

    def asked(self, step: StepKind | None, now_s: float) -> None:
        """Tell what is asked at this moment. May be called for each frame: the same step is the same prompt.

        Parameters
        ----------
        step : str or None
            Of `liveness.challenge.STEP_KINDS`; None while nothing is asked.
        now_s : float
            Seconds from any start.

        Raises
        ------
        ValueError
            If the step is unknown, or time falls.
        """
        if step is not None and step not in STEP_KINDS:
            raise ValueError(f"unknown step {step!r}: choose from {', '.join(STEP_KINDS)}")
        self._clock(now_s)
        changed, self._step = step != self._step, step
        if step is None:
            return
        if changed:
            # A movement does not stop halfway.
            self._answer(step, max(now_s + self._between(REACTION_S), self._free_s + 0.15))
        elif now_s > self._free_s + TRY_AGAIN_S:
            self._answer(step, now_s)

    def expression(self, now_s: float) -> Expression:
        """Return the expression at a time, which must not be before the last one asked about.

        Raises
        ------
        ValueError
            If time falls.
        """
        self._clock(now_s)
        self._blink_by_itself(now_s)
        waves = np.sin(self._waves * now_s + self._phases).sum(axis=1) / 2.2 * self._sway
        yaw = sum(turn.at(now_s) for turn in self._turns)
        gaze = sum(glance.at(now_s) for glance in self._glances) + 0.03 * waves[6]
        shut = max((lid((now_s - start) / BLINK_S) for start in self._blinks if start <= now_s), default=0.0)
        pose = {
            "blink_left": shut,
            "blink_right": shut,
            "gaze": gaze,
            "yaw": yaw + 1.3 * waves[0],
            "pitch": 1.0 * waves[1] - 0.06 * abs(yaw),
            "roll": 0.9 * waves[2] + 0.05 * yaw,
            "shift_x": 0.020 * waves[3] + 0.001 * yaw,
            "shift_y": 0.012 * waves[4],
            "scale": 1.0 + 0.008 * waves[5],
        }
        return Expression(**{name: float(np.clip(value, *LIMITS[name])) for name, value in pose.items()})

    def _clock(self, now_s: float) -> None:
        if not math.isfinite(now_s) or now_s < self._last_s:
            raise ValueError(f"time {now_s}: expected seconds from {self._last_s:g} on.")
        if math.isinf(self._last_s):
            self._next_blink_s = now_s + self._between(FIRST_BLINK_S)
        self._last_s = now_s
        self._blinks = [start for start in self._blinks if start + BLINK_S > now_s]
        self._turns = [turn for turn in self._turns if turn.end_s > now_s]
        self._glances = [glance for glance in self._glances if glance.end_s > now_s]

    def _between(self, limits: tuple[float, float]) -> float:
        return float(self._rng.uniform(*limits))

    def _answer(self, step: StepKind, start_s: float) -> None:
        """Plan what a step asks for."""
        verb, _, where = step.partition(" ")
        side = 1.0 if where == "left" else -1.0
        if verb == "blink":
            second = start_s + BLINK_S + self._between((0.15, 0.35))
            self._blinks += [start_s, second]
            self._free_s = second + BLINK_S
        elif verb == "look":
            glance = _Gesture(start_s, 0.14, self._between((0.6, 0.9)), 0.14, side * self._between((0.8, 0.95)))
            self._glances.append(glance)
            self._free_s = glance.end_s
        elif verb == "turn":
            there, hold, back = self._between((0.45, 0.7)), self._between((0.25, 0.5)), self._between((0.45, 0.7))
            turn = _Gesture(start_s, there, hold, back, side * self._between((24.5, 28.0)))
            self._turns.append(turn)
            # Wide turns come with a blink (Evinger et al., Experimental Brain Research 100, 1994): here the way back.
            self._blinks.append(turn.end_s - back)
            self._free_s = turn.end_s
        else:
            raise ValueError(f"step {step!r}: nobody has said yet how a person answers it")
        self._next_blink_s = self._free_s + self._between(BLINK_EVERY_S)

    def _blink_by_itself(self, now_s: float) -> None:
        """Blink every few seconds, but not between a prompt and the end of the answer."""
        while self._next_blink_s <= now_s:
            self._blinks.append(self._next_blink_s)
            self._next_blink_s += self._between(BLINK_EVERY_S)


def script(
    steps: Iterable[tuple[float, StepKind]], fps: float, seconds: float, seed: int = 0, sway: float = 1.0
) -> Iterator[Expression]:
    """Act a challenge whose prompts come at known times, frame by frame.

    Parameters
    ----------
    steps : iterable of (float, str)
        When each step is asked, in seconds from the first frame, rising; and which, of
        `liveness.challenge.STEP_KINDS`.
    fps : float
        Frames a second, above 0.
    seconds : float
        Length, above 0.
    seed, sway
        As for `Actor`.

    Returns
    -------
    iterator of Expression

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> faces = list(script([(1.5, "blink twice"), (5.0, "turn left")], fps=15, seconds=8))
    >>> len(faces), max(face.yaw for face in faces) > 20
    (120, True)
    """
    asked = list(steps)
    if any(step not in STEP_KINDS for _, step in asked):
        raise ValueError(f"steps: choose from {', '.join(STEP_KINDS)}; got {asked}.")
    if any(not 0.0 <= time_s < math.inf for time_s, _ in asked) or asked != sorted(asked, key=lambda one: one[0]):
        raise ValueError(f"steps: expected times from 0 on that rise, got {[time_s for time_s, _ in asked]}.")
    if not (0.0 < fps < math.inf and 0.0 < seconds < math.inf):
        raise ValueError(f"expected fps and seconds above 0, got {fps} and {seconds}.")
    actor = Actor(seed, sway)

    def frames() -> Iterator[Expression]:
        waiting = list(asked)
        for number in range(round(fps * seconds)):
            now_s = number / fps
            while waiting and waiting[0][0] <= now_s:
                actor.asked(None, now_s)  # the same step may come twice
                actor.asked(waiting.pop(0)[1], now_s)
            yield actor.expression(now_s)

    return frames()
