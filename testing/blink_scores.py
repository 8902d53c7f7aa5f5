"""Blinks that were found, against closures that somebody labelled by eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

_SLACK_S = 0.12


def blink_scores(found: Sequence[tuple[float, float]], labels: dict[str, Any]) -> np.ndarray:
    """Hits, false alarms and misses of blinks against labelled closures; ambiguous spans count neither way."""
    rate = labels["fps"]
    spans = [(first / rate, (last + 1) / rate) for first, last in labels["closures"]]
    doubtful = [(first / rate, (last + 1) / rate) for first, last in labels["ignore"]]
    met: set[int] = set()
    false = 0
    for start, end in found:
        hits = [n for n, (a, b) in enumerate(spans) if start < b + _SLACK_S and end > a - _SLACK_S and n not in met]
        if hits:
            met.add(hits[0])
        else:
            false += not any(start < b and end > a for a, b in doubtful)
    return np.array([len(met), false, len(spans) - len(met)])
