"""How people differ in front of a camera: how often they blink, how soon they answer, what they do unasked.

Rates and times are drawn as they are found in people, where somebody measured them; the rest is assumed, and says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

BLINKS_A_MINUTE = (8.0, 70.0)
"""Least and most: nine labelled clips of people before cameras have 8 to 68."""

_USUAL_BLINKS, _SPREAD = 20.0, 0.6
"""Median of the rates, between Bentivoglio's means of 17 at rest and 26 in conversation (Movement Disorders 12, 1997),
and deviation of their logarithm: the ends of `BLINKS_A_MINUTE` are then rare, not impossible."""


class Spread(Protocol):
    """A number that differs from time to time."""

    def draw(self, rng: np.random.Generator) -> float:
        """Draw it."""
        ...


@dataclass(frozen=True)
class Even:
    """Anything between two limits, equally often."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a number; none is drawn from the generator where the limits are one."""
        return self.low if self.low == self.high else float(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Skewed:
    """Log-normal within limits, as reaction times and durations are: seldom short, sometimes long."""

    median: float
    sigma: float
    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a number."""
        return float(np.clip(self.median * math.exp(rng.normal(0.0, self.sigma)), self.low, self.high))


@dataclass(frozen=True)
class Waiting:
    """Time until something that may come at any moment, but not within the least time: a Poisson process then."""

    mean: float
    least: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a time."""
        return self.least + float(rng.exponential(self.mean - self.least))


NEVER = Even(math.inf, math.inf)


@dataclass(frozen=True)
class Temperament:
    """How one person behaves. Angles in degrees, times in seconds, the rest as `attacks.face.expression.Expression`.

    Attributes
    ----------
    reaction_s : Spread
        From a prompt to the movement.
    distracted : float
        Share of prompts that are answered later by `Temperament.away_s`.
    away_s : Spread
    reads : float
        Share of prompts whose text the eyes go to before the answer.
    mistakes : float
        Share of turns and glances that begin to the wrong side, and are put right.
    again_s : Spread
        From the end of an answer to doing it again while the prompt still stands; infinite: never.
    blink_every_s, first_blink_s, blink_s : Spread
        Between the starts of two blinks that nobody asked for, to the first one, and how long a blink takes.
    blinks_wait : bool
        Whether such blinks wait for the end of an answer, as only those do who take care.
    half, double : float
        Shares of these blinks that do not close the eyes, and that come in twos.
    asked_blink_s, between_blinks_s : Spread
        Length of a blink that was asked for, and from its end to the next one's start.
    third, weak : float
        Shares of answers with a blink more than asked for, and of asked blinks that do not close the eyes.
    turn, turn_s, hold_turn_s : Spread
        How far the head turns, how long it takes there, and back, and between.
    overshoot : Spread
        How far past straight ahead the head comes on its way back.
    eyes_lead : Spread
        How far the eyes look aside before the head follows.
    blinks_out, blinks_back : float
        Shares of turns, and of ways back, that begin with a blink.
    glance, hold_glance_s, head_follows : Spread
        How far the eyes look aside, for how long, and by how much the head turns with them.
    look_around_s, smile_every_s, talk_every_s, yawn_every_s : Spread
        Between two glances, smiles, bouts of talk and yawns that nobody asked for.
    settles : float
        Chance to look aside, as at a keyboard, when the camera starts.
    yaw, pitch, roll : float
        Of the head when it rests: nobody sits as on the photo.
    sway : float
        Size of the idle movement; 1 is a calm sitter's, 0 none.
    """

    reaction_s: Spread
    distracted: float
    away_s: Spread
    reads: float
    mistakes: float
    again_s: Spread
    blink_every_s: Spread
    first_blink_s: Spread
    blink_s: Spread
    blinks_wait: bool
    half: float
    double: float
    asked_blink_s: Spread
    between_blinks_s: Spread
    third: float
    weak: float
    turn: Spread
    turn_s: Spread
    hold_turn_s: Spread
    overshoot: Spread
    eyes_lead: Spread
    blinks_out: float
    blinks_back: float
    glance: Spread
    hold_glance_s: Spread
    head_follows: Spread
    look_around_s: Spread
    smile_every_s: Spread
    talk_every_s: Spread
    yawn_every_s: Spread
    settles: float
    yaw: float
    pitch: float
    roll: float
    sway: float


CALM = Temperament(
    reaction_s=Even(0.5, 1.2),
    distracted=0.0,
    away_s=Even(0.0, 0.0),
    reads=0.0,
    mistakes=0.0,
    again_s=Even(2.0, 2.0),
    blink_every_s=Even(2.0, 5.0),
    first_blink_s=Even(0.6, 1.3),
    blink_s=Even(0.38, 0.38),
    blinks_wait=True,
    half=0.0,
    double=0.0,
    asked_blink_s=Even(0.38, 0.38),
    between_blinks_s=Even(0.15, 0.35),
    third=0.0,
    weak=0.0,
    turn=Even(24.5, 28.0),
    turn_s=Even(0.45, 0.7),
    hold_turn_s=Even(0.25, 0.5),
    overshoot=Even(0.0, 0.0),
    eyes_lead=Even(0.0, 0.0),
    blinks_out=0.0,
    blinks_back=1.0,
    glance=Even(0.8, 0.95),
    hold_glance_s=Even(0.6, 0.9),
    head_follows=Even(0.0, 0.0),
    look_around_s=NEVER,
    smile_every_s=NEVER,
    talk_every_s=NEVER,
    yawn_every_s=NEVER,
    settles=0.0,
    yaw=0.0,
    pitch=0.0,
    roll=0.0,
    sway=1.0,
)
"""Somebody who has rehearsed: for demonstrations, and for attackers, who leave out what could give them away. No
measure of how genuine people fare."""


def drawn(rng: np.random.Generator) -> Temperament:
    """Draw a person.

    Times of blinks: Stern, Walrath and Goldstein (Psychophysiology 21, 1984) give 100 to 400 ms. That wide turns come
    with a blink, and the eyes before the head: Evinger et al. (Experimental Brain Research 100, 1994). Shares of half
    and double blinks, late answers and mistakes are assumed, larger than a good day's.
    """

    def about(median: float, sigma: float, low: float, high: float) -> float:
        return Skewed(median, sigma, low, high).draw(rng)

    def around(deviation: float, most: float) -> float:
        return float(np.clip(rng.normal(0.0, deviation), -most, most))

    def waiting(median: float, least: float) -> Waiting:
        return Waiting(about(median, 0.6, 2.0 * least, 10.0 * median), least)

    reaction = about(1.0, 0.25, 0.5, 2.0)
    blinks = about(_USUAL_BLINKS, _SPREAD, *BLINKS_A_MINUTE)
    blink = about(0.26, 0.2, 0.18, 0.4)
    turn = float(np.clip(27.5 + rng.normal(0.0, 1.5), 24.0, 30.0))
    again = about(2.0, 0.3, 1.0, 4.0) if rng.random() < 0.8 else math.inf
    return Temperament(
        reaction_s=Skewed(reaction, 0.35, 0.35, 5.0),
        distracted=0.03,
        away_s=Even(1.0, 3.0),
        reads=float(rng.uniform(0.0, 0.9)),
        mistakes=0.02,
        again_s=Even(again, again),
        blink_every_s=Waiting(60.0 / blinks, 0.45),
        first_blink_s=Waiting(60.0 / blinks, 0.0),
        blink_s=Skewed(blink, 0.15, 0.15, 0.45),
        blinks_wait=False,
        half=float(rng.uniform(0.0, 0.25)),
        double=float(rng.uniform(0.0, 0.15)),
        asked_blink_s=Skewed(about(0.38, 0.2, 0.25, 0.7), 0.15, 0.22, 0.9),
        between_blinks_s=Skewed(about(0.25, 0.35, 0.1, 0.8), 0.3, 0.07, 1.2),
        third=0.15,
        weak=0.05,
        turn=Even(turn - 2.0, min(turn + 2.0, 30.0)),
        turn_s=Skewed(about(0.55, 0.25, 0.3, 1.2), 0.15, 0.25, 1.5),
        hold_turn_s=Skewed(about(0.35, 0.4, 0.1, 1.5), 0.3, 0.05, 2.0),
        overshoot=Skewed(about(2.0, 0.6, 0.5, 6.0), 0.4, 0.0, 9.0),
        eyes_lead=Even(0.1, 0.5),
        blinks_out=0.5,
        blinks_back=0.5,
        glance=Even(0.65, 0.95),
        hold_glance_s=Skewed(about(0.7, 0.3, 0.35, 1.5), 0.2, 0.25, 2.0),
        head_follows=Skewed(about(1.5, 0.6, 0.3, 6.0), 0.4, 0.0, 10.0),
        look_around_s=waiting(20.0, 1.0),
        smile_every_s=waiting(40.0, 2.0),
        talk_every_s=waiting(12.0, 2.0) if rng.random() < 0.2 else NEVER,
        yawn_every_s=waiting(120.0, 10.0) if rng.random() < 0.1 else NEVER,
        settles=0.15,
        yaw=around(2.5, 5.0),
        pitch=around(4.0, 9.0),
        roll=around(3.0, 7.0),
        sway=about(1.0, 0.35, 0.5, 2.0),
    )
