"""Another step for somebody who cannot do the one that is asked.

Which step may stand in for which is a matter of what each one stops:

- A *turn* shows that the head is solid: a flat picture, however it is held, has no depth (`liveness.head.parallax`).
- A *blink* or a *glance* shows that something moves inside the face: a bust, a mask or a puppet's head turns as well as
  anybody, but its eyes are rigid.

A challenge keeps a step of each kind, as `liveness.challenge.random_challenge` draws it: the last step of its kind is
replaced by one of that kind, any other by one of either. What comes instead has a side, left or right: any recording
has blinks in it, but seldom a glance to the side that was drawn. So a glance may stand in for a blink, and a blink for
something else only where nothing with a side is left that differs from the steps beside it.

What is declined does not come again in the check, and each swap costs a further step at the end. All is drawn with the
operating system's randomness. Counted by trying everything: one recording of answers in a fixed order, whose owner
declines each step that does not fit, and which has the further ones in it, too. The best one fits
(`tests/liveness/test_swaps.py` counts again):

===== ========= ========== ============= =========
steps sequences no swap    with one      with two
===== ========= ========== ============= =========
3     34        1 in 22    1 in 14       1 in 10
4     190       1 in 85    1 in 55       1 in 28
===== ========= ========== ============= =========

So a swap helps a recording about as much as one more attempt would, and not more. That holds for one that was cut into
its movements, too: film of two checks, each movement shown once when it is asked for, answers 53 of 100 challenges of
three steps, and 89 with swaps (`attacks.recipes.declined_steps`, whose test counts again). Whoever can show every step
on demand, as a live deepfake can, needs none. Whoever has film of some steps only gains what a person gains who can do
these only: nobody can tell the two apart here. That is why swaps are few, are written down with the attempt and the
decision, and end in another way to confirm where none is left.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from liveness.challenge import STEP_KINDS, Challenge, StepKind

MOST_SWAPS = 2
"""Swaps in one check: enough for two movements of three. Whoever needs more confirms in another way."""


@dataclass(frozen=True)
class Swap:
    """A step that was declined, and what is asked instead.

    Attributes
    ----------
    number : int
        Of the step in the challenge, from 1 on.
    declined : str
        The step.
    steps : tuple of str
        All of the challenge afterwards.
    at_s : float
        When it was declined, on the stream's clock.
    """

    number: int
    declined: StepKind
    steps: tuple[StepKind, ...]
    at_s: float

    @property
    def instead(self) -> StepKind:
        """What is asked in its place."""
        return self.steps[self.number - 1]

    @property
    def further(self) -> StepKind:
        """What was added at the end."""
        return self.steps[-1]


def alternatives(steps: Sequence[StepKind], index: int, declined: Collection[StepKind]) -> tuple[StepKind, ...]:
    """Steps that are as strong as one and may be asked in its place.

    Parameters
    ----------
    steps : sequence of str
        Of the challenge.
    index : int
        Of the step that is declined.
    declined : collection of str
        All that were declined in this check, this one included: none of them comes again.

    Returns
    -------
    tuple of str
        Empty where none is left.
    """
    depth = _shows_depth(steps[index])
    others = [*steps[:index], *(step for step in steps[index + 1 :] if step not in declined)]
    alone = not any(_shows_depth(step) == depth for step in others)
    beside = (*steps[max(index - 1, 0) : index], *steps[index + 1 : index + 2])
    fitting = tuple(
        step
        for step in STEP_KINDS
        if step not in declined and step not in beside and not (alone and _shows_depth(step) != depth)
    )
    return tuple(step for step in fitting if step != "blink twice") or fitting


def further(steps: Sequence[StepKind], declined: Collection[StepKind]) -> tuple[StepKind, ...]:
    """Steps that may be added at the end of a challenge: not declined, another than the last."""
    return tuple(step for step in STEP_KINDS if step not in declined and step != steps[-1])


def swap(
    challenge: Challenge,
    index: int,
    earlier: Sequence[Swap] = (),
    at_s: float = 0.0,
    draw: random.Random | None = None,
) -> tuple[Challenge, Swap] | None:
    """Draw other steps in place of one, also where it would come again, and a further one at the end.

    Parameters
    ----------
    challenge : Challenge
    index : int
        Of the step that is declined; those before it were answered.
    earlier : sequence of Swap
        Of this check.
    at_s : float
        When it is declined.
    draw : random.Random, optional
        Draws in place of the operating system's randomness: only for checks that are simulated.

    Returns
    -------
    (Challenge, Swap) or None
        None where no step of equal strength is left, or `MOST_SWAPS` were made.
    """
    if len(earlier) >= MOST_SWAPS:
        return None
    step, steps, draw = challenge.steps[index], list(challenge.steps), draw or secrets.SystemRandom()
    declined = {step, *(one.declined for one in earlier)}
    for place in range(index, len(steps)):
        if steps[place] == step:
            instead = alternatives(steps, place, declined)
            if not instead:
                return None
            steps[place] = draw.choice(instead)
    steps.append(draw.choice(further(steps, declined)))  # of five kinds three at most are left out
    return replace(challenge, steps=tuple(steps)), Swap(index + 1, step, tuple(steps), at_s)


def _shows_depth(step: StepKind) -> bool:
    return step.startswith("turn")
