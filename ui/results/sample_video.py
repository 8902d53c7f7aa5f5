"""A sample video of somebody who is not there: a printed portrait, held into a camera and moved. It is simulated."""

from __future__ import annotations

import functools
import io

from attacks import sample_person
from attacks.media.printed_photo import Pose, held, swing
from liveness.film import FilmWriter
from prnu import scenes

NAME = "Held photo"
TRUTH = (
    "A portrait of Eileen Collins (NASA, public domain) as a print that is held into a camera, moved and tilted. The "
    "hand, the room and the noise of the camera are simulated."
)

_SIZE = (480, 640)
_PART = (slice(0, 300), slice(107, 347))  # of the portrait of 512 x 512: head and shoulders
_HEIGHT, _BORDER = 400 / 480, 0.03  # of the photo in front of the camera, and of the white paper around it
_SECONDS, _RATE = 6, 15
_NOISE = 2.0  # standard deviation of the camera's noise, grey levels


@functools.lru_cache(maxsize=1)
def held_photo() -> bytes:
    """An MP4 of six seconds, the same each time."""
    portrait = sample_person.portrait()[_PART]
    wall = scenes.flat(_SIZE, level=115.0, tint=(1.0, 0.97, 0.93))
    film = held(portrait, _SIZE, _motion, _SECONDS, _RATE, height=_HEIGHT, border=_BORDER, scene=wall, noise=_NOISE)
    file = io.BytesIO()
    with FilmWriter(file, crf="18", preset="veryfast") as writer:
        for number, frame in enumerate(film):
            writer.add(frame, number / _RATE)
    return file.getvalue()


def _motion(time_s: float) -> Pose:
    return Pose(
        pitch=6 * swing(time_s, 4.1),
        yaw=16 * swing(time_s, 3.3),
        roll=5 * swing(time_s + 1, 5.2),
        right=25 / 480 * swing(time_s, 2.7),
        down=8 / 480 * swing(time_s, 1.9),
    )
