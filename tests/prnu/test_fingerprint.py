from __future__ import annotations

import hashlib
import json
import math
import stat
import tracemalloc

import numpy as np
import pytest

from prnu import Fingerprint, FingerprintError, FingerprintEstimator, ImageError, match, scenes
from prnu.fingerprint import SATURATED, remove_shared
from prnu.images import as_luma
from prnu.sensor import SimulatedCamera

SHAPE = (256, 320)


def walls(camera: SimulatedCamera, count: int, level: float = 160) -> list[np.ndarray]:
    return [as_luma(camera.photograph(scenes.flat(camera.shape, level=level, seed=n))) for n in range(count)]


@pytest.fixture(scope="module")
def camera() -> SimulatedCamera:
    return SimulatedCamera(SHAPE, seed=5)


def true_pattern(camera: SimulatedCamera) -> np.ndarray:
    return remove_shared(camera.pattern.copy())


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_estimate_approaches_the_sensors_pattern_with_more_pictures(camera):
    pictures = walls(camera, 16)
    found = [correlation(Fingerprint.from_images(pictures[:n]).pattern, true_pattern(camera)) for n in (1, 4, 16)]
    assert found == sorted(found)
    assert found[-1] > 0.3


def test_pictures_one_by_one_give_the_same_as_all_at_once(camera):
    pictures = walls(camera, 5)
    estimator = FingerprintEstimator()
    for picture in pictures:
        estimator.add(picture)
    np.testing.assert_array_equal(estimator.fingerprint().pattern, Fingerprint.from_images(pictures).pattern)


def test_a_fingerprint_taken_early_does_not_disturb_the_next(camera):
    pictures = walls(camera, 4)
    estimator = FingerprintEstimator()
    for picture in pictures:
        estimator.add(picture)
        estimator.fingerprint()
    np.testing.assert_array_equal(estimator.fingerprint().pattern, Fingerprint.from_images(pictures).pattern)


def test_memory_does_not_grow_with_the_number_of_pictures(camera):
    picture = walls(camera, 1)[0]
    estimator = FingerprintEstimator()
    for _ in range(2):
        estimator.add(picture)
    tracemalloc.start()
    for _ in range(10):
        estimator.add(picture)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < picture.nbytes / 4


def test_saturated_and_dark_pixels_are_left_out(camera):
    pictures = walls(camera, 6)
    for picture in pictures:
        picture[:128, :160] = SATURATED
        picture[128:, :160] = 0
    pattern = Fingerprint.from_images(pictures).pattern
    assert np.abs(pattern[:, :150]).mean() < 0.1 * np.abs(pattern[:, 170:]).mean()


def test_rows_columns_and_block_places_have_zero_mean(camera):
    pattern = Fingerprint.from_images(walls(camera, 3)).pattern
    spread = pattern.std()
    for phase in range(2):
        assert np.abs(pattern[phase::2].mean(axis=0)).max() < 0.1 * spread
        assert np.abs(pattern[:, phase::2].mean(axis=1)).max() < 0.1 * spread
    blocks = pattern.reshape(SHAPE[0] // 8, 8, SHAPE[1] // 8, 8).mean(axis=(0, 2))
    assert np.abs(blocks).max() < 1e-3 * spread


@pytest.mark.parametrize("shape", [(256, 256), (259, 301), (263, 310)])
def test_shared_patterns_are_removed_at_any_size(shape):
    rows, columns = np.indices(shape, dtype=np.float32)
    shared = np.sin(rows) + np.cos(columns) + (rows % 8) * (columns % 8)
    assert np.abs(remove_shared(shared.copy())).max() < 0.05 * np.abs(shared).max()


def test_split_half_correlation_is_near_zero_without_a_common_sensor():
    cameras = [SimulatedCamera(SHAPE, seed=n, model=f"model {n}") for n in range(6)]
    mixed = Fingerprint.from_images([walls(camera, 1)[0] for camera in cameras])
    same = Fingerprint.from_images(walls(cameras[0], 6))
    assert abs(mixed.split_half) < 0.02 < same.split_half


def test_quality_of_a_single_picture_is_unknown(camera):
    single = Fingerprint.from_images(walls(camera, 1))
    assert math.isnan(single.split_half)
    assert math.isnan(single.reliability)
    assert math.isnan(single.expected_pce(3))


def test_expected_pce_foretells_what_blank_walls_score(rig):
    shape = rig.camera.shape
    held_back = [as_luma(rig.camera.photograph(scenes.flat(shape, seed=n))) for n in range(50, 56)]
    from prnu.fingerprint import CONTENT_LOSS

    for frames in (1, 3):
        expected = rig.fingerprint.expected_pce(frames) / CONTENT_LOSS
        found = np.median([match(rig.fingerprint, held_back[n : n + frames]).pce for n in range(4)])
        assert 0.5 < found / expected < 2.0


def test_expected_pce_grows_with_the_frames(rig):
    expected = [rig.fingerprint.expected_pce(frames) for frames in (1, 2, 8)]
    assert expected == sorted(expected)
    with pytest.raises(ValueError, match="at least 1"):
        rig.fingerprint.expected_pce(0)


def test_pictures_of_another_size_are_refused_by_name():
    estimator = FingerprintEstimator()
    estimator.add(np.full((256, 256), 100, np.float32))
    with pytest.raises(ImageError, match=r"second\.jpg: 300x256 pixels, the others have 256x256"):
        estimator.add(np.full((256, 300), 100, np.float32), name="second.jpg")


def test_no_picture_and_no_usable_pixel_are_refused():
    with pytest.raises(FingerprintError, match="No picture yet"):
        FingerprintEstimator().fingerprint()
    with pytest.raises(FingerprintError, match="saturated or black"):
        Fingerprint.from_images([np.full((256, 256), 255, np.uint8)])


def test_file_gives_the_fingerprint_back(tmp_path, camera):
    made = Fingerprint.from_images(walls(camera, 4))
    path = tmp_path / "camera.llfp"
    made.save(path)
    read = Fingerprint.load(path)
    assert (read.images, read.split_half, read.settings, read.shape) == (4, made.split_half, made.settings, SHAPE)
    assert correlation(read.pattern, made.pattern) > 0.99999
    assert path.stat().st_size < 2.1 * made.pattern.size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["camera.llfp"]


def test_file_of_a_single_picture_keeps_its_unknown_quality(tmp_path, camera):
    Fingerprint.from_images(walls(camera, 1)).save(tmp_path / "one.llfp")
    assert math.isnan(Fingerprint.load(tmp_path / "one.llfp").split_half)


def test_any_flipped_byte_in_a_file_is_found(camera):
    data = Fingerprint.from_images(walls(camera, 2)).to_bytes()
    rng = np.random.default_rng(0)
    for place in [0, 25, 60, len(data) - 1, *rng.integers(0, len(data), 40)]:
        damaged = bytearray(data)
        damaged[place] ^= 1 << int(rng.integers(8))
        with pytest.raises(FingerprintError):
            Fingerprint.from_bytes(bytes(damaged))


def test_cut_files_and_other_files_are_refused(tmp_path, camera):
    data = Fingerprint.from_images(walls(camera, 2)).to_bytes()
    for length in (0, 10, 40, 200, len(data) - 1):
        with pytest.raises(FingerprintError):
            Fingerprint.from_bytes(data[:length])
    with pytest.raises(FingerprintError, match="cannot be read"):
        Fingerprint.load(tmp_path / "missing.llfp")


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [10, 10]},
        {"shape": [10**6, 10**6]},
        {"shape": "wide"},
        {"version": 99},
        {"scale": "big"},
        {"scale": 1e300},
        {"images": None},
        {"split_half": []},
    ],
)
def test_headers_that_make_no_sense_are_refused(camera, change):
    data = Fingerprint.from_images(walls(camera, 2)).to_bytes()[:-32]
    magic, header, payload = data.split(b"\n", 2)
    body = b"\n".join([magic, json.dumps({**json.loads(header), **change}).encode(), payload])
    with pytest.raises(FingerprintError):
        Fingerprint.from_bytes(body + hashlib.sha256(body).digest())
