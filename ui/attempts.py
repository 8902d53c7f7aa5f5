"""The verification attempts of this browser session, with all that a look at them needs. They stay in this process."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

from prnu.chance import chance_scores
from prnu.course import Step, course
from prnu.images import FloatArray
from prnu.match import FALSE_ALARM

if TYPE_CHECKING:  # MediaPipe, which the bank imports, takes seconds
    from bank import Decision
    from bank.capture import Capture
    from bank.factors import CameraFinding
    from bank.still import Still

Source = Literal["live", "photos", "sample"]

MOST = 4
"""Attempts that are kept at most. A still of 1280x720 costs 2.8 MB and the fingerprint 7.4, so 12 stills cost 41 MB."""

MOST_BYTES = 200_000_000
"""Bytes from which older ones go earlier. The newest stays whatever it costs: policies cap an attempt's pixels, the
packaged ones at 100 megapixels, which are 300 MB."""

CHECK = "check"
"""Stands for the latest check of photos in `CHOICE`."""

CHOICE = "match_view_of"
"""Key of the session's state, and of the widget, that says what the match view shows."""

SIGHT = "sight"
"""Key of what the match view has computed of the attempt that it shows. Holds the fingerprint, too."""

_KEPT = "attempts"


@dataclass(frozen=True, eq=False)
class Attempt:
    """An attempt that was decided. Holds the camera's fingerprint: for this process only, never to be sent or stored.

    Attributes
    ----------
    customer : str
        Name of the one who was claimed to be there.
    when : datetime
    decision : mapping
        As `bank.Decision.to_dict` gives it.
    finding : bank.factors.CameraFinding
        Without its evidence: `stills` add up to it.
    stills : tuple of bank.still.Still
        Those that were decided on, in order.
    simulated : bool
        Whether any of it exists in this program only.
    truth : str
        How it came about, where that is known.
    source : {"live", "photos", "sample"}
    false_alarm : float
        Largest p-value that the policy took for a match.
    key : str
        Tells it from others.
    """

    customer: str
    when: datetime
    decision: Mapping[str, Any]
    finding: CameraFinding
    stills: tuple[Still, ...]
    simulated: bool = False
    truth: str = ""
    source: Source = "live"
    false_alarm: float = FALSE_ALARM
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def of(
        cls,
        decision: Decision,
        finding: CameraFinding,
        capture: Capture,
        *,
        customer: str,
        simulated: bool = False,
        truth: str = "",
        source: Source = "live",
    ) -> Attempt:
        """Take what was decided, and what it was decided on."""
        camera = finding.camera
        if camera is not None:  # a copy without what was computed of it on the way
            camera = replace(camera, fingerprint=replace(camera.fingerprint))
        return cls(
            customer,
            decision.at or datetime.now(UTC),
            decision.to_dict(),
            replace(finding, camera=camera, evidence=None),
            tuple(capture.stills),
            simulated,
            truth,
            source,
            capture.profile.camera.false_alarm,
        )

    @property
    def cameras(self) -> int:
        """Number of cameras that were compared."""
        return int(self.finding.factor.details.get("cameras compared", 0))

    @property
    def nbytes(self) -> int:
        """Bytes that its large arrays take, with the fingerprint's spectrum."""
        pattern = self.finding.camera.fingerprint.pattern.nbytes if self.finding.camera else 0
        return 2 * pattern + sum(still.pattern.nbytes + still.luma.nbytes for still in self.stills)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Score of each still, and of all so far; empty without a camera to compare with."""
        if self.finding.camera is None:
            return ()
        return tuple(course(self.finding.camera.fingerprint, (still.pattern for still in self.stills)))

    @cached_property
    def chance(self) -> FloatArray:
        """What all stills together score where they cannot fit; empty without a camera to compare with."""
        from bank.factors import combine

        if self.finding.camera is None:
            return np.zeros(0, np.float32)
        return chance_scores(self.finding.camera.fingerprint, combine(self.stills))


def keep(attempt: Attempt) -> None:
    """Keep an attempt, and make it the one that the match view shows. The oldest ones go."""
    kept, room = [attempt], MOST_BYTES - attempt.nbytes
    for older in all_kept()[: MOST - 1]:
        room -= older.nbytes
        if room < 0:
            break
        kept.append(older)
    st.session_state[_KEPT] = kept
    show_newest()


def all_kept() -> list[Attempt]:
    """The attempts that are kept, the newest first."""
    return list(st.session_state.get(_KEPT, []))


def chosen() -> Attempt | None:
    """The attempt that the match view shows; None if it shows a check of photos, or there is none."""
    key = st.session_state.get(CHOICE)
    return next((attempt for attempt in all_kept() if key in (None, attempt.key)), None)


def show_newest() -> None:
    """Let the match view show what is newest."""
    st.session_state.pop(SIGHT, None)
    st.session_state.pop(CHOICE, None)


def forget(customer: str, cameras: Collection[str]) -> None:
    """Forget the attempts of a customer, or with cameras ("label · customer"), that were deleted."""
    st.session_state.pop(SIGHT, None)
    st.session_state[_KEPT] = [
        attempt for attempt in all_kept() if attempt.customer != customer and _camera(attempt) not in cameras
    ]


def _camera(attempt: Attempt) -> str:
    camera = attempt.finding.camera
    return f"{camera.label} · {attempt.customer}" if camera else ""
