"""Challenges answered by people in real clips: their own blinks, glances and turns, cut out and played at a prompt.

All is done with what the tracker saw, frame by frame (`liveness.landmarks.Observation`): no picture is made. Between
answers the clip's ordinary footage runs on, to and fro so that nothing jumps, with all blinks that it has. A movement
is played as a change of what is seen just then, so that it begins and ends where the head is. What a clip lacks is
taken from itself with left and right exchanged, else from another one: the change of the signals, and a turn of this
person's own mesh in space. Glances and turns are played as long, and glances as far, as by people who are asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from attacks.face.movements import GAZE_S
from attacks.face.temperament import Temperament, drawn
from liveness.challenge import StepKind
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceBox, FaceTracker, FloatArray, Observation
from liveness.video import frames_of
from liveness.watcher import Watched

RATE = 15.0
"""Frames a second that a live check gets; of a clip every second frame is taken, or all where it has no more."""

SHUT, OPEN = 0.70, 0.88
"""Share of the eye aspect ratio a second before and after below which eyes are closed, and above which they are open:
looking both ways in time, as the live rule cannot."""

GLANCE, TURN = 0.5, 22.0
"""Change of gaze, and of yaw in degrees, that is an answer: what people reach who were asked."""

_REST_YAW, _REST_GAZE = 8.0, 0.25
_STILL_YAW = 11.0  # degrees through which the head may go during a glance
_AWAY_YAW = 20.0  # beyond which footage is no ordinary one
_EYES = ("ear_left", "ear_right", "blink_left", "blink_right")
_POSE = ("gaze", "yaw", "pitch", "roll")
_EMBEDDED = 3  # one frame in so many: nobody changes faster
_ALIVE = 1.0  # grey levels by which thumbnails of people differ who come back to a pose: .5 and more (liveness.repeats)
_GRAIN = 0.1  # of a camera that films a film: 2 in a pixel, 400 of which make one of a thumbnail
_DISTANCE = 4.5  # of the camera, in face widths
_DEPTH = 1.25  # times MediaPipe's, which is flat: with it a real head and its turned mesh have the same parallax


@dataclass(frozen=True, eq=False)
class Clip:
    """What was seen of somebody.

    Attributes
    ----------
    name : str
    rate : float
        Frames a second.
    frames : tuple of Watched
        With an embedding where there is one.
    """

    name: str
    rate: float
    frames: tuple[Watched, ...]

    def values(self, name: str) -> npt.NDArray[np.float64]:
        """A signal over the frames; NaN without a face."""
        return np.array([getattr(one.seen, name) for one in self.frames], np.float64)

    @property
    def seconds(self) -> float:
        return len(self.frames) / self.rate


@dataclass(frozen=True, eq=False)
class Movement:
    """Part of a clip that answers something.

    Attributes
    ----------
    kind : {"blink", "glance left", "glance right", "turn left", "turn right"}
    clip : Clip
    first, last : int
        Frames at rest before and after it.
    mirrored : bool
        Whether it is played with left and right exchanged.
    pace, size : float
        How many times as long it is played as it took, and how many times as far the eyes go.
    """

    kind: str
    clip: Clip
    first: int
    last: int
    mirrored: bool = False
    pace: float = 1.0
    size: float = 1.0

    @property
    def seconds(self) -> float:
        return (self.last - self.first) / self.clip.rate * self.pace

    @property
    def reach(self) -> float:
        """How far the eyes go from where they begin and end."""
        gaze = self.clip.values("gaze")[self.first : self.last + 1]
        return float(np.abs(gaze - np.linspace(gaze[0], gaze[-1], len(gaze))).max()) * self.size

    def other_side(self) -> Movement:
        """The same to the other side."""
        kind = self.kind.replace("left", "?").replace("right", "left").replace("?", "right")
        return replace(self, kind=kind, mirrored=not self.mirrored)


def watch(path: Path, matcher: FaceMatcher | None = None) -> Clip:
    """See what a tracker sees of a clip, at `RATE` or somewhat less."""
    with FaceTracker() as tracker:
        rate, times = 1.0, list[float]()
        for _, time_s, _ in frames_of(path):
            times.append(time_s)
            if len(times) > 20:
                break
        rate = (len(times) - 1) / times[-1]
        every = max(1, math.ceil(rate / (RATE + 1)))
        frames = list[Watched]()
        for number, (frame, time_s, _) in enumerate(frames_of(path, every)):
            seen = tracker.observe(frame, time_s)
            if seen is None:
                continue
            embedding, trouble = None, ""
            if matcher and seen.faces == 1 and number % _EMBEDDED == 0:
                embedding, trouble = matcher.try_embed(frame)
            frames.append(Watched(seen, embedding, trouble))
    return Clip(path.name, rate / every, tuple(frames))


def movements(clip: Clip, labels: Mapping[str, Any] | None = None) -> list[Movement]:
    """Blinks, glances and turns that begin and end at rest.

    Parameters
    ----------
    clip : Clip
    labels : mapping, optional
        Closures of this clip as somebody labelled them, of the blinks.json of the sample data: in place of those that
        are found.
    """
    found = [Movement("blink", clip, first, last) for first, last in _closures(clip, labels)]
    yaw, gaze, ear = clip.values("yaw"), clip.values("gaze"), clip.values("ear")
    away = yaw - straight(clip)
    for first, last in _excursions(away, _REST_YAW, TURN):
        side = "left" if away[first + int(np.argmax(np.abs(away[first:last])))] > 0 else "right"
        found.append(Movement(f"turn {side}", clip, first, last))
    aside, opened = gaze - _around(gaze, clip.rate), ear / _around(ear, clip.rate)
    for first, last in _excursions(aside, _REST_GAZE, GLANCE):
        peak = aside[first + int(np.argmax(np.abs(aside[first:last])))]
        still = np.ptp(yaw[first : last + 1]) < _STILL_YAW and np.mean(opened[first + 1 : last] > OPEN) > 0.6
        one = Movement(f"glance {'left' if peak > 0 else 'right'}", clip, first, last)
        if still and last - first >= 3 and one.reach >= GLANCE:
            found.append(one)
    return found


def straight(clip: Clip) -> float:
    """Yaw of somebody who looks into the camera, more or less."""
    yaw = clip.values("yaw")
    ahead = yaw[np.abs(yaw) < 15.0]
    return float(np.median(ahead)) if len(ahead) else 0.0


def _around(values: npt.NDArray[np.float64], rate: float) -> npt.NDArray[np.float64]:
    """Medians over a second before and after each frame, which only who knows the whole clip can tell."""
    reach = round(1.2 * rate)
    parts = [values[max(n - reach, 0) : n + reach + 1] for n in range(len(values))]
    return np.array([np.nan if np.isnan(part).all() else np.nanmedian(part) for part in parts])


def _closures(clip: Clip, labels: Mapping[str, Any] | None) -> Iterator[tuple[int, int]]:
    ear = np.maximum(clip.values("ear_left"), clip.values("ear_right"))
    times = np.array([one.seen.time_s for one in clip.frames])
    ratio = ear / _around(ear, clip.rate)
    if labels is not None:
        spans = [(first / labels["fps"], (last + 1) / labels["fps"]) for first, last in labels["closures"]]
        inside = [np.flatnonzero((times >= a - 0.5 / clip.rate) & (times <= b)) for a, b in spans]
        runs = [(int(one[0]), int(one[-1])) for one in inside if len(one)]
    else:
        runs = [(a, b) for a, b in _runs(ratio < SHUT) if b - a < 0.6 * clip.rate]
    for shut_first, shut_last in runs:
        first, last = shut_first - 1, shut_last + 1
        while first > 0 and ratio[first] < OPEN and shut_first - first < 0.3 * clip.rate:
            first -= 1
        while last < len(ear) - 1 and ratio[last] < OPEN and last - shut_last < 0.4 * clip.rate:
            last += 1
        whole = np.concatenate([ratio[max(first, 0) : last + 1], clip.values("yaw")[max(first, 0) : last + 1]])
        if first >= 0 and last < len(ear) and not np.isnan(whole).any():
            yield first, last


def _runs(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    yield from ((int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _excursions(away: npt.NDArray[np.float64], rest: float, least: float) -> Iterator[tuple[int, int]]:
    """From rest, beyond the least and back, all on one side."""
    for first, last in _runs(np.abs(away) >= rest):
        part = away[first : last + 1]
        inside = first > 1 and last < len(away) - 2 and not np.isnan(away[first - 1 : last + 2]).any()
        if inside and np.abs(part).max() >= least and (np.sign(part) == np.sign(part[0])).all():
            yield _settled(away, first, -1), _settled(away, last, 1)


def _settled(away: npt.NDArray[np.float64], at: int, way: int) -> int:
    """Go on from the edge of an excursion as long as it comes nearer to rest."""
    side = np.sign(away[at])
    while 0 <= at + way < len(away) and 0.0 <= side * away[at + way] < side * away[at]:
        at += way
    return at


def played(base: Watched, movement: Movement, since_s: float, own: bool) -> Watched:
    """What is seen of somebody at rest who makes a movement.

    Parameters
    ----------
    base : Watched
        At rest, with a face.
    movement : Movement
    since_s : float
        From its beginning.
    own : bool
        Whether it is this person's: then the landmarks move as they did; else the mesh turns in space.
    """
    clip = movement.clip
    at = min(movement.first + since_s * clip.rate / movement.pace, float(movement.last))
    number = min(round(at), movement.last)
    share = (at - movement.first) / (movement.last - movement.first)
    start, now, end = (clip.frames[n].seen for n in (movement.first, number, movement.last))
    before, after = (clip.frames[n].seen for n in (math.floor(at), math.ceil(at)))

    def change(name: str) -> tuple[float, float]:
        """What is seen, and what would be seen at rest."""
        a, b, c, d = (float(getattr(one, name)) for one in (before, after, start, end))
        return a + (at - math.floor(at)) * (b - a), c + share * (d - c)

    exchanged = {"left": "right", "right": "left"} if movement.mirrored else {"left": "left", "right": "right"}
    changes: dict[str, Any] = {}
    for name in () if movement.kind.startswith("glance") else _EYES:  # lids follow a glance, but not one to the side
        part, side = name.split("_")
        value, usual = change(f"{part}_{exchanged[side]}")
        old = getattr(base.seen, name)
        changes[name] = old * value / max(usual, 1e-3) if part == "ear" else float(np.clip(old + value - usual, 0, 1))
    for name in _POSE:
        value, usual = change(name)
        sign = -1.0 if movement.mirrored and name != "pitch" else 1.0
        size = movement.size if name == "gaze" else 1.0
        changes[name] = getattr(base.seen, name) + sign * size * (value - usual)
    as_it_was = own and not movement.mirrored and movement.pace == 1.0
    marks = base.seen.landmarks
    assert marks is not None
    assert base.seen.box is not None
    if as_it_was:
        assert start.landmarks is not None
        assert now.landmarks is not None
        assert end.landmarks is not None
        assert start.box is not None
        moved = now.landmarks - start.landmarks - np.float32(share) * (end.landmarks - start.landmarks)
        marks = np.asarray(marks + moved * np.float32(base.seen.box.width / start.box.width), np.float32)
    else:
        turned = [changes[name] - getattr(base.seen, name) for name in ("yaw", "pitch", "roll")]
        marks = turned_mesh(marks, *turned)
    low, high = marks[:, :2].min(axis=0), marks[:, :2].max(axis=0)
    box = FaceBox(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    thumbnail = now.thumbnail if as_it_was else base.seen.thumbnail
    seen = replace(base.seen, landmarks=marks, box=box, thumbnail=thumbnail, **changes)
    return Watched(seen, clip.frames[number].embedding if own else base.embedding, "")


def turned_mesh(marks: FloatArray, yaw: float, pitch: float, roll: float) -> FloatArray:
    """A face's mesh turned in space about the middle between the ears, and seen again; angles as of an observation."""
    size = float(np.ptp(marks[:, 0]))
    middle = marks[[234, 454]].mean(axis=0)
    x, y, z = (marks - middle).T * np.array([[1.0], [1.0], [_DEPTH]])
    a, b, c = (math.radians(one) for one in (yaw, pitch, roll))
    x, far = x * math.cos(a) - z * math.sin(a), x * math.sin(a) + z * math.cos(a)
    y, far = y * math.cos(b) + far * math.sin(b), far * math.cos(b) - y * math.sin(b)
    x, y = x * math.cos(c) - y * math.sin(c), x * math.sin(c) + y * math.cos(c)
    nearer = (_DISTANCE * size + z) / (_DISTANCE * size + far)
    return (np.stack([x * nearer, y * nearer, far / _DEPTH], axis=1) + middle).astype(np.float32)


class Person:
    """Somebody of a clip who answers what is asked, with reaction times as people have them.

    Parameters
    ----------
    clip : Clip
        Of at least two seconds without a turn.
    movements : sequence of Movement
        To answer with, of any clips.
    seed : int
        Of where in the clip it begins, which movements are taken, and how soon.
    """

    def __init__(self, clip: Clip, movements: Sequence[Movement], seed: int) -> None:
        self.clip, self.rate = clip, clip.rate
        self._rng = np.random.default_rng(seed)
        self._temper: Temperament = drawn(np.random.default_rng([seed, 1]))
        self._movements = movements
        self._stretch = ordinary(clip)
        self._at, self._way = int(self._rng.integers(len(self._stretch))), 1
        self._step: StepKind | None = None
        self._due: list[tuple[float, Movement]] = []
        self._playing: tuple[float, Movement, Watched] | None = None
        self._again_s = math.inf
        self._urged = False
        self._embedding: FloatArray | None = None

    def see(self, step: StepKind | None, now_s: float, again: bool) -> Watched:
        """What the tracker sees now."""
        self._listen(step, now_s, again)
        watched = self._answering(now_s) or self._ordinary()
        if watched.embedding is not None:
            self._embedding = watched.embedding
        noise = self._rng.normal(0.0, _ALIVE, (12, 12)).astype(np.float32)
        seen = replace(watched.seen, time_s=now_s, thumbnail=watched.seen.thumbnail + noise)
        return Watched(seen, self._embedding if seen.faces else None, watched.trouble)

    def _listen(self, step: StepKind | None, now_s: float, again: bool) -> None:
        urged, self._urged = again and not self._urged, again
        changed, self._step = step != self._step, step
        prompted = changed or (urged and not self._due and not self._playing)  # who is about to do it need not be told
        if step is None or not (prompted or now_s > self._again_s):
            return
        free_s = max([now_s, *(due + one.seconds for due, one in self._due)])
        if self._playing:
            free_s = max(free_s, self._playing[0] + self._playing[1].seconds)
        # A movement does not stop halfway, and the next one does not begin in its last moment.
        start_s = max(now_s + self._temper.reaction_s.draw(self._rng), free_s + 0.15) if prompted else now_s
        kind = step.replace("look", "glance").replace("blink twice", "blink")
        fitting = [one for one in self._movements if one.kind == kind]
        own = [one for one in fitting if one.clip is self.clip]
        fitting = [one for one in own if not one.mirrored] or own or fitting
        for _ in range(2 if kind == "blink" else 1):
            one = self._as_asked(fitting[int(self._rng.integers(len(fitting)))])
            self._due.append((start_s, one))
            start_s += one.seconds + self._temper.between_blinks_s.draw(self._rng)
        self._again_s = start_s + self._temper.again_s.draw(self._rng)

    def _as_asked(self, one: Movement) -> Movement:
        """As long and as far as people do it who are asked: what they do by themselves is quicker and less."""
        temper, draw = self._temper, self._rng
        if one.kind.startswith("glance"):
            seconds = temper.hold_glance_s.draw(draw) + 2 * GAZE_S
            return replace(
                one, pace=max(seconds / one.seconds, 1.0), size=max(temper.glance.draw(draw) / one.reach, 1.0)
            )
        if one.kind.startswith("turn"):
            seconds = 2 * temper.turn_s.draw(draw) + temper.hold_turn_s.draw(draw)
            return replace(one, pace=max(seconds / one.seconds, 1.0))
        return one

    def _answering(self, now_s: float) -> Watched | None:
        if self._playing and now_s - self._playing[0] >= self._playing[1].seconds:
            self._playing = None
        if self._playing is None and self._due and self._due[0][0] <= now_s:
            base = self.clip.frames[self._stretch[self._at]]
            if not self._at_rest(base.seen):
                return None
            due_s, one = self._due.pop(0)
            self._due = [(later_s + now_s - due_s, another) for later_s, another in self._due]
            self._playing = (now_s, one, base)
        if self._playing is None:
            return None
        begun, movement, base = self._playing
        return played(base, movement, now_s - begun, movement.clip is self.clip)

    def _at_rest(self, seen: Observation) -> bool:
        """Whether a movement can begin: nobody begins one in the middle of a blink."""
        if seen.landmarks is None:
            return False
        around = [self.clip.frames[n].seen for n in self._stretch[max(self._at - 8, 0) : self._at + 9]]
        ear, lids = (float(np.nanmedian([getattr(one, name) for one in around])) for name in ("ear", "blink"))
        return seen.ear > 0.9 * ear and seen.blink < lids + 0.08

    def _ordinary(self) -> Watched:
        """The next frame of the clip's ordinary footage, forwards and backwards."""
        here = self.clip.frames[self._stretch[self._at]]
        if not 0 <= self._at + self._way < len(self._stretch):
            self._way = -self._way
        self._at += self._way
        return here


def ordinary(clip: Clip) -> list[int]:
    """Frames of the longest stretch of a clip without a turn."""
    free = np.ones(len(clip.frames), bool)
    free[np.abs(clip.values("yaw") - straight(clip)) > _AWAY_YAW] = False
    first, last = max(_runs(free), key=lambda run: run[1] - run[0])
    return list(range(first, last + 1))


class Replay:
    """A film of what was seen before, whatever is asked: begins again at its end.

    Parameters
    ----------
    frames : sequence of Watched
    rate : float
    first : int
        Frame to begin with.
    seed : int
        Of the noise of the camera that films it.
    """

    def __init__(self, frames: Sequence[Watched], rate: float, first: int, seed: int) -> None:
        self.rate, self._frames, self._first = rate, frames, first
        self._rng = np.random.default_rng(seed)
        self._number = -1

    def see(self, step: StepKind | None, now_s: float, again: bool) -> Watched:
        """What the tracker sees now."""
        self._number += 1
        one = self._frames[(self._first + self._number) % len(self._frames)]
        noise = self._rng.normal(0.0, _GRAIN, (12, 12)).astype(np.float32)
        seen = replace(one.seen, time_s=now_s, thumbnail=one.seen.thumbnail + noise)
        return Watched(seen, one.embedding, one.trouble)
