"""What onlookers see of a live session: its newest frame, or what its director makes of it, as JPEG."""

from __future__ import annotations

import threading
from typing import NamedTuple

import cv2

from ui.live.decode import FRAME_SIDE, FrameArray

QUALITY = 80


class Shown(NamedTuple):
    """A numbered picture, as a JPEG file."""

    number: int
    jpeg: bytes


class Showing:
    """The newest frame of a session. Any thread may use it.

    It is encoded when somebody wants to see it, once for all who do.
    """

    def __init__(self) -> None:
        self._lock, self._encoding = threading.Lock(), threading.Lock()
        self._rgb: FrameArray | None = None
        self._number = 0
        self._closed = False
        self._shown = Shown(0, b"")

    def put(self, rgb: FrameArray) -> None:
        """Take a frame: RGB, shape (H, W, 3), uint8. It is kept, not copied."""
        with self._lock:
            if not self._closed:
                self._rgb, self._number = rgb, self._number + 1

    def is_after(self, number: int) -> bool:
        """Tell whether there is a newer picture than that of a number."""
        return self._number > number

    def newest(self) -> Shown | None:
        """Newest picture, at most `FRAME_SIDE` pixels on a side; None if there is none. Takes a few milliseconds."""
        with self._encoding:
            with self._lock:
                rgb, number = self._rgb, self._number
            if rgb is None:
                return None
            if number != self._shown.number:
                self._shown = Shown(number, _jpeg(rgb))
            return self._shown

    def close(self) -> None:
        """Forget the picture, and take no more."""
        with self._lock:
            self._rgb, self._closed = None, True


def _jpeg(rgb: FrameArray) -> bytes:
    scale = FRAME_SIDE / max(rgb.shape[:2])
    if scale < 1.0:
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise RuntimeError(f"A frame of shape {rgb.shape} could not be made a JPEG.")
    return jpeg.tobytes()
