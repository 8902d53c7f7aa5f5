"""A challenge that could not be known before: what to do, in which order."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

StepKind = Literal["blink twice", "look left", "look right", "turn left", "turn right"]
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)

PROMPTS: dict[StepKind, str] = {
    "blink twice": "Blink twice",
    "look left": "Look to your left, with your eyes only",
    "look right": "Look to your right, with your eyes only",
    "turn left": "Turn your head to your left, then back",
    "turn right": "Turn your head to your right, then back",
}
"""What each step asks for. There is no "look down": it reads as a blink."""

AGAIN: dict[StepKind, str] = {
    "blink twice": "Not seen yet. Once more, and close your eyes fully.",
    "look left": "Not seen yet. Once more, as far to your left as your eyes go.",
    "look right": "Not seen yet. Once more, as far to your right as your eyes go.",
    "turn left": "Not seen yet. Once more, a little further to your left.",
    "turn right": "Not seen yet. Once more, a little further to your right.",
}
"""What is said when half of a step's time is over: most who are not understood did it, but too little or too soon."""

MIN_STEPS = 3


@dataclass(frozen=True)
class Challenge:
    """Steps to be answered in this order.

    Attributes
    ----------
    steps : tuple of str
        Of `STEP_KINDS`, no two alike in a row; at least three.
    seconds : float
        Time limit of each step.
    """

    steps: tuple[StepKind, ...]
    seconds: float = 7.0

    def __post_init__(self) -> None:
        """Refuse challenges that are too short or not understood."""
        unknown = [step for step in self.steps if step not in STEP_KINDS]
        if unknown:
            raise ValueError(f"unknown step {unknown[0]!r}: choose from {', '.join(STEP_KINDS)}")
        if len(self.steps) < MIN_STEPS:
            raise ValueError(f"{len(self.steps)} steps: a challenge needs at least {MIN_STEPS}")
        if any(a == b for a, b in pairwise(self.steps)):
            raise ValueError("the same step twice running: the second could be answered by chance")
        if not self.seconds > 0:
            raise ValueError(f"a limit of {self.seconds} seconds: give more than 0")


def random_challenge(
    steps: int = MIN_STEPS,
    previous: Sequence[StepKind] = (),
    seconds: float = 7.0,
    draw: random.Random | None = None,
) -> Challenge:
    """Draw a challenge with the operating system's randomness.

    Every challenge has a blink and a head turn in it, since each stops what the other does not, and is another than
    the one before.

    Parameters
    ----------
    steps : int
        At least three.
    previous : sequence of str
        Steps of the challenge before, which will not come again.
    seconds : float
        Time limit of each step.
    draw : random.Random, optional
        Draws in its place: only for checks that are simulated, where the same seed shall give the same challenge.

    Raises
    ------
    ValueError
        If there are too few steps.
    """
    if steps < MIN_STEPS:
        raise ValueError(f"{steps} steps: a challenge needs at least {MIN_STEPS}")
    draw = draw or secrets.SystemRandom()
    while True:
        drawn: list[StepKind] = ["blink twice", draw.choice(("turn left", "turn right"))]
        drawn += [draw.choice(STEP_KINDS) for _ in range(steps - 2)]
        draw.shuffle(drawn)
        alike = any(a == b for a, b in pairwise(drawn))
        if not alike and drawn != list(previous):
            return Challenge(tuple(drawn), seconds)
