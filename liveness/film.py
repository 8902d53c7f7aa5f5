"""Write pictures, each with its time, as a video."""

from __future__ import annotations

import os
from fractions import Fraction
from types import TracebackType
from typing import BinaryIO

import av
import numpy as np

from liveness.landmarks import FrameArray

_TICKS = Fraction(1, 1000)


class FilmWriter:
    """Writes an MP4 (H.264). Use as a context manager, or `close` it; what has no picture becomes no video.

    Parameters
    ----------
    file : path or binary file
    title, comment : str
        For the file's metadata.
    **options : str
        Of the encoder, such as ``preset="ultrafast"`` or ``crf="18"``.
    """

    def __init__(self, file: str | os.PathLike[str] | BinaryIO, title: str = "", comment: str = "", **options: str):
        where = os.fspath(file) if isinstance(file, str | os.PathLike) else file
        self._container = av.open(where, "w", format="mp4")
        self._container.metadata.update({k: v for k, v in (("title", title), ("comment", comment)) if v})
        self._options = options
        self._stream: av.VideoStream | None = None
        self._last = -1

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, picture: FrameArray, time_s: float) -> None:
        """Write a picture; of an odd side, the last row or column is left out, as chroma is stored at half size.

        Parameters
        ----------
        picture : ndarray, shape (H, W, 3), uint8
            RGB, all of one size.
        time_s : float
            When to show it, from 0 on; two of one time are shown a millisecond apart.
        """
        picture = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
        if self._stream is None:
            self._stream = self._container.add_stream("libx264", rate=30, options=self._options)
            self._stream.height, self._stream.width = picture.shape[:2]
            self._stream.pix_fmt = "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = _TICKS
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts = self._last = max(self._last + 1, round(time_s / _TICKS))
        frame.time_base = _TICKS
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what the encoder still holds, and end the file. A second time does nothing."""
        if self._stream is not None:
            self._container.mux(self._stream.encode())
            self._stream = None
        self._container.close()
