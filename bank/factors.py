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
from bank.profiles import CameraRules, FaceRegionRules
from bank.still import Still
from liveness.identity import FaceMatcher, FaceTemplate
from liveness.sameness import STRANGER
from prnu import Evidence, Fingerprint
from prnu.localize import MIN_REGION, Box, match_region
from prnu.match import Match, match, raised_threshold
from prnu.orientation import turned_back
from prnu.shares import Shares, shares


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
    """

    factor: Factor
    camera: Candidate | None
    found: Match | None
    evidence: Evidence | None
    shares: Shares | None = None


def judge_camera(candidates: Sequence[Candidate], capture: Capture, policy: CameraRules) -> CameraFinding:
    """Judge whether the stills carry the pattern of one of the customer's cameras.

    With several cameras the best one counts, by a rule that is made stricter for their number (`Match.passed`).
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
            details |= _share_details(each, stills)
        pce = found.pce if found else math.nan
        return CameraFinding(
            Factor("camera", verdict, pce, threshold, "PCE", reason, advice, details), best, found, evidence, each
        )

    evidence: Evidence | None = None
    each: Shares | None = None
    if not candidates:
        return finding(
            "inconclusive", "no-camera-enrolled", "No camera is enrolled for this customer: enrol one first."
        )
    if not stills:
        return finding("inconclusive", "no-stills", "No usable still arrived. Take the check again.")
    if not fitting:
        if turn := _turned(candidates, combine(stills), policy):
            return finding("inconclusive", "turned", turn)
        height, width = stills[0].shape
        return finding("failed", "other-size", f"No enrolled camera takes pictures of {width}x{height} pixels.")
    evidence = combine(stills)
    best, found = max(((c, match(c.fingerprint, evidence)) for c in fitting), key=lambda pair: pair[1].pce)
    if len(stills) < policy.min_stills:
        came = "1 still is" if len(stills) == 1 else f"{len(stills)} stills are"
        advice = f"{came} too few, {policy.min_stills} are needed. Take the check again."
        return finding("inconclusive", "few-stills", advice, best, found)
    if found.passed(policy.pce, len(fitting), policy.false_alarm):
        each = shares(best.fingerprint, (s.evidence for s in stills), [s.clarity for s in stills], found)
        if each.verdict == "passed":
            return finding("passed", "same-camera", "The stills are consistent with the enrolled camera.", best, found)
        if not each.silent:
            advice = (
                "A few of the stills carry all others: the rest show too little of the camera. Take it in even light."
            )
            return finding("inconclusive", "few-carry", advice, best, found)
        which = "Still " if len(each.silent) == 1 else "Stills "
        which += ", ".join(str(stills[number].number) for number in each.silent)
        if each.verdict == "failed":
            advice = (
                f"{which} of {len(stills)} do not show the camera's pattern, which the others show: it is not theirs."
            )
            return finding("failed", "stills-of-another-camera", advice, best, found)
        advice = (
            f"{which} of {len(stills)} show too little of the camera. Hold still, in even light, and use no filters."
        )
        return finding("inconclusive", "weak-stills", advice, best, found)
    expected = best.fingerprint.expected_pce(found.images)
    if not expected >= threshold:
        advice = "This camera's fingerprint is too weak to tell. Enrol it again, with more photos of a blank wall."
        return finding("inconclusive", "weak-fingerprint", advice, best, found)
    if found.pce >= threshold / 2 and found.z > 0:
        advice = "There are signs of the enrolled camera, but too few. Try again with more light, and no filters."
        return finding("inconclusive", "weak-match", advice, best, found)
    if turn := _turned(candidates, evidence, policy):
        return finding("inconclusive", "turned", turn, best, found)
    advice = "The stills do not show the sensor pattern of an enrolled camera."
    return finding("failed", "other-camera", advice, best, found)


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
        f"The stills are {best.turn.words}: {best.turn.cause}. Turned back, they are consistent with the enrolled "
        "camera, but only pictures as the camera wrote them count. Switch that off and try again."
    )


def _share_details(each: Shares, stills: Sequence[Still]) -> dict[str, float | str]:
    """What the record says of how evenly the stills carry the pattern."""
    weakest = int(np.argmin(each.z - each.expected / 2))
    return {
        "stills without their share": ", ".join(str(stills[number].number) for number in each.silent) or "none",
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
            "inconclusive", "no-camera", "Without an enrolled camera of this size there is nothing to look for."
        )
    facing = [still for still in capture.stills if still.face.recognised or not still.face.turned]
    stills, box = common_region(showing(facing, template))
    if box is None:
        return factor("inconclusive", "no-face", "The enrolled face was not recognised in any still.")
    if len(facing) < len(capture.stills) / 2:
        advice = "In most stills the head was turned away. Turn it when you are asked, and look ahead otherwise."
        return factor("inconclusive", "turned-away", advice, stills=len(stills))
    if len(stills) < policy.min_share * len(facing):
        advice = "The face moved too much between the stills, or was not recognised. Keep your head in the oval."
        return factor("inconclusive", "moved", advice, stills=len(stills))
    if finding.found.p_value > policy.p_value:
        advice = "The stills as a whole do not show the camera's pattern, so its absence in the face tells nothing."
        return factor("inconclusive", "no-pattern", advice, stills=len(stills))
    found = match_region(finding.camera.fingerprint, combine(stills), box)
    figures = dict(zip(("left", "top", "width", "height"), map(float, box), strict=True))
    figures |= {"stills": len(stills), "false-alarm probability": found.p_value, "expected": found.expected_z}
    threshold = found.expected_z / 2
    if found.verdict == "passed" and found.p_value <= policy.p_value:
        advice = "The camera's pattern is also there where the face is."
        return factor("passed", "pattern-in-face", advice, found.z, threshold, **figures)
    if found.verdict == "failed":
        advice = "The camera's pattern is around the face but not in it: the face was put in from elsewhere."
        return factor("failed", "face-replaced", advice, found.z, threshold, **figures)
    advice = "The face is too small, too dark, too bright or too full of detail to tell. Move closer, into even light."
    return factor("inconclusive", "unclear", advice, found.z, threshold, **figures)


def showing(stills: Sequence[Still], template: FaceTemplate | None = None) -> list[Still]:
    """Pick the stills that show a face which can be recognised, and, where that is known, nobody but the enrolled."""
    there = ((still, still.face.embedding) for still in stills)
    return [
        still
        for still, face in there
        if face is not None and (template is None or FaceMatcher.similarity(template, face) >= STRANGER)
    ]


def combine(stills: Sequence[Still]) -> Evidence:
    """Combine stills of one size into one fresh fingerprint."""
    pattern, luma = (np.zeros(stills[0].shape, np.float32) for _ in range(2))
    for still in stills:
        pattern += still.pattern
        luma += still.luma
    luma /= len(stills)
    return Evidence(pattern, luma, len(stills), stills[0].name)


def common_region(stills: Sequence[Still]) -> tuple[list[Still], Box | None]:
    """Find the stills that show the face in about one place, and the box that is face in all of them.

    The pattern shows the clearer the more pixels and stills count, so their product is made as large as it goes, from
    the stills nearest to the middle one outwards.
    """
    there = [(still, still.region) for still in stills if still.region]
    if not there:
        return [], None
    middle = np.median([box for _, box in there], axis=0)
    there.sort(key=lambda pair: float(np.abs(np.array(pair[1]) - middle).sum()))
    best: tuple[int, int, Box | None] = (0, 0, None)
    left = top = 0
    right = bottom = 10**9
    for count, (_, box) in enumerate(there, 1):
        left, top = max(left, box.left), max(top, box.top)
        right, bottom = min(right, box.left + box.width), min(bottom, box.top + box.height)
        if min(right - left, bottom - top) < MIN_REGION:
            break
        area = count * (right - left) * (bottom - top)
        if area >= best[0]:
            best = area, count, Box(left, top, right - left, bottom - top)
    return [still for still, _ in there[: best[1]]], best[2]
