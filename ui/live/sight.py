"""What the browser draws of what a live session sees."""

from __future__ import annotations

import math
from typing import Any

from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR, Observation
from ui.live.director import View

# MediaPipe's face oval, FACEMESH_FACE_OVAL as one closed line.
_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


def view_message(view: View, seen: Observation, remark: str = "", played: bool = False) -> dict[str, Any]:
    """Put a view and the face that it rests on into a message; coordinates are shares of the frame, 0..1.

    `remark` and `played` are those of the `LiveSession`.
    """
    return {
        "type": "view",
        "t": round(seen.time_s, 3),
        "phase": view.phase,
        "prompt": view.prompt,
        "progress": round(view.progress, 3),
        "remaining_s": _number(view.remaining_s),
        "advice": view.advice,
        "remark": remark,
        "played": played,
        "number": view.number,
        "decline": view.step if view.can_decline else None,
        "hold": view.hold and not played,  # whoever watches a simulated visitor is not asked for anything
        "votes": list(view.votes),
        "verdict": view.verdict,
        "growth": [_number(score) for score in view.growth],
        "enough": _number(view.enough),
        "face": _face(seen),
    }


def _number(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None


def _face(seen: Observation) -> dict[str, Any] | None:
    if seen.box is None or seen.landmarks is None:
        return None
    height, width = seen.size
    left, top, wide, high = seen.box
    shares = (seen.landmarks[:, :2] / (width, height)).round(4).tolist()
    return {
        "box": [round(n, 4) for n in (left / width, top / height, wide / width, high / height)],
        "eyes": [[shares[i] for i in contour] for contour in (RIGHT_CONTOUR, LEFT_CONTOUR)],
        "oval": [shares[i] for i in _OVAL],
    }
