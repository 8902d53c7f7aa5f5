"""The fingerprint-copy attack and the triangle test, on simulated cameras and on one real phone."""

import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image

from prnu import Fingerprint, FingerprintError, ImageError, gather, load_luma, match, scenes
from prnu.forgery import REACH, SLOPE, SLOPE_SPREAD, plant_fingerprint, strength_for, triangle_test
from prnu.images import luma_from_array
from prnu.quality import SetCheck
from prnu.sensor import SimulatedCamera
from tests import needs

SHAPE = (384, 512)
PHONE = needs.DATA / "cameras" / "phone-lg-d605"


def lumas(camera, pictures):
    return [np.rint(luma_from_array(camera.photograph(picture))).astype(np.uint8) for picture in pictures]


def jpeg(luma, quality):
    file = io.BytesIO()
    Image.fromarray(luma).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


class Case:
    """Alice's camera: the bank's secret fingerprint, public photos, genuine suspects, and Eve's own picture."""

    def __init__(self):
        self.camera, eves = SimulatedCamera(SHAPE, seed=5), SimulatedCamera(SHAPE, seed=6)
        self.walls = lumas(self.camera, (scenes.flat(SHAPE, level=130 + 2 * n, seed=n) for n in range(12)))
        self.fingerprint = Fingerprint.from_images(self.walls)
        photos = lumas(self.camera, scenes.varied(SHAPE, 12, seed=1))
        self.public, self.genuine = photos[:8], photos[8:]
        self.evidence = [gather(photo) for photo in self.public]
        self.base = lumas(eves, [scenes.sky(SHAPE, seed=77)])[0]

    def forge(self, stolen, pce=400.0):
        eve = Fingerprint.from_images(stolen)
        return plant_fingerprint(self.base, eve, strength_for(self.base, eve, pce, self.fingerprint))


@pytest.fixture(scope="module")
def case():
    return Case()


def test_genuine_photos_are_not_accused(case):
    tests = [triangle_test(case.fingerprint, photo, case.evidence) for photo in case.genuine]
    assert all(test.verdict != "failed" for test in tests)
    assert sum(test.verdict == "passed" for test in tests) >= 3
    assert max(abs(test.pooled_z) for test in tests) < 2.5


def test_copy_matches_the_camera_and_fails_the_triangle_test(case):
    test = triangle_test(case.fingerprint, case.forge(case.public[:5]), case.evidence)
    assert test.camera.passed()
    assert test.verdict == "failed"
    assert test.z[:5].min() > 4 > test.z[5:].max()
    assert "5 of 8 candidates" in test.advice


def test_copy_from_all_candidates_shows_in_the_pooled_test_too(case):
    test = triangle_test(case.fingerprint, case.forge(case.public), case.evidence)
    assert test.verdict == "failed"
    assert test.p_value < 1e-3


def test_copy_is_found_after_jpeg_compression(case):
    test = triangle_test(case.fingerprint, jpeg(case.forge(case.public[:5]), 90), case.evidence)
    assert test.verdict == "failed"


def test_single_stolen_photo_suffices_to_convict(case):
    test = triangle_test(case.fingerprint, case.forge(case.public[5:6]), case.evidence)
    assert test.verdict == "failed"
    assert int(np.nanargmax(test.z)) == 5


def test_copy_of_photos_that_are_not_among_the_candidates_goes_unnoticed(case):
    test = triangle_test(case.fingerprint, case.forge(case.public[:4]), case.evidence[4:])
    assert test.camera.passed()
    assert test.verdict != "failed"


def test_leaked_fingerprint_is_not_noticed_as_a_copy(case):
    strength = strength_for(case.base, case.fingerprint, 400.0)
    test = triangle_test(case.fingerprint, plant_fingerprint(case.base, case.fingerprint, strength), case.evidence)
    assert test.camera.passed()
    assert test.verdict != "failed"
    assert test.pooled_z < 0


def test_candidates_in_the_fingerprint_blind_the_test(case):
    # The precondition that the docstring names: the fingerprint then shares the candidates' noise, too.
    public = case.public[:4]
    forged = case.forge(public)
    honest, broken = (triangle_test(k, forged, public) for k in (case.fingerprint, Fingerprint.from_images(public)))
    assert broken.pooled_z < 0 < 3 < honest.pooled_z


def test_other_cameras_picture_is_inconclusive(case):
    test = triangle_test(case.fingerprint, case.base, case.evidence)
    assert test.verdict == "inconclusive"
    assert "does not show this camera's pattern" in test.advice


def test_candidates_of_the_suspects_scene_are_set_aside(case):
    scene = scenes.photo("coffee", SHAPE)
    suspect, same = lumas(case.camera, [scene, scene])
    test = triangle_test(case.fingerprint, suspect, [same, *case.evidence])
    assert test.set_aside.tolist() == [True] + [False] * len(case.evidence)
    assert math.isnan(test.z[0])
    assert test.verdict == "passed"
    alone = triangle_test(case.fingerprint, suspect, [same])
    assert alone.verdict == "inconclusive"
    assert "another scene" in alone.advice


def test_wall_texture_too_faint_for_the_scene_check_is_set_aside(case):
    # As with two hand-held shots of one wall in the sample data, which share half as much again as the pattern.
    grain = cv2.GaussianBlur(np.random.default_rng(3).standard_normal(SHAPE), (0, 0), 2)
    wall = scenes.flat(SHAPE, seed=50) + 2 * (grain / grain.std())[..., np.newaxis]
    suspect, same = lumas(case.camera, [wall.clip(0, 255).astype(np.uint8)] * 2)
    check = SetCheck()
    for luma in (suspect, same):
        check.add(luma.astype(np.float32))
    assert check.leakage == 0
    assert triangle_test(case.fingerprint, suspect, [same]).set_aside.all()


def test_without_candidates_it_is_inconclusive(case):
    test = triangle_test(case.fingerprint, case.genuine[0], [])
    assert test.verdict == "inconclusive"
    assert test.z.shape == test.observed.shape == (0,)
    assert math.isnan(test.pooled_z)


def test_fingerprint_of_a_single_picture_is_inconclusive(case):
    test = triangle_test(Fingerprint.from_images(case.walls[:1]), case.genuine[0], case.evidence)
    assert test.verdict == "inconclusive"
    assert "more pictures" in test.advice
    assert np.isnan(test.predicted).all()


def test_weak_evidence_is_inconclusive_and_says_how_little_it_would_see(case):
    walls = lumas(case.camera, (scenes.flat(SHAPE, level=200, seed=100 + n) for n in range(3)))
    test = triangle_test(case.fingerprint, jpeg(case.genuine[0], 75), walls)
    assert test.camera.passed()
    assert test.verdict == "inconclusive"
    assert test.reach < REACH
    assert f"more than {test.reach:.0f} pictures would go unnoticed" in test.advice


def test_slope_is_the_constant_for_few_candidates_and_estimated_from_more(case):
    few = triangle_test(case.fingerprint, case.genuine[0], case.evidence[:2])
    more = triangle_test(case.fingerprint, case.genuine[0], case.evidence)
    assert few.slope == SLOPE
    assert more.slope != SLOPE
    assert abs(more.slope - SLOPE) < 3 * SLOPE_SPREAD


def test_several_stills_are_tested_together(case):
    test = triangle_test(case.fingerprint, case.genuine, case.evidence)
    assert test.camera.images == len(case.genuine)
    assert test.verdict == "passed"


def test_planting_multiplies_by_the_pattern_and_keeps_shape_and_type(case):
    grey = np.full((*SHAPE, 3), 100, np.float32)
    planted = plant_fingerprint(grey, case.fingerprint, 2.0)
    assert planted.dtype == np.float32
    np.testing.assert_allclose(planted[..., 1], 100 * (1 + 2 * case.fingerprint.pattern), rtol=1e-5)
    assert plant_fingerprint(case.base, case.fingerprint, 1.0).dtype == np.uint8
    np.testing.assert_array_equal(plant_fingerprint(case.base, case.fingerprint, 0.0), case.base)


def test_strength_reaches_the_asked_pce(case):
    eve = Fingerprint.from_images(case.public)
    strength = strength_for(case.base, eve, 300.0, case.fingerprint)
    pce = match(case.fingerprint, plant_fingerprint(case.base, eve, strength)).pce
    assert pce == pytest.approx(300.0, rel=0.1)
    with pytest.raises(ValueError, match="no strength reaches"):
        strength_for(case.base, eve, 1e9)


def test_errors_say_what_is_wrong(case):
    with pytest.raises(ValueError, match="Put it into a list"):
        triangle_test(case.fingerprint, case.base, case.public[0])
    with pytest.raises(ValueError, match=r"probability between 0 and 0\.5, got 1"):
        triangle_test(case.fingerprint, case.base, [], false_alarm=1)
    with pytest.raises(ImageError, match=r"candidate 2: 400x300 pixels.*512x384"):
        triangle_test(case.fingerprint, case.base, [case.public[0], case.public[1][:300, :400]])
    with pytest.raises(ImageError, match=r"shape \(300, 400\).*Give 512x384"):
        plant_fingerprint(case.base[:300, :400], case.fingerprint, 1.0)
    other = Fingerprint(case.fingerprint.pattern, 12, 0.1, settings="older")
    with pytest.raises(FingerprintError, match="older"):
        triangle_test(other, case.base, case.evidence)


@pytest.mark.data
def test_real_phone_is_cleared_and_its_copy_convicted():
    area = np.s_[:720, :1280]
    files = sorted(PHONE.glob("*/*.jpg"))
    parts = files[:5], files[6:10], files[12:]
    secret, public, genuine = ([load_luma(file)[area] for file in part] for part in parts)
    fingerprint = Fingerprint.from_images(secret)
    evidence = [gather(photo) for photo in public]
    assert triangle_test(fingerprint, genuine[0], evidence).verdict == "passed"
    base = load_luma(PHONE.parent / "phone-samsung-j3" / "enrol" / "flat_04.jpg")[area].astype(np.uint8)
    forged = plant_fingerprint(base, Fingerprint.from_images(public), 2.0)
    test = triangle_test(fingerprint, jpeg(forged, 95), evidence)
    assert test.camera.passed()
    assert test.verdict == "failed"
