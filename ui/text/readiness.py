"""Sentences on checks that cannot pass: said before they begin where it is known by then, else as soon as it shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from ui.results import sample
from ui.text.scores import literal

if TYPE_CHECKING:
    from bank import CustomerInfo

Size: TypeAlias = tuple[int, int]
"""Width and height, in pixels."""


@dataclass(frozen=True)
class Obstacle:
    """Why a check cannot pass, or may not.

    Attributes
    ----------
    kind : {"sample", "no-face", "no-camera", "too-large", "other-size"}
    text : str
        In Markdown.
    """

    kind: Literal["sample", "no-face", "no-camera", "too-large", "other-size"]
    text: str

    @property
    def certain(self) -> bool:
        """Whether the check cannot pass. What a camera gave last is only a hint: it may have other sizes."""
        return self.kind != "other-size"


def sizes_of(customer: CustomerInfo, most_pixels: int | None = None) -> tuple[Size, ...]:
    """Sizes of a customer's cameras, each once, those registered last first.

    Parameters
    ----------
    customer : CustomerInfo
    most_pixels : int, optional
        Leaves out those with more pixels.
    """
    newest = sorted(customer.cameras, key=lambda camera: camera.created_at, reverse=True)
    sizes = dict.fromkeys((camera.width, camera.height) for camera in newest)
    return tuple(size for size in sizes if most_pixels is None or size[0] * size[1] <= most_pixels)


def photo_obstacles(customer: CustomerInfo, required: Collection[str]) -> list[Obstacle]:
    """What stands in the way of a check of photos by a profile that requires these factors."""
    name, found = literal(customer.name), []
    if "face" in required and not customer.face_frames:
        found.append(Obstacle("no-face", f"**{name}** has no face registered, so nobody can be recognised."))
    if "camera" in required and not customer.cameras:
        found.append(Obstacle("no-camera", f"**{name}** has no camera registered, so none can be recognised."))
    return found


def live_obstacles(
    customer: CustomerInfo, required: Collection[str], most_pixels: int, seen: Size | None
) -> list[Obstacle]:
    """What stands in the way of a live check.

    Parameters
    ----------
    customer : CustomerInfo
    required : collection of str
        Names of the factors that must pass.
    most_pixels : int
        Of the largest still that a live check takes.
    seen : (int, int) or None
        Size of the pictures that this browser's camera gave last, if it was open.
    """
    name = literal(customer.name)
    if customer.name == sample.PERSON:
        return [Obstacle("sample", f"**{name}** exists in this program only: no camera of yours takes their pictures.")]
    found = photo_obstacles(customer, required)
    fitting = sizes_of(customer, most_pixels)
    if customer.cameras and not fitting:
        text = (
            f"**{name}** was registered with photos of {spoken(sizes_of(customer))}. A live check takes its pictures "
        )
        text += (
            f"from the video, which has {most_pixels / 1e6:.1f} megapixels at most: register the camera live for it."
        )
        found.append(Obstacle("too-large", text))
    elif fitting and seen and seen not in fitting and seen[::-1] not in fitting:
        text = f"This browser's camera gave pictures of {spoken([seen])} when it was open last, and **{name}** was "
        text += f"registered with {spoken(fitting)}. With another camera, or if yours has that size, too, go on."
        found.append(Obstacle("other-size", text))
    return found


def other_size(size: Size, sizes: Collection[Size]) -> str:
    """Why a check ended when pictures of a size came, and none of the enrolled cameras has it."""
    if size[::-1] in sizes:
        remedy = "Hold the phone as you did when it was registered, upright or lying, and start again."
    else:
        remedy = "Choose the camera that was registered, or register this one."
    return (
        f"The camera gives pictures of {spoken([size])}, and was registered with {spoken(sizes)}: nothing can be "
        f"compared, so nothing was decided, and this counts as no failed attempt. {remedy}"
    )


def spoken(sizes: Iterable[Size]) -> str:
    """Sizes as people read them: "640 x 480 or 1280 x 720 pixels"."""
    return " or ".join(f"{width} x {height}" for width, height in sizes) + " pixels"
