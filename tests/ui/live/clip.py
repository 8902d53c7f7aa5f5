"""A clip for the browser's fake camera: the public-domain portrait moved about, each frame's number in its pixels."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import skimage.data

WIDTH, HEIGHT, FRAMES, RATE = 1280, 720, 40, 30
_BIT = 16  # pixels on a side of the blocks that spell a frame's number


@cache
def luma() -> np.ndarray:
    """Luma of all frames, shape (FRAMES, HEIGHT, WIDTH), uint8, within video range."""
    return np.stack([planes[0] for planes in map(_planes, range(FRAMES))])


def write(path: Path) -> Path:
    """Write the clip as YUV4MPEG2; browsers play it in a loop."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            file.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in _planes(number)))
    return path


def number_of(picture: np.ndarray) -> int:
    """The frame's number that a luma plane spells, -1 if it is not one of the clip's."""
    bits = [int(picture[_BIT // 2, int((k + 0.5) * _BIT)] > 128) for k in range(16)]
    value, check = (sum(bit << k for k, bit in enumerate(half)) for half in (bits[:8], bits[8:]))
    return value if check == 255 - value and value < FRAMES else -1


@cache
def _scene() -> np.ndarray:
    """The portrait on a textured wall, larger than the picture so that it can move. RGB."""
    rng = np.random.default_rng(7)
    wall = cv2.resize(
        rng.uniform(90, 150, (30, 50)).astype(np.float32), (WIDTH + 80, HEIGHT + 80), interpolation=cv2.INTER_CUBIC
    )
    scene = np.repeat(wall[:, :, None], 3, axis=2)
    face = cv2.resize(skimage.data.astronaut()[0:300, 80:380], (760, 760), interpolation=cv2.INTER_CUBIC)
    left = (WIDTH + 80 - 760) // 2
    scene[40:, left : left + 760] = face[: HEIGHT + 40]
    return scene


@cache
def _planes(number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    turn = 2 * np.pi * number / FRAMES
    x, y = round(40 + 30 * np.sin(turn)), round(40 + 15 * np.sin(2 * turn))
    rng = np.random.default_rng(number)
    rgb = _scene()[y : y + HEIGHT, x : x + WIDTH] + rng.normal(0, 2, (HEIGHT, WIDTH, 1))
    # No colour is so saturated that the way to RGB and back would clip it.
    rgb = 128 + 0.8 * (rgb - 128)
    yuv = cv2.cvtColor(np.clip(rgb, 20, 235).astype(np.uint8), cv2.COLOR_RGB2YUV_I420)
    picture, chroma = yuv[:HEIGHT].copy(), yuv[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    for k in range(16):
        bit = number >> k & 1 if k < 8 else ~number >> (k - 8) & 1
        picture[:_BIT, k * _BIT : (k + 1) * _BIT] = 235 if bit else 16
    chroma[:, : _BIT // 2, : 8 * _BIT] = 128
    return picture, chroma[0], chroma[1]
