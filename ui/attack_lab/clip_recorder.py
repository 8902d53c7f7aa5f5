"""A clip of what a presentation shows, for people: every frame says that it is simulated, and so does the file."""

from __future__ import annotations

import io

from attacks.face.puppet import label
from attacks.media.upload import as_streamed
from attacks.show.labelled_clip import NOTICE
from attacks.types import ImageArray, Presentation, declines
from liveness.challenge import StepKind
from liveness.film import FilmWriter


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
        self._film: FilmWriter | None = None
        self._shown: ImageArray | None = None
        self.clip = b""
        self.pair: tuple[ImageArray, ImageArray] | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream a frame, and keep a labelled copy."""
        scene = self._presentation.frame(step, now_s)
        self._shown = as_streamed(scene)
        if self._film is None:
            self._film = FilmWriter(self._file, f"simulated: {self._title}", NOTICE, preset="ultrafast")
        self._film.add(label(self._shown), now_s)
        return scene

    def still(self) -> ImageArray:
        """Hand in a still; only a small copy of the last one is kept."""
        still = self._presentation.still()
        if self._shown is not None:
            self.pair = self._shown, as_streamed(still)
        return still

    def declines(self, step: StepKind) -> bool:
        """Tell whether the presentation says that it cannot do a step."""
        return declines(self._presentation, step)

    def close(self) -> None:
        """Finish the clip, and close the presentation."""
        self._presentation.close()
        if self._film is not None:
            self._film.close()
            self.clip = self._file.getvalue()
