from __future__ import annotations


def test_a_recorded_check_is_known_again(tried, vault, target):
    decision, factors = tried("virtual-camera", "check")
    assert (factors["camera"], factors["face region"], factors["freshness"]) == ("passed", "passed", "failed")
    assert decision.factor("freshness").details["not handed in before"] == "failed"
    outcomes = [attempt["outcome"] for attempt in vault.export(target.name)["attempts"]]
    assert outcomes == ["accepted", "refused"], "the genuine check came first, at the same bank"
