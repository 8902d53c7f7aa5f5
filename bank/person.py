"""The face factor: whether it is the enrolled person, in every still and in every part of the stream."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bank.capture import Capture
from bank.factor import Factor, Verdict
from bank.profiles import FaceRules
from liveness.identity import FaceMatcher, FaceTemplate
from liveness.landmarks import FloatArray
from liveness.sameness import STRANGER

HIDDEN = 0.2
"""Share of stills in which nobody may be recognised though the head is not turned: for a blur or a closed eye."""

UNLIKE = 1 / 3
"""Share of recognised stills that may be less alike than the threshold, which the mean of all has to reach: single
frames of one person had .481 and more, of blurred or turned heads less."""

_CERTAIN, _TELLING = 1.5, 0.5  # weight of sightings from which they are somebody else's, and from which they tell


def judge_face(template: FaceTemplate | None, capture: Capture, policy: FaceRules) -> Factor:
    """Judge whether it is the enrolled person. The least similar of stills and stream counts.

    Means alone would let some pictures of the person speak for others. So besides, no still and no stretch of the
    stream may show somebody else, nearly all stills must show a face that can be recognised, and what was answered
    must have been answered by a face that was recognised around that moment, with no gap in between.

    Parameters
    ----------
    template : FaceTemplate or None
        None: no face is enrolled.
    capture : Capture
    policy : FaceRules
    """
    scores: dict[str, float] = {}

    def factor(verdict: Verdict, reason: str, advice: str, score: float = math.nan) -> Factor:
        return Factor("face", verdict, score, policy.similarity, "cosine similarity", reason, advice, dict(scores))

    if template is None:
        return factor("inconclusive", "no-face-enrolled", "No face is enrolled for this customer: enrol one first.")
    faces = [still.face for still in capture.stills]
    if any(face.faces > 1 for face in faces):
        return factor("inconclusive", "two-faces", "More than one face is in the stills. Only you should be in them.")
    recognised = [face.embedding for face in faces if face.embedding is not None]
    in_stills = mean_embedding(recognised)
    if in_stills is None:
        trouble = next((face.trouble for face in faces if face.trouble), "no-face")
        return factor(
            "inconclusive", trouble, "No face can be recognised in the stills. Look into the camera, in light."
        )
    scores["stills"] = FaceMatcher.similarity(template, in_stills)
    if (in_stream := mean_embedding(capture.embeddings)) is not None:
        scores["stream"] = FaceMatcher.similarity(template, in_stream)
    weakest = min(scores, key=lambda name: scores[name])
    score = scores[weakest]
    alike = [FaceMatcher.similarity(template, face) for face in recognised]
    stretches = capture.presence.compared(template)
    scores["least similar still"] = min(alike)
    if stretches:
        scores["least similar part of the stream"] = min(similarity for similarity, _ in stretches)
    if score < policy.similarity:
        advice = "This is not the enrolled face."
        if score >= policy.similarity - 0.1:
            advice = "The face is not alike enough. Look straight into the camera, in good light."
        return factor("failed", f"other-person-in-{weakest}", advice, score)
    if sum(one < STRANGER for one in alike) > 1:
        return factor("failed", "other-person-in-some-stills", "Some stills show another face.", score)
    if any(similarity < STRANGER and told >= _CERTAIN for similarity, told in stretches):
        advice = "For a part of the video, the face was not the enrolled one."
        return factor("failed", "other-person-for-a-time", advice, score)
    doubt = _doubt(capture, alike, stretches, policy.similarity)
    if doubt:
        return factor("inconclusive", *doubt, score)
    return factor("passed", "same-person", "The face is consistent with the enrolled person.", score)


def mean_embedding(embeddings: Sequence[FloatArray | None]) -> FloatArray | None:
    """Return the mean of the embeddings that there are, of length 1: single ones err more. None of none."""
    there = [embedding for embedding in embeddings if embedding is not None]
    if not there:
        return None
    return FaceTemplate(np.mean(there, axis=0, dtype=np.float32), len(there)).vector


def _doubt(
    capture: Capture, alike: Sequence[float], stretches: Sequence[tuple[float, float]], similarity: float
) -> tuple[str, str] | None:
    """Reason and advice where something leaves open whose face it was."""
    hidden = [still for still in capture.stills if not still.face.recognised and not still.face.turned]
    if len(hidden) > HIDDEN * len(capture.stills):
        return "hidden-in-stills", (
            f"In {len(hidden)} of {len(capture.stills)} stills nobody could be recognised. Look into the camera, in "
            "even light, without dark glasses or a mask."
        )
    if sum(one < similarity for one in alike) > UNLIKE * len(alike) or min(alike) < STRANGER:
        return "unlike-stills", "Some stills are not alike enough. Look straight into the camera, in good light."
    if any(one < (similarity if told >= _CERTAIN else STRANGER) and told >= _TELLING for one, told in stretches):
        return (
            "unlike-for-a-time",
            "For a part of the video the face was not alike enough. Stay in view, in good light.",
        )
    if _answered_unseen(capture):
        return "unseen-answers", (
            "When you answered, your face could not be recognised. Stay in view from start to end, in even light, "
            "without dark glasses."
        )
    return None


def _answered_unseen(capture: Capture) -> bool:
    """Tell whether nobody was recognised around an answer, or around blinks and glances that were needed."""
    state, vote = capture.state, capture.session.vote
    if state is None:
        return False
    seen = capture.presence.seen
    if any(step.answered and not seen(step.answered_s) for step in state.steps):
        return True
    unseen = sum(event.kind.split()[0] in ("blink", "glance") and not seen(event.end_s) for event in capture.events)
    return state.verdict == "live" and unseen > 0 and vote.signs - unseen < vote.needed
