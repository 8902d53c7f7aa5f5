from __future__ import annotations

import io
import json
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.ui.live.director import Notes
from tests.ui.live.sight import Glance
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def glance():
    return Glance()


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def begin():
    """Begins sessions, and ends them after the test."""
    begun: list[LiveSession] = []

    def make(director, sight, *, registry=None, **options) -> LiveSession:
        begun.append((LiveSession if registry is None else registry.open)(director, sight=lambda: sight, **options))
        return begun[-1]

    yield make
    for session in begun:
        session.close()
        assert session.join(20), "a session's thread did not end"
    SESSIONS._sessions.clear()


def until(true: Callable[..., object], *given: object) -> None:
    """Wait for something that another thread does; `true` is asked with what is given."""
    for _ in range(1000):
        if true(*given):
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in 10 s")


def messages(session: LiveSession, kind: str | None = None) -> list[dict]:
    """Messages of a session so far."""
    found = [json.loads(message.text) for message in session.outbox.after(0)]
    return [message for message in found if kind in (None, message["type"])]


def jpeg(width: int = 640, height: int = 360, grey: int = 120) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (grey, grey, grey)).save(file, "JPEG")
    return file.getvalue()


def i420(width: int = 320, height: int = 256, seed: int = 1) -> np.ndarray:
    """A noisy still as planes, shape (H * 3 / 2, W)."""
    rng = np.random.default_rng(seed)
    rgb = rng.integers(60, 200, (height, width, 1), np.uint8).repeat(3, axis=2)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)


def layout_of(width: int, height: int) -> list[dict[str, int]]:
    """Layout of tight I420 planes, as `VideoFrame.copyTo` tells it."""
    luma, chroma = width * height, width * height // 4
    strides = (width, width // 2, width // 2)
    return [{"offset": o, "stride": s} for o, s in zip((0, luma, luma + chroma), strides, strict=True)]


def headers_of(width: int = 320, height: int = 256, pixel_format: str = "I420") -> dict[str, str]:
    layout = json.dumps(layout_of(width, height))
    return {"X-Format": pixel_format, "X-Width": str(width), "X-Height": str(height), "X-Layout": layout}
