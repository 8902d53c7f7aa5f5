from __future__ import annotations

import pytest

from tests import needs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture looks for what is not there."""
    if item.get_closest_marker("data"):
        needs.data()
