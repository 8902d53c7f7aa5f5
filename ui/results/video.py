"""Watch a video for signs of life, and hold what the page shows of it. Nothing of the video stays on disk."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from liveness.challenge import Challenge
from liveness.landmarks import FrameArray, Observation
from liveness.models import MODELS, model_path
from liveness.overlay import OverlayVideo
from liveness.session import SessionState
from liveness.video import LivenessReport, VideoError, analyse_video

Tick = Callable[[float, str], None]
"""Told how far the work is, 0..1, and what is done now."""

TYPES = ["mp4", "mov", "webm", "avi", "gif"]
"""File endings for `st.file_uploader`."""

_THUMBNAIL = (480, 480)


@dataclass(frozen=True)
class Video:
    """A video file.

    Attributes
    ----------
    name : str
        What to call it on a page.
    data : bytes
        The file.
    truth : str
        How it came about, where it is a simulated sample.
    """

    name: str
    data: bytes
    truth: str = ""


@dataclass(frozen=True, eq=False)
class Watched:
    """A video, and what was seen in it.

    Attributes
    ----------
    key : str
        The same for the same file watched with the same options.
    name, truth : str
        Of the video.
    report : LivenessReport
    challenge : Challenge or None
        The steps that it was to answer.
    picture : bytes
        Its first frame with a face, else its first, as a small JPEG.
    overlay : bytes
        MP4 with what was seen drawn on it; empty if it was not asked for.
    """

    key: str
    name: str
    truth: str
    report: LivenessReport
    challenge: Challenge | None
    picture: bytes
    overlay: bytes


def key_of(video: Video, challenge: Challenge | None, overlay: bool) -> str:
    """Tell a video with its options from others."""
    return f"{hashlib.sha256(video.data).hexdigest()} {challenge} {overlay}"


def fetch_models(tick: Tick) -> None:
    """See to it that the models are there; the first time they are fetched.

    Raises
    ------
    ModelError
        If one is not to be had. Says what to do.
    """
    megabytes = 1_000_000
    for name in MODELS:
        model_path(
            name,
            lambda done, total, _: tick(
                done / total, f"Fetching face models, this once: {done / megabytes:.1f} of {total / megabytes:.1f} MB"
            ),
        )


def watch(video: Video, challenge: Challenge | None, overlay: bool, tick: Tick) -> Watched:
    """Watch a video.

    Parameters
    ----------
    video : Video
    challenge : Challenge or None
        Steps that the person in it is to answer.
    overlay : bool
        Whether to draw what is seen on the video, too.
    tick : callable
        Told of the progress.

    Raises
    ------
    VideoError
        If it cannot be analysed; the message does not repeat the name.
    ModelError
        If the model is not to be had.
    """
    fetch_models(tick)
    tick(0.0, "Reading the video")
    glance = _Glance()
    with tempfile.TemporaryDirectory(prefix="lenslock-") as folder:
        suffix = Path(video.name).suffix.lower()
        source = Path(folder) / ("video" + (suffix if suffix.removeprefix(".") in TYPES else ".mp4"))
        source.write_bytes(video.data)
        drawn = Path(folder) / "seen.mp4"
        try:
            with ExitStack() as stack:
                writer = stack.enter_context(OverlayVideo(drawn)) if overlay else None

                def look(frame: FrameArray, seen: Observation, state: SessionState) -> None:
                    glance.look(frame, seen)
                    if writer:
                        writer.add(frame, seen, state)

                report = analyse_video(
                    source,
                    challenge=challenge,
                    watch=look,
                    progress=lambda share: tick(share, f"Watching, {glance.time_s:.0f} seconds so far"),
                )
        except ValueError as error:  # VideoError, or FrameError of a video that is a few pixels wide
            said = str(error).removeprefix(f"{source.name}: ").replace(str(source), video.name)
            raise VideoError(said) from error
        made = drawn.read_bytes() if overlay else b""
    key = key_of(video, challenge, overlay)
    return Watched(key, video.name, video.truth, report, challenge, glance.jpeg(), made)


class _Glance:
    """Remembers how far a video is, and a frame of it to know it by."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self._frame: FrameArray | None = None
        self._face = False

    def look(self, frame: FrameArray, seen: Observation) -> None:
        self.time_s = seen.time_s
        if self._frame is None or (seen.faces and not self._face):
            self._frame, self._face = frame.copy(), seen.faces > 0

    def jpeg(self) -> bytes:
        assert self._frame is not None  # a video without frames is an error
        small = Image.fromarray(self._frame)
        small.thumbnail(_THUMBNAIL)
        file = io.BytesIO()
        small.save(file, "JPEG", quality=85)
        return file.getvalue()
