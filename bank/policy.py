"""The policy: every number that a decision hangs on, read from one TOML file and checked before it counts.

`policy.toml` beside this module says of each number where it comes from; `bank.settings` and `bank.profiles` say what
each is, and in which range.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self, TypeAlias

from pydantic import Field, StringConstraints, ValidationError, model_validator

from bank.errors import PolicyError
from bank.profiles import FACTORS, FactorName, Profile
from bank.settings import EnrolmentRules, FeedSettings, Limits, Retention, RiskSettings
from bank.validation import Part, describe

__all__ = ["FACTORS", "PACKAGED", "VARIABLE", "EnrolmentRules", "FactorName", "Policy", "Profile"]

VARIABLE = "LENSLOCK_POLICY"
"""Environment variable that names another policy file than the packaged one."""

PACKAGED = Path(__file__).with_name("policy.toml")

ProfileName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _File(Part):
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
