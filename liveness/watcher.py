"""The loop of every live check: what a frame shows, and about once a second whose face it is."""

from __future__ import annotations

import math
from types import TracebackType
from typing import NamedTuple, Protocol

from liveness.identity import THRESHOLD, FaceMatcher
from liveness.landmarks import FaceBox, FaceTracker, FloatArray, FrameArray, Observation

EMBED_S = 1.0
"""Seconds between two frames of which the face is embedded: it costs as much as a frame."""

SOON_S = 0.3
"""Seconds between them where it may be another face now: it was away, is suddenly elsewhere, or was not like the one
before."""

JUMP = 0.5
"""Share of its width that a face does not move by from one frame to the next."""


class Tracker(Protocol):
    """Describes frames; `liveness.FaceTracker` does it with the network, tests may do it with a table."""

    def observe(self, frame: FrameArray, time_s: float) -> Observation | None:
        """Describe a frame; None if it is not newer than the last one."""
        ...

    def close(self) -> None:
        """Free the model."""
        ...


class Matcher(Protocol):
    """Embeds faces; `liveness.FaceMatcher` does it with the networks, tests may do it with a table."""

    def try_embed(self, rgb: FrameArray, /) -> tuple[FloatArray | None, str]:
        """Embedding of the face in a frame, or the code of why there is none."""
        ...


class Watched(NamedTuple):
    """What a frame showed: the arguments of `liveness.LivenessSession.feed`.

    Attributes
    ----------
    seen : Observation
    embedding : ndarray, shape (128,), float32, or None
        Of the face; None in frames between two that are embedded, and where it cannot be.
    trouble : str
        Code of the `liveness.identity.FaceError` that came instead of the last embedding, empty if none did.
    """

    seen: Observation
    embedding: FloatArray | None
    trouble: str


class Watcher:
    """Follows the face in a stream, and embeds it every second. Has no clock: time is what the frames say.

    Belongs to the thread that made it, as its models do. Close it, or use it as a context manager.

    Parameters
    ----------
    tracker : Tracker, optional
        Closed with the watcher. Default: a `FaceTracker`.
    matcher : Matcher, optional
        Default: a `FaceMatcher`.
    recognise : bool
        False: no face is embedded and no matcher is made, where nobody needs to know whose face it is.
    alone : bool
        Embed only where there is one face. Else, of several, the matcher decides which counts, or says why none does.
    mirrored : bool
        Whether the camera or its driver swaps left and right. What is seen then has the person's own left and right;
        box and landmarks stay those of the frame.

    Raises
    ------
    liveness.models.ModelError
        If a model is not to be had.
    """

    def __init__(
        self,
        tracker: Tracker | None = None,
        matcher: Matcher | None = None,
        *,
        recognise: bool = True,
        alone: bool = False,
        mirrored: bool = False,
    ) -> None:
        self._matcher = (matcher or FaceMatcher()) if recognise else None
        self._tracker = tracker or FaceTracker()
        self._most = 1 if alone else math.inf
        self._mirrored = mirrored
        self._embedded_s, self._trouble = -math.inf, ""
        self._next_s = -math.inf
        self._last: FloatArray | None = None
        self._box: FaceBox | None = None

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the tracker; the watcher cannot be used afterwards."""
        self._tracker.close()

    def look(self, frame: FrameArray, time_s: float) -> Watched | None:
        """Look at a frame.

        Parameters
        ----------
        frame : ndarray, shape (H, W, 3), uint8
            RGB.
        time_s : float
            When it was taken, in seconds from any start.

        Returns
        -------
        Watched or None
            None for a frame that is not newer than the last one: it came too late to count.

        Raises
        ------
        liveness.landmarks.FrameError
            If the frame or its time are not as described.
        """
        seen = self._tracker.observe(frame, time_s)
        if seen is None:
            return None
        embedding = None
        before, self._box = self._box, seen.box if seen.faces <= self._most else None
        if self._matcher and self._box:
            if before is None or _jumped(before, self._box):
                self._next_s = min(self._next_s, self._embedded_s + SOON_S)
            if time_s >= self._next_s:
                embedding, self._trouble = self._matcher.try_embed(frame)  # one that cannot be read is no other's
                self._embedded_s, self._next_s = time_s, time_s + self._wait(embedding)
        return Watched(seen.mirrored() if self._mirrored else seen, embedding, self._trouble)

    def _wait(self, embedding: FloatArray | None) -> float:
        """Seconds until the face is embedded again."""
        if embedding is None:
            return EMBED_S
        unlike = self._last is not None and float(self._last @ embedding) < THRESHOLD
        self._last = embedding
        return SOON_S if unlike else EMBED_S


def _jumped(before: FaceBox, now: FaceBox) -> bool:
    return abs(now.left + now.width / 2 - before.left - before.width / 2) > JUMP * before.width
