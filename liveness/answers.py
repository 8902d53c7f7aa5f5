"""The answer to one step of a challenge: what counts, what came too early, and what was something else."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from liveness.challenge import StepKind
from liveness.events import Event, Kind

FASTEST_S = 0.25
"""Seconds after a prompt before which nobody can have answered it: what comes sooner was recorded, or is chance."""

TURNED_S = 2 * FASTEST_S
"""Seconds after it in which an early turn is complete. One that takes longer may have begun as a drift of the head: it
is no answer, and is not held against anybody."""

MAX_WRONG = 3
"""Other movements than asked for that one step bears with."""

WANTED: dict[StepKind, tuple[Kind, int]] = {
    "blink twice": ("blink", 2),
    "look left": ("glance left", 1),
    "look right": ("glance right", 1),
    "turn left": ("turn left", 1),
    "turn right": ("turn right", 1),
}
"""What each step waits for, and how often."""


@dataclass(frozen=True)
class StepResult:
    """What became of one step of the challenge.

    Attributes
    ----------
    step : str
    asked_s : float
        When its prompt was shown.
    answered_s : float
        When it was answered; NaN if it was not.
    early, wrong : int
        Right movements that came before anybody could have answered, and other movements than asked for.
    """

    step: StepKind
    asked_s: float
    answered_s: float
    early: int
    wrong: int

    @property
    def answered(self) -> bool:
        """Whether it was answered in time."""
        return not math.isnan(self.answered_s)


class Answer:
    """Takes the events of one step as they come.

    Parameters
    ----------
    step : str
    asked_s : float
        When its prompt was shown.
    after : str, optional
        The step before, if it was answered just now.

    Attributes
    ----------
    early, wrong : int
        As in `StepResult`. They survive a pause, after which the step is asked anew.
    """

    def __init__(self, step: StepKind, asked_s: float, after: StepKind | None = None) -> None:
        self.step, self.asked_s = step, asked_s
        self.kind, self._times = WANTED[step]
        self._after = after
        self._count = self.early = self.wrong = 0

    def ask_again(self, asked_s: float) -> None:
        """Begin anew, as after a pause."""
        self.asked_s, self._count, self._after = asked_s, 0, None

    def shown(self, time_s: float) -> None:
        """Learn when the prompt was shown, if that was after the frame that led to it."""
        self.asked_s = max(self.asked_s, time_s)

    def take(self, events: Iterable[Event]) -> int:
        """Take the events of a frame; return how many of them came too early to be an answer."""
        early = 0
        for event in events:
            if event.start_s <= self.asked_s:
                continue  # begun before the prompt, which follows its frame: an answer to nothing
            if event.kind != self.kind:
                # Eyes follow a turning head and lids its glance: only another step's answer is a wrong one.
                self.wrong += event.kind.split()[0] == self.kind.split()[0] or event.kind.startswith("turn")
            elif event.start_s - self.asked_s >= FASTEST_S:
                self._count += 1
            elif not event.kind.startswith("turn") or not self._drifts(event):
                early += 1
        self.early += early
        return early

    def _drifts(self, turn: Event) -> bool:
        """Whether the head was slow, or follows the eyes, which were asked to look to the same side just before."""
        side = self.kind.split()[-1]
        return turn.end_s - self.asked_s > TURNED_S or self._after == f"look {side}"

    @property
    def complete(self) -> bool:
        """Whether the step is answered."""
        return self._count >= self._times

    @property
    def complete_early(self) -> bool:
        """Whether all of an answer of several movements came too early: no habit explains that many at once."""
        return self._times > 1 and self.early >= self._times

    @property
    def all_wrong(self) -> bool:
        """Whether more other movements came than a step bears with."""
        return self.wrong > MAX_WRONG

    def result(self, answered_s: float = math.nan) -> StepResult:
        """What became of it."""
        return StepResult(self.step, self.asked_s, answered_s, self.early, self.wrong)
