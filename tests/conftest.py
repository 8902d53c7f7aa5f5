from __future__ import annotations

import pytest

from tests import needs

PAGES = needs.ROOT / "tests" / "pages"
MADE_FIRST = {"target", "small_target", "whom"}
"""Fixtures that take seconds to make."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call slow what runs a whole page, or has a person with a camera made first."""
    for item in items:
        if PAGES in item.path.parents or MADE_FIRST & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture looks for what is not there."""
    if item.get_closest_marker("data"):
        needs.data()
