"""What a face does over time: idle movement, what it does unasked, and answers to prompts, as people give them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from attacks.face.expression import LIMITS, Expression
from attacks.face.movements import GAZE_S, UNASKED, Blink, Gesture, ease, lid
from attacks.face.temperament import CALM, Even, Spread, Temperament, drawn
from liveness.challenge import STEP_KINDS, StepKind

__all__ = ["CALM", "Actor", "ease", "lid", "script"]

_HALF = Even(0.3, 0.7)  # of the way that the lids come down in a half blink
_AWAY = Even(10.0, 28.0)  # degrees that the head is turned away when the camera starts
_TEXT, _TEXT_S = Even(0.08, 0.35), Even(0.2, 0.6)  # how far aside the prompt's text is, and how long reading it takes
_TEXT_PITCH, _LOOKING_DOWN = Even(1.0, 3.0), 0.25  # degrees up or down to it, and how far lids come down with the eyes


class Actor:
    """Somebody in front of a camera who does what is asked, after a moment, and much that nobody asked for.

    Deterministic for a seed and a sequence of calls. Times must not fall.

    Parameters
    ----------
    seed : int, 0 or more
        Of the temperament, unless one is given, and of all that happens.
    temperament : Temperament, optional
        Default: drawn as people's are (`attacks.face.temperament.drawn`). `CALM` for demonstrations and attackers.
    sway : float, 0..3
        Times the temperament's idle movement.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """

    def __init__(self, seed: int = 0, temperament: Temperament | None = None, sway: float = 1.0) -> None:
        if seed < 0:
            raise ValueError(f"seed: expected 0 or more, got {seed}.")
        if not 0.0 <= sway <= 3.0:
            raise ValueError(f"sway: expected 0 to 3, got {sway}.")
        self._rng = np.random.default_rng(seed)
        self.temperament = drawn(np.random.default_rng([seed, 1])) if temperament is None else temperament
        self._sway = sway * self.temperament.sway
        # Three waves for each of seven movements; periods of two to fifteen seconds that never meet again.
        self._waves = self._rng.uniform(2 * math.pi * 0.07, 2 * math.pi * 0.45, (7, 3))
        self._phases = self._rng.uniform(0.0, 2 * math.pi, (7, 3))
        self._step: StepKind | None = None
        self._urged = False
        self._blinks: list[Blink] = []
        self._gestures: list[Gesture] = []
        self._last_s = self._free_s = -math.inf
        self._again_s = math.inf
        self._next_s: dict[str, float] = {}

    def asked(self, step: StepKind | None, now_s: float, again: bool = False) -> None:
        """Tell what is asked at this moment. May be called for each frame: the same step is the same prompt.

        Parameters
        ----------
        step : str or None
            Of `liveness.challenge.STEP_KINDS`; None while nothing is asked.
        now_s : float
            Seconds from any start.
        again : bool
            Whether it is asked for once more (`liveness.session.SessionState.again`).

        Raises
        ------
        ValueError
            If the step is unknown, or time falls.
        """
        if step is not None and step not in STEP_KINDS:
            raise ValueError(f"unknown step {step!r}: choose from {', '.join(STEP_KINDS)}")
        self._clock(now_s)
        urged, self._urged = again and not self._urged, again
        changed, self._step = step != self._step, step
        if step is None:
            return
        if changed or (urged and now_s >= self._free_s):  # who is about to do it need not be told
            read_s = self._read(now_s)
            answer_s = now_s + self._draw(self.temperament.reaction_s)
            if self._chance(self.temperament.distracted):
                answer_s += self._draw(self.temperament.away_s)
            # A movement does not stop halfway.
            self._answer(step, max(answer_s, read_s, self._free_s + 0.15))
        elif now_s > self._again_s:
            self._answer(step, now_s)

    def expression(self, now_s: float) -> Expression:
        """Return the expression at a time, which must not be before the last one asked about.

        Raises
        ------
        ValueError
            If time falls.
        """
        self._clock(now_s)
        self._do_unasked(now_s)
        moved = dict.fromkeys(("gaze", "yaw", "pitch", "lids", "smile", "mouth"), 0.0)
        for gesture in self._gestures:
            moved[gesture.part] += gesture.at(now_s)
        waves = np.sin(self._waves * now_s + self._phases).sum(axis=1) / 2.2 * self._sway
        yaw, rests = moved["yaw"], self.temperament
        shut = max((blink.at(now_s) for blink in self._blinks), default=0.0)
        shut = max(shut, moved["lids"])
        pose = {
            "blink_left": shut,
            "blink_right": shut,
            "gaze": moved["gaze"] + 0.03 * waves[6],
            "yaw": rests.yaw + yaw + 1.3 * waves[0],
            "pitch": rests.pitch + moved["pitch"] + 1.0 * waves[1] - 0.06 * abs(yaw),
            "roll": rests.roll + 0.9 * waves[2] + 0.05 * yaw,
            "shift_x": 0.020 * waves[3] + 0.001 * yaw,
            "shift_y": 0.012 * waves[4],
            "scale": 1.0 + 0.008 * waves[5],
            "smile": moved["smile"],
            "mouth": moved["mouth"],
        }
        within = {name: min(max(float(value), LIMITS[name][0]), LIMITS[name][1]) for name, value in pose.items()}
        return Expression(**within)

    def _clock(self, now_s: float) -> None:
        if not math.isfinite(now_s) or now_s < self._last_s:
            raise ValueError(f"time {now_s}: expected seconds from {self._last_s:g} on.")
        if math.isinf(self._last_s):
            self._begin(now_s)
        self._last_s = now_s
        self._blinks = [blink for blink in self._blinks if blink.end_s > now_s]
        self._gestures = [gesture for gesture in self._gestures if gesture.end_s > now_s]

    def _begin(self, now_s: float) -> None:
        one = self.temperament
        self._next_s = {"blink": now_s + self._draw(one.first_blink_s)}
        for kind, every in self._unasked().items():
            self._next_s[kind] = now_s + self._draw(every)
        if self._chance(one.settles):
            size = self._side() * self._draw(_AWAY)
            hold, back = self._draw(Even(0.2, 1.2)), self._draw(one.turn_s)
            self._gestures.append(Gesture("yaw", now_s - 1.0, 1.0, hold, back, size))

    def _unasked(self) -> dict[str, Spread]:
        one = self.temperament
        return {
            "look": one.look_around_s,
            "smile": one.smile_every_s,
            "talk": one.talk_every_s,
            "yawn": one.yawn_every_s,
        }

    def _draw(self, spread: Spread) -> float:
        return spread.draw(self._rng)

    def _chance(self, share: float) -> bool:
        """Whether something happens; nothing is drawn where that is certain."""
        return share > 0.0 and (share >= 1.0 or bool(self._rng.random() < share))

    def _side(self) -> float:
        return 1.0 if self._rng.random() < 0.5 else -1.0

    def _read(self, now_s: float) -> float:
        """Look at the prompt's text, perhaps; return when that is over."""
        if not self._chance(self.temperament.reads):
            return now_s
        start, took = now_s + self._draw(Even(0.12, 0.4)), self._draw(_TEXT_S)
        up = self._side()
        sizes = {"gaze": self._side() * self._draw(_TEXT), "pitch": up * self._draw(_TEXT_PITCH)}
        if up < 0.0:
            sizes["lids"] = _LOOKING_DOWN
        self._gestures += [Gesture(part, start, GAZE_S, took, GAZE_S, size) for part, size in sizes.items()]
        return start + took + 2 * GAZE_S

    def _answer(self, step: StepKind, start_s: float) -> None:
        """Plan what a step asks for."""
        verb, _, where = step.partition(" ")
        side = 1.0 if where == "left" else -1.0
        if verb == "blink":
            self._blink_twice(start_s)
        elif verb in ("look", "turn"):
            act = self._look if verb == "look" else self._turn
            if self._chance(self.temperament.mistakes):
                act(start_s, -side)
                start_s = self._free_s + self._draw(Even(0.3, 0.8))
            act(start_s, side)
        else:
            raise ValueError(f"step {step!r}: nobody has said yet how a person answers it")
        if self.temperament.blinks_wait:
            self._next_s["blink"] = self._free_s + self._draw(self.temperament.blink_every_s)
        self._again_s = self._free_s + self._draw(self.temperament.again_s)

    def _blink_twice(self, start_s: float) -> None:
        one = self.temperament
        for number in range(3 if self._chance(one.third) else 2):
            if number:
                start_s = self._free_s + self._draw(one.between_blinks_s)
            depth = self._draw(_HALF) if self._chance(one.weak) else 1.0
            self._blinks.append(Blink(start_s, self._draw(one.asked_blink_s), depth))
            self._free_s = self._blinks[-1].end_s

    def _look(self, start_s: float, side: float) -> None:
        one = self.temperament
        hold = self._draw(one.hold_glance_s)
        glance = Gesture("gaze", start_s, GAZE_S, hold, GAZE_S, side * self._draw(one.glance))
        self._gestures.append(glance)
        self._free_s = glance.end_s
        if follows := self._draw(one.head_follows):
            self._gestures.append(Gesture("yaw", start_s + 0.05, 0.3, hold, 0.3, side * follows))

    def _turn(self, start_s: float, side: float) -> None:
        one = self.temperament
        there, hold, back = (self._draw(spread) for spread in (one.turn_s, one.hold_turn_s, one.turn_s))
        turn = Gesture("yaw", start_s, there, hold, back, side * self._draw(one.turn))
        self._gestures.append(turn)
        self._free_s = turn.end_s
        if lead := self._draw(one.eyes_lead):
            self._gestures.append(Gesture("gaze", start_s - 0.1, GAZE_S, 0.5 * there, 0.3, side * lead))
        if past := self._draw(one.overshoot):
            begun = turn.end_s - 0.3 * back
            self._gestures.append(Gesture("yaw", begun, 0.3, 0.05, 0.4, -side * past))
        if self._chance(one.blinks_out):
            self._blinks.append(Blink(start_s, self._draw(one.blink_s)))
        if self._chance(one.blinks_back):
            self._blinks.append(Blink(turn.end_s - back, self._draw(one.blink_s)))

    def _do_unasked(self, now_s: float) -> None:
        """Begin what nobody asked for and is due."""
        while (start := self._next_s["blink"]) <= now_s:
            self._blink_unasked(start)
            self._next_s["blink"] += self._draw(self.temperament.blink_every_s)
        for kind, every in self._unasked().items():
            while (start := self._next_s[kind]) <= now_s:
                self._gestures += UNASKED[kind](start, self._rng)
                self._next_s[kind] += self._draw(every)

    def _blink_unasked(self, start_s: float) -> None:
        one = self.temperament
        blink = Blink(start_s, self._draw(one.blink_s), self._draw(_HALF) if self._chance(one.half) else 1.0)
        self._blinks.append(blink)
        if self._chance(one.double):
            self._blinks.append(Blink(blink.end_s + self._draw(Even(0.08, 0.25)), self._draw(one.blink_s)))


def script(
    steps: Iterable[tuple[float, StepKind]],
    fps: float,
    seconds: float,
    seed: int = 0,
    temperament: Temperament | None = None,
    sway: float = 1.0,
) -> Iterator[Expression]:
    """Act a challenge whose prompts come at known times, frame by frame.

    Parameters
    ----------
    steps : iterable of (float, str)
        When each step is asked, in seconds from the first frame, rising; and which, of
        `liveness.challenge.STEP_KINDS`.
    fps : float
        Frames a second, above 0.
    seconds : float
        Length, above 0.
    seed, temperament, sway
        As for `Actor`.

    Returns
    -------
    iterator of Expression

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> faces = list(script([(1.5, "blink twice"), (5.0, "turn left")], fps=15, seconds=10))
    >>> len(faces), max(face.yaw for face in faces) > 20
    (150, True)
    """
    asked = list(steps)
    if any(step not in STEP_KINDS for _, step in asked):
        raise ValueError(f"steps: choose from {', '.join(STEP_KINDS)}; got {asked}.")
    if any(not 0.0 <= time_s < math.inf for time_s, _ in asked) or asked != sorted(asked, key=lambda one: one[0]):
        raise ValueError(f"steps: expected times from 0 on that rise, got {[time_s for time_s, _ in asked]}.")
    if not (0.0 < fps < math.inf and 0.0 < seconds < math.inf):
        raise ValueError(f"expected fps and seconds above 0, got {fps} and {seconds}.")
    actor = Actor(seed, temperament, sway)

    def frames() -> Iterator[Expression]:
        waiting = list(asked)
        for number in range(round(fps * seconds)):
            now_s = number / fps
            while waiting and waiting[0][0] <= now_s:
                actor.asked(None, now_s)  # the same step may come twice
                actor.asked(waiting.pop(0)[1], now_s)
            yield actor.expression(now_s)

    return frames()
