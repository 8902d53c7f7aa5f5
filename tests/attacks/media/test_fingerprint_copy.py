"""The fingerprint copy, from its victim's photos to the triangle test, on simulated cameras and on one real phone."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from attacks.media.fingerprint_copy import plant, planting, shared_copy, stolen_fingerprint
from attacks.media.resize import fitted
from attacks.types import no_sensor
from prnu import Fingerprint, FingerprintError, ImageError, gather, load_luma, match, scenes
from prnu.forgery import triangle_test
from prnu.images import luma_from_array
from prnu.match import THRESHOLD, Search
from prnu.sensor import SimulatedCamera
from tests import needs

SHAPE = (384, 512)
PHONE = needs.DATA / "cameras" / "phone-lg-d605"


class Case:
    """The bank's fingerprint, twenty public photos of its camera, and a deepfake that is somebody else's picture."""

    def __init__(self):
        camera, other = SimulatedCamera(SHAPE, seed=5), SimulatedCamera(SHAPE, seed=6)
        self.bank = Fingerprint.from_images(camera.photograph(scenes.flat(SHAPE, seed=n)) for n in range(12))
        self.photos = [camera.photograph(scene) for scene in scenes.varied(SHAPE, 21, seed=1)]
        self.public, self.genuine = self.photos[:20], self.photos[20]
        self.deepfake = other.photograph(scenes.photo("astronaut", SHAPE))

    def pce(self, picture):
        return match(self.bank, picture).pce


@pytest.fixture(scope="module")
def case():
    return Case()


def psnr(a, b):
    return 10 * math.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


@pytest.fixture(scope="module")
def copy():
    camera = SimulatedCamera((480, 640), seed=3)
    return Fingerprint.from_images(camera.photograph(scene) for scene in scenes.varied((480, 640), 4, seed=1))


def test_the_forgery_does_not_match_before_anything_is_planted(case):
    assert case.pce(case.deepfake) < 10
    assert case.pce(plant(case.deepfake, stolen_fingerprint(case.public[:5]), 0.0).picture) < 10


def test_the_more_photos_are_stolen_the_better_the_copy_matches_within_the_same_psnr(case):
    scores = [case.pce(plant(case.deepfake, stolen_fingerprint(case.public[:n]), psnr=42).picture) for n in (1, 5, 20)]
    assert scores[0] < scores[1] < scores[2]
    assert scores[1] >= THRESHOLD
    assert scores[2] > case.pce(case.genuine)  # which is why no threshold helps


@pytest.mark.parametrize("limit", [36.0, 42.0, 50.0])
def test_the_psnr_limit_is_kept_and_used_up(case, limit):
    planted = plant(case.deepfake, stolen_fingerprint(case.public[:5]), psnr=limit)
    assert planted.psnr == pytest.approx(psnr(planted.picture, case.deepfake))
    assert limit <= planted.psnr < limit + 0.1


def test_the_pattern_is_planted_in_what_the_sensor_makes(copy):
    scene = scenes.sky(copy.shape, 5)
    darker = planting(lambda light: light // 2, copy, strength=1.0)
    assert np.array_equal(darker(scene), plant(scene // 2, copy, 1.0).picture)


def test_a_strong_pattern_keeps_the_limit_in_every_still(copy):
    take, limit = planting(no_sensor, copy, psnr=40.0), 40.0
    for seed in range(4):
        light = 60 + 50 * seed
        scene = scenes.photo("coffee", copy.shape, seed) if seed % 2 else scenes.flat(copy.shape, light, seed=seed)
        assert limit <= psnr(scene, take(scene)) < limit + 6


def test_colour_and_luma_are_planted_alike_and_the_original_stays(case):
    stolen, before = stolen_fingerprint(case.public[:5]), case.deepfake.copy()
    colour = plant(case.deepfake, stolen, 2.0)
    grey = plant(np.rint(luma_from_array(case.deepfake)).astype(np.uint8), stolen, 2.0)
    assert (colour.picture.shape, grey.picture.shape) == ((*SHAPE, 3), SHAPE)
    assert colour.picture.dtype == grey.picture.dtype == np.uint8
    assert case.pce(grey.picture) == pytest.approx(case.pce(colour.picture), rel=0.1)
    np.testing.assert_array_equal(case.deepfake, before)


def test_the_copy_survives_jpeg(case):
    planted = plant(case.deepfake, stolen_fingerprint(case.public), psnr=40).picture
    assert case.pce(planted) > case.pce(shared_copy(planted, quality=75)) >= THRESHOLD


def test_a_strength_beyond_any_need_is_not_exceeded_for_the_sake_of_the_limit():
    black = np.zeros((*SHAPE, 3), np.uint8)
    pattern = np.random.default_rng(0).normal(0, 0.01, SHAPE).astype(np.float32)
    planted = plant(black, Fingerprint(pattern, 1, math.nan), psnr=40)
    assert planted.psnr == math.inf
    np.testing.assert_array_equal(planted.picture, black)


def test_the_triangle_test_finds_the_copy_if_the_bank_has_the_photos_and_not_without(case):
    evidence = [gather(photo) for photo in case.public]
    copy = plant(case.deepfake, stolen_fingerprint(case.public[:5]), psnr=42).picture
    knowing, not_knowing = triangle_test(case.bank, copy, evidence), triangle_test(case.bank, copy, evidence[5:])
    assert knowing.camera.pce >= THRESHOLD
    assert knowing.verdict == "failed"
    assert not_knowing.verdict != "failed"


def test_planting_the_banks_own_leaked_fingerprint_is_not_found_as_a_copy(case):
    copy = plant(case.deepfake, case.bank, psnr=42).picture
    test = triangle_test(case.bank, copy, [gather(photo) for photo in case.public])
    assert test.camera.pce > case.pce(case.genuine)
    assert test.verdict != "failed"


def test_a_shared_copy_is_smaller_or_only_recompressed():
    photo = scenes.sky((600, 800), seed=1)
    assert shared_copy(photo, 400).shape == (300, 400, 3)
    assert shared_copy(cv2.transpose(photo), 400).shape == (400, 300, 3)
    kept = shared_copy(photo, 800, 90)
    assert kept.shape == photo.shape
    assert psnr(shared_copy(photo, 800, 50), photo) < psnr(kept, photo) < 60


def test_photos_that_a_network_recompressed_still_give_a_copy_those_it_scaled_down_give_less(case):
    originals = case.public
    recompressed = [shared_copy(photo, 512, 80) for photo in originals]
    smaller = [shared_copy(photo, 350, 80) for photo in originals]
    stolen = [stolen_fingerprint(photos, SHAPE) for photos in (originals, recompressed, smaller)]
    assert [one.shape for one in stolen] == [SHAPE] * 3
    scores = [case.pce(plant(case.deepfake, one, psnr=42).picture) for one in stolen]
    assert scores[0] > scores[1] >= THRESHOLD
    assert scores[2] < scores[1] / 4


def test_photos_of_other_proportions_cannot_be_scaled_back(case):
    cut = [photo[:, :300] for photo in case.public[:2]]
    with pytest.raises(ValueError, match="300x384 pixels, which no scaling brings to 512x384"):
        stolen_fingerprint(cut, SHAPE)


def test_wrong_arguments_are_told(case):
    stolen = stolen_fingerprint(case.public[:1])
    with pytest.raises(FingerprintError, match="No picture yet"):
        stolen_fingerprint([])
    for wrong in ({}, {"strength": 1.0, "psnr": 40.0}):
        with pytest.raises(ValueError, match="either strength or psnr"):
            plant(case.deepfake, stolen, **wrong)
    with pytest.raises(ValueError, match="strength"):
        plant(case.deepfake, stolen, -1.0)
    with pytest.raises(ValueError, match="psnr"):
        plant(case.deepfake, stolen, psnr=200.0)
    with pytest.raises(ImageError, match="512x384"):
        plant(case.deepfake[:300], stolen, 1.0)
    with pytest.raises(ImageError, match="float32"):
        plant(case.deepfake.astype(np.float32), stolen, 1.0)
    with pytest.raises(ValueError, match="quality"):
        shared_copy(case.deepfake, quality=0)
    with pytest.raises(ValueError, match="photo: expected RGB"):
        shared_copy(case.deepfake[..., 0])


def test_a_scaled_still_loses_the_pattern_and_a_cropped_one_has_it_shifted(case):
    still, (height, width) = case.genuine, SHAPE
    small = fitted(still, (320, 448), "cropped")
    np.testing.assert_array_equal(small, still[32:352, 32:480])
    corner = Fingerprint(case.bank.pattern[: height - 64, : width - 64], 12, case.bank.split_half)
    assert match(corner, small).pce < 10
    found = match(case.bank, small, Search(crop=True))
    assert found.passed()
    assert found.shift == (0, 0)  # off the middle
    scaled = fitted(small, SHAPE, "scaled")
    assert scaled.shape == still.shape
    assert case.pce(scaled) < 10
    assert case.pce(fitted(small, SHAPE, "padded")) > THRESHOLD  # put back to where it was


def test_what_is_padded_keeps_its_middle_and_repeats_its_border():
    picture = scenes.sky((80, 100), seed=2)
    padded = fitted(picture, (101, 90), "padded")
    np.testing.assert_array_equal(padded[10:90], picture[:, 5:95])
    np.testing.assert_array_equal(padded[0], padded[10])
    np.testing.assert_array_equal(padded[-1], padded[89])


def test_scaling_covers_the_shape_and_keeps_the_proportions():
    circle = cv2.circle(np.zeros((100, 200, 3), np.uint8), (100, 50), 30, (255, 255, 255), -1)
    scaled = fitted(circle, (200, 200), "scaled")[..., 0] > 127
    rows, columns = np.flatnonzero(scaled.any(axis=1)), np.flatnonzero(scaled.any(axis=0))
    assert np.ptp(rows) == pytest.approx(120, abs=2)
    assert np.ptp(columns) == pytest.approx(120, abs=2)
    np.testing.assert_array_equal(fitted(circle, (100, 200), "scaled"), circle)


def test_fitting_errors_say_what_to_do():
    picture = scenes.sky((80, 100), seed=2)
    with pytest.raises(ValueError, match="100x80 pixels are too few to cut out 100x90"):
        fitted(picture, (90, 100), "cropped")
    with pytest.raises(ValueError, match="expected one of scaled, cropped, padded; got 'stretched'"):
        fitted(picture, (90, 100), "stretched")  # type: ignore[arg-type]


@pytest.mark.data
def test_a_real_phones_pattern_is_copied_from_its_public_photos_and_the_copy_found():
    area = np.s_[:720, :1280]
    files = sorted(PHONE.glob("*/*.jpg"))
    secret, public = ([load_luma(file)[area] for file in part] for part in (files[:6], files[6:11]))
    bank = Fingerprint.from_images(secret)
    deepfake = load_luma(PHONE.parent / "phone-samsung-j3" / "probe" / "scene_02.jpg")[area].astype(np.uint8)
    assert match(bank, deepfake).pce < 10
    copies = [plant(deepfake, stolen_fingerprint(public[:n]), psnr=42) for n in (1, 5)]
    scores = [match(bank, copy.picture).pce for copy in copies]
    assert THRESHOLD <= scores[0] < scores[1]
    evidence = [gather(photo) for photo in public]
    assert triangle_test(bank, copies[1].picture, evidence).verdict == "failed"
