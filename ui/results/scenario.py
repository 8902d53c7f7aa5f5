"""What can be played in sample mode, in words, and who plays. Loads no models: pages show it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from attacks.recipes import moving_photo

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import Presentation


@dataclass(frozen=True)
class Scenario:
    """What is played.

    Attributes
    ----------
    code : {"genuine", "other-camera", "injected"}
    icon, title, teaser : str
        To choose it by.
    truth : str
        How it comes about.
    play : callable
        Plays it: takes the sample person and a seed.
    """

    code: Literal["genuine", "other-camera", "injected"]
    icon: str
    title: str
    teaser: str
    truth: str
    play: Callable[[Target, int], Presentation]


def _genuine(target: Target, seed: int) -> Presentation:
    return target.genuine(seed)


def _filmed(target: Target, seed: int) -> Presentation:
    return moving_photo.make(target, moving_photo.Ways.FILMED, seed)


def _injected(target: Target, seed: int) -> Presentation:
    return moving_photo.make(target, moving_photo.Ways.INJECTED, seed)


SCENARIOS = (
    Scenario(
        "genuine",
        ":material/person:",
        "The registered camera",
        "A face that answers, in front of the camera that was registered.",
        "An animated portrait in front of the registered camera: it stands for the person who is registered.",
        _genuine,
    ),
    Scenario(
        "other-camera",
        ":material/photo_camera:",
        "Another camera",
        "Who stole the face, but not the camera: another one of the very same model.",
        "The same animated portrait in front of another camera of the same model, which nobody registered.",
        _filmed,
    ),
    Scenario(
        "injected",
        ":material/smart_toy:",
        "A deepfake, no camera",
        "A computed face that blinks and turns as it is told, fed in as if a camera had seen it (injection).",
        "The same animated portrait, handed in as if a camera had seen it (injection): no sensor took part.",
        _injected,
    ),
)
