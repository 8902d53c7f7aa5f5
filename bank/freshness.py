"""The freshness factor: stills taken now, of what the stream shows, and never handed in before."""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    checks = [
        _belongs(capture),
        _no_copy(published, camera, policy),
        judge_reuse(capture, policy, seen, camera),  # the first that failed is told, and a copy is beyond doubt
        _matches_stream(capture, policy),
        _same_face(capture, policy),
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
        advice = "Stills were handed in that nobody had asked for."
        return Check(name, "failed", "not-asked-for", advice, figures)
    if not capture.stills:
        return Check(name, "inconclusive", "no-stills", "No usable still arrived. Take the check again.", figures)
    if any(still.uploaded for still in capture.stills):
        advice = "The photos were uploaded, so nobody knows when they were taken."
        return Check(name, "inconclusive", "uploaded", advice, figures)
    return Check(name, "passed", figures=figures)


def _matches_stream(capture: Capture, policy: FreshnessRules) -> Check:
    name = "shows what the stream showed"
    if not capture.track:
        return Check(name, "inconclusive", "no-stream", "There was no live video to compare the stills with.")
    usual = float(np.median([pose.yaw for pose in capture.track]))
    matched = telling = 0
    for still in capture.stills:
        if still.face.pose and _nearest(still.face.pose, still.taken_s, capture.track, policy):
            matched += 1
            telling += abs(still.face.pose.yaw - usual) >= TELLING_DEG
    figures = (("stills like the stream", float(matched)), ("stills in a telling pose", float(telling)))
    if matched < policy.min_matched * len(capture.stills):
        if slow := too_slow(capture):  # between two frames lies half a turn
            return Check(name, "inconclusive", "low-rate", slow, figures)
        advice = "The stills do not show what the video showed at that moment, so they come from somewhere else."
        return Check(name, "failed", "other-pose", advice, figures)
    if telling < policy.min_telling:
        advice = "No still shows an answer to the challenge, so old ones would look the same. Turn your head further."
        return Check(name, "inconclusive", "nothing-telling", advice, figures)
    return Check(name, "passed", figures=figures)


def _nearest(pose: Pose, taken_s: float, track: Sequence[Pose], policy: FreshnessRules) -> bool:
    """Tell whether the stream showed this pose around that moment."""
    return any(abs(there.time_s - taken_s) <= policy.moment_s and _alike(pose, there, policy) for there in track)


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


def _same_face(capture: Capture, policy: FreshnessRules) -> Check:
    name = "same face as the stream"
    stream = mean_embedding(capture.embeddings)
    faces = [still.face.embedding for still in capture.stills if still.face.embedding is not None]
    if stream is None or not faces:
        return Check(name, "inconclusive", "no-face-to-compare", "The face could not be compared with the video's.")
    together = mean_embedding(faces)
    assert together is not None
    similarity = FaceMatcher.similarity(stream, together)
    # Single frames err (liveness.identity.THRESHOLD), so that one of them may fail, but not most.
    others = sum(FaceMatcher.similarity(stream, face) < policy.similarity for face in faces)
    figures = (("similarity of stills and stream", similarity), ("stills with another face", float(others)))
    if similarity < policy.similarity or others > len(faces) * (1.0 - policy.min_matched):
        return Check(name, "failed", "other-face", "The stills show another face than the video.", figures)
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
