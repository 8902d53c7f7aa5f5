"""How an attack is made, step by step, with pictures for people to watch: the same libraries, one frame at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import cv2
import numpy as np

from attacks.face.expression import Expression
from attacks.face.mesh_warp import face_triangles
from attacks.face.puppet import label
from attacks.face.swap import Swapper
from attacks.media.fingerprint_copy import plant
from attacks.media.screen import in_a_stand, in_the_hand, replayed
from attacks.recipes.forging import Copying, copied
from attacks.target import Target
from attacks.types import ImageArray, as_streamed, sensor
from liveness.landmarks import FaceTracker, FloatArray
from ui.results.attack_offers import Offer
from ui.text.scores import count

Tick = Callable[[float, str], None]
"""Told how far a step is, 0..1, and what is done now."""

_SIDE, _DETAIL, _LOUDER = 640, 160, 24
_WHITE = (255, 255, 255)
_POSES = (Expression(), Expression(blink_left=1.0, blink_right=1.0), Expression(gaze=0.8), Expression(yaw=24.0))
_TURNS = (Expression(), Expression(yaw=24.0))
_ACTOR = "Somebody else, made of the sample portrait, who will do what is asked."
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


def steps(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    """Make samples of what an attack is made of.

    Parameters
    ----------
    offer : Offer
    strength : str
        Code of one of its strengths.
    target : Target
    tick : callable

    Yields
    ------
    Step
        Two to five.
    """
    tick(0.0, "Looking at the photo")
    if offer.group != "replay":  # which needs none
        found = "who is enrolled" if offer.genuine else "that the attacker found"
        yield Step("The photo", f"One photo of the person {found}.", _jpeg(target.portrait))
    if offer.group in _STEPS:
        yield from _STEPS[offer.group](offer, strength, target, tick)


def _genuine(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    text = "It stands for the person: it can blink, glance and turn, and the enrolled camera looks at it."
    yield Step("The photo learns to move", text, _tiles(_moving(target)))
    still = sensor(target.camera, target.shots(0))(target.face.frame(Expression()))
    yield Step("A photo by the enrolled camera", "With the faint pattern of that camera's sensor.", _marked(still))


def _puppet(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    yield _net("Points on the face", "478 landmarks; the triangles between them can be moved.", target.portrait)
    text = "It closes its eyes, glances and turns its head. No network was trained for it."
    yield Step("The photo moves", text, _tiles(_moving(target)))


def _swap(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    yield _net("Points on the victim's face", "478 landmarks, and triangles between them.", target.portrait)
    acted = [target.actor.frame(pose) for pose in _TURNS]
    yield _net("The actor", _ACTOR, acted[0])
    tick(0.6, "Laying the victim's face over the actor's")
    swapper = Swapper(target.portrait)
    with FaceTracker(stills=True) as tracker:
        swapped = [swapper.frame(scene, _landmarks(tracker, scene)) for scene in acted]
    text = "Each triangle of the photo goes to its place, its colours are matched, its border is blended."
    yield Step("The swapped face", f"{text} Above the actor, below what comes of it.", _tiles([*acted, *swapped]))


def _photo(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    with closing(offer.make(target, strength, 0)) as presentation:
        scenes = [presentation.frame(None, now_s) for now_s in _HELD_S]
    yield Step("The print", f"Held in front of a camera. {offer.way(strength)}.", _tiles(scenes))


def _replay(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    text = "What the person did at an earlier check, when something else was asked."
    yield Step("The recording", text, _tiles(_moving(target)))
    if strength in ("stand", "hand"):
        motion = in_a_stand if strength == "stand" else in_the_hand
        recording = [as_streamed(target.face.frame(pose)) for pose in _POSES]
        filmed = list(replayed(recording, target.other.shape, None, motion))
        yield Step(
            "Filmed off a screen", "Another camera sees the screen's stripes, its light, the room.", _tiles(filmed)
        )
    else:
        still = sensor(target.camera, target.shots(0))(target.face.frame(Expression()))
        text = "Taken by the enrolled camera, with its pattern, and kept bit by bit."
        yield Step("A recorded still", text, _marked(still))


def _injection(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    text = "A photo that moves: no camera takes part. It answers what is asked."
    yield Step("The fake video", text, _tiles(_moving(target)))


def _copy(offer: Offer, strength: str, target: Target, tick: Tick) -> Iterator[Step]:
    way = Copying.of(strength)
    shown = list(target.published(min(way.photos, 4)))
    shared = " after a social network has scaled them down and compressed them again" if way.shared else ""
    text = f"{count(way.photos, 'photo')} by the enrolled camera that anybody can download{shared}."
    yield Step("Published photos", text, _tiles(shown) if len(shown) == 4 else _marked(shown[0]))
    word = f"Working the pattern out of {count(way.photos, 'photo')}"
    copy = copied(target, way.photos, way.shared, lambda share: tick(share, word))
    part = _middle(copy.pattern)
    text = "The noise of these photos. What they share is the sensor's pattern. A detail, much amplified."
    yield Step("The copied pattern (fingerprint)", text, _marked(_grey(part / (3 * float(part.std()) or 1.0))))
    tick(1.0, "Putting it into a picture")
    still = sensor(target.other, target.shots(0))(target.face.frame(Expression()))
    forged = plant(still, copy, way.strength, psnr=way.psnr)
    text = f"Filmed by another camera, then changed so little that nobody sees it: {forged.psnr:.0f} dB (PSNR)."
    yield Step("The pattern planted in the fake", text, _marked(forged.picture))
    change = forged.picture.astype(np.float32).mean(axis=2) - still.astype(np.float32).mean(axis=2)
    text = f"What was changed, {_LOUDER} times amplified: the same detail as above."
    yield Step("The difference", text, _marked(_grey(_middle(change) * (_LOUDER / 128))))


_STEPS: dict[str, Callable[[Offer, str, Target, Tick], Iterator[Step]]] = {
    "genuine": _genuine,
    "puppet": _puppet,
    "swap": _swap,
    "photo": _photo,
    "replay": _replay,
    "injection": _injection,
    "copy": _copy,
}


def side_by_side(frame: ImageArray, still: ImageArray) -> bytes:
    """A frame of the video beside the still that was handed in for it, as a labelled JPEG."""
    height = 360
    both = [cv2.resize(one, (round(height * one.shape[1] / one.shape[0]), height)) for one in (frame, still)]
    return _file(np.hstack([label(np.asarray(one, np.uint8)) for one in both]))


def _moving(target: Target) -> list[ImageArray]:
    return [target.face.frame(pose) for pose in _POSES]


def _landmarks(tracker: FaceTracker, picture: ImageArray) -> FloatArray | None:
    seen = tracker.observe(picture, 0.0)
    return seen.landmarks if seen else None


def _net(title: str, text: str, picture: ImageArray) -> Step:
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
    return Step(title, text, _marked(np.asarray(cv2.addWeighted(net, 0.6, drawn, 0.4, 0), np.uint8)))


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
