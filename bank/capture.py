"""What one verification attempt hands in, gathered while it runs, so that little is left to do at its end."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable
from dataclasses import replace

from bank.errors import EvidenceError
from bank.face_reader import FaceReader, LateReader, Pose, pose_of
from bank.ledger import StillLedger
from bank.pictures import Picture
from bank.presence import Presence
from bank.profiles import Profile
from bank.still import Refusal, Still, examine
from liveness.challenge import Challenge
from liveness.events import Event
from liveness.landmarks import FloatArray, Observation
from liveness.mirroring import Sides
from liveness.session import LivenessSession, SessionState
from liveness.swaps import Swap
from prnu.sketch import new_salt

_NO_SIDES = Sides()

LATEST_S = 1.0
"""Seconds after it was asked for until which a still may have been taken: a busy browser waits for its next frames.
What is said to be later counts as taken then."""

_LONGEST_TRACK = 20_000  # frames: eleven minutes at 30 frames a second


class Capture:
    """Gathers the stream's observations and the stills of one attempt.

    The stream and the stills may come from two threads; stills from the one that the reader belongs to. Any thread may
    close it.

    Parameters
    ----------
    profile : Profile
        Whose limits on stills hold.
    challenge : Challenge or None
        What the bank asks the person to do; None for photos without a stream.
    reader : FaceReader, optional
        For the stills. Default: one of its own, which belongs to the thread that hands in stills, and is closed with
        the capture.
    mirrored : bool
        Whether the camera or its driver swaps left and right in the stream. It is turned back here, once for all of
        the attempt: whoever finds out in the middle of it begins another one, with another challenge.
    mirrored_stills : bool, optional
        Likewise for the stills. Default: as the stream. Only their poses are turned back, so that they compare with the
        stream's; their noise stays as it came, as that of the pictures that the camera was enrolled with did.
    earlier : Sides
        To which side this customer answered in attempts before.
    draw : random.Random, optional
        As `liveness.LivenessSession` has it.

    Attributes
    ----------
    salts : tuple of bytes
        With which the noise of stills is sketched (`prnu.sketch`), the attempt's own first. The bank sets them.
    keep : callable or None
        Called with each still before it counts, so that it is known again whatever becomes of the attempt.
    """

    def __init__(
        self,
        profile: Profile,
        challenge: Challenge | None,
        reader: FaceReader | None = None,
        *,
        mirrored: bool = False,
        mirrored_stills: bool | None = None,
        earlier: Sides = _NO_SIDES,
        draw: random.Random | None = None,
    ) -> None:
        self.profile = profile
        self.session = LivenessSession(challenge, draw)
        self.mirrored = mirrored
        self._mirrored_stills = mirrored if mirrored_stills is None else mirrored_stills
        self.earlier = earlier
        self.track: list[Pose] = []
        self.presence = Presence()
        self.stills: list[Still] = []
        self.refusals: list[Refusal] = []
        self.salts: tuple[bytes, ...] = (new_salt(),)
        self.keep: Callable[[Still], None] | None = None
        self._own = LateReader()
        self._reader: FaceReader = reader or self._own
        self._state: SessionState | None = None
        self.ledger = StillLedger()
        self._pixels = 0
        self._closed = False
        # The first is held for moments, the second while a still is examined: the stream must not wait for that.
        self._lock, self._examining = threading.Lock(), threading.Lock()

    def prepare(self) -> None:
        """Load the models of its own reader, if that is what reads, so that the first still need not wait for them.

        Raises
        ------
        liveness.models.ModelError
            If a model is not to be had.
        """
        with self._examining:
            if self._reader is self._own and not self._closed:
                self._own.prepare()

    def close(self) -> None:
        """Take in no more stills, once the one that is being examined is done, and free the models."""
        with self._examining:
            self._closed = True
            self._own.close()  # MediaPipe lets any thread close what another one made, if that is not using it

    @property
    def state(self) -> SessionState | None:
        """The liveness session's latest state; None before the first frame."""
        return self._state

    @property
    def streamed(self) -> bool:
        """Whether there was a stream at all."""
        return self._state is not None

    @property
    def embeddings(self) -> list[FloatArray]:
        """Embeddings of the stream's faces, where one was in sight that could be judged."""
        return [sighting.embedding for sighting in self.presence.sightings]

    @property
    def events(self) -> list[Event]:
        """What the person did so far."""
        return self.session.events

    def observe(self, seen: Observation, embedding: FloatArray | None = None, trouble: str = "") -> SessionState:
        """Take a frame of the stream; arguments as `liveness.LivenessSession.feed`.

        Raises
        ------
        EvidenceError
            If the stream never ends.
        """
        with self._lock:
            if len(self.track) >= _LONGEST_TRACK:
                raise EvidenceError(f"The stream has more than {_LONGEST_TRACK:,} frames. Start a new attempt.")
            pose = pose_of(seen, seen.time_s)
            if self.mirrored:
                seen, pose = seen.mirrored(), pose and pose.mirrored()
            self._state = self.session.feed(seen, embedding, trouble)
            if pose:
                self.track.append(pose)
            self.presence.add(seen, self._state.gate, embedding, trouble)
            return self._state

    def decline(self, step: str) -> bool:
        """Ask for another step in place of one that the person cannot do; see `liveness.LivenessSession.decline`.

        Any thread may do it. False if that step is not asked for at this moment.
        """
        with self._lock:
            return self.session.decline(step)

    @property
    def swaps(self) -> tuple[Swap, ...]:
        """Steps that the person could not do, and what was asked instead."""
        return tuple(self.session.swaps)

    def shown(self, number: int, time_s: float) -> None:
        """Note when a prompt was shown; see `liveness.LivenessSession.shown`."""
        with self._lock:
            self.session.shown(number, time_s)

    def ask(self, time_s: float) -> int:
        """Note that a still is asked for now, on the stream's clock, and return its number."""
        return self.ledger.ask(time_s)

    def add(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> Still | Refusal:
        """Take in a still that was asked for. A bad one is a refusal, never an exception.

        Parameters
        ----------
        picture : Picture
        number : int
            As `ask` gave it.
        received_s : float
            When it arrived, on the stream's clock.
        taken_s : float, optional
            When it was taken, as its sender says: believed from when it was asked for until `LATEST_S` after, or it
            arrived. Default, and NaN: when it was asked for.
        """
        with self._lock:
            problem = self._problem(number, received_s)
        asked_s = self.ledger.asked_s(number)
        believed_s = asked_s if math.isnan(taken_s) else min(max(taken_s, asked_s), asked_s + LATEST_S, received_s)
        return problem or self._examine(picture, number, believed_s, received_s)

    def upload(self, picture: Picture) -> Still | Refusal:
        """Take in a photo that nobody asked for at a moment, as from a file."""
        number = self.ledger.ask()
        self.ledger.take(number)
        return self._examine(picture, number, math.nan, math.nan)

    def refuse(self, number: int, text: str) -> Refusal:
        """Note that a still could not even be read, and why."""
        with self._lock:
            self.ledger.done(number)
            return self._refuse(number, "unusable", text)

    def _problem(self, number: int, received_s: float) -> Refusal | None:
        match self.ledger.take(number):
            case "unknown":
                return self._refuse(number, "unknown", "Nobody asked for this still.")
            case "repeated":
                return self._refuse(number, "repeated", "This still was handed in before.")
        late_s, limit = received_s - self.ledger.asked_s(number), self.profile.freshness.max_delay_s
        if not 0.0 <= late_s <= limit:
            self.ledger.done(number)
            text = f"It came {late_s:.1f} s after it was asked for, {limit:g} s are allowed."
            return self._refuse(number, "late", f"{text} This machine or connection is too slow.")
        return None

    def _examine(self, picture: Picture, number: int, taken_s: float, received_s: float) -> Still | Refusal:
        with self._examining:
            try:
                if self._closed:
                    with self._lock:
                        return self._refuse(number, "late", "It came after the decision.")
                return self._take(picture, number, taken_s, received_s)
            finally:
                self.ledger.done(number)

    def _take(self, picture: Picture, number: int, taken_s: float, received_s: float) -> Still | Refusal:
        with self._lock:
            if problem := self._too_much(picture, number):
                return problem
        still = examine(picture, number, taken_s, received_s, self._reader, self.salts)
        if still is None:
            with self._lock:
                return self._refuse(number, "unusable", "There is no noise in it: it is blank or drawn by a computer.")
        if self._mirrored_stills and still.face.pose:
            still = replace(still, face=replace(still.face, pose=still.face.pose.mirrored()))
        if self.keep:
            self.keep(still)
        with self._lock:
            self.stills.append(still)
            self.ledger.done(number, _size(picture))
        return still

    def _too_much(self, picture: Picture, number: int) -> Refusal | None:
        limits = self.profile.capture
        if len(self.stills) >= limits.max_stills:
            return self._refuse(number, "too-many", f"An attempt takes {limits.max_stills} stills.")
        if problem := self.ledger.other_size(number, _size(picture)):
            return self._refuse(number, "other-size", problem)
        if self._pixels + picture.luma.size > limits.max_megapixels * 1e6:
            return self._refuse(number, "too-large", f"An attempt takes {limits.max_megapixels:g} megapixels in all.")
        self._pixels += picture.luma.size
        return None

    def _refuse(self, number: int, code: str, text: str) -> Refusal:
        refusal = Refusal(number, code, text)
        if len(self.refusals) < 10 * self.profile.capture.max_stills:  # a flood is cut off, the first ones tell enough
            self.refusals.append(refusal)
        return refusal


def _size(picture: Picture) -> tuple[int, int]:
    height, width = picture.shape
    return width, height
