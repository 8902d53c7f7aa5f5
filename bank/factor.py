"""What one factor of a verification says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bank.profiles import FactorName

Verdict = Literal["passed", "failed", "inconclusive"]


@dataclass(frozen=True)
class Factor:
    """What one factor says.

    Attributes
    ----------
    name : {"face", "liveness", "camera", "face region", "freshness"}
    verdict : {"passed", "failed", "inconclusive"}
        Inconclusive never counts as passed.
    score, threshold : float
        NaN where there is none. `measure` says of what.
    measure : str
        Such as "PCE" or "cosine similarity".
    reason : str
        Short and stable code, for programs.
    advice : str
        What it means and what to do, in one or two sentences for a person.
    details : mapping of str to float or str
        Further figures for the record.
    """

    name: FactorName
    verdict: Verdict
    score: float
    threshold: float
    measure: str
    reason: str
    advice: str
    details: Mapping[str, float | str] = field(default_factory=dict)
