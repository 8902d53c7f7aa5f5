from __future__ import annotations

import pytest

from attacks.evaluation.matrix import cases
from attacks.recipes import ATTACKS


def test_it_is_part_of_the_matrix():
    planned = cases((), ATTACKS, ("declined-steps", None), 1, 0)
    assert [case.strength for case in planned] == ["in-order", "cut"]


@pytest.mark.slow
def test_steps_that_the_recording_lacks_are_swapped_and_nothing_but_liveness_stops_it(tried):
    decision, factors = tried("declined-steps", "in-order")
    assert not decision.accepted
    assert (factors["face"], factors["camera"]) == ("passed", "passed")
    assert decision.reason == "liveness: cannot-do"
    assert any(key.startswith("instead of step") for key in decision.factor("liveness").details)
