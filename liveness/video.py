"""Liveness of a recorded video."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import av
import numpy as np

from liveness.challenge import Challenge
from liveness.events import Event, Kind
from liveness.landmarks import MIN_SIDE, FrameArray, Observation
from liveness.mirroring import answered_sides
from liveness.quality import ADVICE, MIN_RATE
from liveness.session import LivenessSession, SessionState, StepResult
from liveness.timeline import SIGNALS as SIGNALS
from liveness.vote import Verdict, Window
from liveness.watcher import Watcher

MAX_SECONDS = 600.0
MAX_PIXELS = 3840 * 2160
_CONTAINERS = "mov,matroska,avi,gif"  # FFmpeg's others include lists that open further files


REASONS = {
    "frozen": "The video stands still for a second or longer.",
    "looped": "The same second comes again.",
    "person-changed": "The face is not the same person's all the time.",
    "too-short": "Too short: there are not three windows of ten frames.",
    "too-early-to-tell": "Too short: a person need not have blinked or looked around yet. Half a minute is enough.",
}
"""Sentence for each reason that is not a matter of advice."""


class VideoError(ValueError):
    """A video cannot be analysed. Says why and what to do."""


@dataclass(frozen=True, eq=False)
class LivenessReport:
    """What a video shows.

    Attributes
    ----------
    events : tuple of Event
        Blinks, glances and turns in the order in which they ended.
    windows : tuple of Window
        The vote of each ten frames.
    verdict : {"live", "not live", "inconclusive"}
        Whether there were more blinks and glances than a photo shows, or fewer than people do in that time (`liveness.
        vote`); "inconclusive", too, for a video with several faces or too few frames a second.
    majority : {"live", "not live", "inconclusive"}
        Majority over the windows, as the paper decides. It counts windows before the first blink against a person.
    reason : str
        Why it is inconclusive (a key of `liveness.quality.ADVICE`, "too-short" or "too-early-to-tell"), or why it is
        not live whatever the vote ("frozen", "looped", "person-changed"); else empty.
    phase : str
        "passed", "failed" or how far it came where a challenge was given, else empty.
    failure : str
        Code of why the challenge failed, as `liveness.session.SessionState.reason`; else empty.
    steps : tuple of StepResult
        Steps of the challenge.
    frames : int
        Frames processed.
    seconds : float
        Length of the video.
    detected : float
        Share of frames with a face, 0..1.
    gates : dict of str to int
        Frames by reason code; "" where all was well.
    ms_per_frame : float
        CPU time for all but decoding, in milliseconds.
    signals : dict of str to list of float
        Time, eye aspect ratios, blendshapes, gaze and head angles of each frame, for plots; NaN without a face.
    """

    events: tuple[Event, ...]
    windows: tuple[Window, ...]
    verdict: Verdict
    majority: Verdict
    reason: str
    phase: str
    failure: str
    steps: tuple[StepResult, ...]
    frames: int
    seconds: float
    detected: float
    gates: dict[str, int]
    ms_per_frame: float
    signals: dict[str, list[float]] = field(repr=False)

    @property
    def swapped(self) -> bool:
        """Whether a challenge failed, and each answer went to the opposite side (`liveness.mirroring`)."""
        return self.phase == "failed" and answered_sides(self.steps, self.events).swapped

    @property
    def blinks(self) -> list[tuple[float, float]]:
        """Start and end of each blink in seconds."""
        return [(event.start_s, event.end_s) for event in self.events if event.kind == "blink"]

    @property
    def frames_per_second(self) -> float:
        """Frames processed for each second of video."""
        return self.frames / self.seconds if self.seconds else 0.0

    @property
    def advice(self) -> list[str]:
        """Sentences of advice, the most frequent first, for what troubled a tenth of the frames or more."""
        common = sorted(self.gates.items(), key=lambda item: -item[1])
        return [ADVICE[code] for code, count in common if code and count * 10 >= self.frames]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the signals as plain numbers and text, for JSON."""
        kinds = [kind for kind in get_args(Kind) if kind != "blink"]
        return {
            "verdict": self.verdict,
            "majority": self.majority,
            "reason": self.reason,
            "frames": self.frames,
            "seconds": self.seconds,
            "frames_per_second": self.frames_per_second,
            "detected": self.detected,
            "ms_per_frame": self.ms_per_frame,
            "blinks": [list(span) for span in self.blinks],
            **{kind.replace(" ", "s_"): [e.start_s for e in self.events if e.kind == kind] for kind in kinds},
            "windows": [vars(window) for window in self.windows],
            "gates": self.gates,
            "advice": self.advice,
            "challenge": self.phase or None,
            "failure": self.failure,
            "steps": [
                {**vars(step), "answered_s": None if math.isnan(step.answered_s) else step.answered_s}
                for step in self.steps
            ],
        }


def analyse_video(
    path: str | os.PathLike[str],
    *,
    challenge: Challenge | None = None,
    every: int = 1,
    mirrored: bool = False,
    watch: Callable[[FrameArray, Observation, SessionState], None] | None = None,
    progress: Callable[[float], None] | None = None,
) -> LivenessReport:
    """Analyse a video file as if it came from a camera.

    Parameters
    ----------
    path : path
        MP4, MOV, WebM, AVI or GIF, whatever FFmpeg reads; at most ten minutes.
    challenge : Challenge, optional
        Whether the person in it answers these steps, prompts beginning where a face looks straight for 1.5 s.
    every : int
        Process every n-th frame only.
    mirrored : bool
        Whether left and right are swapped in it, as in films by some selfie cameras.
    watch : callable, optional
        Called with each processed frame, its observation and the session's state, for drawing.
    progress : callable, optional
        Called with the share that is done, 0..1.

    Returns
    -------
    LivenessReport

    Raises
    ------
    VideoError
        If the file is no video, or none of its frames can be read, or it is too long or too large.
    liveness.models.ModelError
        If a model is not to be had.
    """
    if every < 1:
        raise ValueError(f"every must be 1 or more, got {every}")
    session = LivenessSession(challenge)
    signals: dict[str, list[float]] = {name: [] for name in SIGNALS}
    count = faces = 0
    busy = 0.0
    last_s = 0.0
    state: SessionState | None = None
    with Watcher(alone=True, mirrored=mirrored) as watcher:
        for frame, time_s, share in frames_of(path, every):
            start = time.process_time()
            found = watcher.look(frame, time_s)
            if found is None:
                continue
            state, seen = session.feed(*found), found.seen
            busy += time.process_time() - start
            count, faces, last_s = count + 1, faces + (seen.faces > 0), time_s
            for name in SIGNALS:
                signals[name].append(getattr(seen, name))
            if watch:
                watch(frame, seen, state)
            if progress:
                progress(share)
    if state is None:
        raise VideoError(f"{Path(path).name}: no frame could be read. Save the video again as MP4.")
    verdict, reason = _judge(session, count, last_s)
    return LivenessReport(
        events=tuple(session.events),
        windows=tuple(session.vote.windows),
        verdict=verdict,
        majority=session.vote.majority,
        reason=reason,
        phase=state.phase if challenge else "",
        failure=state.reason if challenge else "",
        steps=state.steps,
        frames=count,
        seconds=last_s,
        detected=faces / count,
        gates=dict(session.gates),
        ms_per_frame=1000.0 * busy / count,
        signals=signals,
    )


def _judge(session: LivenessSession, frames: int, seconds: float) -> tuple[Verdict, str]:
    """Turn the vote into a verdict on the whole video."""
    if session.reason in ("frozen", "looped", "person-changed"):
        return "not live", session.reason
    if session.gates["two-faces"] * 10 >= frames:
        return "inconclusive", "two-faces"
    if seconds and frames / seconds < MIN_RATE * 0.8:
        return "inconclusive", "low-rate"
    verdict = session.vote.verdict
    if verdict != "inconclusive":
        return verdict, ""
    if session.vote.majority != "inconclusive":
        return verdict, "too-early-to-tell"
    troubles = [(count, code) for code, count in session.gates.items() if code]
    return verdict, max(troubles)[1] if troubles else "too-short"


def frames_of(path: str | os.PathLike[str], every: int = 1) -> Iterator[tuple[FrameArray, float, float]]:
    """Decode a video frame by frame.

    Yields
    ------
    frame : ndarray, shape (H, W, 3), uint8
        RGB, upright.
    time_s : float
        Seconds from the first frame.
    share : float
        How much of the video that is, 0..1.

    Raises
    ------
    VideoError
        As `analyse_video`.
    """
    name = Path(path).name
    remedy = "Use an MP4, MOV, WebM, AVI or GIF file."
    try:
        container = av.open(str(path), options={"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise VideoError(f"{name}: this is not a video that can be read ({why}). {remedy}") from error
    with container:
        if not container.streams.video:
            raise VideoError(f"{name}: there is no picture in it. {remedy}")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if stream.width * stream.height > MAX_PIXELS:
            raise VideoError(f"{name}: {stream.width}x{stream.height} pixels are too many. Use at most 3840x2160.")
        if min(stream.width, stream.height) < MIN_SIDE:
            size = f"{stream.width}x{stream.height}"
            raise VideoError(f"{name}: {size} pixels are too few, at least {MIN_SIDE} on a side. Use 640x480 or more.")
        length = (container.duration or 0) / 1_000_000  # FFmpeg counts a container in microseconds
        first: float | None = None
        rate = float(stream.average_rate or 25)
        try:
            for number, frame in enumerate(container.decode(stream)):
                if number % every:
                    continue
                time_s = number / rate if frame.pts is None else float(frame.time)
                first = time_s if first is None else first
                if time_s - first > MAX_SECONDS:
                    raise VideoError(
                        f"{name}: longer than {MAX_SECONDS / 60:.0f} minutes. Cut out the part that counts."
                    )
                picture: FrameArray = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
                turns = round(getattr(frame, "rotation", 0) / 90) % 4
                upright = np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture
                yield upright, time_s - first, min(time_s / length, 1.0) if length else 0.0
        except av.FFmpegError as error:
            if first is None:
                raise VideoError(f"{name}: the video is damaged ({error.strerror}). Copy it again.") from error
