"""Many photos, each checked on its own."""

from __future__ import annotations

from collections.abc import Sequence

from prnu import FingerprintError, ImageError, Search
from ui.photo_check import form
from ui.results.camera import Camera
from ui.results.check_figures import CheckFigures
from ui.results.photo import Photo
from ui.results.photo_check import measure
from ui.shell.session import keep_check, note_checked, show_newest_attempt
from ui.text.scores import upper
from ui.widgets.progress import Progress


def run(name: str, cameras: Sequence[Camera], photos: Sequence[Photo], search: Search | None) -> None:
    """Check each photo against the camera of a name, or all; keep every outcome, and why one could not be used.

    Raises
    ------
    NotFound, Tampered
        If the camera is gone, or not as the bank wrote it.
    """
    known = {camera.name: camera for camera in cameras}
    bar = Progress("Reading the first photo")
    try:
        for number, photo in enumerate(photos):
            bar.progress(number / len(photos), f"Photo {number + 1} of {len(photos)}: {photo.name}")
            try:
                made = form.compared(name, known, [photo], measure([photo], _untold), search, _untold)
            except ImageError as error:
                note_checked(CheckFigures.of_problem(photo, name, f"{upper(error.problem)}. {error.remedy}."))
            except FingerprintError as error:
                note_checked(CheckFigures.of_problem(photo, name, upper(str(error))))
            else:
                keep_check(made)
        show_newest_attempt()
    finally:
        keep_check(None)  # none of them is the outcome: the table is
        bar.empty()


def _untold(_share: float, _text: str) -> None:
    """One photo is one step of the progress that is shown."""
