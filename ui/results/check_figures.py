"""What is left of a check when its pictures are gone: its figures, which take no room."""

from __future__ import annotations

import csv
import io
import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from ui.results.attempt import Attempt
from ui.results.photo import Photo
from ui.results.photo_check import Check

Kind: TypeAlias = Literal["match", "attention", "no-match", "unclear"]

COLUMNS = ("when", "photos", "camera", "width", "height", "verdict", "score", "threshold", "p_value", "what it means")
"""Of the table for a spreadsheet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class CheckFigures:
    """Figures of a check of photos against cameras.

    Attributes
    ----------
    key : str
        Of the check.
    when : datetime
    photos : tuple of str
        Names of the files.
    camera : str
        The one that was compared, or the best of several.
    size : (int, int)
        Width and height of the photos, in pixels.
    score, threshold : float
        PCE, and what it must reach; NaN where nothing could be compared.
    p_value : float
        Probability that another camera scores as high, 0..1; NaN likewise.
    kind : {"match", "attention", "no-match", "unclear"}
    headline, detail : str
        The verdict in words.
    truth : str
        How the photos came about, where that is known.
    simulated : bool
    """

    key: str
    when: datetime
    photos: tuple[str, ...]
    camera: str
    size: tuple[int, int]
    score: float
    threshold: float
    p_value: float
    kind: Kind
    headline: str
    detail: str
    truth: str
    simulated: bool

    @classmethod
    def of(cls, check: Check, kind: Kind, headline: str, detail: str) -> CheckFigures:
        """Take the figures of a check, with its verdict in words."""
        height, width = check.shape
        return cls(
            check.key,
            check.when,
            tuple(photo.name for photo in check.photos),
            check.camera,
            (width, height),
            check.match.pce,
            check.threshold,
            check.match.false_alarm(check.cameras),
            kind,
            headline,
            detail,
            check.truth,
            check.simulated,
        )

    @classmethod
    def of_problem(cls, photo: Photo, camera: str, problem: str) -> CheckFigures:
        """Say of a photo that it could not be compared, and why."""
        nan, size = math.nan, (0, 0)
        return cls(
            uuid.uuid4().hex, datetime.now(UTC), (photo.name,), camera, size, nan, nan, nan, "unclear", problem, "", "",
            photo.simulated,
        )  # fmt: skip

    @property
    def compared(self) -> bool:
        """Whether there is a score."""
        return not math.isnan(self.score)


@dataclass(frozen=True, eq=False)
class AttemptFigures:
    """Figures of an attempt that no bank writes down for long, such as a sample check.

    Attributes
    ----------
    key, customer : str
    when : datetime
    decision : mapping
        As `bank.Decision.to_dict` gives it.
    truth : str
        How it came about.
    """

    key: str
    customer: str
    when: datetime
    decision: Mapping[str, Any]
    truth: str

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptFigures:
        """Take the figures of an attempt."""
        return cls(attempt.key, attempt.customer, attempt.when, attempt.decision, attempt.truth)


def as_csv(rows: Iterable[CheckFigures]) -> str:
    """Checks as a table for a spreadsheet, a row each.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for one in rows:
        when = one.when.astimezone(UTC).isoformat(timespec="seconds")
        figures = [f"{number:.6g}" if one.compared else "" for number in (one.score, one.threshold, one.p_value)]
        words = ("; ".join(one.photos), one.camera, one.headline.replace("**", ""))
        photos, camera, meaning = (f"'{word}" if word.startswith(_FORMULA) else word for word in words)
        writer.writerow([when, photos, camera, *one.size, one.kind, *figures, meaning])
    return file.getvalue()
