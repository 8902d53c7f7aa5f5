"""Sentences of the match view of an attempt. Pure functions; nothing here claims more than the numbers do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import numpy as np

from prnu import Match
from prnu.images import FloatArray
from prnu.quality import listed
from ui.results.attempt import Attempt, Source
from ui.results.photo_check import Check
from ui.results.photo_group import PhotoGroup
from ui.text.decision import OUTCOMES, factor_cards
from ui.text.photo_group import finding_word
from ui.text.scores import count, one_in, score, second

SOURCES: dict[Source, str] = {
    "live": "live check",
    "photos": "check with photos",
    "sample": "sample check",
    "lab": "attack lab",
}
"""Where an attempt came from, in words."""

LIMITS = {
    "face": "A deepfake shows the same face, and some relatives look alike.",
    "liveness": "A deepfake that is steered live can blink and turn as it is told.",
    "camera": "Whoever films a good screen with the registered camera passes, and so does whoever stole the camera, "
    "its fingerprint, or enough of its original photos to plant the pattern.",
    "face region": "It cannot tell in a small, dark, overexposed or very detailed face, and nothing outside of the "
    "face is tested.",
    "freshness": "A still that was forged within the seconds of this check, to fit the video, is fresh, too.",
}
"""What each factor does not stop, by its name."""

_MISSING = {
    "no-camera-enrolled": "No camera is registered for this customer, so there is nothing to compare the stills with.",
    "no-stills": "No usable still arrived, so there is no noise to look at.",
    "other-size": "The stills do not have the size of any registered camera's pictures, so a fingerprint cannot be "
    "laid over them. Take them in the mode that was registered.",
}


def label(shown: Attempt | Check | PhotoGroup, zone: tzinfo = UTC) -> str:
    """What to call an attempt, or a check of photos, in a list, with its time in a zone. May hold any mark-up."""
    if isinstance(shown, PhotoGroup):
        photos = count(len(shown.members), "photo")
        return f"{second(shown.when, zone)} · which camera took them? · {photos} · {shown.camera}"
    if isinstance(shown, Check):
        names = listed([photo.name for photo in shown.photos], 1)
        return f"{second(shown.when, zone)} · which camera took {names}? · {shown.camera}"
    outcome = OUTCOMES.get(str(shown.decision.get("outcome")), "no outcome")
    return f"{second(shown.when, zone)} · {SOURCES[shown.source]} · {shown.customer} · {outcome}"


def photo(attempt: Attempt, index: int) -> str:
    """A photo of an attempt in a list to choose from. May hold any mark-up."""
    findings = attempt.finding.photos
    how = f" · {finding_word(findings[index])}" if findings else ""
    return f"{index + 1} · {attempt.stills[index].name}{how}"


def compared(found: Match) -> str:
    """What was compared, in few words."""
    return "this still" if found.images == 1 else "these stills"


def false_alarm(found: Match, cameras: int) -> str:
    """How probable it is that another camera scores as high."""
    best = f", as the best of {count(cameras, 'camera')}" if cameras > 1 else ""
    stills = "this still" if found.images == 1 else f"these {found.images} stills"
    chance = one_in(found.false_alarm(max(cameras, 1)))
    return (
        f"If a camera that is not registered had taken {stills}, a score this high or higher would come up by chance "
        f"in **{chance}** such checks{best} (false-alarm probability)."
    )


def elsewhere(z: float, scores: FloatArray) -> str:
    """How a score compares with what chance gave at other places of the same comparison."""
    places = f"{len(scores):,} other places"
    reached = int(np.count_nonzero(scores >= z))
    if reached:
        return (
            f"The fingerprint was also laid over {places}, where it cannot fit: {reached:,} of them "
            f"scored as high as its own place, or higher."
        )
    return (
        f"The fingerprint was also laid over {places}, where it cannot fit: the highest of them scored "
        f"{score(float(scores.max()))}, its own place {score(z)}."
    )


def missing(attempt: Attempt) -> str:
    """What cannot be shown of an attempt, and why; empty if a camera was compared."""
    if attempt.finding.camera is not None:
        return ""
    return _MISSING.get(attempt.finding.factor.reason, attempt.finding.factor.advice)


def about_person(attempt: Attempt) -> bool:
    """Whether liveness or freshness is why it did not pass."""
    return str(attempt.decision.get("reason")).partition(":")[0] in ("liveness", "freshness")


def limits(decision: Mapping[str, Any]) -> dict[str, str]:
    """What the factors of a decision do not stop, by their names in words."""
    listed = decision.get("factors")
    factors = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list | tuple) else []
    named = zip(factor_cards(decision), (str(factor.get("name")) for factor in factors), strict=True)
    return {card.title: LIMITS[name] for card, name in named if name in LIMITS}
