"""Made-up people who take selfies: a stream that answers the challenge, and stills by a simulated or real camera."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bank.capture import Capture
from bank.face_reader import FaceSeen, pose_of
from bank.pictures import Picture
from liveness.identity import FaceTemplate
from liveness.landmarks import FaceBox
from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.observations import mesh, seen

SHAPE = (480, 640)
RATE = 15.0
BOX = FaceBox(180, 90, 280, 300)


def embedding(seed: int, noise: float = 0.0, of: int = 0) -> np.ndarray:
    """A made-up face: people are about at right angles to each other, frames of one person near each other."""
    vector = np.random.default_rng(seed).normal(size=128) / np.sqrt(128)
    vector = vector + noise * np.random.default_rng(of + 1000).normal(size=128) / np.sqrt(128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


class Sitter(Protocol):
    """Whose face it is, as the recogniser sees it in one frame or another; None where it cannot tell."""

    def face(self, of: int) -> np.ndarray | None: ...


@dataclass
class Person:
    seed: int

    @property
    def template(self) -> FaceTemplate:
        return FaceTemplate(embedding(self.seed), 5)

    def face(self, of: int) -> np.ndarray:
        return embedding(self.seed, 0.3, of)


@dataclass
class Device:
    """A simulated camera that never takes the same shot twice."""

    seed: int
    shape: tuple[int, int] = SHAPE
    shots: int = 0
    camera: SimulatedCamera = field(init=False)

    def __post_init__(self) -> None:
        self.camera = SimulatedCamera(self.shape, seed=self.seed, prnu=0.02)

    def walls(self, count: int) -> list[bytes]:
        return [
            self.camera.photograph_jpeg(scenes.flat(self.shape, seed=number), shot=number) for number in range(count)
        ]

    def selfie(self) -> Picture:
        """Somebody who, like all people, never holds quite still, nor comes back to the very pixel."""
        self.shots += 1
        moved = 2 * (self.shots % 23), 2 * (self.shots % 29)  # 667 places, two pixels apart
        scene = np.roll(scenes.photo("astronaut", self.shape), moved, (0, 1))
        return Picture.from_array(self.camera.photograph(scene, shot=1000 + self.shots), f"still {self.shots}")


class Table:
    """A face reader that is told what it sees."""

    def __init__(self) -> None:
        self.answer = FaceSeen(None, None, 0, None, "no-face")

    def read(self, rgb: np.ndarray, time_s: float) -> FaceSeen:
        return self.answer


def movement(step: str, t: float) -> dict[str, Any]:
    """What a person does who was asked `step`, t seconds ago; before the first prompt people just blink."""
    if not step and 0.6 < t < 0.8:
        return {"ear_left": 0.05, "ear_right": 0.05, "blink_left": 0.7, "blink_right": 0.7}
    if step == "blink twice" and (0.6 < t < 0.8 or 1.2 < t < 1.4):
        return {"ear_left": 0.05, "ear_right": 0.05, "blink_left": 0.7, "blink_right": 0.7}
    if step.startswith("turn") and 0.6 < t < 1.2:
        yaw = 30.0 if step.endswith("left") else -30.0
        return {"yaw": yaw, "landmarks": mesh(yaw)}
    if step.startswith("look") and 0.6 < t < 1.2:
        return {"gaze": 0.8 if step.endswith("left") else -0.8}
    return {}


def perform(
    capture: Capture,
    reader: Table,
    person: Sitter,
    pictures: Callable[[], Picture] | Iterable[Picture],
    *,
    stills: int = 8,
    in_stills: Sitter | None = None,
    still_yaw: Callable[[float], float] = lambda yaw: yaw,
    box: FaceBox = BOX,
    moves: Callable[[str, float], dict[str, Any]] = movement,
    seconds: float = 60.0,
    rate: float = RATE,
    linger: float = 0.0,
    late: float = 0.0,
    told: bool = True,
) -> None:
    """Play an attempt: watch for prompts, do `moves`, hand in a still every 0.4 s, the last one in a turn.

    `in_stills` puts another person's face into the stills, `still_yaw` another pose. It goes on for `linger` seconds
    after the last answer. Stills are taken `late` seconds after they were asked for, which is `told` or not.
    """
    supply = iter(pictures if isinstance(pictures, Iterable) else iter(pictures, None))
    asked, since, last, turned, over = ("", 0), 0.0, -1.0, 0, math.nan
    for number in range(round(seconds * rate)):
        now = number / rate
        changes = moves(asked[0], now - since)
        observation = seen(now, box=box, **changes)
        state = capture.observe(observation, person.face(number) if number % 15 == 0 else None)
        turning = abs(observation.yaw) > 15 and turned < 1
        handed_in = len(capture.stills) + len(capture.refusals)
        if handed_in < stills and (turning or (handed_in - turned < stills - 1 and now - last >= 0.4 and now > 1)):
            last, turned = now, turned + turning
            pose = pose_of(observation, now)
            assert pose is not None
            shown = pose._replace(yaw=still_yaw(pose.yaw))
            vector = (in_stills or person).face(number + 7) if abs(shown.yaw) < 20 else None
            trouble = "turned" if abs(shown.yaw) >= 20 else "covered"
            reader.answer = FaceSeen(shown, box, 1, vector, "" if vector is not None else trouble)
            capture.add(next(supply), capture.ask(now - late), now + 0.1, now if told else math.nan)
        if (challenge := capture.session.challenge) is not None:  # another one once a step was swapped
            done = len(state.steps)
            asking = (challenge.steps[done], done) if state.phase == "prompting" else ("", done)
            if asking != asked:
                asked, since = asking, now
        over = now if state.done and math.isnan(over) else over
        if now >= over + linger:
            break
