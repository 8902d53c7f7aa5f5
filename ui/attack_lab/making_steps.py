"""How an attack is made, step by step, with pictures for people to watch: the same libraries, one frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from attacks.face.expression import Expression
from attacks.face.mesh_warp import face_triangles
from attacks.face.puppet import label
from attacks.face.swap import Swapper
from attacks.media.fingerprint_copy import Planted, plant
from attacks.media.printed_photo import Motion
from attacks.media.screen import in_a_stand, in_the_hand, replayed
from attacks.media.upload import as_streamed
from attacks.recipe import Look, Way
from attacks.recipes.copied_pattern import Copying, copied
from attacks.target import Target
from attacks.types import ImageArray
from liveness.landmarks import FaceTracker, FloatArray
from prnu import Fingerprint
from ui.results.attack_offers import Offer
from ui.text.scores import count

Tick = Callable[[float, str], None]
"""Told how far a step is, 0..1, and what is done now."""

_SIDE, _DETAIL, _LOUDER = 640, 160, 24
_WHITE = (255, 255, 255)
_POSES = (Expression(), Expression(blink_left=1.0, blink_right=1.0), Expression(gaze=0.8), Expression(yaw=24.0))
_TURNS = (Expression(), Expression(yaw=24.0))
_HELD_S = (0.1, 0.5, 0.9, 1.3)


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the making.

    Attributes
    ----------
    title, text : str
    picture : bytes
        JPEG; whatever is not a plain photo says in it that it is simulated.
    """

    title: str
    text: str
    picture: bytes


def steps(offer: Offer, code: str, target: Target, tick: Tick) -> Iterator[Step]:
    """Make samples of what an attack is made of.

    Parameters
    ----------
    offer : Offer
    code : str
        Of one of its ways.
    target : Target
    tick : callable

    Yields
    ------
    Step
        Two to five.
    """
    tick(0.0, "Looking at the photo")
    way = offer.find(code)
    making = _Making(offer, way, target, tick)
    for step in offer.steps(way):
        picture = _LOOKS[step.look](making)
        text = step.text
        if step.look == Look.PLANTED:
            text = text.format(psnr=f"{making.forged.psnr:.0f}")
        elif step.look == Look.DIFFERENCE:
            text = text.format(louder=_LOUDER)
        yield Step(step.title, text, picture)


@dataclass(frozen=True, eq=False)
class _Making:
    """One attack while it is made; what several pictures show is made once."""

    offer: Offer
    way: Way
    target: Target
    tick: Tick

    @cached_property
    def poses(self) -> list[ImageArray]:
        """The photo as it moves."""
        return [self.target.face.frame(pose) for pose in _POSES]

    @cached_property
    def acted(self) -> list[ImageArray]:
        """The actor of a face swap."""
        return [self.target.actor.frame(pose) for pose in _TURNS]

    @cached_property
    def copying(self) -> Copying:
        """How the fingerprint is copied."""
        return Copying.of(self.way)

    @cached_property
    def copy(self) -> Fingerprint:
        """The fingerprint that is copied."""
        photos, shared = self.copying.photos, self.copying.shared
        words = f"Working the pattern out of {count(photos, 'photo')}"
        return copied(self.target, photos, shared, lambda share: self.tick(share, words))

    @cached_property
    def filmed(self) -> ImageArray:
        """A still by the attacker's camera."""
        return self.target.filmed(0)(self.target.face.frame(Expression()))

    @cached_property
    def forged(self) -> Planted:
        """The same with the copied fingerprint."""
        return plant(self.filmed, self.copy, self.copying.strength, psnr=self.copying.psnr)


def _swapped(making: _Making) -> bytes:
    making.tick(0.6, "Laying the victim's face over the actor's")
    swapper = Swapper(making.target.portrait)
    with FaceTracker(stills=True) as tracker:
        swapped = [swapper.frame(scene, _landmarks(tracker, scene)) for scene in making.acted]
    return _tiles([*making.acted, *swapped])


def _presented(making: _Making) -> bytes:
    with closing(making.offer.make(making.target, making.way, 0)) as presentation:
        return _tiles([presentation.frame(None, now_s) for now_s in _HELD_S])


def _on_screen(making: _Making, motion: Motion) -> bytes:
    recording = [as_streamed(scene) for scene in making.poses]
    return _tiles(list(replayed(recording, making.target.other.shape, None, motion)))


def _taken(making: _Making) -> bytes:
    return _marked(making.target.taken(0)(making.target.face.frame(Expression())))


def _published(making: _Making) -> bytes:
    shown = list(making.target.published(min(making.copying.photos, 4)))
    return _tiles(shown) if len(shown) == 4 else _marked(shown[0])


def _copy(making: _Making) -> bytes:
    part = _middle(making.copy.pattern)
    return _marked(_grey(part / (3 * float(part.std()) or 1.0)))


def _planted(making: _Making) -> bytes:
    making.tick(1.0, "Putting it into a picture")
    return _marked(making.forged.picture)


def _difference(making: _Making) -> bytes:
    after, before = (one.astype(np.float32).mean(axis=2) for one in (making.forged.picture, making.filmed))
    return _marked(_grey(_middle(after - before) * (_LOUDER / 128)))


_LOOKS: dict[Look, Callable[[_Making], bytes]] = {
    Look.PHOTO: lambda making: _jpeg(making.target.portrait),
    Look.POINTS: lambda making: _net(making.target.portrait),
    Look.MOVING: lambda making: _tiles(making.poses),
    Look.ACTOR: lambda making: _net(making.acted[0]),
    Look.SWAPPED: _swapped,
    Look.PRESENTED: _presented,
    Look.STAND: lambda making: _on_screen(making, in_a_stand),
    Look.HAND: lambda making: _on_screen(making, in_the_hand),
    Look.TAKEN: _taken,
    Look.PUBLISHED: _published,
    Look.COPY: _copy,
    Look.PLANTED: _planted,
    Look.DIFFERENCE: _difference,
}


def side_by_side(frame: ImageArray, still: ImageArray) -> bytes:
    """A frame of the video beside the still that was handed in for it, as a labelled JPEG."""
    height = 360
    both = [cv2.resize(one, (round(height * one.shape[1] / one.shape[0]), height)) for one in (frame, still)]
    return _file(np.hstack([label(np.asarray(one, np.uint8)) for one in both]))


def _landmarks(tracker: FaceTracker, picture: ImageArray) -> FloatArray | None:
    seen = tracker.observe(picture, 0.0)
    return seen.landmarks if seen else None


def _net(picture: ImageArray) -> bytes:
    """The face of a picture with its triangles."""
    with FaceTracker(stills=True) as tracker:
        points = _landmarks(tracker, picture)
    assert points is not None  # it was found when the target was made
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = 1.7 * float((high - low).max())
    scale = _SIDE / side
    move = scale * (side - low - high) / 2
    place = np.array([[scale, 0.0, move[0]], [0.0, scale, move[1]]])
    drawn = cv2.warpAffine(picture, place, (_SIDE, _SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    corners = np.rint(points[:, :2] * scale + move).astype(np.int32)[face_triangles()]
    net = cv2.polylines(drawn.copy(), list(corners), True, _WHITE, 1, cv2.LINE_AA)
    return _marked(np.asarray(cv2.addWeighted(net, 0.6, drawn, 0.4, 0), np.uint8))


def _tiles(pictures: list[ImageArray]) -> bytes:
    """Four pictures of one size in a square, each labelled."""
    small = [
        label(np.asarray(cv2.resize(one, (320, 320 * one.shape[0] // one.shape[1])), np.uint8)) for one in pictures
    ]
    return _file(np.vstack([np.hstack(small[:2]), np.hstack(small[2:4])]))


def _middle(pattern: FloatArray) -> FloatArray:
    """The middle of a pattern, each of its pixels large enough to be seen."""
    top, left = ((side - _DETAIL) // 2 for side in pattern.shape)
    part = pattern[top : top + _DETAIL, left : left + _DETAIL]
    return np.asarray(cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST), np.float32)


def _grey(values: FloatArray) -> ImageArray:
    """Values from -1 to 1 as a grey picture."""
    shades = np.clip(128 + 127 * values, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(shades, cv2.COLOR_GRAY2RGB), np.uint8)


def _marked(picture: ImageArray) -> bytes:
    return _file(label(as_streamed(picture)))


def _jpeg(photo: ImageArray) -> bytes:
    return _file(as_streamed(photo))


def _file(picture: ImageArray) -> bytes:
    _, file = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return file.tobytes()
