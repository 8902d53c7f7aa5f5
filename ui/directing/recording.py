"""A clip of what a presentation shows, for people: every frame says that it is simulated, and so does the file."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

from attacks.clip import NOTICE
from attacks.presenting import RATE, ImageArray, Presentation, as_streamed
from attacks.puppet import label
from liveness.challenge import StepKind

_TICKS = Fraction(1, 1000)


class Recorder:
    """Passes a presentation on unchanged, and keeps a clip of its stream.

    Parameters
    ----------
    presentation : Presentation
        Closed with the recorder.
    title : str
        Of the clip.

    Attributes
    ----------
    clip : bytes
        MP4, from `close` on; empty before, and where nothing was shown.
    pair : (ndarray, ndarray) or None
        The last still and what the stream showed at that moment, both small and not labelled: RGB, uint8.
    """

    def __init__(self, presentation: Presentation, title: str) -> None:
        self._presentation, self._title = presentation, title
        self._file = io.BytesIO()
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._last = -1
        self._shown: ImageArray | None = None
        self.clip = b""
        self.pair: tuple[ImageArray, ImageArray] | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream a frame, and keep a labelled copy."""
        scene = self._presentation.frame(step, now_s)
        self._shown = as_streamed(scene)
        self._write(label(self._shown), now_s)
        return scene

    def still(self) -> ImageArray:
        """Hand in a still; only a small copy of the last one is kept."""
        still = self._presentation.still()
        if self._shown is not None:
            self.pair = self._shown, as_streamed(still)
        return still

    def close(self) -> None:
        """Finish the clip, and close the presentation."""
        self._presentation.close()
        if self._container is None or self._stream is None:
            return
        self._container.mux(self._stream.encode())
        self._container.close()
        self._container = None
        self.clip = self._file.getvalue()

    def _write(self, picture: ImageArray, now_s: float) -> None:
        picture = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]  # chroma is stored at half size
        if self._container is None or self._stream is None:
            self._container = av.open(self._file, "w", format="mp4")
            self._container.metadata.update(title=f"simulated: {self._title}", comment=NOTICE)
            self._stream = self._container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
            self._stream.height, self._stream.width = picture.shape[:2]
            self._stream.pix_fmt = "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = _TICKS
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts = self._last = max(self._last + 1, round(now_s / _TICKS))
        frame.time_base = _TICKS
        self._container.mux(self._stream.encode(frame))
