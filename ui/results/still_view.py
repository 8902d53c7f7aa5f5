"""An attempt as one of its stills shows it, or all of them together: noise, face, and where the pattern is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from prnu import Evidence, Fingerprint, Match
from prnu.localize import MIN_REGION, Box, CorrelationMap, RegionMatch, match_region
from ui.results.attempt import Attempt
from ui.results.photo_check import clear_map

if TYPE_CHECKING:
    from bank.still import Still

_AROUND, _LEAST = 3.2, 256  # side of the part around the face: in sides of the face's inner part, and in pixels
_WHITE, _BLUE = (255, 255, 255), (198, 134, 63)  # ui.figures.theme.BLUE, as OpenCV orders colours


@dataclass(eq=False)
class Sight:
    """What is drawn.

    Attributes
    ----------
    stills : tuple of bank.still.Still
        Those that count, at least one.
    picture : ndarray, shape (H, W), uint8
        The still, or the one of several that shows the face where most of them do.
    evidence : Evidence
        Of all that count.
    box : Box or None
        Inner part of the face, in pixels of the picture; the same in all that show it there.
    faces : Evidence
        Of those, on which the face region is judged.
    fingerprint : Fingerprint or None
    found : Match or None
        None without a fingerprint of this size.
    """

    stills: tuple[Still, ...]
    picture: npt.NDArray[np.uint8]
    evidence: Evidence
    box: Box | None
    faces: Evidence
    fingerprint: Fingerprint | None
    found: Match | None

    @cached_property
    def map(self) -> CorrelationMap | None:
        """Local correlation over the frame."""
        if self.fingerprint is None or self.found is None:
            return None
        return clear_map(self.fingerprint, self.evidence, self.found)

    @cached_property
    def region(self) -> RegionMatch | None:
        """The face on its own; None where there is none, or it is too small for a test."""
        if self.fingerprint is None or self.box is None or min(self.box.width, self.box.height) < MIN_REGION:
            return None
        return match_region(self.fingerprint, self.faces, self.box)

    @property
    def window(self) -> Box:
        """The face with what is around it, as square as the frame allows; the whole frame without a face."""
        return _around(self.box, self.evidence.shape)


def thumbnail(still: Still, side: int = 160) -> bytes:
    """A small JPEG of the face in a still, in grey, its inner part framed; of the whole still without a face."""
    left, top, across, down = _around(still.region, still.shape)
    scale = side / max(across, down)
    part = still.luma[top : top + down, left : left + across]
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    colour = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    if still.region:
        box = still.region
        first = round(scale * (box.left - left)), round(scale * (box.top - top))
        last = round(scale * (box.left + box.width - left)), round(scale * (box.top + box.height - top))
        for shade, thickness in ((_WHITE, 3), (_BLUE, 1)):
            cv2.rectangle(colour, first, last, shade, thickness)
    _, file = cv2.imencode(".jpg", colour, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return file.tobytes()


def _around(box: Box | None, shape: tuple[int, int]) -> Box:
    """A box with what is around it, as square as the frame allows; the whole frame without a box."""
    height, width = shape
    if box is None:
        return Box(0, 0, width, height)
    side = max(round(_AROUND * max(box.width, box.height)), _LEAST)
    across, down = min(side, width), min(side, height)
    left, top = box.left + box.width // 2 - across // 2, box.top + box.height // 2 - down // 2
    return Box(min(max(left, 0), width - across), min(max(top, 0), height - down), across, down)


def sight(attempt: Attempt, index: int | None = None) -> Sight:
    """Look at one still of an attempt, or at all of them together.

    Parameters
    ----------
    attempt : Attempt
        With stills.
    index : int, optional
        Of the still; default all.
    """
    from bank.still_sets import combine, common_region, showing

    camera, stills = attempt.finding.camera, attempt.stills
    if index is None:
        there, box = common_region(showing(stills))
        faces = combine(there or stills)
        picture, found = (there or stills)[0].luma, attempt.finding.found
    else:
        stills = stills[index : index + 1]
        box, picture = stills[0].region, stills[0].luma
        found = attempt.steps[index].alone if camera else None
        faces = combine(stills)
    return Sight(stills, picture, combine(stills), box, faces, camera.fingerprint if camera else None, found)
