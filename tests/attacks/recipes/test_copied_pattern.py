from __future__ import annotations

from dataclasses import replace

import pytest

from attacks.recipes.copied_pattern import CAREFUL_DB, LIMIT_DB, Copying, Ways, copied
from prnu import match, scenes


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("1", Copying(1, False, 1.0, None)),
        ("20-strong", Copying(20, False, None, LIMIT_DB)),
        ("20-shared", Copying(20, True, None, CAREFUL_DB)),
    ],
)
def test_a_way_to_copy_is_read_off_its_code(code, way):
    assert Copying.of(code) == way


def test_every_way_copies_the_photos_that_it_speaks_of():
    assert [Copying.of(way).photos for way in Ways] == [1, 5, 20, 50, 20, 20]
    assert {way for way in Ways if Copying.of(way).shared} == {Ways.TWENTY_SHARED}


def test_the_enrolled_cameras_pattern_is_copied_once_and_kept(target, monkeypatch):
    shares: list[float] = []
    found = copied(target, 3, False, shares.append)
    assert shares == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert copied(target, 3, False, shares.append) is found
    assert len(shares) == 3
    still = target.camera.photograph(scenes.sky(target.camera.shape, 3), shot=50_000)
    assert match(found, still).pce > 50 > match(found, target.other.photograph(scenes.sky(target.camera.shape, 3))).pce


def test_what_a_social_network_leaves_is_brought_back_to_size_and_is_worth_less(target):
    whole, shared = (copied(target, 3, through) for through in (False, True))
    assert shared.shape == whole.shape == target.camera.shape
    stills = [target.camera.photograph(scenes.sky(target.camera.shape, n), shot=60_000 + n) for n in range(3)]
    assert match(shared, stills).pce < match(whole, stills).pce / 2


def test_targets_do_not_share_copies(target):
    other = replace(target, camera=target.other)
    assert copied(other, 1, False) is not copied(target, 1, False)
