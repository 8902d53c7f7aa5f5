"""A sample video of somebody who is not there: a printed portrait, held into a camera and moved. It is simulated."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator

import av
import cv2
import numpy as np
import numpy.typing as npt

from prnu import scenes

ImageArray = npt.NDArray[np.uint8]

NAME = "Held photo"
TRUTH = (
    "A portrait of Eileen Collins (NASA, public domain) as a print that is held into a camera, moved and tilted. The "
    "hand, the room and the noise of the camera are simulated."
)

_SIZE = (480, 640)
_PART = (slice(0, 300), slice(107, 347))  # of the portrait of 512 x 512: head and shoulders
_PRINT = (320, 400)  # width and height in front of the camera
_BORDER = 12  # white paper around the print
_FOCAL = 700.0  # pixels: a webcam's 50 degrees across
_SECONDS, _RATE = 6, 15
_NOISE = 2.0  # standard deviation of the camera's noise, grey levels


@functools.lru_cache(maxsize=1)
def held_photo() -> bytes:
    """An MP4 of six seconds, the same each time."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"crf": "18", "preset": "veryfast"})
        stream.height, stream.width = _SIZE
        stream.pix_fmt = "yuv420p"
        for frame in _frames():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _frames() -> Iterator[ImageArray]:
    rng = np.random.default_rng(0)
    portrait = cv2.resize(scenes.photo("astronaut", (512, 512))[_PART], _PRINT, interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, _NOISE, (_SIZE[0], _SIZE[1], 3)).astype(np.float32)
    paper = cv2.copyMakeBorder(portrait, *(_BORDER,) * 4, cv2.BORDER_CONSTANT, value=(244, 243, 240))
    wall = scenes.flat(_SIZE, level=115.0, tint=(1.0, 0.97, 0.93))
    for number in range(_SECONDS * _RATE):
        frame = _held(np.asarray(paper, np.uint8), wall, number / _RATE)
        noise = np.roll(grain, rng.integers(0, 480, 2), (0, 1))  # shaken up: drawing it anew takes far longer
        yield np.clip(frame + noise, 0, 255).astype(np.uint8)


def _held(paper: ImageArray, wall: ImageArray, time_s: float) -> ImageArray:
    """The print in front of a wall, as a pinhole camera sees it."""
    turn = np.radians([6 * _swing(time_s, 4.1), 16 * _swing(time_s, 3.3), 5 * _swing(time_s + 1, 5.2)])
    rotation = np.eye(3)
    for axis, angle in enumerate(turn):
        rotation = rotation @ cv2.Rodrigues(np.eye(3)[axis] * angle)[0]
    height, width = paper.shape[:2]
    corners = np.array([[-width, -height, 0], [width, -height, 0], [width, height, 0], [-width, height, 0]]) / 2
    placed = corners @ rotation.T + [25 * _swing(time_s, 2.7), 8 * _swing(time_s, 1.9), _FOCAL]
    seen = placed[:, :2] / placed[:, 2:] * _FOCAL + [_SIZE[1] / 2, _SIZE[0] / 2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    across = _SIZE[::-1]
    cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, across, flags=cv2.INTER_LINEAR)
    share = cover[..., None].astype(np.float32) / 255
    return np.asarray(share * cv2.warpPerspective(paper, matrix, across) + (1 - share) * wall, np.uint8)


def _swing(time_s: float, period_s: float) -> float:
    return float(np.sin(2 * np.pi * time_s / period_s))
