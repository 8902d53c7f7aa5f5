from __future__ import annotations


def test_a_swap_in_genuine_pictures_is_found_in_the_place_of_the_face(tried):
    decision, factors = tried("swap", "genuine")
    assert (factors["face"], factors["liveness"], factors["camera"]) == ("passed",) * 3
    assert decision.reason == "face region: face-replaced"
