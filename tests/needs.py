"""Where things are, and what some tests need and not every machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from liveness.models import ModelError, model_path

ROOT = Path(__file__).parents[1]
"""Of the project."""

DATA = ROOT.parent / "shared" / "data"
"""Real photos and clips, where they are at hand: never part of the project."""


def models(*names: str) -> list[Path]:
    """Paths of face models; without one of them the test is skipped, and says why."""
    try:
        return [model_path(name) for name in names]
    except ModelError as error:
        pytest.skip(f"the face models are not to be had here: {error}")
