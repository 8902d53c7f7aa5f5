from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attacks.media.fingerprint_copy import plant
from attacks.recipes.forging import CAREFUL_DB, LIMIT_DB, Copying, copied, planted, tell
from attacks.types import no_sensor
from prnu import Fingerprint, match, scenes
from prnu.sensor import SimulatedCamera

SHAPE = (480, 640)


@pytest.fixture(scope="module")
def copy():
    camera = SimulatedCamera(SHAPE, seed=3)
    return Fingerprint.from_images(camera.photograph(scene) for scene in scenes.varied(SHAPE, 4, seed=1))


def psnr(a, b):
    return 10 * np.log10(255**2 / np.square(a.astype(float) - b).mean())


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


def test_the_pattern_is_planted_in_what_the_sensor_makes(copy):
    scene = scenes.sky(SHAPE, 5)
    darker = planted(lambda light: light // 2, copy, strength=1.0)
    assert np.array_equal(darker(scene), plant(scene // 2, copy, 1.0).picture)


def test_a_strong_pattern_keeps_the_limit_in_every_still(copy):
    take = planted(no_sensor, copy, psnr=LIMIT_DB)
    for seed in range(4):
        scene = scenes.photo("coffee", SHAPE, seed) if seed % 2 else scenes.flat(SHAPE, 60 + 50 * seed, seed=seed)
        assert LIMIT_DB <= psnr(scene, take(scene)) < LIMIT_DB + 6


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


def test_a_bank_can_be_told_of_the_published_photos(target, vault):
    tell(vault, target, 2)
    ongoing = vault.begin(target.name)
    (camera,) = vault.customer(target.name).cameras
    assert camera.label == target.label
    assert ongoing.customer
    assert vault.publish(target.name, target.label, []) == 2
