"""The policy: every number that a decision hangs on, read from one TOML file and checked before it counts.

`policy.toml` beside this module says of each number where it comes from.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bank.errors import PolicyError

VARIABLE = "LENSLOCK_POLICY"
"""Environment variable that names another policy file than the packaged one."""

PACKAGED = Path(__file__).with_name("policy.toml")

FactorName = Literal["face", "liveness", "camera", "face region", "freshness"]
FACTORS: tuple[FactorName, ...] = get_args(FactorName)

_NEUTRAL_S = 1.5  # liveness.session.NEUTRAL_S, which brings NumPy and OpenCV along; a test compares them
_MOST_PROBLEMS = 5  # that one error lists

ProfileName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Factors: TypeAlias = Annotated[tuple[FactorName, ...], Field(strict=False)]  # TOML has arrays, no tuples


class _Part(BaseModel):
    """Numbers that belong together. Nothing is converted, nothing unknown let through, nothing changed later."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Limits(_Part):
    """How often somebody may try.

    Attributes
    ----------
    failures : int
        Refused attempts of one customer within `window_s` that lock the customer out.
    window_s : float
    lock_s, lock_factor, max_lock_s : float
        Seconds of the first lock-out, factor from each to the next, and the longest.
    forget_s : float
        Seconds without a lock-out after which the next one is a first one again.
    token_s : float
        Seconds for which an attempt's token can be used.
    per_customer, per_customer_s, per_address, per_address_s
        Attempts that may be begun within so many seconds, by customer and by address.
    """

    failures: int = Field(ge=1, le=100)
    window_s: float = Field(ge=1, le=86_400)
    lock_s: float = Field(ge=1, le=86_400)
    lock_factor: float = Field(ge=1, le=100)
    max_lock_s: float = Field(ge=1, le=31_536_000)
    forget_s: float = Field(ge=1, le=31_536_000)
    token_s: float = Field(ge=10, le=3_600)
    per_customer: int = Field(ge=1, le=10_000)
    per_customer_s: float = Field(ge=1, le=86_400)
    per_address: int = Field(ge=1, le=1_000_000)
    per_address_s: float = Field(ge=1, le=86_400)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        _in_order(self, "lock_s", "max_lock_s")
        return self


class Retention(_Part):
    """Days after which things are deleted: attempts, sketches of stills, audit entries, customers not seen since."""

    attempts_days: int = Field(ge=1, le=36_500)
    seen_days: int = Field(ge=1, le=36_500)
    audit_days: int = Field(ge=1, le=36_500)
    inactive_days: int = Field(ge=1, le=36_500)


class EnrolmentRules(_Part):
    """What it takes to enrol.

    Attributes
    ----------
    min_images, asked_images, most_images : int
        Pictures of a camera: fewer are refused, so many are asked for, more are not taken.
    min_expected_pce : float
        PCE that one later still should reach (`prnu.Fingerprint.expected_pce`): the fingerprint is too weak below it.
    face_frames : int
        Usable frames of the face, at least.
    """

    min_images: int = Field(ge=2, le=100)  # one leaves the fingerprint's quality unknown
    asked_images: int = Field(ge=2, le=200)
    most_images: int = Field(ge=2, le=1_000)
    min_expected_pce: float = Field(ge=30, le=10_000)
    face_frames: int = Field(ge=1, le=100)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        _in_order(self, "min_images", "asked_images", "most_images")
        return self


class RiskSettings(_Part):
    """When a risk signal is raised. Signals advise people; they decide nothing.

    Attributes
    ----------
    speed_kmh, distance_km : float
        Travel between two attempts that nobody can have made is faster than the one, over more than the other.
    history : int
        Accepted attempts from which the time of day is judged.
    unusual_hours : float
        Hours from the nearest time of day of any of those.
    fastest_s, median_s : float
        Seconds for an answer, and in the median, that no person is below.
    alike_s : float
        Seconds within which answers are alike, if there are at least `alike_answers`.
    alike_answers : int
    """

    speed_kmh: float = Field(ge=100, le=100_000)
    distance_km: float = Field(ge=0, le=20_000)
    history: int = Field(ge=1, le=1_000)
    unusual_hours: float = Field(ge=0.5, le=12)
    fastest_s: float = Field(ge=0, le=5)
    median_s: float = Field(ge=0, le=10)
    alike_s: float = Field(ge=0, le=1)
    alike_answers: int = Field(ge=2, le=10)


class FeedSettings(_Part):
    """How threat feeds are asked, and from when on an address counts as listed.

    Attributes
    ----------
    abuse_score : int
        AbuseIPDB's confidence of abuse, in per cent.
    abuse_days : int
        Age of the reports that AbuseIPDB counts.
    pulses : int
        OTX's reports ("pulses") that name the address.
    timeout_s : float
        Seconds for a whole answer.
    cache_s : float
        Seconds for which an answer is remembered.
    retry_s : float
        Seconds for which a feed that failed is left alone.
    max_bytes : int
        Length up to which an answer is read.
    """

    abuse_score: int = Field(ge=1, le=100)
    abuse_days: int = Field(ge=1, le=365)
    pulses: int = Field(ge=1, le=10_000)
    timeout_s: float = Field(ge=0.1, le=30)
    cache_s: float = Field(ge=0, le=86_400)
    retry_s: float = Field(ge=0, le=3_600)
    max_bytes: int = Field(ge=1_000, le=67_108_864)


class FaceRules(_Part):
    """Cosine similarity from which the face is the enrolled one (`liveness.identity`)."""

    similarity: float = Field(ge=0.363, le=0.95)  # from OpenCV's own threshold, which lets some strangers in


class LivenessRules(_Part):
    """The challenge, and the passive vote.

    Attributes
    ----------
    steps : int
        Prompts of the challenge.
    step_seconds : float
        Time limit of each.
    min_windows : int
        Windows of the vote that must be complete.
    session_s : float
        Longest time from the first frame to the last.
    """

    steps: int = Field(ge=3, le=10)  # liveness.challenge.MIN_STEPS
    step_seconds: float = Field(ge=2, le=60)
    min_windows: int = Field(ge=3, le=100)  # liveness.vote judges from three on
    session_s: float = Field(ge=5, le=600)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        needed = self.steps * self.step_seconds + _NEUTRAL_S
        if self.session_s < needed:
            raise ValueError(f"session_s: expected time for all steps, {needed:g} or more, got {self.session_s:g}")
        return self


class CameraRules(_Part):
    """The whole frame against the fingerprint.

    Attributes
    ----------
    pce : float
        Peak-to-correlation energy that all stills together must reach.
    false_alarm : float
        Largest p-value, besides.
    min_stills : int
        Usable stills: fewer are inconclusive.
    """

    pce: float = Field(ge=30, le=10_000)  # below about 30 it is noise (prnu.match)
    false_alarm: float = Field(ge=1e-15, le=1e-3)
    min_stills: int = Field(ge=1, le=100)


class FaceRegionRules(_Part):
    """The place of the face on its own: largest p-value there, and share of the stills that must show it there."""

    p_value: float = Field(ge=1e-15, le=1e-2)
    min_share: float = Field(ge=0.25, le=1)


class FreshnessRules(_Part):
    """Whether a still is of this attempt, and shows what the stream showed.

    Attributes
    ----------
    max_delay_s : float
        From asking for a still to its arrival.
    moment_s : float
        Frames of the stream that lie so near to the moment asked for are compared.
    yaw_deg, pitch_deg, roll_deg : float
        Largest differences of the head's pose.
    offset : float
        Largest distance between the faces' centres, as a share of the face's width.
    scale : float
        Largest ratio of the faces' sizes.
    similarity : float
        Least cosine similarity between the face of the still and that of the stream.
    duplicate : float
        Correlation of two stills' noise from which they are the same shot.
    copy_false_alarm : float
        Probability that an innocent still fails the triangle test (`prnu.forgery`).
    min_matched : float
        Share of the stills that must agree with the stream.
    min_telling : int
        Of these, how many must show the head turned, as no old still does by itself.
    """

    max_delay_s: float = Field(ge=0.5, le=120)
    moment_s: float = Field(ge=0.05, le=5)
    yaw_deg: float = Field(ge=1, le=45)
    pitch_deg: float = Field(ge=1, le=45)
    roll_deg: float = Field(ge=1, le=45)
    offset: float = Field(ge=0.01, le=1)
    scale: float = Field(ge=1.01, le=3)
    similarity: float = Field(ge=0.363, le=0.95)
    duplicate: float = Field(ge=0.05, le=0.99)
    copy_false_alarm: float = Field(ge=1e-9, le=0.1)
    min_matched: float = Field(ge=0.5, le=1)
    min_telling: int = Field(ge=0, le=100)


class CaptureRules(_Part):
    """How many stills an attempt takes, and how many megapixels in all."""

    max_stills: int = Field(ge=1, le=100)
    max_megapixels: float = Field(ge=0.1, le=1_000)


class StepUpRules(_Part):
    """Inconclusive attempts within `window_s` seconds after which a person is asked to confirm by another way."""

    tries: int = Field(ge=1, le=20)
    window_s: float = Field(ge=60, le=86_400)


class Profile(_Part):
    """One set of rules for a verification.

    Attributes
    ----------
    about : str
        What it is for, in one sentence.
    required, advisory : tuple of str
        The factors that must pass, and those that are only recorded: each of `FACTORS` in one of them.
    face, liveness, camera, face_region, freshness, capture, step_up
    """

    about: str = Field(min_length=1, max_length=300)
    required: Factors
    advisory: Factors
    face: FaceRules
    liveness: LivenessRules
    camera: CameraRules
    face_region: FaceRegionRules
    freshness: FreshnessRules
    capture: CaptureRules
    step_up: StepUpRules

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        named = (*self.required, *self.advisory)
        for factor in FACTORS:
            if (times := named.count(factor)) != 1:
                came = "it is in neither" if not times else f"it is there {times} times"
                raise ValueError(f"required, advisory: expected {factor!r} once in one of them, {came}")
        if "camera" not in self.required:
            raise ValueError("advisory: 'camera' is always required, move it there")
        needed = max(self.camera.min_stills, self.freshness.min_telling)
        if self.capture.max_stills < needed:
            raise ValueError(
                f"capture.max_stills: expected {needed} or more, as camera.min_stills and freshness.min_telling ask, "
                f"got {self.capture.max_stills}"
            )
        return self


class _File(_Part):
    """All of the file."""

    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,39}$")
    limits: Limits
    retention: Retention
    enrolment: EnrolmentRules
    risk: RiskSettings
    feeds: FeedSettings
    profiles: dict[ProfileName, Profile] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for name, profile in self.profiles.items():
            if self.limits.token_s < profile.liveness.session_s:
                raise ValueError(
                    f"limits.token_s: expected profiles.{name}.liveness.session_s ({profile.liveness.session_s:g}) "
                    f"or more, got {self.limits.token_s:g}: the token would expire during the attempt"
                )
        return self


@dataclass(frozen=True)
class Policy:
    """What is decided by.

    Attributes
    ----------
    version : str
        As the file states it.
    fingerprint : str
        First 16 hexadecimal digits of the SHA-256 of the file's bytes: tells which text decided.
    limits, retention, enrolment, risk, feeds
    profiles : mapping of str to Profile
    """

    version: str
    fingerprint: str
    limits: Limits
    retention: Retention
    enrolment: EnrolmentRules
    risk: RiskSettings
    feeds: FeedSettings
    profiles: Mapping[str, Profile]

    @classmethod
    def load(cls, path: Path | None = None) -> Policy:
        """Read a policy.

        Parameters
        ----------
        path : Path, optional
            Default: the file that `LENSLOCK_POLICY` names, else the packaged one.

        Raises
        ------
        PolicyError
            If the file cannot be read, is no TOML, or says what is unknown, missing, out of range or contradictory.
            It names the keys.
        """
        if path is None:
            chosen = os.environ.get(VARIABLE)
            path = Path(chosen).expanduser() if chosen else PACKAGED
        try:
            content = path.read_bytes()
        except OSError as error:
            remedy = f"Name a readable file in {VARIABLE}, or unset it for the packaged policy"
            raise PolicyError(f"{path}: cannot be read ({error.strerror or error}). {remedy}.") from error
        try:
            file = _File.model_validate(tomllib.loads(content.decode()))
        except ValidationError as error:
            raise PolicyError(f"{path}: {describe(error)}. Correct the file.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PolicyError(f"{path}: expected TOML in UTF-8, but {error}. Correct the file.") from error
        return cls(
            file.version,
            hashlib.sha256(content).hexdigest()[:16],
            file.limits,
            file.retention,
            file.enrolment,
            file.risk,
            file.feeds,
            MappingProxyType(file.profiles),
        )

    def profile(self, name: str) -> Profile:
        """Return the profile of that name.

        Raises
        ------
        PolicyError
            If there is none. Lists those that there are.
        """
        try:
            return self.profiles[name]
        except KeyError:
            known = ", ".join(sorted(self.profiles))
            raise PolicyError(f"There is no profile named {name!r} in the policy. Known: {known}.") from None


def describe(error: ValidationError, *, show_values: bool = True) -> str:
    """Say what is wrong: each key, what was expected and what came. Without the full stop.

    Parameters
    ----------
    error : ValidationError
    show_values : bool
        Whether what came may be shown: not if it could be personal.
    """
    lines = []
    for problem in error.errors(include_url=False):
        key, kind, limits = ".".join(map(str, problem["loc"])), problem["type"], problem.get("ctx", {})
        if kind == "missing":
            text = "expected a value, it is missing"
        elif kind == "extra_forbidden":
            text = "this key is not known"
        elif kind == "value_error":
            text = str(limits["error"])
        else:
            said = {"greater_than_equal": "expected {ge:.15g} or more", "less_than_equal": "expected {le:.15g} or less"}
            text = said.get(kind, "").format(**limits) or problem["msg"].replace("Input should", "expected to", 1)
            text = text.replace("expected to be", "expected")
            if show_values:
                text += f", got {repr(problem['input'])[:80]}"
        lines.append(f"{key}: {text}" if key else text)
    more = len(lines) - _MOST_PROBLEMS
    return "; ".join(lines[:_MOST_PROBLEMS]) + (f"; and {more} more" if more > 0 else "")


def _in_order(part: _Part, *names: str) -> None:
    """Check that each number is at least as large as the one before."""
    for smaller, larger in pairwise(names):
        if getattr(part, larger) < getattr(part, smaller):
            raise ValueError(
                f"{larger}: expected {smaller} ({getattr(part, smaller):g}) or more, got {getattr(part, larger):g}"
            )
