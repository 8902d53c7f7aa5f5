"""Can a frame be judged? If not: why, and what the person can do."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR, Observation

MIN_WIDTH = 60.0
"""Pixels of face width at 640x480 below which eyelids are too small to follow."""

FAINT, LOST = 4.0, 2.0
"""Contrast of the face over the noise, below which it is too dark: first advice is given, then nothing is judged. Faces
darkened step by step kept their landmarks down to 4, whatever their grey level; at 3 the eyes' openings jitter by .02,
below 1.7 no face is found. Clips have 10 and more. Grey levels tell skin from light only by chance."""

DARK, SMOOTHED = 80.0, 0.03
"""Mean grey level below which a face is too dark, too, where its detail was smoothed away: some cameras hide the noise
of a dark picture so. Detail is sharpness over contrast squared; clips in good light have .035 and more, one in poor
light .017."""

BRIGHT = 225.0
"""Mean grey level of the face above which nothing is judged."""

BLURRED = 0.0075
"""Detail below which advice is given."""

_FINEST = 0.3  # grey levels: rounding to whole ones makes as much noise

MIN_RATE = 10.0
"""Processed frames a second below which blinks are missed (measured: a second recall drops below 10)."""

ADVICE = {
    "no-face": "No face in sight. Look into the camera.",
    "two-faces": "Two faces in sight. Only you should be in the picture.",
    "too-small": "Move closer.",
    "too-close": "Move back a little.",
    "off-centre": "Move to the middle of the picture.",
    "too-dark": "Too dark. Turn on a light in front of you.",
    "too-bright": "Too bright. Turn away from the lamp or the window.",
    "blurred": "Blurred. Hold still, and wipe the lens.",
    "not-straight": "Look straight into the camera, and hold your head still.",
    "covered": "Something covers your face. Take it away.",
    "low-rate": "This machine or connection is too slow to see every blink. Close other programs and tabs.",
}
"""Sentence of advice for each reason code."""

_KEEP_STILL = ("blurred", "not-straight")


@dataclass(frozen=True)
class Gate:
    """Whether a frame can be judged.

    Attributes
    ----------
    code : str
        Empty where all is well, else a key of `ADVICE`.
    blocking : bool
        Whether the frame counts for nothing. Advice that does not block is given all the same.
    """

    code: str = ""
    blocking: bool = False

    @property
    def advice(self) -> str:
        """Sentence for the person; empty where all is well."""
        return ADVICE.get(self.code, "")

    def advice_for(self, moving: bool) -> str:
        """Sentence for somebody who is asked to move, or is not: who moves is blurred, and need not hold still."""
        return "" if moving and self.code in _KEEP_STILL else self.advice


def check(seen: Observation) -> Gate:
    """Judge one frame by the first reason that applies.

    Parameters
    ----------
    seen : Observation

    Returns
    -------
    Gate
    """
    if seen.faces == 0 or seen.box is None:
        return Gate("no-face", True)
    if seen.faces > 1:
        return Gate("two-faces", True)
    height, width = seen.size
    box = seen.box
    inside_x = min(box.left + box.width, width) - max(box.left, 0.0)
    inside_y = min(box.top + box.height, height) - max(box.top, 0.0)
    if inside_x * inside_y < 0.9 * box.width * box.height:
        too_close = max(box.width / width, box.height / height) > 0.9
        return Gate("too-close" if too_close else "off-centre", not _eyes_inside(seen))
    if box.width < MIN_WIDTH * max(width, height) / 640.0:
        return Gate("too-small", True)
    clarity = seen.contrast / max(seen.noise, _FINEST)
    detail = seen.sharpness / max(seen.contrast, _FINEST) ** 2
    if clarity < FAINT or (seen.brightness < DARK and detail < SMOOTHED):
        return Gate("too-dark", clarity < LOST)
    if seen.brightness > BRIGHT:
        return Gate("too-bright", True)
    if detail < BLURRED:
        return Gate("blurred")
    return Gate()


def _eyes_inside(seen: Observation) -> bool:
    """Whether both eyes, and as much again around them, are in the frame."""
    assert seen.landmarks is not None
    eyes = seen.landmarks[[*LEFT_CONTOUR, *RIGHT_CONTOUR], :2]
    low, high = eyes.min(axis=0), eyes.max(axis=0)
    margin = 0.25 * float(high[0] - low[0])
    height, width = seen.size
    return bool(low[0] > margin and low[1] > margin and high[0] < width - margin and high[1] < height - margin)


class FrameRate:
    """Processed frames a second over the last two seconds, or the last five frames where these took longer."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=60)

    def add(self, time_s: float) -> float:
        """Take a frame's time; return the rate so far, 0 before there are five frames."""
        self._times.append(time_s)
        while len(self._times) > 5 and self._times[0] < time_s - 2.0:
            self._times.popleft()
        if len(self._times) < 5:
            return 0.0
        return (len(self._times) - 1) / (self._times[-1] - self._times[0])
