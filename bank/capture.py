"""What one verification attempt hands in, gathered while it runs, so that little is left to do at its end."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from bank.errors import EvidenceError
from bank.ledger import StillLedger
from bank.pictures import Picture
from bank.policy import Profile
from liveness.challenge import Challenge
from liveness.events import Event
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceBox, FaceTracker, FloatArray, Observation
from liveness.session import LivenessSession, SessionState
from prnu.evidence import weighted
from prnu.localize import Box
from prnu.residual import noise_residual
from prnu.sketch import noise_sketch

INNER = 0.15
"""Share of the face's box that is left out on each side, so that what remains is all face, hair and background none."""

_LONGEST_TRACK = 20_000  # frames: eleven minutes at 30 frames a second


class Pose(NamedTuple):
    """How a face stands in a frame, in measures that do not depend on the frame's size."""

    time_s: float
    yaw: float
    pitch: float
    roll: float
    x: float  # of the face's centre, in widths of the frame
    y: float
    width: float  # of the face, in widths of the frame
    aspect: float  # of the frame, height over width


@dataclass(frozen=True, eq=False)
class FaceSeen:
    """The face in one picture.

    Attributes
    ----------
    pose : Pose or None
        None without a face.
    box : FaceBox or None
        In pixels of the upright picture.
    faces : int
    embedding : ndarray, shape (128,), float32, or None
        None where the face cannot be recognised.
    trouble : str
        Code of the `liveness.identity.FaceError` that says why; empty where all is well.
    """

    pose: Pose | None
    box: FaceBox | None
    faces: int
    embedding: FloatArray | None
    trouble: str


class FaceReader(Protocol):
    """Reads the face in a picture; `Reader` does it with the networks, tests may do it with a table."""

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face."""
        ...


class Reader:
    """The real `FaceReader`. Belongs to the thread that made it, as MediaPipe's objects do.

    Raises
    ------
    liveness.models.ModelError
        If a model is not to be had.
    """

    def __init__(self) -> None:
        self._tracker, self._matcher = FaceTracker(stills=True), FaceMatcher()

    def close(self) -> None:
        """Free the models."""
        self._tracker.close()

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face in an upright RGB picture taken at a time."""
        seen = self._tracker.observe(rgb, 0.0)
        assert seen is not None  # only frames of a video can be late
        return FaceSeen(pose_of(seen, time_s), seen.box, seen.faces, *self._matcher.try_embed(rgb))


class LateReader:
    """A `Reader` that is made when it is first needed, by the thread that needs it, and belongs to that one.

    Raises `liveness.models.ModelError` where a model is not to be had.
    """

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def prepare(self) -> None:
        """Load the models, in the thread that will read."""
        self._reader = self._reader or Reader()

    def close(self) -> None:
        """Free the models, if there are any."""
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def read(self, rgb: npt.NDArray[np.uint8], time_s: float) -> FaceSeen:
        """Describe the largest face in an upright RGB picture taken at a time."""
        self.prepare()
        assert self._reader is not None
        return self._reader.read(rgb, time_s)


@dataclass(frozen=True, eq=False)
class Still:
    """A still that was taken in, boiled down to what the factors need.

    Attributes
    ----------
    number : int
        As `Capture.ask` gave it.
    name, pixel_format : str
    asked_s, received_s : float
        On the stream's clock; NaN for an uploaded photo.
    pattern : ndarray, shape (H, W), float16
        Weighted residual, as `prnu.Evidence.pattern`. Half precision: its rounding is a thousandth of the noise.
    luma : ndarray, shape (H, W), uint8
    sketch : bytes
        Of the noise (`prnu.sketch`).
    face : FaceSeen
    region : Box or None
        Inner part of the face, in pixels of the luma; None without a face.
    """

    number: int
    name: str
    pixel_format: str
    asked_s: float
    received_s: float
    pattern: npt.NDArray[np.float16]
    luma: npt.NDArray[np.uint8]
    sketch: bytes
    face: FaceSeen
    region: Box | None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.luma.shape
        return height, width


@dataclass(frozen=True)
class Refusal:
    """A still that was not taken in.

    Attributes
    ----------
    number : int
    code : {"unknown", "repeated", "late", "too-many", "too-large", "other-size", "unusable"}
    text : str
        What was wrong and what to do.
    """

    number: int
    code: str
    text: str


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
    """

    def __init__(self, profile: Profile, challenge: Challenge | None, reader: FaceReader | None = None) -> None:
        self.profile = profile
        self.session = LivenessSession(challenge)
        self.track: list[Pose] = []
        self.embeddings: list[FloatArray] = []
        self.stills: list[Still] = []
        self.refusals: list[Refusal] = []
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
            self._state = self.session.feed(seen, embedding, trouble)
            if pose := pose_of(seen, seen.time_s):
                self.track.append(pose)
            if embedding is not None:
                self.embeddings.append(embedding)
            return self._state

    def ask(self, time_s: float) -> int:
        """Note that a still is asked for now, on the stream's clock, and return its number."""
        return self.ledger.ask(time_s)

    def add(self, picture: Picture, number: int, received_s: float) -> Still | Refusal:
        """Take in a still that was asked for. A bad one is a refusal, never an exception.

        Parameters
        ----------
        picture : Picture
        number : int
            As `ask` gave it.
        received_s : float
            When it arrived, on the stream's clock.
        """
        with self._lock:
            problem = self._problem(number, received_s)
        return problem or self._examine(picture, number, self.ledger.asked_s(number), received_s)

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
            return self._refuse(number, "late", f"{text} A better connection helps.")
        return None

    def _examine(self, picture: Picture, number: int, asked_s: float, received_s: float) -> Still | Refusal:
        with self._examining:
            try:
                if self._closed:
                    with self._lock:
                        return self._refuse(number, "late", "It came after the decision.")
                return self._take(picture, number, asked_s, received_s)
            finally:
                self.ledger.done(number)

    def _take(self, picture: Picture, number: int, asked_s: float, received_s: float) -> Still | Refusal:
        with self._lock:
            if problem := self._too_much(picture, number):
                return problem
        residual = noise_residual(picture.luma)
        if not residual.any():
            with self._lock:
                return self._refuse(number, "unusable", "There is no noise in it: it is blank or drawn by a computer.")
        pattern = weighted(residual)
        face = self._reader.read(picture.rgb, received_s if math.isnan(asked_s) else asked_s)
        still = Still(
            number,
            picture.name,
            picture.pixel_format,
            asked_s,
            received_s,
            pattern.astype(np.float16),
            picture.luma.round().astype(np.uint8),
            noise_sketch(pattern),
            face,
            _inner(picture, face.box),
        )
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


def pose_of(seen: Observation, time_s: float) -> Pose | None:
    """Return the pose that an observation shows; None without a face."""
    if seen.box is None:
        return None
    height, width = seen.size
    x, y = seen.box.left + seen.box.width / 2, seen.box.top + seen.box.height / 2
    return Pose(time_s, seen.yaw, seen.pitch, seen.roll, x / width, y / width, seen.box.width / width, height / width)


def _size(picture: Picture) -> tuple[int, int]:
    height, width = picture.shape
    return width, height


def _inner(picture: Picture, box: FaceBox | None) -> Box | None:
    if box is None:
        return None
    left, top, width, height = picture.box_on_sensor(*box)
    rows, columns = picture.shape
    right, bottom = min(left + (1 - INNER) * width, columns), min(top + (1 - INNER) * height, rows)
    left, top = max(left + INNER * width, 0.0), max(top + INNER * height, 0.0)
    box_in = Box(math.ceil(left), math.ceil(top), math.floor(right - left), math.floor(bottom - top))
    return box_in if min(box_in.width, box_in.height) > 0 else None
