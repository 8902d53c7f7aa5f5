"""What a tracker sees of an acted face, without drawing it: interpolated between poses that were drawn once.

Blinks, gaze, turns, nods, tilts, smiles and open mouths each have their effect on what is seen, measured on the puppet;
together they add up, ratios of eyes multiply. `benchmarks.people` compares it with drawn frames.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from attacks.face.behaviour import Actor
from attacks.face.expression import Expression
from attacks.face.puppet import Puppet
from attacks.face.temperament import Temperament
from attacks.types import RATE
from liveness.challenge import StepKind
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceBox, FaceTracker, FloatArray, Observation
from liveness.watcher import Watched

DRAWN = {
    "lids": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    "gaze": (-1.0, -0.5, 0.0, 0.5, 1.0),
    "yaw": (-30.0, -22.0, -14.0, -7.0, 0.0, 7.0, 14.0, 22.0, 30.0),
    "pitch": (-12.0, -6.0, 0.0, 6.0, 12.0),
    "roll": (-8.0, 0.0, 8.0),
    "smile": (0.0, 0.5, 1.0),
    "mouth": (0.0, 0.25, 0.5, 1.0),
}
"""Values at which each part of an expression is drawn, the rest neutral."""

JITTER = {
    **dict.fromkeys(("ear_left", "ear_right"), 0.012),
    **dict.fromkeys(("blink_left", "blink_right"), 0.015),
    "gaze": 0.05,
    **dict.fromkeys(("yaw", "pitch", "roll"), 0.5),
}
"""Deviation of what is left between drawn and interpolated frames, added as noise that differs from frame to frame."""

AHEAD, CLOSED, ASIDE = 10.0, 0.55, 0.5
"""Degrees within which somebody who takes a check looks ahead; share of the eye aspect ratio that is left of eyes that
are closed; least change of gaze of eyes that look aside. Drawn from a photo, not all eyes reach it."""

_RATIOS = ("ear_left", "ear_right")
_SIGNALS = (*_RATIOS, "blink_left", "blink_right", "gaze", "yaw", "pitch", "roll")
_NOISE = 1.0  # grey levels, in thumbnails


class Mimic:
    """A puppet as a tracker sees it.

    Parameters
    ----------
    puppet : Puppet
    tracker : FaceTracker
        Of stills.
    matcher : FaceMatcher, optional
        Embeds the face at each yaw that is drawn.
    """

    def __init__(self, puppet: Puppet, tracker: FaceTracker, matcher: FaceMatcher | None = None) -> None:
        self._neutral = self._drawn(puppet, tracker, Expression())
        self._signals: dict[str, npt.NDArray[np.float64]] = {}
        self._marks: dict[str, FloatArray] = {}
        self._faces: list[FloatArray | None] = []
        assert self._neutral.landmarks is not None
        for part, values in DRAWN.items():
            poses = [_pose(part, value) for value in values]
            seen = [self._drawn(puppet, tracker, pose) for pose in poses]
            self._signals[part] = np.array([[self._effect(one, name) for name in _SIGNALS] for one in seen])
            self._marks[part] = np.stack([one.landmarks - self._neutral.landmarks for one in seen])  # type: ignore[operator]
            if part == "yaw":
                self._faces = [matcher.try_embed(puppet.frame(pose))[0] if matcher else None for pose in poses]

    @property
    def fault(self) -> str:
        """Why the photo cannot stand for a person, whose eyes can do all that is asked; empty if it can."""
        if abs(self._neutral.yaw) > AHEAD:
            return "looks aside"
        shut = np.exp(self._signals["lids"][-1, :2])
        if shut.mean() > CLOSED:
            return "its eyes do not close"
        gaze = self._signals["gaze"][:, _SIGNALS.index("gaze")]
        return "its eyes do not look aside" if min(-gaze.min(), gaze.max()) < ASIDE else ""

    @staticmethod
    def _drawn(puppet: Puppet, tracker: FaceTracker, pose: Expression) -> Observation:
        seen = tracker.observe(puppet.frame(pose), 0.0)
        if seen is None or seen.landmarks is None:
            raise ValueError(f"{pose}: the tracker finds no face in the puppet's picture. Use another photo.")
        return seen

    def _effect(self, seen: Observation, name: str) -> float:
        now, usual = float(getattr(seen, name)), float(getattr(self._neutral, name))
        return math.log(max(now, 0.01) / max(usual, 0.01)) if name in _RATIOS else now - usual

    def observe(self, pose: Expression, time_s: float, rng: np.random.Generator) -> Watched:
        """What is seen of an expression."""
        usual = self._neutral
        assert usual.landmarks is not None
        assert usual.box is not None
        effect = np.zeros(len(_SIGNALS))
        marks = usual.landmarks.astype(np.float64)
        for part, values in DRAWN.items():
            value = pose.blink_left if part == "lids" else getattr(pose, part)
            effect += [np.interp(value, values, column) for column in self._signals[part].T]
            marks += _between(value, values, self._marks[part])
        seen: dict[str, Any] = {}
        for name, change in zip(_SIGNALS, effect, strict=True):
            before = float(getattr(usual, name))
            seen[name] = before * math.exp(change) if name in _RATIOS else before + change
            seen[name] += rng.normal(0.0, JITTER[name])
        for name in ("blink_left", "blink_right"):
            seen[name] = min(max(seen[name], 0.0), 1.0)
        size, chin = usual.box.width, marks[152].copy()
        marks = (marks - chin) * pose.scale + chin
        marks[:, :2] += np.array([pose.shift_x, pose.shift_y]) * size
        low, high = marks[:, :2].min(axis=0), marks[:, :2].max(axis=0)
        box = FaceBox(*map(float, (*low, *(high - low))))
        thumbnail = usual.thumbnail + rng.normal(0.0, _NOISE, (12, 12)).astype(np.float32)
        nearest = int(np.argmin(np.abs(np.array(DRAWN["yaw"]) - pose.yaw)))
        made = replace(usual, time_s=time_s, landmarks=marks.astype(np.float32), box=box, thumbnail=thumbnail, **seen)
        return Watched(made, self._faces[nearest], "")


def _pose(part: str, value: float) -> Expression:
    return Expression(blink_left=value, blink_right=value) if part == "lids" else Expression(**{part: value})


def _between(value: float, values: tuple[float, ...], tables: FloatArray) -> FloatArray:
    """Interpolate landmarks."""
    at = float(np.interp(value, values, np.arange(len(values))))
    low = min(int(at), len(values) - 2)
    return np.asarray(tables[low] + np.float32(at - low) * (tables[low + 1] - tables[low]), np.float32)


class ActedVisitor:
    """An actor before the camera.

    Parameters
    ----------
    mimic : Mimic
    seed : int
    temperament : Temperament, optional
        Default: a person's, drawn.
    """

    rate = float(RATE)

    def __init__(self, mimic: Mimic, seed: int, temperament: Temperament | None = None) -> None:
        self._mimic, self._actor = mimic, Actor(seed, temperament)
        self._rng = np.random.default_rng([seed, 2])

    def see(self, step: StepKind | None, now_s: float, again: bool) -> Watched:
        """What the tracker sees now."""
        self._actor.asked(step, now_s, again)
        return self._mimic.observe(self._actor.expression(now_s), now_s, self._rng)


class DrawnVisitor:
    """The same, drawn and looked at: what `ActedVisitor` stands for.

    Parameters
    ----------
    puppet : Puppet
    tracker : FaceTracker
        Of a video.
    seed, temperament
        As `ActedVisitor`.
    """

    rate = float(RATE)

    def __init__(self, puppet: Puppet, tracker: FaceTracker, seed: int, temperament: Temperament | None = None) -> None:
        self._puppet, self._tracker, self._actor = puppet, tracker, Actor(seed, temperament)
        self.poses: list[Expression] = []

    def see(self, step: StepKind | None, now_s: float, again: bool) -> Watched:
        """What the tracker sees now."""
        self._actor.asked(step, now_s, again)
        self.poses.append(self._actor.expression(now_s))
        seen = self._tracker.observe(self._puppet.frame(self.poses[-1]), now_s)
        assert seen is not None  # times rise
        return Watched(seen, None, "")
