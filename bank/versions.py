"""What decided: versions of software, policy, residual settings and models, for the record."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from bank.policy import Policy
from liveness.models import MODELS
from prnu.residual import SETTINGS


@cache
def software_version() -> str:
    """Version of LensLock, as pyproject.toml states it."""
    path = Path(__file__).parents[1] / "pyproject.toml"
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


def versions(policy: Policy) -> dict[str, Any]:
    """Return everything that could make the same evidence be judged differently another day."""
    return {
        "software": software_version(),
        "policy": f"{policy.version} {policy.fingerprint}",
        "prnu settings": SETTINGS,
        "models": {name: model.sha256 for name, model in MODELS.items()},
    }
