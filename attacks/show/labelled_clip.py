"""A clip of an attack, for people: every frame says that it is simulated, and so does the file."""

from __future__ import annotations

import os
from collections.abc import Callable

from attacks.face.puppet import label
from attacks.types import RATE, Presentation
from liveness.challenge import StepKind
from liveness.film import FilmWriter

NOTICE = "simulated by LensLock: a deepfake made for teaching and testing; nobody did what it shows"
"""What the file's metadata say."""

SCRIPT: tuple[tuple[float, StepKind | None], ...] = (
    (2.0, None),
    (3.0, "blink twice"),
    (3.0, "turn left"),
    (3.0, "look right"),
)
"""Seconds, and what is asked in them."""


def write_clip(
    presentation: Presentation,
    path: str | os.PathLike[str],
    script: tuple[tuple[float, StepKind | None], ...] = SCRIPT,
    progress: Callable[[float], None] | None = None,
) -> int:
    """Show a presentation what a check may ask, and write what it shows.

    Parameters
    ----------
    presentation : Presentation
    path : path
        An MP4 file.
    script : tuple of (float, str or None)
    progress : callable, optional
        Told the share that is done, 0..1.

    Returns
    -------
    int
        Frames.
    """
    steps = [step for seconds, step in script for _ in range(round(seconds * RATE))]
    with FilmWriter(path, "simulated", NOTICE) as film:
        for number, step in enumerate(steps):
            film.add(label(presentation.frame(step, number / RATE)), number / RATE)
            if progress:
                progress((number + 1) / len(steps))
    return len(steps)
