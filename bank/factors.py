"""The factors that stills are judged by: the camera, and the camera's pattern in the face."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bank.capture import Capture
from bank.factor import Factor as Factor
from bank.factor import Verdict as Verdict
from bank.liveness_factor import judge_liveness as judge_liveness
from bank.photos import Judged, PhotoFinding, judge_each, summed_up, which
from bank.profiles import CameraRules, FaceRegionRules
from bank.still import Still
from bank.still_sets import combine, common_region, showing
from liveness.identity import FaceTemplate
from prnu import Evidence, Fingerprint
from prnu.localize import MIN_REGION, RegionMatch, least_genuine, match_region
from prnu.match import Match, match, raised_threshold
from prnu.orientation import turned_back
from prnu.shares import Shares, native_ncc, shares_of


@dataclass(frozen=True, eq=False)
class Candidate:
    """An enrolled camera, unlocked for one decision. Never leaves the bank."""

    id: str
    label: str
    fingerprint: Fingerprint  # of pictures as the camera hands them out, mirrored or not: so are those of a check
    mirrored: bool = False  # whether it is known to swap left and right


@dataclass(frozen=True, eq=False)
class CameraFinding:
    """The camera factor with what it rests on.

    Attributes
    ----------
    factor : Factor
    camera : Candidate or None
        The enrolled camera that fits best; None if none has the stills' size.
    found : Match or None
    evidence : Evidence or None
        All stills together.
    shares : Shares or None
        What each still carries of the pattern; None if the stills together do not match.
    photos : tuple of PhotoFinding
        What each of several uploaded photos says, which are judged one by one; empty in a live check.
    """

    factor: Factor
    camera: Candidate | None
    found: Match | None
    evidence: Evidence | None
    shares: Shares | None = None
    photos: tuple[PhotoFinding, ...] = ()


def judge_camera(candidates: Sequence[Candidate], capture: Capture, policy: CameraRules) -> CameraFinding:
    """Judge whether the stills carry the pattern of one of the customer's cameras.

    With several cameras the best one counts, by a rule that is made stricter for their number (`Match.passed`). Stills
    of a live check are judged together, and must each carry their share. Uploaded photos are judged one by one
    (`bank.photos`).
    """
    stills = capture.stills
    fitting = [c for c in candidates if stills and c.fingerprint.shape == stills[0].shape]
    threshold = raised_threshold(policy.pce, max(len(fitting), 1))

    def finding(
        verdict: Verdict, reason: str, advice: str, best: Candidate | None = None, found: Match | None = None
    ) -> CameraFinding:
        details: dict[str, float | str] = {"stills": len(stills), "cameras compared": len(fitting)}
        if found and best:
            details |= {"camera": best.id, "false-alarm probability": found.false_alarm(len(fitting)), "ncc": found.ncc}
            details["expected PCE"] = best.fingerprint.expected_pce(found.images)
        if each:
            details |= _share_details(each)
        pce = found.pce if found else math.nan
        if photos:
            details |= {f"photo {number}": one.found.pce for number, one in enumerate(photos, 1)}
            pce = min(one.by.pce for one in photos)  # a high score of all together would speak for those that have none
        factor = Factor("camera", verdict, pce, threshold, "PCE", reason, advice, details)
        return CameraFinding(factor, best, found, evidence, each, photos)

    evidence: Evidence | None = None
    each: Shares | None = None
    photos: tuple[PhotoFinding, ...] = ()
    if not candidates:
        return finding(
            "inconclusive", "no-camera-enrolled", "No camera is registered for this customer: register one first."
        )
    if not stills:
        return finding("inconclusive", "no-stills", "No usable still arrived. Take the check again.")
    if not fitting:
        if turn := _turned(candidates, combine(stills), policy):
            return finding("inconclusive", "turned", turn)
        height, width = stills[0].shape
        advice = f"No registered camera takes pictures of {width}x{height} pixels, so there was nothing to compare. "
        advice += "Use the camera that was registered, at its own size, or register this one."
        return finding("inconclusive", "other-size", advice)
    evidence = combine(stills)
    best, found = max(((c, match(c.fingerprint, evidence)) for c in fitting), key=lambda pair: pair[1].pce)
    if len(stills) < policy.min_stills:
        came = "1 still is" if len(stills) == 1 else f"{len(stills)} stills are"
        advice = f"{came} too few, {policy.min_stills} are needed. Take the check again."
        return finding("inconclusive", "few-stills", advice, best, found)

    def passes(one: Match) -> bool:
        return one.passed(policy.pce, len(fitting), policy.false_alarm)

    def unmatched(one: Match, shown: Evidence) -> Judged:
        return _unmatched(candidates, best, one, shown, threshold, policy)

    if len(stills) > 1 and all(still.uploaded for still in stills):
        photos = judge_each(best.fingerprint, stills, passes, unmatched)
        if which(photos, "passed"):
            return finding(*summed_up(photos), best, found)
    if passes(found):
        each = shares_of([native_ncc(best.fingerprint, s.noise) for s in stills], [s.clarity for s in stills], found)
        if each.verdict == "passed" and not photos:
            return finding(
                "passed", "same-camera", "The stills are consistent with the registered camera.", best, found
            )
        if not each.silent:
            advice = (
                "A few of the stills carry all others: the rest show too little of the camera. Take it in even light."
            )
            return finding("inconclusive", "few-carry", advice, best, found)
        which_ones = "Still " if len(each.silent) == 1 else "Stills "
        which_ones += ", ".join(str(number + 1) for number in each.silent)
        if each.verdict == "failed":
            advice = (
                f"{which_ones} of {len(stills)} do not show the camera's pattern, which the others show: it is not "
                "theirs."
            )
            return finding("failed", "stills-of-another-camera", advice, best, found)
        advice = (
            f"{which_ones} of {len(stills)} show too little of the camera. Hold still, in even light, and use no "
            "filters."
        )
        return finding("inconclusive", "weak-stills", advice, best, found)
    return finding(*unmatched(found, evidence), best, found)


def _unmatched(
    candidates: Sequence[Candidate],
    best: Candidate,
    found: Match,
    evidence: Evidence,
    threshold: float,
    policy: CameraRules,
) -> Judged:
    """What to say of stills that are not a match with the enrolled camera that fits them best."""
    if not best.fingerprint.expected_pce(found.images) >= threshold:
        advice = "This camera's fingerprint is too weak to tell. Register it again, with more photos of a blank wall."
        return "inconclusive", "weak-fingerprint", advice
    if found.pce >= threshold / 2 and found.z > 0:
        advice = "There are signs of the registered camera, but too few. Try again with more light, and no filters."
        return "inconclusive", "weak-match", advice
    if turn := _turned(candidates, evidence, policy):
        return "inconclusive", "turned", turn
    return "failed", "other-camera", "The stills do not show the sensor pattern of a registered camera."


def _turned(candidates: Sequence[Candidate], evidence: Evidence, policy: CameraRules) -> str:
    """What to say of stills that fit an enrolled camera once they are turned back; empty where they do not.

    Nothing is accepted that was changed after the shot. But it may be a genuine customer's app or driver that did it.
    """
    backs = [turned_back(candidate.fingerprint, evidence) for candidate in candidates]
    best = max((back for back in backs if back), key=lambda back: back.match.pce, default=None)
    if best is None:
        return ""
    if not best.match.passed(policy.pce, len(candidates), policy.false_alarm):
        return ""
    return (
        f"The stills are {best.turn.words}: {best.turn.cause}. Turned back, they are consistent with the registered "
        "camera, but only pictures as the camera wrote them count. Switch that off and try again."
    )


def _share_details(each: Shares) -> dict[str, float | str]:
    """What the record says of how evenly the stills carry the pattern."""
    weakest = int(np.argmin(each.z - each.expected / 2))
    return {
        "stills without their share": ", ".join(str(number + 1) for number in each.silent) or "none",
        "weakest still": float(each.z[weakest]),
        "weakest still, expected": float(each.expected[weakest]),
    }


def judge_region(
    finding: CameraFinding, capture: Capture, policy: FaceRegionRules, template: FaceTemplate | None = None
) -> Factor:
    """Judge whether the camera's pattern is where the face is. A face swapped into genuine pictures lacks it.

    Only stills whose face was recognised count: else pictures of anybody in dark glasses, by the enrolled camera, would
    show the pattern for others that show the face. Of a head that is turned away nobody asks that.

    Parameters
    ----------
    finding : CameraFinding
    capture : Capture
    policy : FaceRegionRules
    template : FaceTemplate, optional
        The enrolled face: stills of somebody else do not count either.
    """

    def factor(
        verdict: Verdict,
        reason: str,
        advice: str,
        score: float = math.nan,
        threshold: float = math.nan,
        **details: float,
    ) -> Factor:
        return Factor("face region", verdict, score, threshold, "standard deviations", reason, advice, details)

    if finding.camera is None or finding.found is None:
        return factor(
            "inconclusive", "no-camera", "Without a registered camera of this size there is nothing to look for."
        )
    facing = [still for still in capture.stills if still.face.recognised or not still.face.turned]
    there = showing(facing, template)
    stills, box = common_region(there)
    if box is None:
        return factor("inconclusive", "no-face", "The registered face was not recognised in any still.")
    if len(facing) < len(capture.stills) / 2:
        advice = "In most stills the head was turned away. Turn it when you are asked, and look ahead otherwise."
        return factor("inconclusive", "turned-away", advice, stills=len(stills))
    # A face that was put into one of several photos must not hide behind those of the others.
    swapped = _swapped(finding.camera.fingerprint, there) if finding.photos else None
    if swapped is None and len(stills) < policy.min_share * len(facing):
        advice = "The face moved too much between the stills, or was not recognised. Keep your head in the oval."
        return factor("inconclusive", "moved", advice, stills=len(stills))
    if finding.found.p_value > policy.p_value:
        advice = "The stills as a whole do not show the camera's pattern, so its absence in the face tells nothing."
        return factor("inconclusive", "no-pattern", advice, stills=len(stills))
    found = swapped or match_region(finding.camera.fingerprint, combine(stills), box)
    counted = len(stills) if swapped is None else 1
    figures = dict(zip(("left", "top", "width", "height"), map(float, found.box), strict=True))
    figures |= {"stills": counted, "false-alarm probability": found.p_value, "expected": found.expected_z}
    threshold = found.expected_z / 2
    if found.verdict == "passed" and found.p_value <= policy.p_value:
        advice = "The camera's pattern is also there where the face is."
        return factor("passed", "pattern-in-face", advice, found.z, threshold, **figures)
    if found.verdict == "failed":
        advice = "The camera's pattern is around the face but not in it: the face was put in from elsewhere."
        return factor("failed", "face-replaced", advice, found.z, threshold, **figures)
    advice = "The face is too small, too dark, too bright or too full of detail to tell. Move closer, into even light."
    return factor("inconclusive", "unclear", advice, found.z, threshold, **figures)


def _swapped(fingerprint: Fingerprint, photos: Sequence[Still]) -> RegionMatch | None:
    """The face that lacks the camera's pattern in one of several photos, beyond what one of so many does by chance."""
    boxes = ((photo, photo.region) for photo in photos)
    large = [(photo, box) for photo, box in boxes if box and min(box.width, box.height) >= MIN_REGION]
    found = [match_region(fingerprint, photo.evidence, box) for photo, box in large]
    lacking = [one for one in found if one.z < least_genuine(one.expected_z, len(found))]
    return min(lacking, key=lambda one: one.z - one.expected_z, default=None)
