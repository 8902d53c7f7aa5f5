from __future__ import annotations


def test_stolen_stills_that_the_bank_has_never_seen_get_through(tried):
    decision, _ = tried("stolen-stills", "fresh")
    assert decision.accepted, decision.reason
