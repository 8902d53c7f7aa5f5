from __future__ import annotations


def test_stills_that_show_either_the_face_or_the_camera_are_not_accepted(tried):
    decision, factors = tried("divided-stills", "glasses")
    assert not decision.accepted
    assert "passed" not in (factors["face"], factors["face region"], factors["camera"])
