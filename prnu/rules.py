"""Rules: from which score on, and with which probability of chance, a comparison counts as a match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prnu.match import FALSE_ALARM, THRESHOLD, Match


@dataclass(frozen=True)
class Rule:
    """Two conditions of a match, which must both hold.

    Attributes
    ----------
    name : str
    pce : float
        PCE to reach; raised for places searched and for cameras to choose from.
    false_alarm : float
        Largest p-value, for all places searched and all cameras together.
    about : str
        Where it comes from and what it does, in one sentence.
    """

    name: str
    pce: float
    false_alarm: float
    about: str

    def passed(self, found: Match, cameras: int = 1) -> bool:
        """Tell whether a comparison is a match by this rule, as one of several cameras to choose from."""
        return found.passed(self.pce, cameras, self.false_alarm)


PAPER = Rule(
    "paper", THRESHOLD, FALSE_ALARM, "The paper's round number, 50, and a p-value of at most one in a million."
)

CALIBRATED = Rule(
    "calibrated",
    30.0,  # below about 30 it is noise (`prnu.match.Match.pce`)
    FALSE_ALARM,
    "The p-value decides, and the score only has to be above noise: small and dark photos are found more often.",
)

RULES: Mapping[str, Rule] = {rule.name: rule for rule in (PAPER, CALIBRATED)}
"""By name. The first is the default."""
