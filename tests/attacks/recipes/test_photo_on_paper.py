from __future__ import annotations


def test_a_photo_in_front_of_the_stolen_phone_is_stopped_by_liveness(tried):
    decision, factors = tried("photo", "enrolled")
    assert not decision.accepted
    assert (factors["face"], factors["camera"]) == ("passed", "passed")
    assert factors["liveness"] != "passed"
