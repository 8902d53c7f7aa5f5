"""Films for a browser's fake camera: a puppet answers a challenge, or shows a sheet of paper, to simulated sensors."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import skimage.data

from attacks.face.behaviour import CALM, Actor
from attacks.face.expression import Expression
from attacks.face.puppet import Puppet
from attacks.face.selfie_framing import selfie
from liveness.challenge import Challenge
from prnu import scenes
from prnu.sensor import SimulatedCamera

RATE = 15
CHALLENGE = Challenge(("blink twice", "turn left", "look right"), seconds=14.0)
"""A film cannot hear what is asked: this is what it answers."""

ANSWERS_S = (6.0, 9.0, 12.5)
"""When it does. Each prompt comes before its answer, however slowly a camera starts."""

ANSWER_S = 2.5
SHEET_S, FACE_S, CHECK_S = 11, 8, 17

_PIECE = 30  # frames that a process makes at a time
_FRAME = b"FRAME\n"


class Camera(NamedTuple):
    """A simulated sensor, and what numbers its shots begin with: no two films may have a shot in common."""

    seed: int
    first_shot: int

    def at(self, shape: tuple[int, int]) -> SimulatedCamera:
        return _sensor(self.seed, shape)


OWN, OWN_AGAIN, OTHER = Camera(41, 10_000), Camera(41, 20_000), Camera(42, 30_000)
WALLS, REGISTERED = Camera(41, 100), Camera(41, 1_000)


@dataclass(frozen=True)
class Film:
    """A film on disk: YUV4MPEG2, `RATE` frames a second, which a browser plays in a loop.

    Attributes
    ----------
    path : Path
    shape : (int, int)
        Height and width.
    frames : int
    """

    path: Path
    shape: tuple[int, int]
    frames: int

    @property
    def header(self) -> bytes:
        height, width = self.shape
        return f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420jpeg\n".encode()

    @property
    def frame_bytes(self) -> int:
        return self.shape[0] * self.shape[1] * 3 // 2

    def offset(self, number: int) -> int:
        return len(self.header) + number * (len(_FRAME) + self.frame_bytes)

    def planes(self, number: int) -> bytes:
        """A frame as a browser hands it in: Y, U and V planes."""
        with self.path.open("rb") as file:
            file.seek(self.offset(number) + len(_FRAME))
            return file.read(self.frame_bytes)

    def numbers(self) -> dict[str, int]:
        """Numbers of the frames, by `sha` of their luma."""
        height, width = self.shape
        return {sha(self.planes(number)[: height * width]): number for number in range(self.frames)}


def sha(luma: bytes) -> str:
    return hashlib.sha256(luma).hexdigest()[:16]


class Studio:
    """Makes films, on all cores."""

    def __init__(self) -> None:
        self._pool = ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn"))
        self._work: list[Future[None]] = []

    def film_registration(self, path: Path, shape: tuple[int, int], camera: Camera) -> Film:
        """A sheet of paper, then a face that looks into the camera. Done after `finish`."""
        actor = Actor(1, CALM)
        poses: list[Expression | None] = [None] * (SHEET_S * RATE)
        poses += [actor.expression(number / RATE) for number in range(FACE_S * RATE)]
        return self._shoot(shape, poses, {path: camera})[0]

    def film_checks(self, shape: tuple[int, int], takes: dict[Path, Camera]) -> list[Film]:
        """A face that answers `CHALLENGE`, seen by several cameras. Done after `finish`."""
        actor = Actor(3, CALM)
        poses: list[Expression | None] = []
        for number in range(CHECK_S * RATE):
            now_s = number / RATE
            asked = [step for step, at in zip(CHALLENGE.steps, ANSWERS_S, strict=True) if 0 <= now_s - at < ANSWER_S]
            actor.asked(asked[0] if asked else None, now_s)
            poses.append(actor.expression(now_s))
        return self._shoot(shape, poses, takes)

    def finish(self) -> None:
        """Wait until all films are there."""
        for piece in self._work:
            piece.result()
        self._pool.shutdown()

    def _shoot(self, shape: tuple[int, int], poses: list[Expression | None], takes: dict[Path, Camera]) -> list[Film]:
        films = [Film(path, shape, len(poses)) for path in takes]
        for film in films:
            with film.path.open("wb") as file:
                file.write(film.header)
                file.truncate(film.offset(film.frames))
        cameras = list(zip(films, takes.values(), strict=True))
        for first in range(0, len(poses), _PIECE):
            self._work.append(self._pool.submit(_shoot_piece, cameras, first, poses[first : first + _PIECE]))
        return films


def wall_photos(shape: tuple[int, int], count: int = 12) -> list[np.ndarray]:
    """Pictures of a blank wall, to enrol the camera of `OWN` with. RGB."""
    camera = WALLS.at(shape)
    return [camera.photograph(_sheet(shape, shot), shot=WALLS.first_shot + shot) for shot in range(count)]


def portrait(shape: tuple[int, int]) -> np.ndarray:
    """The face in all films, unmoved. RGB."""
    return selfie(skimage.data.astronaut(), shape)  # type: ignore[no-untyped-call]


def _shoot_piece(takes: list[tuple[Film, Camera]], first: int, poses: list[Expression | None]) -> None:
    cv2.setNumThreads(1)
    shape = takes[0][0].shape
    for number, pose in enumerate(poses, first):
        scene = _sheet(shape, number) if pose is None else _puppet(shape).frame(pose)
        for film, camera in takes:
            rgb = camera.at(shape).photograph(scene, shot=camera.first_shot + number)
            planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
            with film.path.open("r+b") as file:
                file.seek(film.offset(number))
                file.write(_FRAME + planes.tobytes())


@cache
def _sensor(seed: int, shape: tuple[int, int]) -> SimulatedCamera:
    return SimulatedCamera.preset("smartphone", seed=seed, shape=shape, jpeg_quality=None)


@cache
def _puppet(shape: tuple[int, int]) -> Puppet:
    return Puppet(portrait(shape))


@cache
def _wall(shape: tuple[int, int], level: int) -> np.ndarray:
    return scenes.flat(shape, level=level, seed=level)


def _sheet(shape: tuple[int, int], number: int) -> np.ndarray:
    """A sheet of paper by hand: the light on it is never quite the same."""
    return _wall(shape, 115 + number % 20)
