from __future__ import annotations

import pytest

from attacks.target import Target


@pytest.fixture(scope="session")
def target(small_target: Target) -> Target:
    return small_target
