"""A clip of an attack, for people: every frame says that it is simulated, and so does the file."""

from __future__ import annotations

import os
from collections.abc import Callable

import av
import numpy as np

from attacks.presenting import RATE, Presentation
from attacks.puppet import label
from liveness.challenge import StepKind

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
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = NOTICE
        container.metadata["title"] = "simulated"
        stream = container.add_stream("libx264", rate=RATE)
        stream.pix_fmt = "yuv420p"
        for number, step in enumerate(steps):
            frame = label(presentation.frame(step, number / RATE))
            frame = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]  # chroma is stored at half size
            if number == 0:
                stream.height, stream.width = frame.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
            if progress:
                progress((number + 1) / len(steps))
        container.mux(stream.encode())
    return len(steps)
