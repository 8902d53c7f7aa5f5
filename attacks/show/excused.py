"""A recording of some answers, by somebody who says of all other steps that they cannot do them."""

from __future__ import annotations

from collections.abc import Sequence

from attacks.show.acted import Acted
from attacks.show.recordings import ANSWER_S, EARLIER, Recording, record
from attacks.types import Face, ImageArray, no_sensor, shown
from liveness.challenge import StepKind

QUIET_S = 6.0
"""Seconds before the first answer of a recording, in which nothing is done."""


class Excused:
    """A recording whose answers are played when they are asked for, each once; other steps are declined.

    In between its quiet beginning goes forth and back. An answer that came twice would be found: the video loops.

    Parameters
    ----------
    recording : Recording
        As `answers_recorded` makes it.
    answers : sequence of str
        In the order in which they were recorded.
    in_order : bool
        Whether the recording is played on only, so that no answer but the next can come. False: it was cut.
    """

    def __init__(self, recording: Recording, answers: Sequence[StepKind], in_order: bool) -> None:
        self._recording, self._in_order = recording, in_order
        self._left = [(step, _begins(number)) for number, step in enumerate(answers)]
        self._step: StepKind | None = None
        self._from_s, self._since_s, self._now_s = 0.0, -ANSWER_S, 0.0
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the answer to what is asked, if it is there and was not shown before."""
        self._now_s = now_s
        if step != self._step:
            self._step = step
            if (answer := self._answer(step)) is not None:
                self._from_s, self._since_s = self._left.pop(answer)[1], now_s
        played_s, quiet_s = now_s - self._since_s, now_s % (2 * QUIET_S)
        at_s = self._from_s + played_s if played_s < ANSWER_S else min(quiet_s, 2 * QUIET_S - quiet_s)
        self._scene = self._recording.at(at_s)
        return self._scene

    def declines(self, step: StepKind) -> bool:
        """Tell whether the recording has no answer left to a step that is asked for, or the one played did not do."""
        return self._now_s >= self._since_s + ANSWER_S if step == self._step else self._answer(step) is None

    def still(self) -> ImageArray:
        """The frame itself, as small as it is: stills come from elsewhere."""
        return shown(self._scene)

    def close(self) -> None:
        """Nothing to free."""

    def _answer(self, step: StepKind | None) -> int | None:
        """Which of the answers that are left answers a step."""
        there = self._left[:1] if self._in_order else self._left
        return next((number for number, (one, _) in enumerate(there) if one == step), None)


def answers_recorded(face: Face, answers: Sequence[StepKind], seed: int) -> Recording:
    """Record a face that is quiet for `QUIET_S` and then gives some answers, without stills but the first."""
    asked = [(_begins(number), step) for number, step in enumerate(answers)]
    seconds = _begins(len(answers))
    return record(Acted(face, no_sensor, seed + EARLIER), asked, seconds, every_s=seconds)


def _begins(number: int) -> float:
    return QUIET_S + ANSWER_S * number
