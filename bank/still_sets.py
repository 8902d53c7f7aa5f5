"""What several stills say together: their noise added up, and the place where all of them show the face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bank.still import Still
from liveness.identity import FaceMatcher, FaceTemplate
from liveness.sameness import STRANGER
from prnu import Evidence
from prnu.localize import MIN_REGION, Box


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
