"""A liveness session: frames in, what to show and what was decided out."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from liveness.answers import FASTEST_S as FASTEST_S
from liveness.answers import MAX_WRONG, Answer
from liveness.answers import StepResult as StepResult
from liveness.blink import BlinkDetector
from liveness.challenge import AGAIN, PROMPTS, Challenge, StepKind
from liveness.chance import Earliness, OwnHabits
from liveness.events import Event
from liveness.gaze import GlanceDetector
from liveness.head import TurnDetector
from liveness.landmarks import FloatArray, Observation
from liveness.pace import StepPace
from liveness.quality import MIN_RATE, FrameRate, Gate, check
from liveness.repeats import RepeatWatch
from liveness.sameness import PersonWatch
from liveness.swaps import Swap, swap
from liveness.vote import PassiveVote, Verdict, Window

NEUTRAL_S = 1.5
"""Seconds of a usable face before the first prompt, so that there is something to compare with. At its end, the head
must have been straight and still for a moment, and be so now (`liveness.neutral`)."""

TOLD_S = 0.7
"""Seconds of looking elsewhere after which somebody who waits for the first prompt is told what is missing."""

CHANCE = 1e-3
"""Probability below which so many movements that came before anybody could have answered were not made by chance: the
session fails. People blink at any moment, so that one early blink has a probability of about .1, and three in three
steps still one of about .003; one early turn of who sat still before has one below .001."""

PAUSE_S = 1.5
"""Seconds without a frame from which the stream was paused: a tab in the background, a lost connection."""

MAX_REST_S = 30.0
"""Seconds in all that pauses in the middle of the challenge may take, until the person looks straight ahead again and
is asked anew. Who is paused by mistake comes back sooner; who pauses to prepare an answer to what was asked must not
get any time that he likes."""

Phase = Literal["waiting", "prompting", "passed", "failed"]

_ENDED = {"cannot-do": "That is all right. There is another way"}


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
        "person-changed"; "cannot-do" if no step was left that the person can do.
    events : tuple of Event
        What ended in this frame.
    window : Window or None
        The vote's window that this frame completed.
    steps : tuple of StepResult
        Steps so far.
    verdict : {"live", "not live", "inconclusive"}
        The passive vote so far.
    number : int
        Which prompt it is, from 0 on: steps that were answered came before it, and steps that were declined.
    again : bool
        Whether half of this step's time is over: the person is asked to do it once more.
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
    number: int = 0
    again: bool = False

    @property
    def advice(self) -> str:
        """What would help, empty where all is well."""
        return self.gate.advice or (AGAIN[self.step] if self.step and self.again else "")

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
    draw : random.Random, optional
        Draws what is asked instead of steps that are declined: only for checks that are simulated. Default: the
        operating system's randomness.
    """

    MAX_WRONG = MAX_WRONG

    def __init__(self, challenge: Challenge | None = None, draw: random.Random | None = None) -> None:
        self.challenge, self._draw = challenge, draw
        self.events: list[Event] = []
        self.gates: Counter[str] = Counter()
        self.steps: list[StepResult] = []
        self.swaps: list[Swap] = []
        self.vote = PassiveVote()
        self.repeats = RepeatWatch()
        self.person = PersonWatch()
        self._phase: Phase = "waiting"
        self._reason = ""
        self._blinks, self._glances, self._turns = BlinkDetector(), GlanceDetector(), TurnDetector()
        self._habits, self._earliness = OwnHabits(), Earliness()
        self._rate = FrameRate()
        self._usable_since: float | None = None
        self._straight_s = math.nan
        self._last_s = math.nan
        self._resting_since: float | None = None
        self._rested_s = 0.0
        self._answer: Answer | None = None
        self._pace = StepPace()

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
        gap_s = seen.time_s - self._last_s
        if gap_s > PAUSE_S:
            self._rest(self._last_s)
        self._last_s = seen.time_s
        gate = check(seen)
        rate = self._rate.add(seen.time_s)
        if not gate.code and 0.0 < rate < MIN_RATE:
            gate = Gate("low-rate")
        if not gate.code and trouble == "covered":
            gate = Gate(trouble)
        self.repeats.add(seen)
        events = [] if gate.blocking else self._detect(seen)
        self.events += events
        if not gate.blocking and gap_s <= PAUSE_S:
            self._habits.watch(gap_s, events, self._asked.kind if self._asked else None)
        window = self.vote.add(seen.time_s, gate, events)
        if not self._ended:
            self._watch(seen, embedding)
            self._advance(seen, gate, events)
        if not gate.code and self._looks_elsewhere(seen.time_s):
            gate = Gate("not-straight")
        self.gates[gate.code] += 1
        return self._state(seen.time_s, gate, events, window)

    def decline(self, step: str) -> bool:
        """Ask for another step in place of one that the person cannot do, and for a further one (`liveness.swaps`).

        Where no step of equal strength is left, the session ends with the reason "cannot-do": nobody's failure.

        Parameters
        ----------
        step : str
            The step that the person was asked for.

        Returns
        -------
        bool
            False if it is not asked for at this moment: it was answered meanwhile, or declined before.
        """
        if self.challenge is None or self._asked is None or self._asked.step != step:
            return False
        found = swap(self.challenge, len(self.steps), self.swaps, self._last_s, self._draw)
        if found is None:
            self._finish("cannot-do")
        else:
            self.challenge, made = found
            self.swaps.append(made)
            self._answer = None
            self._ask(self._last_s)
        return True

    def shown(self, number: int, time_s: float) -> None:
        """Learn when the prompt of a step was shown, if after the frame that led to it: its time runs from then on.

        Parameters
        ----------
        number : int
            As `SessionState.number`. Of another prompt than the one that is asked for now it is passed over.
        time_s : float
            On the clock of the frames. Who tells it vouches for it: a prompt that is said to be shown late gives as
            much more time for the answer. Told twice, the later one holds.
        """
        if self._asked and number == self._number:
            self._asked.shown(time_s)

    @property
    def rate(self) -> float:
        """Frames a second that were looked at in the slowest step of those that have ended; NaN if none has."""
        return self._pace.slowest

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

    @property
    def _number(self) -> int:
        return len(self.steps) + len(self.swaps)

    @property
    def _asked(self) -> Answer | None:
        """The answer that is waited for just now."""
        return self._answer if self._phase == "prompting" else None

    def _detect(self, seen: Observation) -> list[Event]:
        turn_asked = self._asked is not None and self._asked.kind.startswith("turn")
        found = [
            self._blinks.add(seen),
            self._glances.add(seen, self._blinks.closed),
            self._turns.add(seen, turn_asked),
        ]
        return [event for event in found if event]

    def _watch(self, seen: Observation, embedding: FloatArray | None) -> None:
        if embedding is not None:
            self.person.add(seen, embedding)
        if self.repeats.frozen:
            self._fail("frozen")
        elif self.repeats.looped:
            self._fail("looped")
        elif self.person.changed:
            self._fail("person-changed")

    def _fail(self, reason: str) -> None:
        self._phase, self._reason = "failed", reason

    def _advance(self, seen: Observation, gate: Gate, events: list[Event]) -> None:
        if self.challenge is None or self._ended:
            return
        if self._phase == "waiting":
            self._wait(seen, gate)
            return
        answer = self._answer
        assert answer is not None
        self._pace.frame()
        for _ in range(answer.take(events)):
            self._earliness.add(answer.kind)
        if answer.complete_early or self._earliness.chance(self._habits) < CHANCE:
            self._finish("early-answer")
        elif answer.all_wrong:
            self._finish("wrong-answers")
        elif answer.complete:
            self.steps.append(answer.result(seen.time_s))
            self._pace.end(seen.time_s)
            self._answer = None
            if len(self.steps) == len(self.challenge.steps):
                self._phase = "passed"
            else:
                self._ask(seen.time_s)
        elif seen.time_s - answer.asked_s > self.challenge.seconds:
            self._finish("timeout")

    def _wait(self, seen: Observation, gate: Gate) -> None:
        """Wait until somebody looks straight ahead; then ask."""
        if self.rest_s > MAX_REST_S:
            self._finish("timeout")
        elif gate.blocking:
            self._usable_since = None
        else:
            if self._usable_since is None:
                self._usable_since = self._straight_s = seen.time_s
            if self._turns.neutral.near(seen.yaw):
                self._straight_s = seen.time_s
                if seen.time_s - self._usable_since >= NEUTRAL_S:
                    self._ask(seen.time_s)

    def _looks_elsewhere(self, time_s: float) -> bool:
        waiting = self.challenge is not None and self._phase == "waiting" and self._usable_since is not None
        return waiting and time_s - self._straight_s >= TOLD_S

    def _rest(self, since_s: float) -> None:
        """Begin anew with looking straight ahead, then with the step that was asked when the stream was paused."""
        self._usable_since = None
        if self._phase == "prompting":
            self._phase, self._resting_since = "waiting", since_s
            self._pace.drop()

    def _ask(self, time_s: float) -> None:
        assert self.challenge is not None
        self._rested_s, self._resting_since = self.rest_s, None
        self._phase = "prompting"
        if self._answer is None:
            step = self.challenge.steps[len(self.steps)]
            self._answer = Answer(step, time_s, self.steps[-1].step if self.steps else None)
        else:
            self._answer.ask_again(time_s)
        self._earliness.ask(self._answer.kind, FASTEST_S)
        self._pace.begin(time_s)

    def _finish(self, reason: str) -> None:
        """End with a step that was not answered."""
        assert self._answer is not None
        self.steps.append(self._answer.result())
        self._pace.end(self._last_s)
        self._fail(reason)

    def _state(self, time_s: float, gate: Gate, events: list[Event], window: Window | None) -> SessionState:
        step: StepKind | None = None
        prompt, remaining, progress, again = "Look straight into the camera", math.nan, 0.0, False
        if self.challenge is not None:
            progress = sum(result.answered for result in self.steps) / len(self.challenge.steps)
            if self._asked:
                step = self._asked.step
                prompt = PROMPTS[step]
                limit = self.challenge.seconds
                remaining = min(max(limit - (time_s - self._asked.asked_s), 0.0), limit)
                again = remaining < limit / 2
        if self._ended:
            prompt = "Done" if self._phase == "passed" else _ENDED.get(self._reason, "Not passed")
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
            self._number,
            again,
        )
