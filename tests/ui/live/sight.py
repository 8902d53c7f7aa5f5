"""What a session sees with in tests: no networks, and what it does is known."""

from __future__ import annotations

import threading

import numpy as np

from liveness.landmarks import FaceBox, FrameArray, Observation
from liveness.watcher import Watcher


def seen(time_s: float, faces: int = 1) -> Observation:
    """A face in the middle of a frame of 640x360, or none."""
    rng = np.random.default_rng(1)
    landmarks = rng.uniform((200, 100, -9), (440, 280, 9), (478, 3)).astype(np.float32)
    nothing = dict.fromkeys(("ear_left", "ear_right", "blink_left", "blink_right", "gaze", "yaw", "pitch", "roll"), 0.0)
    box = FaceBox(200.0, 100.0, 240.0, 180.0) if faces else None
    thumbnail = np.zeros((12, 12), np.float32)
    found = landmarks if faces else None
    return Observation(
        time_s, faces, (360, 640), box, found, brightness=128.0, sharpness=90.0, thumbnail=thumbnail, **nothing
    )


class Glance(Watcher):
    """Sees a face in every frame; `gate` holds it up, `looked` has the frames' first pixels."""

    def __init__(self) -> None:
        super().__init__(tracker=self, matcher=self)
        self.gate = threading.Event()
        self.gate.set()
        self.busy = threading.Event()
        self.looked: list[int] = []
        self.closed = threading.Event()
        self.faces = 1
        self.trouble = ""

    def observe(self, frame: FrameArray, time_s: float) -> Observation:
        self.busy.set()
        assert self.gate.wait(20)
        self.looked.append(int(frame[0, 0, 0]))
        return seen(time_s, self.faces)

    def try_embed(self, frame: FrameArray) -> tuple[np.ndarray | None, str]:
        return (None, self.trouble) if self.trouble else (np.ones(128, np.float32), "")

    def close(self) -> None:
        self.closed.set()
