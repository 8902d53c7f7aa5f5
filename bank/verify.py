"""Decide: all factors of an attempt, and what the policy makes of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic_core import to_jsonable_python

from bank.capture import Capture
from bank.factor import Factor
from bank.factors import CameraFinding, Candidate, judge_camera, judge_region
from bank.freshness import judge_freshness
from bank.liveness_factor import judge_liveness
from bank.person import judge_face
from bank.profiles import Profile
from bank.risk import Signal
from liveness.identity import FaceTemplate
from prnu import Evidence

Outcome = Literal["accepted", "refused", "step-up"]
StepUp = Literal["", "retry", "out-of-band"]

NO_OTHER_WAY_HERE = frozenset({"cannot-do"})
"""Reasons for which another try would be no better: the person is sent to another way at once."""

OUT_OF_BAND = "Confirm in another way: call the customer on the number on file, or have them come in."


@dataclass(frozen=True)
class Decision:
    """What was decided on an attempt, and why.

    Attributes
    ----------
    accepted : bool
        Whether every required factor passed.
    outcome : {"accepted", "refused", "step-up"}
        ``refused``: a required factor failed. ``step-up``: none failed, but one could not tell.
    reason : str
        The first required factor that did not pass and its code, such as "camera: other-camera"; else "accepted".
    advice : str
        What it means and what to do, for a person.
    factors : tuple of Factor
        In the order of the paper: face, liveness, camera, then face region and freshness.
    required : tuple of str
        Names of the factors that had to pass; the others are advisory.
    step_up : {"", "retry", "out-of-band"}
        What to ask for next if it could not tell.
    customer, attempt, profile, policy : str
        Ids of customer and attempt; name of the profile; version of the policy.
    at : datetime or None
    signals : tuple of Signal
        Risk, advisory: never decides.
    context : mapping
        Versions and models that decided.
    """

    accepted: bool
    outcome: Outcome
    reason: str
    advice: str
    factors: tuple[Factor, ...]
    required: tuple[str, ...]
    step_up: StepUp = ""
    customer: str = ""
    attempt: str = ""
    profile: str = ""
    policy: str = ""
    at: datetime | None = None
    signals: tuple[Signal, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)

    def factor(self, name: str) -> Factor:
        """Return a factor by its name; KeyError if there is none."""
        for factor in self.factors:
            if factor.name == name:
                return factor
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON takes it: NaN and infinite numbers as null, times in ISO 8601."""
        plain: dict[str, Any] = to_jsonable_python(self, inf_nan_mode="null")
        return plain | {"at": self.at.isoformat() if self.at else None}

    def to_json(self) -> str:
        """Return `to_dict` as one line of JSON."""
        return json.dumps(self.to_dict(), allow_nan=False)


def judge(
    capture: Capture,
    profile: Profile,
    template: FaceTemplate | None,
    cameras: Sequence[Candidate],
    seen: Sequence[bytes] = (),
    published: Sequence[Evidence] = (),
) -> tuple[tuple[Factor, ...], CameraFinding]:
    """Compute every factor, whatever the others say: the record should be whole.

    Parameters
    ----------
    capture : Capture
        What the attempt handed in.
    profile : Profile
        Its thresholds.
    template : FaceTemplate or None
        The enrolled face.
    cameras : sequence of Candidate
        The customer's cameras.
    seen : sequence of bytes
        Noise sketches of earlier stills.
    published : sequence of Evidence
        Photos of the cameras that others may have.

    Returns
    -------
    tuple of Factor, CameraFinding
        The finding is for showing maps and peaks; it holds the fingerprint, so it must not leave the bank's process.
    """
    face = judge_face(template, capture, profile.face)
    liveness = judge_liveness(capture, profile.liveness)
    finding = judge_camera(cameras, capture, profile.camera)
    region = judge_region(finding, capture, profile.face_region, template)
    freshness = judge_freshness(capture, profile.freshness, seen, published, finding)
    return (face, liveness, finding.factor, region, freshness), finding


def decide(
    factors: Sequence[Factor], required: Sequence[str], inconclusive_before: int = 0, tries: int = 2
) -> Decision:
    """Turn factors into a decision.

    Accepted only if every required factor passed; refused if one failed; else the person may try again, and after
    some tries has to confirm in another way.

    Parameters
    ----------
    factors : sequence of Factor
    required : sequence of str
        Names of factors that have to pass; each must be among the factors.
    inconclusive_before : int
        Attempts of late that could not tell either.
    tries : int
        Inconclusive attempts after which to confirm in another way.

    Raises
    ------
    ValueError
        If a required factor was not judged, or none is required.
    """
    by_name = {factor.name: factor for factor in factors}
    missing = [name for name in required if name not in by_name]
    if missing or not required:
        raise ValueError(f"required factors {list(required)}: not judged are {missing or 'all, none is required'}")
    counted = [factor for factor in factors if factor.name in required]
    counted.sort(key=lambda factor: factor.reason not in NO_OTHER_WAY_HERE)  # that one is told before all others
    worst = next((f for verdict in ("failed", "inconclusive") for f in counted if f.verdict == verdict), None)
    if worst is None:
        advice = "The selfie is consistent with the enrolled person and the enrolled camera."
        return Decision(True, "accepted", "accepted", advice, tuple(factors), tuple(required))
    reason = f"{worst.name}: {worst.reason}"
    if worst.verdict == "failed":
        return Decision(False, "refused", reason, worst.advice, tuple(factors), tuple(required))
    again = inconclusive_before + 1 < tries and worst.reason not in NO_OTHER_WAY_HERE
    advice = worst.advice if again else f"{worst.advice} {OUT_OF_BAND}"
    step_up: StepUp = "retry" if again else "out-of-band"
    return Decision(False, "step-up", reason, advice, tuple(factors), tuple(required), step_up)
