"""Draw on frames what the analysis saw, and write them as a video."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from liveness.events import Event
from liveness.film import FilmWriter
from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR, FrameArray, Observation
from liveness.session import SessionState

BLUE, ORANGE, WHITE, BLACK = (0, 114, 178), (213, 94, 0), (255, 255, 255), (0, 0, 0)  # Okabe and Ito 2008
_EVENT_SHOWN_S = 1.0
_STRIP = {"live": BLUE, "not live": ORANGE, "unusable": (128, 128, 128)}
_SIGN = {"live": "L", "not live": "-", "unusable": "x"}


class OverlayVideo:
    """Writes frames with landmarks, signals, events and the vote drawn on them.

    Use as a context manager, and `add` as the ``watch`` of `liveness.video.analyse_video`.

    Parameters
    ----------
    path : path
        An MP4 file to write.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._film = FilmWriter(path)
        self._events: deque[Event] = deque(maxlen=3)
        self._votes: list[str] = []

    def __enter__(self) -> OverlayVideo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._film.close()

    def add(self, frame: FrameArray, seen: Observation, state: SessionState) -> None:
        """Draw on a copy of the frame and write it."""
        self._events.extend(state.events)
        if state.window:
            self._votes.append(state.window.vote)
        self._film.add(draw(frame, seen, state, list(self._events), self._votes), seen.time_s)


def draw(
    frame: FrameArray, seen: Observation, state: SessionState, events: list[Event], votes: list[str]
) -> FrameArray:
    """Draw eye contours, signals, recent events and the vote's strip on a copy of a frame.

    Parameters
    ----------
    frame : ndarray, shape (H, W, 3), uint8
        RGB.
    seen, state
        What the tracker and the session say of it.
    events : list of Event
        Recent ones; those of the last second are named.
    votes : list of str
        Votes of the windows so far.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    picture = frame.copy()
    height, width = picture.shape[:2]
    unit = max(height, width) / 640.0
    if seen.landmarks is not None and seen.box is not None:
        for contour in (LEFT_CONTOUR, RIGHT_CONTOUR):
            points = np.rint(seen.landmarks[list(contour), :2]).astype(np.int32)
            cv2.polylines(picture, [points], True, WHITE, max(1, round(unit)), cv2.LINE_AA)
        left, top, w, h = (round(side) for side in seen.box)
        cv2.rectangle(picture, (left, top), (left + w, top + h), BLUE, max(1, round(unit)), cv2.LINE_AA)
        signals = f"EAR {seen.ear:.2f}  blink {seen.blink:.2f}  gaze {seen.gaze:+.2f}  yaw {seen.yaw:+.0f}"
        _text(picture, signals, (8, 18), unit)
    line = 42
    for event in events:
        if seen.time_s - event.end_s < _EVENT_SHOWN_S:
            _text(picture, event.kind, (8, line), unit)
            line += 24
    if state.advice:
        _text(picture, state.advice, (8, line), unit)
    if state.phase != "waiting":
        _text(picture, state.prompt, (8, round(height / unit) - 34), unit)
    cell = min(14.0 * unit, width / max(len(votes), 1))
    for number, vote in enumerate(votes):
        left, right = round(number * cell), round((number + 1) * cell) - 1
        bottom = height - 1
        cv2.rectangle(picture, (left, bottom - round(14 * unit)), (right, bottom), _STRIP[vote], cv2.FILLED)
        if cell >= 8:
            at = (left + round(3 * unit), bottom - round(3 * unit))
            cv2.putText(picture, _SIGN[vote], at, cv2.FONT_HERSHEY_SIMPLEX, 0.4 * unit, WHITE, 1, cv2.LINE_AA)
    return picture


def _text(picture: FrameArray, text: str, at: tuple[int, int], unit: float) -> None:
    left, bottom = round(at[0] * unit), round(at[1] * unit)
    font, scale, thickness = cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit, max(1, round(unit))
    (width, height), below = cv2.getTextSize(text, font, scale, thickness)
    pad = round(3 * unit)
    corners = (left - pad, bottom - height - pad), (left + width + pad, bottom + below + pad)
    cv2.rectangle(picture, *corners, BLACK, cv2.FILLED)
    cv2.putText(picture, text, (left, bottom), font, scale, WHITE, thickness, cv2.LINE_AA)


def overlay_path(path: str | os.PathLike[str]) -> Path:
    """Check that a path can become an overlay video.

    Raises
    ------
    ValueError
        If it does not end in .mp4 or its folder does not exist.
    """
    target = Path(path)
    if target.suffix.lower() != ".mp4" or not target.parent.is_dir():
        raise ValueError(f"{target}: give a file ending in .mp4 in a folder that exists")
    return target
