from __future__ import annotations

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("way", ["noise", "given-up"])
def test_stills_of_an_earlier_check_are_known_under_noise_even_if_it_was_given_up(tried, way):
    decision, factors = tried("reused-stills", way)
    assert factors["camera"] == "passed"
    assert decision.factor("freshness").details["not handed in before"] == "failed"
