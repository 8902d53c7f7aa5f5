"""What many trials say: how often each attack passes each factor, and how often genuine customers do not.

In the terms of ISO/IEC 30107-3: APCER is the share of attack presentations that are taken for genuine ones, reported
for each species of attack, the worst counting; BPCER is the share of genuine (bona fide) presentations that are not.
What a factor could not tell is not passed, and is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from scipy.stats import binomtest

from attacks.recipe import GENUINE
from bank.factor import Verdict
from bank.policy import FACTORS, FactorName

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Rate:
    """A share with its confidence interval.

    Attributes
    ----------
    count, n : int
    share : float
        NaN of none.
    low, high : float
        0 and 1 of none.
    """

    count: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """What a factor said in a trial; a score that there is not is None."""

    verdict: Verdict
    reason: str
    score: float | None


@dataclass(frozen=True)
class Attempt:
    """What came of one trial.

    Attributes
    ----------
    attack, strength : str
        Codes of a recipe and of one of its ways; `GENUINE` and an empty one.
    number : int
        Of the trial, from 0.
    camera : str
        The enrolled one.
    real : bool
        Whether its noise was made by a real sensor.
    victim : str
    outcome : {"accepted", "refused", "step-up", ""}
        Empty where the trial could not be made.
    reason : str
        Of the decision.
    factors : mapping of str to Finding
    stills, seconds
        That it took.
    trouble : str
        Why the trial could not be made.
    """

    attack: str
    strength: str
    number: int
    camera: str
    real: bool
    victim: str
    outcome: Literal["accepted", "refused", "step-up", ""]
    reason: str
    factors: Mapping[FactorName, Finding]
    stills: int = 0
    seconds: float = 0.0
    trouble: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the bank accepted it."""
        return self.outcome == "accepted"


@dataclass(frozen=True)
class Cell:
    """What a factor said in all trials of a row."""

    passed: Rate
    inconclusive: int
    failed: int


@dataclass(frozen=True)
class Row:
    """Trials of one kind.

    Attributes
    ----------
    attack, strength : str
        Of genuine ones `GENUINE`, and the camera, or nothing for all.
    accepted : Rate
        APCER of an attack.
    rejected : Rate
        BPCER of genuine ones.
    step_up : int
        Of the rejected, those that were asked for more, not refused.
    cells : mapping of str to Cell
        By factor. The rate of what passed is the APCER of that factor alone.
    troubles : tuple of str
        Of trials that could not be made; they count nowhere else.
    """

    attack: str
    strength: str
    accepted: Rate
    rejected: Rate
    step_up: int
    cells: Mapping[FactorName, Cell]
    troubles: tuple[str, ...]

    @property
    def n(self) -> int:
        """Trials that were made."""
        return self.accepted.n


@dataclass(frozen=True)
class Matrix:
    """Every attack against every factor.

    Attributes
    ----------
    attacks : tuple of Row
        One for each strength, in the order in which they came.
    genuine : tuple of Row
        All together, those of real noise, the simulated ones, then each camera; those that there are.
    refused : tuple of Attempt
        Genuine ones that were not accepted.
    """

    attacks: tuple[Row, ...]
    genuine: tuple[Row, ...]
    refused: tuple[Attempt, ...]

    @property
    def through(self) -> tuple[Row, ...]:
        """What got through at least once, the worst first."""
        rows = [row for row in self.attacks if row.accepted.count]
        return tuple(sorted(rows, key=lambda row: row.accepted.share, reverse=True))

    @property
    def apcer(self) -> Mapping[str, Rate]:
        """APCER of each attack: that of its worst strength."""
        made = [row for row in self.attacks if row.n]
        grouped = groupby(sorted(made, key=lambda row: row.attack), key=lambda row: row.attack)
        return {code: max((row.accepted for row in rows), key=lambda rate: rate.share) for code, rows in grouped}


def rate(count: int, n: int) -> Rate:
    """Share of `count` in `n`, with the exact 95 % interval.

    Of Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26, 1934. It is on the safe side: it holds in at least 95 of 100 cases.

    Parameters
    ----------
    count : int, 0..n
    n : int
        Of none nothing is known: 0 to 1.
    """
    if n == 0:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    interval = binomtest(count, n).proportion_ci(CONFIDENCE, method="exact")
    return Rate(count, n, count / n, float(interval.low), float(interval.high))


def summary(attempts: Iterable[Attempt]) -> Matrix:
    """Count.

    Parameters
    ----------
    attempts : iterable of Attempt

    Returns
    -------
    Matrix
    """
    kinds: dict[tuple[str, str], list[Attempt]] = {}
    genuine: list[Attempt] = []
    for attempt in attempts:
        if attempt.attack == GENUINE:
            genuine.append(attempt)
        else:
            kinds.setdefault((attempt.attack, attempt.strength), []).append(attempt)
    groups = [
        ("", genuine),
        ("real noise", [attempt for attempt in genuine if attempt.real]),
        ("simulated", [attempt for attempt in genuine if not attempt.real]),
    ]
    for camera in sorted({attempt.camera for attempt in genuine}):
        groups.append((camera, [attempt for attempt in genuine if attempt.camera == camera]))
    return Matrix(
        tuple(_row(*kind, found) for kind, found in kinds.items()),
        tuple(_row(GENUINE, name, found) for name, found in groups if found),
        tuple(attempt for attempt in genuine if attempt.outcome in ("refused", "step-up")),
    )


def _row(attack: str, strength: str, attempts: list[Attempt]) -> Row:
    made = [attempt for attempt in attempts if attempt.outcome]
    accepted = sum(attempt.accepted for attempt in made)
    return Row(
        attack,
        strength,
        rate(accepted, len(made)),
        rate(len(made) - accepted, len(made)),
        sum(attempt.outcome == "step-up" for attempt in made),
        {name: _cell([attempt.factors[name].verdict for attempt in made]) for name in FACTORS},
        tuple(attempt.trouble for attempt in attempts if not attempt.outcome),
    )


def _cell(verdicts: list[Verdict]) -> Cell:
    passed = rate(verdicts.count("passed"), len(verdicts))
    return Cell(passed, verdicts.count("inconclusive"), verdicts.count("failed"))
