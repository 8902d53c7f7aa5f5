from __future__ import annotations

from attacks.recipes.copied_known_pattern import tell


def test_a_copied_fingerprint_is_found_by_what_its_stills_share_and_by_photos_that_the_bank_knows(tried):
    decision, factors = tried("copy", "5", 2)
    assert (factors["camera"], decision.reason) == ("passed", "freshness: copies-of-one-shot")
    decision, factors = tried("copy-known", "5", 3)
    assert (factors["camera"], decision.reason) == ("passed", "freshness: planted")


def test_a_bank_can_be_told_of_the_published_photos(target, vault):
    tell(vault, target, 2)
    ongoing = vault.begin(target.name)
    (camera,) = vault.customer(target.name).cameras
    assert camera.label == target.label
    assert ongoing.customer
    assert vault.publish(target.name, target.label, []) == 2
