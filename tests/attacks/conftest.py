"""A person with a simulated camera, and somebody who attacks her: made once for all tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from attacks.target import Target, simulated
from bank import Bank, Policy
from liveness.identity import FaceMatcher
from liveness.landmarks import FaceTracker
from liveness.models import DETECTOR, LANDMARKER, MODELS, RECOGNISER
from tests import needs


@pytest.fixture(scope="session")
def models() -> None:
    needs.models(*MODELS)


@pytest.fixture(scope="session")
def landmark_model() -> None:
    needs.models(LANDMARKER)


@pytest.fixture(scope="session")
def target(models) -> Target:
    """With pictures as large as a real check's: for what is claimed of whole checks."""
    return simulated(Policy.load().enrolment)


@pytest.fixture(scope="session")
def small_target(models) -> Target:
    """With pictures of a third: for how attacks are put together."""
    return simulated(Policy.load().enrolment, shape=(480, 640))


@pytest.fixture(scope="module")
def looker(landmark_model) -> Iterator[FaceTracker]:
    with FaceTracker(stills=True) as made:
        yield made


@pytest.fixture(scope="module")
def matcher() -> FaceMatcher:
    needs.models(DETECTOR, RECOGNISER)
    return FaceMatcher()


@pytest.fixture
def vault(target, tmp_path: Path) -> Iterator[Bank]:
    """A bank of its own that has enrolled the target."""
    made = Bank(f"sqlite:///{tmp_path / 'bank.db'}", folder=tmp_path)
    target.enrol(made)
    yield made
    made.close()
