"""One presentation before the real check, in the stream's own time: nothing waits, so no machine is too slow for it.

The bank, its challenge, its stills and its decision are those of the live check; only browser and network are left out.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from attacks.media.upload import as_streamed, i420
from attacks.types import RATE, ImageArray, Presentation, declines
from bank import Picture
from bank.bank import Bank
from bank.capture import Capture
from bank.face_reader import FaceReader
from bank.factors import CameraFinding
from bank.still_plan import BURST, StillPlan
from bank.verify import Decision
from liveness.challenge import StepKind
from liveness.identity import FaceMatcher
from liveness.session import SessionState
from liveness.watcher import Watcher

LONGEST_S = 45.0
"""Seconds of the stream after which a check is decided as it stands: a strict one asks for up to 29.5 s of answers, and
waits 12 s for what is missing."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of a presentation.

    Attributes
    ----------
    decision : Decision
    finding : CameraFinding
        What maps and peaks are drawn from. Holds the fingerprint: for this process only.
    capture : Capture
        With its stills and track.
    seconds : float
        Of the stream.
    """

    decision: Decision
    finding: CameraFinding
    capture: Capture
    seconds: float


def run(
    bank: Bank,
    customer: str,
    presentation: Presentation,
    *,
    profile: str | None = None,
    reader: FaceReader | None = None,
    matcher: FaceMatcher | None = None,
    most: int | None = None,
    draw: random.Random | None = None,
    watch: Callable[[ImageArray, SessionState], None] | None = None,
) -> Trial:
    """Take a whole check: some two hundred frames and a dozen stills.

    Parameters
    ----------
    bank : Bank
    customer : str
        Name of who the presentation claims to be.
    presentation : Presentation
    profile : str, optional
        Of the bank's policy; default the bank's.
    reader : FaceReader, optional
        For stills; default one of its own.
    matcher : FaceMatcher, optional
        For the stream; default one of its own.
    most : int, optional
        Stills that there are, for a camera of which no more photos were kept: all others that are asked for are not
        handed in. The last two are kept for when the head is turned first. Default: no limit.
    draw : random.Random, optional
        Draws the challenge and the moments of stills: with the same seed it is the same trial. Default: the operating
        system's randomness.
    watch : callable, optional
        Called with each scene and what the liveness session made of it.

    Returns
    -------
    Trial

    Raises
    ------
    bank.errors.BankError
        If the bank does not begin or does not decide, for example because of too many attempts.
    liveness.models.ModelError
        If a model is not to be had.
    """
    ongoing = bank.begin(customer, profile=profile, reader=reader, draw=draw)
    capture = ongoing.capture
    plan = StillPlan(capture, draw)
    step: StepKind | None = None
    now_s = 0.0
    waiting: deque[int] = deque()
    left, kept = (math.inf, 0) if most is None else (most, BURST)
    with Watcher(matcher=matcher) as watcher:
        for number in range(round(LONGEST_S * RATE)):
            now_s = number / RATE
            scene = presentation.frame(step, now_s)
            found = watcher.look(as_streamed(scene), now_s)
            assert found is not None  # times rise
            state = capture.observe(*found)
            if watch:
                watch(scene, state)
            if plan.frame(found.seen, state):
                break
            if wanted := plan.wanted():
                kept = 0 if wanted == BURST else kept  # only a turned head is a reason for a burst
                for still in plan.asked(wanted, now_s):
                    if left > kept:
                        left -= 1
                        waiting.append(still)
            if waiting:  # a camera makes one at a time
                capture.add(_picture(presentation.still()), waiting.popleft(), now_s)
            step = state.step
            if step and declines(presentation, step):
                bank.decline(ongoing, step)
                step = None
    decision, finding = bank.verify_showing(ongoing)
    return Trial(decision, finding, capture, now_s)


def _picture(rgb: ImageArray) -> Picture:
    height, width = rgb.shape[:2]
    return Picture.from_i420(i420(rgb).reshape(-1).data, width, height, "still")
