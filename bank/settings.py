"""Settings of the policy that hold whatever the profile: limits, retention, enrolment, risk and feeds."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from bank.validation import Part, in_order


class Limits(Part):
    """How often somebody may try."""

    failures: int = Field(
        ge=1, le=100, description="Refused attempts of one customer within `window_s` that lock the customer out."
    )
    window_s: float = Field(ge=1, le=86_400, description="Seconds within which refused attempts count together.")
    lock_s: float = Field(ge=1, le=86_400, description="Seconds of the first lock-out.")
    lock_factor: float = Field(ge=1, le=100, description="Factor from each lock-out to the next.")
    max_lock_s: float = Field(ge=1, le=31_536_000, description="Seconds of the longest lock-out.")
    forget_s: float = Field(
        ge=1, le=31_536_000, description="Seconds without a lock-out after which the next one is a first one again."
    )
    token_s: float = Field(ge=10, le=3_600, description="Seconds for which an attempt's token can be used.")
    per_customer: int = Field(
        ge=1, le=10_000, description="Attempts of one customer that may be begun within `per_customer_s`."
    )
    per_customer_s: float = Field(ge=1, le=86_400, description="Seconds within which they are counted.")
    per_address: int = Field(
        ge=1, le=1_000_000, description="Attempts from one address that may be begun within `per_address_s`."
    )
    per_address_s: float = Field(ge=1, le=86_400, description="Seconds within which they are counted.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        in_order(self, "lock_s", "max_lock_s")
        return self


class Retention(Part):
    """Days after which things are deleted."""

    attempts_days: int = Field(ge=1, le=36_500, description="Attempts.")
    seen_days: int = Field(ge=1, le=36_500, description="Sketches of stills.")
    audit_days: int = Field(ge=1, le=36_500, description="Audit entries.")
    inactive_days: int = Field(ge=1, le=36_500, description="Customers, from when they were last accepted or enrolled.")


class EnrolmentRules(Part):
    """What it takes to enrol."""

    min_images: int = Field(  # one leaves the fingerprint's quality unknown
        ge=2, le=100, description="Pictures of a camera: fewer are refused."
    )
    asked_images: int = Field(ge=2, le=200, description="Pictures of a camera that are asked for.")
    most_images: int = Field(ge=2, le=1_000, description="Pictures of a camera: more are not taken.")
    min_expected_pce: float = Field(
        ge=30,
        le=10_000,
        description="PCE that one later still should reach (`prnu.Fingerprint.expected_pce`): the fingerprint is too "
        "weak below it.",
    )
    face_frames: int = Field(ge=1, le=100, description="Usable frames of the face, at least.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        in_order(self, "min_images", "asked_images", "most_images")
        return self


class RiskSettings(Part):
    """When a risk signal is raised. Signals advise people; they decide nothing."""

    speed_kmh: float = Field(
        ge=100, le=100_000, description="Travel between two attempts that is faster nobody can have made."
    )
    distance_km: float = Field(ge=0, le=20_000, description="Over less than this distance travel is not judged.")
    history: int = Field(ge=1, le=1_000, description="Accepted attempts from which the time of day is judged.")
    unusual_hours: float = Field(
        ge=0.5, le=12, description="Hours from the nearest time of day of any of those that are unusual."
    )
    fastest_s: float = Field(ge=0, le=5, description="Seconds for an answer that no person is below.")
    median_s: float = Field(ge=0, le=10, description="Seconds for an answer that no person is below in the median.")
    alike_s: float = Field(
        ge=0, le=1, description="Seconds within which answers are alike, if there are at least `alike_answers`."
    )
    alike_answers: int = Field(ge=2, le=10, description="Answers that can be called alike, at least.")


class FeedSettings(Part):
    """How threat feeds are asked, and from when on an address counts as listed."""

    abuse_score: int = Field(ge=1, le=100, description="AbuseIPDB's confidence of abuse, in per cent.")
    abuse_days: int = Field(ge=1, le=365, description="Age in days of the reports that AbuseIPDB counts.")
    pulses: int = Field(ge=1, le=10_000, description='OTX\'s reports ("pulses") that name the address.')
    timeout_s: float = Field(ge=0.1, le=30, description="Seconds for a whole answer.")
    cache_s: float = Field(ge=0, le=86_400, description="Seconds for which an answer is remembered.")
    retry_s: float = Field(ge=0, le=3_600, description="Seconds for which a feed that failed is left alone.")
    max_bytes: int = Field(ge=1_000, le=67_108_864, description="Length up to which an answer is read.")
