"""Enrol the person of the films with their camera, past the browser."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from bank.bank import Bank
from bank.enrol import CameraSample, face_template
from bank.policy import Policy
from liveness.identity import FaceTemplate
from prnu.enrol import Enrolment
from testing.browser import studio

RULES = Policy.load().enrolment


class Enroller:
    """Keeps a server's bank open.

    Parameters
    ----------
    home : Path
        Folder of the bank.
    """

    def __init__(self, home: Path) -> None:
        self._bank = Bank(f"sqlite:///{home / 'bank.db'}", folder=home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bank.close()

    def enrol(self, name: str, shape: tuple[int, int]) -> str:
        """Enrol a customer with a camera of that shape; return the id."""
        return self._bank.enrol(name, faces=_face(), photos=_camera(shape), allow_shared=True).id


@cache
def _face() -> FaceTemplate:
    return face_template([studio.portrait((720, 1280))], RULES)


@cache
def _camera(shape: tuple[int, int]) -> CameraSample:
    enrolment = Enrolment()
    for number, picture in enumerate(studio.wall_photos(shape)):
        enrolment.add(picture, f"wall {number}")
    return CameraSample.of(enrolment, "Webcam (simulated)", "I420", RULES)
