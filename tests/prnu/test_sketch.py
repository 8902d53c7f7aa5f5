from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from prnu import gather, scenes
from prnu.enrol import Enrolment
from prnu.images import centre_crop, load_luma
from prnu.sensor import SimulatedCamera
from prnu.sketch import BITS, noise_sketch, sketch_correlation

SHAPE = (480, 640)
SAME = 0.5


def sketch(picture) -> bytes:
    return noise_sketch(gather(picture).pattern)


def resaved(pixels: np.ndarray, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.fixture(scope="module")
def shots():
    """Four shots of one scene by one camera."""
    camera, scene = SimulatedCamera(SHAPE, seed=4), scenes.photo("coffee", SHAPE)
    return [camera.photograph(scene, shot=shot) for shot in range(4)]


def test_a_file_of_the_same_shot_is_known_again(shots):
    for shot in shots:
        rng = np.random.default_rng(1)
        brighter = np.clip(shot * 1.1 + rng.normal(4, 1, shot.shape), 0, 255).astype(np.uint8)
        for copy in (resaved(shot, 95), brighter):
            assert sketch_correlation(sketch(shot), [sketch(copy)])[0] > SAME


def test_another_shot_of_the_same_scene_by_the_same_camera_is_another(shots):
    sketches = [sketch(shot) for shot in shots]
    assert max(sketch_correlation(a, [b])[0] for a, b in combinations(sketches, 2)) < SAME


def test_a_face_put_into_an_old_shot_does_not_hide_the_shot(shots):
    forged = shots[0].copy()
    forged[100:300, 200:400] = shots[1][100:300, 200:400]
    assert sketch_correlation(sketch(forged), [sketch(shots[0])])[0] > SAME


def test_unrelated_noise_correlates_with_the_stated_deviation():
    rng = np.random.default_rng(0)
    sketches = [noise_sketch(rng.normal(size=SHAPE).astype(np.float32)) for _ in range(60)]
    values = [float(sketch_correlation(a, [b])[0]) for a, b in combinations(sketches, 2)]
    assert abs(np.mean(values)) < 0.01
    assert np.std(values) == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("correlation", [0.3, 0.7, 0.95])
def test_the_estimate_is_that_of_the_noise(correlation):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, *SHAPE)).astype(np.float32)
    mixed = (correlation * a + np.sqrt(1 - correlation**2) * b).astype(np.float32)
    found = float(sketch_correlation(noise_sketch(a), [noise_sketch(mixed)])[0])
    assert found == pytest.approx(correlation, abs=0.15)


def test_what_is_no_sketch_is_refused():
    with pytest.raises(ValueError, match="128 bytes"):
        sketch_correlation(bytes(BITS // 8), [b"short"])


def test_no_others_no_correlations():
    assert sketch_correlation(bytes(BITS // 8), []).shape == (0,)


def test_an_enrolment_keeps_a_sketch_of_each_accepted_picture(shots):
    enrolment = Enrolment()
    for shot in (*shots[:2], shots[0], np.zeros(SHAPE, np.uint8)):
        enrolment.add(shot)
    assert enrolment.sketches == [sketch(shot) for shot in shots[:2]]


@pytest.mark.data
def test_shots_of_real_cameras_are_told_apart(real_cameras):
    for camera in sorted(real_cameras.iterdir()):
        files = sorted((camera / "enrol").iterdir())[:6]
        lumas = [centre_crop(load_luma(file), (720, 1280)) for file in files]
        sketches = [sketch(luma) for luma in lumas]
        assert max(sketch_correlation(a, [b])[0] for a, b in combinations(sketches, 2)) < 0.3
        again = [sketch(resaved(luma.round().astype(np.uint8), 95)) for luma in lumas]
        assert min(sketch_correlation(a, [b])[0] for a, b in zip(sketches, again, strict=True)) > SAME
