from __future__ import annotations


def test_one_wall_does_not_carry_stills_of_another_camera(tried):
    decision, factors = tried("carried-stills", "wall")
    assert not decision.accepted
    assert (factors["face"], factors["liveness"]) == ("passed", "passed")
    assert factors["camera"] != "passed"
