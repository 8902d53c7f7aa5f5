from __future__ import annotations

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("way", ["blurred", "cut"])
def test_answers_of_somebody_unrecognised_do_not_count_as_the_victims(tried, way):
    decision, factors = tried("changed-person", way)
    assert not decision.accepted
    assert factors["face"] != "passed"
