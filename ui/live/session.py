"""A live session: one visitor's stream and stills, each looked at in a thread of its own."""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

from liveness.models import ModelError
from liveness.watcher import Watcher
from prnu.images import ImageError
from ui.live.decode import FrameArray, RawStill
from ui.live.director import Declinable, Director, View
from ui.live.inbox import AskedStills, Frame, NewestFrame, Unread
from ui.live.limits import Pace, Slots
from ui.live.outbox import Outbox
from ui.live.preview import Showing
from ui.live.reported_time import ReportedTime, shown
from ui.live.sight import view_message
from ui.shell.allocator import give_back

LIFETIME_S = 600.0
"""Seconds after which a session ends, whatever happens: the longest attempt has 90 s, a registration a few minutes."""

IDLE_S = 60.0
"""Seconds without a picture and without a listener after which a session ends: its visitor has gone."""

FRAMES_PER_S = 40
"""Frames that one session hands in a second; the component sends 15."""

_LOOK_UP_S = 1.0  # at least so often a thread looks up from waiting: whether time is up

Item = TypeVar("Item")

_logger = logging.getLogger(__name__)


class LiveSession:
    """One visitor, one purpose, two threads.

    Pictures come from any thread. Frames are looked at in one thread of the session's own, stills in another, so that a
    still, which takes as long as ten frames, holds none of them up. Both start with the first listener or picture, and
    each makes, uses and frees models of its own. Of the frames that wait only the newest is kept.

    A session that is `played` has no clock: its time is what its frames say. Who plays waits with `settle` before the
    next frame, so that none is left out, no still is late, and the two threads never work at the same time: what comes
    of it is the same on any machine, however busy.

    Parameters
    ----------
    director : Director
        Decides what is asked and shown.
    lifetime_s, idle_s : float
        Limits, in seconds: of the session's time, and of the server's without a sign of the visitor, of whom one who is
        simulated gives none while the machine is busy or asleep.
    sight : callable, optional
        Makes the watcher of frames, in the thread that looks at them. Default: `liveness.Watcher`.
    clock : callable, optional
        Seconds that only rise.
    own_pictures : bool
        Whether onlookers see the pictures that the director's views bring, and never the camera's frames.
    played : bool
        Whether time is what the frames say.

    Attributes
    ----------
    token : str
        Whoever has it may hand in pictures, watch, and read the messages: for the visitor's own screens, never for a
        log.
    name : str
        Tells it from others, and is no secret.
    outbox : Outbox
        Messages for the browser.
    showing : Showing
        The newest frame, or picture of the director's, for onlookers.
    view : View or None
        What the browser was told last; None before the first frame.
    remark : str
        Sentence that the browser shows beside the views, such as on the pace of what is played.
    browser_time, stream_time : ReportedTime
        The clocks of the browser's page, and of the frames of a stream by WebRTC: for who receives them.
    """

    def __init__(
        self,
        director: Director,
        *,
        lifetime_s: float = LIFETIME_S,
        idle_s: float = IDLE_S,
        sight: Callable[[], Watcher] | None = None,
        clock: Callable[[], float] = time.monotonic,
        own_pictures: bool = False,
        played: bool = False,
    ) -> None:
        self.token, self.name = secrets.token_urlsafe(32), secrets.token_hex(4)
        self.outbox, self.showing = Outbox(), Showing()
        self.view: View | None = None
        self.remark = ""
        self.browser_time, self.stream_time = ReportedTime(), ReportedTime()
        self.pace = Pace(FRAMES_PER_S)
        # Two of each: a client that comes back may find its last request still under way.
        self.frame_slots, self.still_slots = Slots(2), Slots(2)
        self.listener_slots, self.watcher_slots = Slots(3), Slots(3)
        self._director, self._make_sight, self._clock = director, sight or Watcher, clock
        self._lifetime_s, self._idle_s, self._own_pictures = lifetime_s, idle_s, own_pictures
        self._played, self._frames_s = played, 0.0
        self._begun = self._active = clock()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._over, self._outcome, self._text = False, "", ""
        self._frames, self._stills = NewestFrame(), AskedStills(director.ledger)
        self._examined = 0
        self._asking: tuple[int | None, float] = None, math.nan  # which step, and when its prompt was sent
        self._painted: tuple[int, float] | None = None

    def __repr__(self) -> str:
        state = "over" if self._over else "on"
        return f"LiveSession({self.name}, {type(self._director).__name__}, {self.now_s:.0f} s old, {state})"

    @property
    def now_s(self) -> float:
        """Seconds since the session began; of one that is played, the time of the last frame that was handed in."""
        return self._frames_s if self._played else self._clock() - self._begun

    @property
    def over(self) -> bool:
        """Whether it has ended: done, failed, closed or expired."""
        return self._over

    @property
    def outcome(self) -> str:
        """How it ended: what the director said, "expired", "closed", "models" or "internal"; empty while it is on."""
        return self._outcome

    @property
    def text(self) -> str:
        """Sentence for the visitor on how it ended; empty while it is on."""
        return self._text

    @property
    def silent_s(self) -> float:
        """Seconds since it heard from its visitor, or since it ended."""
        return self._clock() - self._active

    @property
    def expired(self) -> bool:
        """Whether its time is up, or nobody is there any more."""
        return self.now_s > self._lifetime_s or (self.silent_s > self._idle_s and not self._played)

    def start(self) -> None:
        """Load the models and wait for pictures; afterwards, just note that the visitor is still there."""
        with self._lock:
            if self._over:
                return
            self._active = self._clock()
            if not self._threads:
                jobs = (("live-frames", self._look_at_frames), ("live-stills", self._examine_stills))
                self._threads = [threading.Thread(target=self._run, args=job, name=job[0], daemon=True) for job in jobs]
                for thread in self._threads:
                    thread.start()

    def close(self) -> None:
        """End it; its threads free their models when they have finished with the pictures at hand."""
        self._end("closed", "The session was closed.")

    def expire(self) -> None:
        """End it because its time is up."""
        self._end("expired", "The session has expired. Start a new one.")

    def join(self, seconds: float) -> bool:
        """Wait until both threads have ended; tell whether they have."""
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def take_frame(self, rgb: FrameArray, time_s: float | None = None) -> None:
        """Take a frame of the stream. One that waited still gives way to it.

        Parameters
        ----------
        rgb : ndarray, shape (H, W, 3), uint8
        time_s : float, optional
            When it was captured, on the session's clock. Default: now.
        """
        self.start()
        self._frames_s = self.now_s if time_s is None else time_s
        self._frames.put(Frame(rgb, self._frames_s))
        if not self._own_pictures:
            self.showing.put(rgb)

    def claim(self, number: int) -> None:
        """Reserve the number of a still before its body is read; see `ui.live.inbox.AskedStills.claim`."""
        self._stills.claim(number)

    def release(self, number: int) -> None:
        """Give a claimed number back: its body did not come, and may be sent again."""
        self._stills.release(number)

    def take_still(self, still: RawStill) -> None:
        """Take a still whose number was claimed; see `ui.live.inbox.AskedStills.put`."""
        self.start()
        self._stills.put(still)

    def prompt_shown(self, number: int, said_s: float, arrived_s: float) -> None:
        """Learn from the browser that the prompt of a step was painted: `ui.live.reported_time.shown` bounds it.

        Parameters
        ----------
        number : int
            Of the step, as its view gave it. Of another one than is asked for now it is passed over.
        said_s, arrived_s : float
            When it was painted, and when that was reported, on the session's clock.
        """
        with self._lock:
            asking, sent_s = self._asking
            if number == asking:
                self._painted = number, shown(said_s, sent_s, arrived_s)

    def settle(self) -> None:
        """Wait until all that was handed in was looked at, or the session has ended. For who plays the visitor."""
        for inbox in (self._frames, self._stills):
            while not (self._over or inbox.settled(_LOOK_UP_S)):
                self.start()  # whoever waits is still there

    def decline(self, step: str) -> bool:
        """Ask for another step in place of one that the visitor cannot do; False if that is not to be had.

        May take as long as the director writes it down. An onlooker may say it, too: both screens are the visitor's.
        """
        return not self._over and isinstance(self._director, Declinable) and self._director.decline(step)

    def turn_down(self, number: int, text: str) -> None:
        """Tell the director that a claimed still could not be read; its number is used up."""
        self.start()
        self._stills.put_unread(number, text)

    def _end(self, outcome: str, text: str) -> None:
        with self._lock:
            if self._over:
                return
            self._outcome, self._text, self._active, self._over = outcome, text, self._clock(), True
        for waiting in (self._frames, self._stills, self.showing):
            waiting.close()
        self.outbox.post({"type": "done", "outcome": outcome, "text": text})
        self.outbox.close()

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except ModelError as error:
            _logger.warning("A live session cannot see: %s", error)
            self._end("models", str(error))
        except Exception:  # whatever it is, it is this session's end and nobody else's
            _logger.exception("A live session of %s failed (%s).", type(self._director).__name__, name)
            self._end("internal", "Something went wrong on our side. Start again; the server's log says more.")
        give_back()

    def _each(self, take: Callable[[float], Item | None]) -> Iterator[Item]:
        """What comes, until the session ends."""
        while not self._over:
            item = take(_LOOK_UP_S)
            if self.expired:
                self.expire()
            elif item is not None:
                yield item

    def _look_at_frames(self) -> None:
        self._notice("loading", "Getting ready.")
        with closing(self._make_sight()) as sight:
            self._notice("ready", "")
            for frame in self._each(self._frames.next):
                self._look(sight, frame)

    def _look(self, sight: Watcher, frame: Frame) -> None:
        found = sight.look(frame.rgb, frame.time_s)
        if found is None:
            return
        with self._lock:
            painted, self._painted = self._painted, None
        if painted:
            self._director.shown(*painted)
        self.view = view = self._director.frame(*found)
        if view.number != self._asking[0]:
            sent_s = self.now_s
            with self._lock:
                self._asking, self._painted = (view.number, sent_s), None
            if view.number is not None:
                self._director.shown(view.number, sent_s)
        if self._own_pictures and view.picture is not None:
            self.showing.put(view.picture)
        self.outbox.post(view_message(view, found.seen, self.remark, self._played))
        if view.done:
            self._end(view.outcome, view.text)
        elif (stills := self._director.stills_wanted(self.now_s)) > 0:
            numbers = list(self._director.asked(stills, self.now_s))
            self.outbox.post({"type": "stills", "numbers": numbers})

    def _examine_stills(self) -> None:
        with closing(self._director):
            self._director.prepare()
            stills: Iterator[RawStill | Unread] = self._each(self._stills.next)
            for still in stills:
                self._examine(still)

    def _examine(self, still: RawStill | Unread) -> None:
        if isinstance(still, Unread):
            problem = still.text
            self._director.refused(*still)
        else:
            problem = self._hand_in(still)
        self._examined += 1
        self.outbox.post({"type": "still", "number": still.number, "count": self._examined, "text": problem})

    def _hand_in(self, still: RawStill) -> str:
        try:
            picture = still.picture()
        except ImageError as error:
            self._director.refused(still.number, str(error))
            return str(error)
        return self._director.still(picture, still.number, still.received_s, still.taken_s)

    def _notice(self, code: str, text: str) -> None:
        self.outbox.post({"type": "notice", "code": code, "text": text})
