"""Sentences and legends of maps that show where the pattern is. They agree with the verdict on the same photo.

Of a photo that is not consistent with the camera no map says that the pattern was found, or where it is missing:
nothing is expected there.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from prnu import Match
from prnu.localize import CorrelationMap
from ui.text.scores import BEYOND_CHANCE, percent, score

Strength = Literal["pattern", "trace", "chance"]
"""What a comparison as a whole shows: a match; more than chance explains, but no match; or neither."""

LEGEND = "agreement, in what chance gives (z)"
"""Of the colours: deviations of chance."""

TITLES: dict[Strength, tuple[str, ...]] = {
    "pattern": ("Photo", "Pattern found", "Where it is missing", "Pattern expected"),
    "trace": ("Photo", "Agreement with the fingerprint"),
    "chance": ("Photo", "Agreement by chance"),
}
"""Of the views of a photo."""


def strength(found: Match, passed: bool) -> Strength:
    """What a comparison as a whole shows."""
    if passed:
        return "pattern"
    return "trace" if found.p_value <= BEYOND_CHANCE and found.z > 0 else "chance"


def where(found: CorrelationMap, shown: Strength, telling: float) -> str:
    """What the views of a photo show; `telling` is the share of it, 0..1, in which the pattern should show."""
    if shown == "pattern":
        return (
            "Both maps of the pattern share one colour scale (local correlation). Smooth areas in medium light show "
            f"the pattern best; white, black and finely textured ones can hide it. In **{percent(telling)}** of this "
            f"photo it should show clearly; it is missing in **{missing(found)}**. Scattered spots are usual, whole "
            "areas are not. The views zoom together; a double click zooms out."
        )
    highest = f"The highest place of this map reaches {score(float(found.z.max()))}"
    if shown == "trace":
        return (
            "The photo as a whole agrees more than chance explains, but not enough for a match, so this map cannot say "
            f"where the pattern is missing. {highest}, in deviations of chance (z); from about 5 on it is more than "
            "chance gives anywhere in a map."
        )
    return (
        "The photo as a whole shows no sign of the camera, so there is no pattern to be found or missing. What colour "
        f"there is comes by chance. {highest}, in deviations of chance (z); up to about 5 is usual somewhere in a map."
    )


def missing(found: CorrelationMap) -> str:
    """Share of the frame in which the pattern should show and does not."""
    return percent(float(found.missing.mean()))


def agreement(shown: Strength) -> str:
    """What to look for in a map of where noise and fingerprint agree."""
    return {
        "pattern": "A swapped face is a dark hole in a bright surrounding.",
        "trace": "Here they agree a little more than chance explains, and not enough for a match.",
        "chance": "Here they agree nowhere more than chance explains.",
    }[shown]


def described(found: CorrelationMap, shown: Strength) -> str:
    """The map in words, for whoever does not see it."""
    if shown == "pattern":
        return f"where they agree. Missing in {missing(found)}"
    share = percent(float(np.mean(found.z >= 5.0)))
    return f"where they agree, which is not enough for a match. Beyond chance in {share}"
