"""What a live session is for: a director decides what the visitor is asked and shown, and takes in what comes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from bank.ledger import StillLedger
    from bank.pictures import Picture
    from liveness.challenge import StepKind
    from liveness.landmarks import FloatArray, Observation
    from liveness.vote import VoteWord
    from ui.live.decode import FrameArray


@dataclass(frozen=True)
class View:
    """What the browser shows after a frame.

    Attributes
    ----------
    phase : str
        For the style of the picture: "waiting", "prompting", "passed", "failed" or a word of the director's own.
    prompt : str
        What the visitor should do now; shown in large type.
    progress : float, 0..1
        Fills the ring.
    remaining_s : float
        Shown inside the ring; NaN where there is no limit.
    advice : str
        What would help, empty where all is well.
    votes : sequence of {"live", "not live", "unusable"}
        One for every ten frames, all so far.
    verdict : str
        Of the votes.
    growth : sequence of float
        Expected score of a later photo, after each one so far; empty where no fingerprint is made.
    enough : float
        Score from which the fingerprint is clear; NaN where none is made.
    done : bool
        Whether the session ends with this view.
    outcome, text : str
        Of the end: a code for the page, and a sentence for the visitor.
    step : str or None
        Which step of a challenge the prompt asks for; None where it asks for something else.
    number : int or None
        Of that step in its challenge, from 0 on.
    can_decline : bool
        Whether the visitor may say that they cannot do this step (`Declinable`).
    picture : ndarray, shape (H, W, 3), uint8, or None
        RGB, for onlookers of a session with pictures of its own (`LiveSession`), ready to be shown. None: the last one
        goes on.
    """

    phase: str
    prompt: str
    progress: float = 0.0
    remaining_s: float = math.nan
    advice: str = ""
    votes: Sequence[VoteWord] = ()
    verdict: str = ""
    growth: Sequence[float] = ()
    enough: float = math.nan
    done: bool = False
    outcome: str = ""
    text: str = ""
    step: StepKind | None = None
    number: int | None = None
    can_decline: bool = False
    picture: FrameArray | None = field(default=None, compare=False)


class Director(Protocol):
    """Runs one live session. Times are seconds since its start.

    Two threads of the session call it, at the same time: the frames' thread `frame`, `shown`, `stills_wanted` and
    `asked`, the stills' thread `prepare` first, then `still` and `refused`, and `close` last. Each method has its
    thread, so what a thread's methods keep to themselves needs no lock, and models belong to one of them. What both
    touch does, and no lock may be held while a still is examined that `frame` waits for: it has 66 ms. Where the
    visitor is simulated they work by turns (`LiveSession.settle`); a director that draws no chances and reads no clock
    of its own then does the same each time.
    """

    @property
    def ledger(self) -> StillLedger:
        """Of the stills that are asked for."""
        ...

    def prepare(self) -> None:
        """Load what stills need, before the first one comes."""
        ...

    def frame(self, seen: Observation, embedding: FloatArray | None, trouble: str) -> View:
        """Take a frame of the stream.

        Parameters
        ----------
        seen : Observation
            Times rise, and leap where the stream was paused.
        embedding : ndarray, shape (128,), float32, or None
            Of the face; about once a second.
        trouble : str
            Code of the `liveness.identity.FaceError` that came instead of the last embedding, empty if none did.
        """
        ...

    def shown(self, number: int, time_s: float) -> None:
        """Learn when the prompt of a view with a `number` was shown.

        Told when it is sent, and once more when the browser has reported that it painted it: the later one is nearer to
        the truth, and never before the first (`ui.live.reported_time.shown`).
        """
        ...

    def stills_wanted(self, now_s: float) -> int:
        """Tell how many lossless stills to take right now. Asked after each frame."""
        ...

    def asked(self, stills: int, now_s: float) -> Sequence[int]:
        """Give numbers to stills that are about to be asked for, in the ledger."""
        ...

    def still(self, picture: Picture, number: int, received_s: float, taken_s: float = math.nan) -> str:
        """Take in a still that was asked for; return why it is not good enough, or nothing.

        When it was taken is what the browser says, NaN if it does not: it is for the bank to believe.
        """
        ...

    def refused(self, number: int, text: str) -> None:
        """Learn that a still came that could not be read, and why. It will not come again."""
        ...

    def close(self) -> None:
        """Free what stills needed: the session is over. The last `frame` may still be under way."""
        ...


@runtime_checkable
class Declinable(Protocol):
    """A director whose visitor may say of a step that they cannot do it."""

    def decline(self, step: str) -> bool:
        """Ask for another step in its place; False if it is not asked for any more. Any thread may call it."""
        ...
