from __future__ import annotations

import cv2
import numpy as np
import pytest

from prnu import gather, scenes
from prnu.images import as_luma
from prnu.localize import correlation_map, least_genuine, match_region
from prnu.sensor import SimulatedCamera

BOX = (200, 120, 220, 260)  # 19 % of 640x480
HERE = np.s_[120:380, 200:420]


@pytest.fixture(scope="module")
def pasted(rig, other):
    """Two photos of the rig's camera with another camera's pixels in the box."""
    photos = []
    for own, foreign in zip(rig.photos[:2], other.photos, strict=False):
        photo = own.copy()
        photo[HERE] = foreign[HERE]
        photos.append(photo)
    return photos


@pytest.fixture(scope="module")
def two(rig):
    return gather(rig.photos[:2])


def test_genuine_regions_pass(rig, two):
    found = match_region(rig.fingerprint, two, BOX)
    assert found.verdict == "passed"
    assert 0.5 < found.z / found.expected_z < 2


def test_pasted_region_fails_and_the_rest_passes(rig, pasted):
    evidence = gather(pasted)
    inside = match_region(rig.fingerprint, evidence, BOX)
    assert inside.verdict == "failed"
    assert abs(inside.z) < 4
    assert match_region(rig.fingerprint, evidence, (440, 20, 200, 440)).verdict == "passed"


def test_pasted_region_shows_in_the_map(rig, pasted):
    found = correlation_map(rig.fingerprint, pasted, block=96, step=16)
    rows, columns = np.meshgrid(*found.centres, indexing="ij")
    inside = (rows > 168) & (rows < 332) & (columns > 248) & (columns < 372)
    outside = (rows < 72) | (rows > 428) | (columns < 152) | (columns > 468)
    assert found.missing[inside].mean() > 0.6
    assert found.missing[outside].mean() < 0.1
    assert found.z[inside].mean() < 1 < 2 < found.z[outside].mean()


def test_expected_correlation_is_what_genuine_pictures_show(rig, two):
    found = correlation_map(rig.fingerprint, two)
    assert found.ncc.mean() == pytest.approx(found.expected.mean(), rel=0.25)
    assert found.missing.mean() < 0.05


@pytest.mark.parametrize(("contrast", "verdict"), [(6, "passed"), (15, "inconclusive")])
def test_sharp_person_before_a_blurred_room_is_not_taken_for_pasted(rig, contrast, verdict):
    """The blurred room shows the pattern so well that a predictor that learns from it alone expects too much."""
    room = cv2.GaussianBlur(next(scenes.varied((480, 640), 1, seed=1)), (0, 0), 9).astype(np.float32)
    scene = np.clip(room - room.mean() + 128, 40, 215)
    details = cv2.GaussianBlur(np.random.default_rng(1).normal(size=(480, 640)), (0, 0), 0.8)
    scene[HERE] += (contrast / details.std() * details)[HERE][..., None]
    photos = [rig.camera.photograph(np.clip(scene, 0, 255).astype(np.uint8), shot=50 + n) for n in range(4)]
    found = match_region(rig.fingerprint, [as_luma(photo) for photo in photos], BOX)
    assert found.verdict == verdict
    assert found.z == pytest.approx(found.expected_z, rel=0.5)


def test_nothing_is_expected_where_a_picture_is_saturated(rig):
    photo = rig.photos[0].copy()
    photo[:, :320] = 255
    found = correlation_map(rig.fingerprint, photo, block=96)
    _, columns = found.centres
    assert found.expected[:, columns < 250].max() == 0
    assert found.expected[:, columns > 400].mean() > 0
    assert match_region(rig.fingerprint, photo, (40, 40, 200, 200)).verdict == "inconclusive"


def test_another_cameras_picture_is_inconclusive_everywhere(rig, other):
    found = match_region(rig.fingerprint, other.photos[0], BOX)
    assert found.verdict == "inconclusive"
    assert found.expected_z < 5


def test_small_region_of_a_single_picture_is_inconclusive(rig):
    assert match_region(rig.fingerprint, rig.photos[0], (300, 200, 48, 48)).verdict == "inconclusive"


def test_map_is_as_large_as_blocks_fit(rig):
    found = correlation_map(rig.fingerprint, rig.photos[0], block=128, step=32)
    assert found.ncc.shape == ((480 - 128) // 32 + 1, (640 - 128) // 32 + 1) == found.expected.shape
    rows, columns = found.centres
    assert (rows[0], columns[0]) == (64, 64)
    assert rows[-1] + 64 <= 480
    assert columns[-1] + 64 <= 640


def test_map_value_is_the_blocks_own_correlation(rig):
    evidence = gather(rig.photos[0])
    found = correlation_map(rig.fingerprint, evidence, block=128, step=16)
    whitened = np.fft.irfft2(evidence.spectrum, s=evidence.shape)
    block = np.s_[32 : 32 + 128, 48 : 48 + 128]
    a, b = whitened[block], rig.fingerprint.pattern[block]
    assert found.ncc[2, 3] == pytest.approx((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()), rel=1e-3)


@pytest.mark.parametrize("box", [(-1, 0, 100, 100), (600, 0, 100, 100), (0, 400, 100, 100), (0, 0, 20, 100)])
def test_boxes_outside_or_too_small_are_refused(rig, box):
    with pytest.raises(ValueError, match="inside the frame of 640x480"):
        match_region(rig.fingerprint, rig.photos[0], box)


@pytest.mark.parametrize(("block", "step"), [(4, 16), (481, 16), (64, 0)])
def test_blocks_that_do_not_fit_are_refused(rig, block, step):
    with pytest.raises(ValueError, match="block must be"):
        correlation_map(rig.fingerprint, rig.photos[0], block, step)


def test_odd_frames_are_mapped_too():
    from prnu import Fingerprint

    camera = SimulatedCamera((258, 330), seed=9)
    walls = [as_luma(camera.photograph(scenes.flat(camera.shape, seed=n))) for n in range(3)]
    odd = [wall[:257, :329] for wall in walls]
    assert correlation_map(Fingerprint.from_images(odd), odd[0], block=63, step=7).ncc.shape == (28, 39)


@pytest.mark.parametrize("expected", [5.0, 10.0, 40.0])
def test_one_in_a_hundred_genuine_regions_has_less_than_the_least(expected):
    rng = np.random.default_rng(3)
    genuine = expected * rng.normal(1, 0.25, 10**6) + rng.normal(0, 1.5, 10**6)
    assert (genuine < least_genuine(expected)).mean() == pytest.approx(0.01, abs=5e-4)


def test_where_chance_could_give_as_much_nothing_is_too_little():
    assert least_genuine(4.0) == -np.inf
    assert 0 < least_genuine(4.5) < 1
