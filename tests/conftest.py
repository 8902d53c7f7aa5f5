from __future__ import annotations

import pytest
from hypothesis import settings

from tests import needs

settings.register_profile("any machine", deadline=None)  # how busy it is says nothing about the code
settings.load_profile("any machine")

TESTS = needs.ROOT / "tests"
SLOW = [
    TESTS / where
    for where in (
        "pages",  # each runs a whole page
        "ui/live/directors",  # whole registrations and checks
        "ui/match_view",
        "ui/shell/test_preparation.py",  # from here on: programs of their own, which import everything anew
        "liveness/test_landmarker.py",
        "liveness/test_video.py",
        "bank/test_main.py",
        "bank/test_feeds_asked.py",
        "bank/crypto/test_rotation.py",
    )
]
MADE_FIRST = {"target", "small_target", "whom"}
"""Fixtures that take seconds to make."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call slow what runs whole pages, sessions or programs, or has a person with a camera made first."""
    for item in items:
        here = {item.path, *item.path.parents}
        if here.intersection(SLOW) or MADE_FIRST.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture looks for what is not there."""
    if item.get_closest_marker("data"):
        needs.data()
