"""The freshness factor: stills taken now, of what the stream shows, and never handed in before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bank.capture import Capture
from bank.face_reader import Pose
from bank.factor import Factor, Verdict
from bank.factors import CameraFinding
from bank.liveness_factor import too_slow
from bank.person import mean_embedding
from bank.profiles import FreshnessRules
from bank.reuse import Check, judge_reuse
from liveness.identity import FaceMatcher
from prnu import Evidence
from prnu.forgery import triangle_test

TELLING_DEG = 15.0
"""Degrees of yaw from the usual pose that make a still tell something: an old still would show another pose. Half of
what a head turn asks for (`liveness.head.TURN`), and beyond what people do who look straight ahead."""


@dataclass(frozen=True)
class Moment:
    """A still beside what the stream showed when it was taken.

    Attributes
    ----------
    number : int
        Of the still.
    taken_s, received_s : float
        On the stream's clock; NaN for an uploaded photo.
    yaw, stream_yaw : float
        Degrees by which the head is turned in it, and in the stream around that moment; NaN without a face.
    like_stream : bool
        Whether the stream showed this pose around that moment.
    telling : bool
        Whether it also shows the head turned, as an old still would not.
    similarity : float
        Of its face to the stream's, -1..1; NaN where either cannot be recognised.
    """

    number: int
    taken_s: float
    received_s: float
    yaw: float
    stream_yaw: float
    like_stream: bool
    telling: bool
    similarity: float


def moments(capture: Capture, policy: FreshnessRules) -> tuple[Moment, ...]:
    """Compare each still with the stream around the moment that it was taken."""
    usual = float(np.median([pose.yaw for pose in capture.track])) if capture.track else math.nan
    stream = mean_embedding(capture.embeddings)
    found = []
    for still in capture.stills:
        pose, face = still.face.pose, still.face.embedding
        around = [there for there in capture.track if abs(there.time_s - still.taken_s) <= policy.moment_s]
        alike = [there for there in around if pose and _alike(pose, there, policy)]
        yaw = pose.yaw if pose else math.nan
        nearest = min(alike or around, key=lambda there: abs(there.time_s - still.taken_s), default=None)
        found.append(
            Moment(
                still.number,
                still.taken_s,
                still.received_s,
                yaw,
                nearest.yaw if nearest else math.nan,
                bool(alike),
                bool(alike) and abs(yaw - usual) >= TELLING_DEG,
                math.nan if stream is None or face is None else FaceMatcher.similarity(stream, face),
            )
        )
    return tuple(found)


_MOST_NAMED = 24  # stills: a flood of them is not listed whole


def judge_freshness(
    capture: Capture,
    policy: FreshnessRules,
    seen: Sequence[bytes] = (),
    published: Sequence[Evidence] = (),
    camera: CameraFinding | None = None,
) -> Factor:
    """Judge whether the stills belong to this attempt and to this stream.

    Parameters
    ----------
    capture : Capture
    policy : FreshnessRules
    seen : sequence of bytes
        Noise sketches of pictures that were enrolled or handed in before (`bank.reuse`).
    published : sequence of Evidence
        Photos of the camera that others may have. None: copies of the fingerprint are not looked for.
    camera : CameraFinding, optional
        Needed for the copy test.

    Returns
    -------
    Factor
        Failed if any check failed, else inconclusive if any could not tell.
    """
    compared = moments(capture, policy)
    checks = [
        _belongs(capture),
        _no_copy(published, camera, policy),
        judge_reuse(capture, policy, seen, camera),  # the first that failed is told, and a copy is beyond doubt
        _matches_stream(capture, compared, policy),
        _same_face(capture, compared, policy),
    ]
    counted = [check for check in checks if not (check.optional and check.verdict == "inconclusive")]
    worst = next((c for v in ("failed", "inconclusive") for c in counted if c.verdict == v), None)
    details: dict[str, float | str] = {check.name: check.verdict for check in checks}
    for check in checks:
        details |= dict(check.figures)
    matched = details.get("stills like the stream", math.nan)
    score = float(matched) / max(len(capture.stills), 1)
    verdict: Verdict = worst.verdict if worst else "passed"
    reason = worst.reason if worst else "fresh"
    advice = worst.advice if worst else "The stills show what the video showed at the moments they were asked for."
    measure = "share of stills like the stream"
    return Factor("freshness", verdict, score, policy.min_matched, measure, reason, advice, details)


def _belongs(capture: Capture) -> Check:
    name = "belongs to this attempt"
    codes = [refusal.code for refusal in capture.refusals]
    figures = (("refused stills", float(len(codes))),)
    if "unknown" in codes or "repeated" in codes:
        numbers = [refusal.number for refusal in capture.refusals if refusal.code in ("unknown", "repeated")]
        advice = f"Stills were handed in that nobody had asked for: {listed(numbers)}."
        return Check(name, "failed", "not-asked-for", advice, figures)
    if not capture.stills:
        return Check(name, "inconclusive", "no-stills", "No usable still arrived. Take the check again.", figures)
    if any(still.uploaded for still in capture.stills):
        advice = "The photos were uploaded, so nobody knows when they were taken."
        return Check(name, "inconclusive", "uploaded", advice, figures)
    return Check(name, "passed", figures=figures)


def _matches_stream(capture: Capture, compared: Sequence[Moment], policy: FreshnessRules) -> Check:
    name = "shows what the stream showed"
    if not capture.track:
        return Check(name, "inconclusive", "no-stream", "There was no live video to compare the stills with.")
    matched, telling = sum(one.like_stream for one in compared), sum(one.telling for one in compared)
    figures = (("stills like the stream", float(matched)), ("stills in a telling pose", float(telling)))
    if matched < policy.min_matched * len(capture.stills):
        if slow := too_slow(capture):  # between two frames lies half a turn
            return Check(name, "inconclusive", "low-rate", slow, figures)
        others = [one.number for one in compared if not one.like_stream]
        advice = (
            f"{listed(others)} of {len(compared)} do not show what the video showed at that moment, so they come from "
            "somewhere else."
        )
        return Check(name, "failed", "other-pose", advice, figures)
    if telling < policy.min_telling:
        advice = "No still shows an answer to the challenge, so old ones would look the same. Turn your head further."
        return Check(name, "inconclusive", "nothing-telling", advice, figures)
    return Check(name, "passed", figures=figures)


def listed(numbers: Sequence[int]) -> str:
    """Name stills by their numbers: "Still 3", "Stills 3, 5"; all of many are cut off."""
    some = ", ".join(map(str, numbers[:_MOST_NAMED])) + (", …" if len(numbers) > _MOST_NAMED else "")
    return f"Still{'s' * (len(numbers) > 1)} {some}"


def _alike(a: Pose, b: Pose, policy: FreshnessRules) -> bool:
    offset = math.hypot(a.x - b.x, (a.y - b.y) * a.aspect) / max(b.width, 1e-6)
    ratio = max(a.width, b.width) / max(min(a.width, b.width), 1e-6)
    return (
        abs(a.yaw - b.yaw) <= policy.yaw_deg
        and abs(a.pitch - b.pitch) <= policy.pitch_deg
        and abs(a.roll - b.roll) <= policy.roll_deg
        and offset <= policy.offset
        and ratio <= policy.scale
        and abs(a.aspect - b.aspect) <= 0.02  # another shape of frame is another camera, or a crop
    )


def _same_face(capture: Capture, compared: Sequence[Moment], policy: FreshnessRules) -> Check:
    name = "same face as the stream"
    stream = mean_embedding(capture.embeddings)
    faces = [still.face.embedding for still in capture.stills if still.face.embedding is not None]
    if stream is None or not faces:
        return Check(name, "inconclusive", "no-face-to-compare", "The face could not be compared with the video's.")
    together = mean_embedding(faces)
    assert together is not None
    similarity = FaceMatcher.similarity(stream, together)
    # Single frames err (liveness.identity.THRESHOLD), so that one of them may fail, but not most.
    others = [one.number for one in compared if one.similarity < policy.similarity]
    figures = (("similarity of stills and stream", similarity), ("stills with another face", float(len(others))))
    if similarity < policy.similarity or len(others) > len(faces) * (1.0 - policy.min_matched):
        which = f": {listed(others)} of {len(compared)}" if others else ""
        return Check(name, "failed", "other-face", f"The stills show another face than the video{which}.", figures)
    return Check(name, "passed", figures=figures)


def _no_copy(published: Sequence[Evidence], camera: CameraFinding | None, policy: FreshnessRules) -> Check:
    name = "no planted pattern"
    evidence = camera.evidence if camera and camera.camera else None
    fitting = [there for there in published if evidence and there.shape == evidence.shape]
    if not fitting or evidence is None or camera is None or camera.camera is None:
        return Check(name, "inconclusive", "nothing-published", optional=True)
    found = triangle_test(camera.camera.fingerprint, evidence, fitting, false_alarm=policy.copy_false_alarm)
    figures = (("published photos compared", float(len(fitting))), ("noise shared with them", found.pooled_z))
    if found.verdict == "failed":
        advice = "The stills share noise with photos that others have, as a planted camera pattern does."
        return Check(name, "failed", "planted", advice, figures)
    return Check(name, found.verdict, "copy-test-unsure", found.advice, figures, optional=True)
