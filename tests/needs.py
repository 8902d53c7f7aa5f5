"""What some tests need and not every machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from liveness.models import ModelError, model_path


def models(*names: str) -> list[Path]:
    """Paths of face models; without one of them the test is skipped, and says why."""
    try:
        return [model_path(name) for name in names]
    except ModelError as error:
        pytest.skip(f"the face models are not to be had here: {error}")
