"""The verification attempts of this browser session, with all that a look at them needs. They stay in this process."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from prnu.chance import chance_scores, needed_z
from prnu.course import Step, course
from prnu.images import FloatArray
from prnu.match import FALSE_ALARM, Match

if TYPE_CHECKING:  # the bank takes a second
    from bank import Decision
    from bank.capture import Capture
    from bank.factors import CameraFinding
    from bank.freshness import Moment
    from bank.photos import PhotoFinding
    from bank.still import Refusal, Still
    from liveness.timeline import Timeline

Source = Literal["live", "photos", "sample", "lab"]


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
    source : {"live", "photos", "sample", "lab"}
    false_alarm : float
        Largest p-value that the policy took for a match.
    timeline : Timeline or None
        The stream over time; None of photos.
    moments : tuple of bank.freshness.Moment
        Each still beside the stream at the moment that it was taken.
    refusals : tuple of bank.still.Refusal
        Stills that were not taken.
    key : str
        Tells it from others: the id that the bank gave the attempt.
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
    timeline: Timeline | None = None
    moments: tuple[Moment, ...] = ()
    refusals: tuple[Refusal, ...] = ()
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
        from bank.freshness import moments

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
            capture.timeline,
            moments(capture, capture.profile.freshness) if capture.streamed else (),
            tuple(capture.refusals),
            decision.attempt or uuid.uuid4().hex,
        )

    @property
    def cameras(self) -> int:
        """Number of cameras that were compared."""
        return int(self.finding.factor.details.get("cameras compared", 0))

    def z_to_reach(self, found: Match) -> float:
        """Tell the `z` from which the stills count as a match, for the number of cameras that were compared."""
        return needed_z(found, self.finding.factor.threshold, self.false_alarm / max(self.cameras, 1))

    @property
    def one_by_one(self) -> bool:
        """Whether its pictures are photos of any scenes, which are judged one by one: together they show nothing."""
        return self.source == "photos" and len(self.stills) > 1

    @cached_property
    def parts(self) -> tuple[Attempt, ...]:
        """The same attempt with one of its stills only, for each of them."""
        found: tuple[Match | None, ...] = tuple(step.alone for step in self.steps) or (None,) * len(self.stills)
        return tuple(
            replace(
                self,
                stills=(still,),
                finding=replace(self.finding, found=one, photos=self.finding.photos[number : number + 1]),
                key=f"{self.key}-{number}",
            )
            for number, (still, one) in enumerate(zip(self.stills, found, strict=True))
        )

    @property
    def decisive(self) -> int:
        """Number of the still, from 0 on, that speaks most against a match."""
        if not self.steps:
            return 0
        return int(np.argmin([step.alone.pce for step in self.steps]))

    def matches(self, found: Match) -> bool:
        """Whether some of its stills, or all of them, are consistent with the camera by the rule that decided."""
        chances = max(self.cameras, 1)
        return found.pce >= self.finding.factor.threshold and found.p_value * chances <= self.false_alarm

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
        from bank.still_sets import combine

        if self.finding.camera is None:
            return np.zeros(0, np.float32)
        return chance_scores(self.finding.camera.fingerprint, combine(self.stills))


@dataclass(frozen=True, eq=False)
class ProofPhoto:
    """One of the photos of a verification.

    Attributes
    ----------
    name : str
    small : bytes
        Small JPEG of it.
    note : str
        Why it was left out; empty for one that was taken.
    finding : bank.photos.PhotoFinding or None
        What it says of the camera; None where it is the only one, or was not compared.
    """

    name: str
    small: bytes
    note: str = ""
    finding: PhotoFinding | None = None


@dataclass(frozen=True, eq=False)
class Proof:
    """A verification with photos.

    Attributes
    ----------
    customer : str
        Name.
    decision : mapping
        As the audit has it.
    photos : tuple of ProofPhoto
        In the order in which they were given.
    truth : str
        How the photo came about, where that is known.
    simulated : bool
    """

    customer: str
    decision: Mapping[str, Any]
    photos: tuple[ProofPhoto, ...]
    truth: str
    simulated: bool
