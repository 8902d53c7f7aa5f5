"""A live session: one visitor's stream and stills, looked at in a thread of their own."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, Protocol

from liveness.models import ModelError
from prnu.images import ImageError
from ui.live.director import Director
from ui.live.errors import Pace, Refused, Slots
from ui.live.outbox import Outbox
from ui.live.pixels import FrameArray, RawStill

if TYPE_CHECKING:
    from liveness.landmarks import FloatArray, Observation

LIFETIME_S = 600.0
"""Seconds after which a session ends, whatever happens: the longest attempt has 90 s, a registration a few minutes."""

IDLE_S = 60.0
"""Seconds without a picture and without a listener after which a session ends: its visitor has gone."""

FRAMES_PER_S = 40
"""Frames that one session hands in a second; the component sends 15."""

EMBED_S = 1.0
"""Seconds between two embeddings of the face: they cost as much as a frame."""

PENDING = 8
"""Stills that wait for their turn: 28 MB at 1920x1200."""

_logger = logging.getLogger(__name__)


class Sight(Protocol):
    """What a session sees with; `ui.live.eyes.Eyes` does it with the networks, tests may do it with a table."""

    def observe(self, frame: FrameArray, time_s: float) -> Observation | None:
        """Describe a frame; None if it is not newer than the last one."""
        ...

    def recognise(self, frame: FrameArray) -> tuple[FloatArray | None, str]:
        """Embedding of the face in a frame, or the code of why there is none."""
        ...

    def close(self) -> None:
        """Free the models."""
        ...


class _Refusal(NamedTuple):
    number: int
    text: str


class _Frame(NamedTuple):
    rgb: FrameArray
    time_s: float


class LiveSession:
    """One visitor, one purpose, one thread.

    Pictures come from any thread; the director is called, and the models are used, only in the session's own thread,
    which starts with the first listener or picture. Of the frames that wait only the newest is kept.

    Parameters
    ----------
    director : Director
        Decides what is asked and shown.
    lifetime_s, idle_s : float
        Limits, in seconds.
    sight : callable, optional
        Makes what the session sees with, in the session's thread. Default: the tracker and the matcher.
    clock : callable, optional
        Seconds that only rise.

    Attributes
    ----------
    token : str
        Whoever has it may hand in pictures and read the messages: for the visitor's browser only, never for a log.
    name : str
        Tells it from others, and is no secret.
    outbox : Outbox
        Messages for the browser.
    """

    def __init__(
        self,
        director: Director,
        *,
        lifetime_s: float = LIFETIME_S,
        idle_s: float = IDLE_S,
        sight: Callable[[], Sight] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token, self.name = secrets.token_urlsafe(32), secrets.token_hex(4)
        self.outbox = Outbox()
        self.pace = Pace(FRAMES_PER_S)
        # Two of each: a client that comes back may find its last request still under way.
        self.frame_slots, self.still_slots, self.listener_slots = Slots(2), Slots(2), Slots(3)
        self._director, self._make_sight, self._clock = director, sight or _eyes, clock
        self._lifetime_s, self._idle_s = lifetime_s, idle_s
        self._begun = self._active = clock()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._over, self._outcome = False, ""
        self._frame: _Frame | None = None
        self._stills: deque[RawStill | _Refusal] = deque()
        self._still_is_next = False
        self._asked: set[int] = set()
        self._on_the_way: set[int] = set()
        self._size: tuple[int, int] | None = None
        self._embedded_s = -EMBED_S
        self._trouble = ""

    def __repr__(self) -> str:
        state = "over" if self._over else "on"
        return f"LiveSession({self.name}, {type(self._director).__name__}, {self.now_s:.0f} s old, {state})"

    @property
    def now_s(self) -> float:
        """Seconds since the session began."""
        return self._clock() - self._begun

    @property
    def over(self) -> bool:
        """Whether it has ended: done, failed, closed or expired."""
        return self._over

    @property
    def outcome(self) -> str:
        """How it ended: what the director said, "expired", "closed", "models" or "internal"; empty while it is on."""
        return self._outcome

    @property
    def silent_s(self) -> float:
        """Seconds since it heard from its visitor, or since it ended."""
        return self._clock() - self._active

    @property
    def expired(self) -> bool:
        """Whether its time is up, or nobody is there any more."""
        return self.now_s > self._lifetime_s or self.silent_s > self._idle_s

    def start(self) -> None:
        """Load the models and wait for pictures; afterwards, just note that the visitor is still there."""
        with self._wake:
            if self._over:
                return
            self._active = self._clock()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-session", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End it; its thread frees the models when it has finished with the picture at hand."""
        self._end("closed", "The session was closed.")

    def expire(self) -> None:
        """End it because its time is up."""
        self._end("expired", "The session has expired. Start a new one.")

    def join(self, seconds: float) -> bool:
        """Wait until the thread has ended; tell whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def take_frame(self, rgb: FrameArray, received_s: float | None = None) -> None:
        """Take a frame of the stream: RGB, shape (H, W, 3), uint8. One that waited still gives way to it."""
        self.start()
        with self._wake:
            if not self._over:
                self._frame = _Frame(rgb, self.now_s if received_s is None else received_s)
                self._wake.notify()

    def claim(self, number: int) -> None:
        """Reserve the number of a still before its body is read.

        Raises
        ------
        Refused
            If nobody asked for it, it was handed in before, or too many are waiting.
        """
        with self._wake:
            self._check_on()
            if number not in self._asked or number in self._on_the_way:
                text = f"Still {number} was not asked for, or was handed in already. Send only numbers given to you."
                raise Refused(409, "number", text)
            if len(self._stills) >= PENDING:
                raise Refused(429, "busy", f"{PENDING} stills are waiting for their turn. Send it again later.")
            self._on_the_way.add(number)

    def release(self, number: int) -> None:
        """Give a claimed number back: its body did not come, and may be sent again."""
        with self._wake:
            self._on_the_way.discard(number)

    def take_still(self, still: RawStill) -> None:
        """Take a still whose number was claimed.

        Raises
        ------
        Refused
            If its size is not that of the first one, or the session has ended.
        """
        self.start()
        with self._wake:
            self._check_on()
            self._size = self._size or still.size
            if still.size != self._size:
                (width, height), (w, h) = still.size, self._size
                text = (
                    f"It has {width}x{height} pixels, the first one {w}x{h}. Do not turn the phone or change the mode."
                )
                raise Refused(422, "other-size", text)
            self._hand_over(still.number, still)

    def turn_down(self, number: int, text: str) -> None:
        """Tell the director that a claimed still could not be read; its number is used up."""
        self.start()
        with self._wake:
            self._hand_over(number, _Refusal(number, text))

    def _check_on(self) -> None:
        if self._over:
            raise Refused(409, "over", "The session has ended. Start a new one.")

    def _hand_over(self, number: int, item: RawStill | _Refusal) -> None:
        self._asked.discard(number)
        self._on_the_way.discard(number)
        if not self._over:
            self._stills.append(item)
            self._wake.notify()

    def _end(self, outcome: str, text: str) -> None:
        with self._wake:
            if self._over:
                return
            self._over, self._outcome, self._active = True, outcome, self._clock()
            self._frame = None
            self._stills.clear()
            self._wake.notify()
        self.outbox.post({"type": "done", "outcome": outcome, "text": text})
        self.outbox.close()

    def _run(self) -> None:
        try:
            self._notice("loading", "Getting ready.")
            with closing(self._make_sight()) as sight:
                self._notice("ready", "")
                while (job := self._next()) is not None:
                    if isinstance(job, _Frame):
                        self._look(sight, job)
                    elif isinstance(job, _Refusal):
                        self._director.refused(*job)
                    else:
                        self._examine(job)
        except ModelError as error:
            _logger.warning("A live session cannot see: %s", error)
            self._end("models", str(error))
        except Exception:  # whatever it is, it is this session's end and nobody else's
            _logger.exception("A live session of %s failed.", type(self._director).__name__)
            self._end("internal", "Something went wrong on our side. Start again; the server's log says more.")

    def _next(self) -> _Frame | RawStill | _Refusal | None:
        """The newest frame, or in turn with it the oldest still; None at the end."""
        with self._wake:
            while not self._over and not self.expired:
                if self._stills and (self._still_is_next or self._frame is None):
                    self._still_is_next = False
                    return self._stills.popleft()
                if self._frame is not None:
                    frame, self._frame, self._still_is_next = self._frame, None, True
                    return frame
                self._wake.wait(1.0)
        self.expire()
        return None

    def _look(self, sight: Sight, frame: _Frame) -> None:
        from ui.live.eyes import view_message  # MediaPipe takes seconds, and the server's start must not wait for it

        seen = sight.observe(frame.rgb, frame.time_s)
        if seen is None:
            return
        embedding = None
        if seen.faces and frame.time_s - self._embedded_s >= EMBED_S:
            embedding, self._trouble = sight.recognise(frame.rgb)
            self._embedded_s = frame.time_s
        view = self._director.frame(seen, embedding, self._trouble)
        self.outbox.post(view_message(view, seen))
        if view.done:
            self._end(view.outcome, view.text)
        elif (stills := self._director.stills_wanted(self.now_s)) > 0:
            self._ask(stills)

    def _ask(self, stills: int) -> None:
        numbers = list(self._director.asked(stills, self.now_s))
        with self._wake:
            self._asked.update(numbers)
        self.outbox.post({"type": "stills", "numbers": numbers})

    def _examine(self, still: RawStill) -> None:
        try:
            picture = still.picture()
        except ImageError as error:
            problem = str(error)
            self._director.refused(still.number, problem)
        else:
            problem = self._director.still(picture, still.number, still.received_s)
        if problem:
            self._notice("still", problem)

    def _notice(self, code: str, text: str) -> None:
        self.outbox.post({"type": "notice", "code": code, "text": text})


def _eyes() -> Sight:
    from ui.live.eyes import Eyes

    return Eyes()
