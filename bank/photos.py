"""Photos that were uploaded, one by one: each is by the enrolled camera or not, whatever the others are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bank.still import Still
from prnu import Evidence, Fingerprint, Match
from prnu.group import Grouping, Standing
from prnu.localize import Verdict

Judged: TypeAlias = tuple[Verdict, str, str]
"""Verdict, code of its reason, and advice, as a factor has them."""


@dataclass(frozen=True, eq=False)
class PhotoFinding:
    """What one of several photos says of the camera.

    Attributes
    ----------
    name : str
        Of the file.
    found : Match
        Of this photo on its own.
    by : Match
        The one that it is judged by: its own, or that of all photos that pass only together.
    standing : {"alone", "together", "neither"}
        As `prnu.group` has it.
    verdict : {"passed", "failed", "inconclusive"}
    reason : str
        Code.
    advice : str
        What it means and what to do.
    """

    name: str
    found: Match
    by: Match
    standing: Standing
    verdict: Verdict
    reason: str
    advice: str


def judge_each(
    fingerprint: Fingerprint,
    photos: Sequence[Still],
    passes: Callable[[Match], bool],
    unmatched: Callable[[Match, Evidence], Judged],
) -> tuple[PhotoFinding, ...]:
    """Judge photos, each on its own; those that do not pass, also together (`prnu.group`).

    The stills of a live check are judged together, as they are of one scene and of some seconds. Photos are of any
    scene and any time: nothing but the camera that one shares with the others speaks for it.

    Parameters
    ----------
    fingerprint : Fingerprint
    photos : sequence of Still
        Of its size.
    passes : callable
        Tells whether a match passes.
    unmatched : callable
        What to say of a photo that does not.
    """
    grouping = Grouping(fingerprint, passes)
    for photo in photos:
        grouping.add(photo.evidence, clear=photo.clarity)
    group = grouping.outcome()
    findings = []
    for number, (photo, standing) in enumerate(zip(photos, group.standing, strict=True)):
        found = group.alone[number]
        judged: Judged = "passed", "same-camera", "It is consistent with the registered camera."
        if standing == "together":
            judged = (
                "passed",
                "same-camera-together",
                "It is consistent with the registered camera with the others only.",
            )
        elif standing == "neither":
            judged = unmatched(found, photo.evidence)
        findings.append(PhotoFinding(photo.name, found, group.found(number), standing, *judged))
    return tuple(findings)


def summed_up(findings: Sequence[PhotoFinding]) -> Judged:
    """What all of several photos say, of which at least one passed: nothing hides behind it."""
    total = len(findings)
    if not (failed := which(findings, "failed")):
        if not (unsure := which(findings, "inconclusive")):
            return "passed", "same-camera", f"All {total} photos are consistent with the registered camera."
        shows = "shows" if len(unsure) == 1 else "show"
        advice = (
            f"{_named(unsure)} of {total} {shows} too little of the camera to tell, whatever the others show. Leave "
            "it out, or use one in even light, without filters, as the camera wrote it."
        )
        return "inconclusive", "weak-photos", advice
    does, of = ("does", "is") if len(failed) == 1 else ("do", "are")
    advice = (
        f"{_named(failed)} of {total} {does} not show the registered camera's pattern, which others of them show: "
        f"{'it' if len(failed) == 1 else 'they'} {of} not consistent with it."
    )
    return "failed", "photos-of-another-camera", advice


def which(findings: Sequence[PhotoFinding], verdict: Verdict) -> list[int]:
    """Numbers, from 1 on, of the photos with a verdict."""
    return [number for number, one in enumerate(findings, 1) if one.verdict == verdict]


def _named(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Photo {numbers[0]}"
    return f"Photos {', '.join(str(number) for number in numbers[:-1])} and {numbers[-1]}"
