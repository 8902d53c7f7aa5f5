"""A liveness session: frames in, what to show and what was decided out."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from liveness.blink import BlinkDetector
from liveness.challenge import PROMPTS, Challenge, StepKind
from liveness.events import Event
from liveness.gaze import GlanceDetector
from liveness.head import TurnDetector
from liveness.identity import THRESHOLD as SAME_PERSON
from liveness.landmarks import FloatArray, Observation
from liveness.quality import MIN_RATE, FrameRate, Gate, check
from liveness.repeats import RepeatWatch
from liveness.vote import PassiveVote, Verdict, Window

FASTEST_S = 0.25
"""Seconds after a prompt before which nobody can have answered it: such an answer was recorded, not given."""

NEUTRAL_S = 1.5
"""Seconds of looking straight ahead before the first prompt, so that there is something to compare with."""

PAUSE_S = 1.5
"""Seconds without a frame from which the stream was paused: a tab in the background, a lost connection."""

MAX_REST_S = 30.0
"""Seconds in all that pauses in the middle of the challenge may take, until the person looks straight ahead again and
is asked anew. Who is paused by mistake comes back sooner; who pauses to prepare an answer to what was asked must not
get any time that he likes."""

Phase = Literal["waiting", "prompting", "passed", "failed"]

_WANTED: dict[StepKind, tuple[str, int]] = {
    "blink twice": ("blink", 2),
    "look left": ("glance left", 1),
    "look right": ("glance right", 1),
    "turn left": ("turn left", 1),
    "turn right": ("turn right", 1),
}


@dataclass(frozen=True)
class StepResult:
    """What became of one step of the challenge.

    Attributes
    ----------
    step : str
    asked_s : float
        When its prompt was shown.
    answered_s : float
        When it was answered; NaN if it was not.
    early, wrong : int
        Right answers that came before anybody could have given them, and other movements than asked for.
    """

    step: StepKind
    asked_s: float
    answered_s: float
    early: int
    wrong: int

    @property
    def answered(self) -> bool:
        """Whether it was answered in time."""
        return not math.isnan(self.answered_s)


@dataclass(frozen=True)
class SessionState:
    """What to show after a frame.

    Attributes
    ----------
    phase : {"waiting", "prompting", "passed", "failed"}
        ``waiting`` for a usable face that looks straight ahead; then one prompt after another.
    step : str or None
        Which step of the challenge is asked for now; None while waiting and afterwards.
    prompt : str
        What the person should do now.
    progress : float
        Share of the challenge that is answered, 0..1.
    remaining_s : float
        Time left for this step; NaN while waiting and afterwards.
    gate : Gate
        Whether the frame could be judged, and if not, why.
    reason : str
        Code of why it failed, else empty: "timeout", "early-answer", "wrong-answers", "frozen", "looped",
        "person-changed".
    events : tuple of Event
        What ended in this frame.
    window : Window or None
        The vote's window that this frame completed.
    steps : tuple of StepResult
        Steps so far.
    verdict : {"live", "not live", "inconclusive"}
        The passive vote so far.
    """

    phase: Phase
    step: StepKind | None
    prompt: str
    progress: float
    remaining_s: float
    gate: Gate
    reason: str
    events: tuple[Event, ...]
    window: Window | None
    steps: tuple[StepResult, ...]
    verdict: Verdict

    @property
    def advice(self) -> str:
        """What would help, empty where all is well."""
        return self.gate.advice

    @property
    def done(self) -> bool:
        """Whether the session has ended."""
        return self.phase in ("passed", "failed")


class LivenessSession:
    """Runs a challenge and the passive vote over observations. Has no clock: time is what the frames say.

    Parameters
    ----------
    challenge : Challenge or None
        None: only the passive vote, as for a recorded video.
    """

    MAX_WRONG = 3

    def __init__(self, challenge: Challenge | None = None) -> None:
        self.challenge = challenge
        self.events: list[Event] = []
        self.gates: Counter[str] = Counter()
        self.steps: list[StepResult] = []
        self.vote = PassiveVote()
        self.repeats = RepeatWatch()
        self._phase: Phase = "waiting"
        self._reason = ""
        self._blinks, self._glances, self._turns = BlinkDetector(), GlanceDetector(), TurnDetector()
        self._rate = FrameRate()
        self._usable_since: float | None = None
        self._last_s = math.nan
        self._resting_since: float | None = None
        self._rested_s = 0.0
        self._asked_s = math.nan
        self._frames, self._since_s = 0, math.nan
        self._rates: list[float] = []
        self._count = self._early = self._wrong = 0
        self._first_face: FloatArray | None = None

    def feed(self, seen: Observation, embedding: FloatArray | None = None, trouble: str = "") -> SessionState:
        """Take a frame.

        Parameters
        ----------
        seen : Observation
            From `FaceTracker.observe`; times must rise.
        embedding : ndarray, shape (128,), float32, optional
            The face's embedding (`liveness.identity.FaceMatcher.embed`), every second or so (`liveness.Watcher`): the
            person must stay the same one.
        trouble : str, optional
            Code of the `liveness.identity.FaceError` that came instead of the last embedding. "covered" gives advice
            where the frame gives none; the other codes are seen better on each frame.

        Returns
        -------
        SessionState
        """
        if seen.time_s - self._last_s > PAUSE_S:
            self._rest(self._last_s)
        self._last_s = seen.time_s
        gate = check(seen)
        rate = self._rate.add(seen.time_s)
        if not gate.code and 0.0 < rate < MIN_RATE:
            gate = Gate("low-rate")
        if not gate.code and trouble == "covered":
            gate = Gate(trouble)
        self.gates[gate.code] += 1
        self.repeats.add(seen)
        events = [] if gate.blocking else self._detect(seen)
        self.events += events
        window = self.vote.add(seen.time_s, gate, events)
        if not self._ended:
            self._watch(embedding)
            self._advance(seen.time_s, gate, events)
        return self._state(seen.time_s, gate, events, window)

    def shown(self, step: int, time_s: float) -> None:
        """Learn when the prompt of a step was shown, if after the frame that led to it: its time runs from then on.

        Parameters
        ----------
        step : int
            Its place in the challenge, from 0 on. Of another one than is asked for now it is passed over.
        time_s : float
            On the clock of the frames. Who tells it vouches for it: a prompt that is said to be shown late gives as
            much more time for the answer. Told twice, the later one holds.
        """
        if self._phase == "prompting" and step == len(self.steps):
            self._asked_s = max(self._asked_s, time_s)

    @property
    def rate(self) -> float:
        """Frames a second that were looked at in the slowest step of those that have ended; NaN if none has."""
        return min(self._rates, default=math.nan)

    @property
    def reason(self) -> str:
        """Why the session failed, as in `SessionState.reason`; else empty."""
        return self._reason

    @property
    def rest_s(self) -> float:
        """Seconds that pauses in the middle of the challenge took so far."""
        return self._rested_s + (0.0 if self._resting_since is None else self._last_s - self._resting_since)

    @property
    def _ended(self) -> bool:
        return self._phase in ("passed", "failed")

    def _detect(self, seen: Observation) -> list[Event]:
        found = [self._blinks.add(seen), self._glances.add(seen, self._blinks.closed), self._turns.add(seen)]
        return [event for event in found if event]

    def _watch(self, embedding: FloatArray | None) -> None:
        if self.repeats.frozen:
            self._fail("frozen")
        elif self.repeats.looped:
            self._fail("looped")
        if embedding is not None:
            if self._first_face is None:
                self._first_face = embedding
            elif float(self._first_face @ embedding) < SAME_PERSON:
                self._fail("person-changed")

    def _fail(self, reason: str) -> None:
        self._phase, self._reason = "failed", reason

    def _advance(self, time_s: float, gate: Gate, events: list[Event]) -> None:
        if self.challenge is None or self._ended:
            return
        if self._phase == "waiting":
            if self.rest_s > MAX_REST_S:
                self._finish(math.nan)
                self._fail("timeout")
            elif gate.blocking:
                self._usable_since = None
            elif self._usable_since is None:
                self._usable_since = time_s
            elif time_s - self._usable_since >= NEUTRAL_S:
                self._phase = "prompting"
                self._ask(time_s)
            return
        self._frames += 1
        step = self.challenge.steps[len(self.steps)]
        wanted, times = _WANTED[step]
        for event in events:
            if event.start_s < self._asked_s:
                continue  # begun before the prompt: an answer to nothing
            if event.kind != wanted:
                # Eyes follow a turning head and lids its glance: only another step's answer is a wrong one.
                self._wrong += event.kind.split()[0] == wanted.split()[0] or event.kind.startswith("turn")
            elif event.start_s - self._asked_s < FASTEST_S:
                self._early += 1
            else:
                self._count += 1
        if self._early:
            self._finish(math.nan)
            self._fail("early-answer")
        elif self._wrong > self.MAX_WRONG:
            self._finish(math.nan)
            self._fail("wrong-answers")
        elif self._count >= times:
            self._finish(time_s)
            if len(self.steps) == len(self.challenge.steps):
                self._phase = "passed"
            else:
                self._ask(time_s)
        elif time_s - self._asked_s > self.challenge.seconds:
            self._finish(math.nan)
            self._fail("timeout")

    def _rest(self, since_s: float) -> None:
        """Begin anew with looking straight ahead, then with the step that was asked when the stream was paused."""
        self._usable_since = None
        if self._phase == "prompting":
            self._phase, self._resting_since = "waiting", since_s
            self._frames = 0  # a pause is no slowness

    def _ask(self, time_s: float) -> None:
        self._rested_s, self._resting_since = self.rest_s, None
        self._asked_s, self._count = time_s, 0
        self._frames, self._since_s = 0, time_s

    def _finish(self, answered_s: float) -> None:
        assert self.challenge is not None
        step = self.challenge.steps[len(self.steps)]
        self.steps.append(StepResult(step, self._asked_s, answered_s, self._early, self._wrong))
        self._early = self._wrong = 0
        if self._frames:
            self._rates.append(self._frames / (self._last_s - self._since_s))
        self._frames = 0

    def _state(self, time_s: float, gate: Gate, events: list[Event], window: Window | None) -> SessionState:
        step: StepKind | None = None
        prompt, remaining, progress = "Look straight into the camera", math.nan, 0.0
        if self.challenge is not None:
            progress = sum(result.answered for result in self.steps) / len(self.challenge.steps)
            if self._phase == "prompting":
                step = self.challenge.steps[len(self.steps)]
                prompt = PROMPTS[step]
                limit = self.challenge.seconds
                remaining = min(max(limit - (time_s - self._asked_s), 0.0), limit)
        if self._ended:
            prompt = "Done" if self._phase == "passed" else "Not passed"
        return SessionState(
            self._phase,
            step,
            prompt,
            progress,
            remaining,
            gate,
            self._reason,
            tuple(events),
            window,
            tuple(self.steps),
            self.vote.verdict,
        )
