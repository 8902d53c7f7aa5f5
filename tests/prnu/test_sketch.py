from __future__ import annotations

import io
from itertools import combinations

import cv2
import numpy as np
import pytest
import scipy.fft
from PIL import Image

from prnu import gather, scenes
from prnu.enrol import Enrolment
from prnu.images import as_luma, centre_crop, load_luma
from prnu.sensor import SimulatedCamera
from prnu.sketch import (
    BITS,
    OLD_BITS,
    PART_BITS,
    Sketch,
    _places,
    new_salt,
    noise_sketch,
    noise_sketches,
    old_correlation,
    old_sketch,
    shared_noise,
)

SHAPE = (480, 640)
SALT = bytes(range(16))
PART = (200, 100, 240, 260)
SAME, COPY, OTHER = 0.5, 0.2, 0.1


def sketch(picture, part=None) -> Sketch:
    return noise_sketches(gather(picture).pattern, [SALT], part)[0]


def shared(a: Sketch, b: Sketch) -> float:
    return float(shared_noise(a, [b])[0][0])


def noisy(shot: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    return np.clip(shot + np.random.default_rng(seed).normal(0, sigma, shot.shape), 0, 255).astype(np.uint8)


def in_a_band(shot: np.ndarray, sigma: float) -> np.ndarray:
    """Noise of a narrow band of frequencies, which matching takes no notice of."""
    spectrum = scipy.fft.rfft2(np.random.default_rng(1).normal(size=shot.shape[:2]))
    radius = np.hypot(np.fft.fftfreq(shot.shape[0])[:, None], np.fft.rfftfreq(shot.shape[1])[None])
    noise = scipy.fft.irfft2(spectrum * (np.abs(radius - 0.3) < 0.02), s=shot.shape[:2])
    return np.clip(shot + (noise * sigma / noise.std())[..., None], 0, 255).astype(np.uint8)


def resaved(pixels: np.ndarray, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


@pytest.fixture(scope="module")
def shots():
    """Four shots of one scene by one camera."""
    camera, scene = SimulatedCamera(SHAPE, seed=4), scenes.photo("coffee", SHAPE)
    return [camera.photograph(scene, shot=shot) for shot in range(4)]


@pytest.mark.parametrize(
    "change",
    [
        lambda shot: noisy(shot, 2.0),
        lambda shot: noisy(shot, 4.0),
        lambda shot: in_a_band(shot, 8.0),
        lambda shot: resaved(shot, 95),
        lambda shot: np.clip((shot - 128.0) * 0.95 + 130, 0, 255).astype(np.uint8),
        lambda shot: resaved(noisy((shot * 0.97).astype(np.uint8), 3.0), 95),
    ],
    ids=["noise 2", "noise 4", "noise in a band", "JPEG", "contrast", "all at once"],
)
def test_a_shot_is_known_again_however_it_was_changed(shots, change):
    assert shared(sketch(shots[0]), sketch(change(shots[0]))) > COPY


def test_another_shot_of_the_same_scene_by_the_same_camera_is_another(shots):
    sketches = [sketch(shot) for shot in shots]
    assert max(shared(a, b) for a, b in combinations(sketches, 2)) < SAME


def test_another_shot_of_what_moved_shares_next_to_nothing():
    camera, scene = SimulatedCamera(SHAPE, seed=4), scenes.photo("coffee", SHAPE)
    moved = [sketch(camera.photograph(np.roll(scene, 3 * shot, (0, 1)), shot=shot)) for shot in range(4)]
    assert max(shared(a, b) for a, b in combinations(moved, 2)) < OTHER


def test_a_face_put_into_an_old_shot_does_not_hide_the_shot(shots):
    forged = shots[0].copy()
    forged[100:300, 200:400] = shots[1][100:300, 200:400]
    assert shared(sketch(forged), sketch(shots[0])) > 0.5


def test_a_part_is_compared_on_its_own_and_need_not_be_the_same_to_the_pixel(shots):
    mixed = np.roll(shots[1], 40, (0, 1))
    mixed[100:360, 200:440] = noisy(shots[0], 4.0)[100:360, 200:440]
    whole, part = shared_noise(sketch(shots[0], PART), [sketch(mixed, (203, 98, 238, 262))])
    assert whole[0] < COPY < part[0]
    assert np.isnan(shared_noise(sketch(shots[0], PART), [sketch(shots[0])])[1][0])
    assert np.isnan(shared_noise(sketch(shots[0], PART), [sketch(shots[0], ())])[1][0])


def test_a_small_part_does_not_look_like_others_for_what_is_not_there():
    rng = np.random.default_rng(0)
    small = [noise_sketches(p, [SALT], (100, 100, 50, 50))[0] for p in rng.normal(size=(8, *SHAPE)).astype(np.float32)]
    values = [float(shared_noise(a, [b])[1][0]) for a, b in combinations(small, 2)]
    assert max(np.abs(values)) < 0.08


def test_unrelated_noise_correlates_with_the_stated_deviation():
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(40, 128, 256)).astype(np.float32)
    sketches = [noise_sketches(pattern, [SALT])[0] for pattern in patterns]
    values = [shared(a, b) for a, b in combinations(sketches, 2)]
    assert abs(np.mean(values)) < 0.005
    assert np.std(values) == pytest.approx(np.pi / 2 / np.sqrt(BITS), abs=0.002)


@pytest.mark.parametrize("correlation", [0.1, 0.3, 0.7, 0.95])
def test_the_estimate_is_that_of_the_noise(correlation):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, *SHAPE)).astype(np.float32)
    mixed = (correlation * a + np.sqrt(1 - correlation**2) * b).astype(np.float32)
    first, second = (noise_sketches(pattern, [SALT])[0] for pattern in (a, mixed))
    assert shared(first, second) == pytest.approx(correlation, abs=0.05)


def test_who_does_not_know_the_salt_does_not_know_where_to_put_noise(shots):
    """Noise in the few directions that one salt looks at changes all its signs, and next to nothing of another's."""
    pattern = gather(shots[0]).pattern
    mine, secret = noise_sketches(pattern, [SALT, bytes(16)])
    again, known = noise_sketches(pattern, [SALT, bytes(16)])
    assert (mine, secret) == (again, known)
    assert mine.whole != secret.whole
    with pytest.raises(ValueError, match="one salt"):
        shared_noise(mine, [secret])


def test_next_to_nothing_of_a_picture_is_seen_in_its_sketch(shots):
    """Signs that are put back where they came from explain less than 1 in 200 of brightness, edges or fine detail."""
    luma = as_luma(shots[0])
    sums_of, plus = _places(luma.shape, BITS, SALT)
    signs = np.unpackbits(np.frombuffer(sketch(shots[0]).whole, np.uint8))[sums_of] * 2.0 - 1.0
    seen = np.where(plus, signs, -signs)
    for shown in (luma, np.abs(cv2.Laplacian(luma, cv2.CV_32F)), luma - cv2.GaussianBlur(luma, (0, 0), 4)):
        assert np.corrcoef(seen.ravel(), shown.ravel())[0, 1] ** 2 < 0.005


def test_a_sketch_is_read_as_it_was_written(shots):
    pattern = gather(shots[0]).pattern
    for part in (None, (), PART):
        one = noise_sketches(pattern, [new_salt()], part)[0]
        assert Sketch.from_bytes(one.to_bytes()) == one
    made = noise_sketches(pattern, [SALT], PART)[0]
    assert len(made.to_bytes()) == 17 + (BITS + PART_BITS) // 8
    for wrong in (b"", b"short", made.to_bytes()[:-1], b"\x09" + made.to_bytes()[1:], bytes(OLD_BITS // 8)):
        with pytest.raises(ValueError, match="a noise sketch has"):
            Sketch.from_bytes(wrong)


def test_no_others_no_correlations(shots):
    whole, part = shared_noise(sketch(shots[0]), [])
    assert whole.shape == part.shape == (0,)
    assert old_correlation(bytes(OLD_BITS // 8), []).shape == (0,)


def test_sketches_of_earlier_versions_are_compared_with_their_like(shots):
    old = [old_sketch(gather(shot).pattern) for shot in (shots[0], resaved(shots[0], 95), shots[1])]
    same, other = old_correlation(old[0], old[1:])
    assert same > 0.5 > other
    with pytest.raises(ValueError, match="128 bytes"):
        old_correlation(old[0], [b"short"])


def test_an_enrolment_keeps_a_sketch_of_each_accepted_picture(shots):
    enrolment = Enrolment()
    for shot in (*shots[:2], shots[0], np.zeros(SHAPE, np.uint8)):
        enrolment.add(shot)
    made = [Sketch.from_bytes(kept) for kept in enrolment.sketches]
    assert [one.to_bytes() for one in made] == [noise_sketch(gather(shot).pattern) for shot in shots[:2]]
    assert len({one.salt for one in made}) == 1


@pytest.mark.data
def test_shots_of_real_cameras_are_told_apart_under_noise(real_cameras):
    for camera in sorted(real_cameras.iterdir()):
        files = sorted((camera / "enrol").iterdir())[:4]
        lumas = [centre_crop(load_luma(file), (720, 1280)).round().astype(np.uint8) for file in files]
        sketches = [sketch(luma) for luma in lumas]
        assert max(shared(a, b) for a, b in combinations(sketches, 2)) < OTHER
        for changed in (noisy(lumas[0], 4.0), resaved(lumas[0], 95)):
            assert shared(sketches[0], sketch(changed)) > 0.15
