from __future__ import annotations

import cv2
import numpy as np
import pytest

from prnu import ImageError, noise_residual, scenes
from prnu.images import as_luma
from prnu.residual import _noise_part, noise_level, noise_share


def noisy(scene: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, scene.shape)
    return np.clip(scene + noise, 0, 255).astype(np.float32)


@pytest.mark.parametrize("shape", [(256, 256), (256, 301), (333, 257), (480, 640)])
def test_residual_has_shape_and_dtype_of_the_picture(shape):
    residual = noise_residual(noisy(np.full(shape, 128.0), 2))
    assert residual.shape == shape
    assert residual.dtype == np.float32


def test_picture_is_left_as_it_was():
    luma = noisy(np.full((256, 256), 128.0), 2)
    before = luma.copy()
    noise_residual(luma)
    np.testing.assert_array_equal(luma, before)


def test_flat_picture_has_no_residual():
    assert not noise_residual(np.full((256, 320), 90, np.float32)).any()


def test_white_noise_on_a_flat_picture_is_found_again():
    noise = np.random.default_rng(1).normal(0, 1.2, (256, 256)).astype(np.float32)
    residual = noise_residual(128 + noise)
    assert np.corrcoef(residual.ravel(), noise.ravel())[0, 1] > 0.9


def test_smooth_content_leaves_no_residual_but_its_noise_does():
    rows, columns = np.mgrid[0:256, 0:320]
    ramp = 60 + 0.3 * rows + 0.2 * columns
    assert noise_residual(ramp.astype(np.float32)).std() < 0.2 < noise_residual(noisy(ramp, 1)).std()


def test_edges_are_mostly_kept_out_of_the_residual():
    scene = np.full((256, 256), 50.0)
    scene[:, 128:] = 200
    residual = noise_residual(noisy(scene, 1))
    assert np.abs(residual[:, 126:130]).max() < 20  # the step has 150 grey levels


def test_whole_pipeline_of_bands_is_a_perfect_reconstruction():
    """With no shrinking, detail bands and cell means put the picture together again, but for its coarsest means."""
    luma = noisy(np.full((256, 320), 120.0), 5)
    everything = _noise_part(luma, 1e6, 3)
    coarse = luma
    for _ in range(3):
        coarse = cv2.resize(coarse, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    remainder = luma - everything
    low = cv2.GaussianBlur(remainder, (0, 0), 8)
    assert np.abs(remainder - low)[16:-16, 16:-16].std() < 0.35 * luma.std()


def test_noise_level_grows_with_the_noise():
    levels = [noise_level(noisy(np.full((256, 256), 128.0), sigma)) for sigma in (0.5, 1, 2, 4)]
    assert levels == sorted(levels)
    assert levels[2] == pytest.approx(2, rel=0.1)


def test_residuals_of_two_scenes_share_nothing():
    first, second = (noise_residual(as_luma(scenes.sky((256, 320), seed=n))) for n in (1, 2))
    noise = [noise_residual(noisy(as_luma(scenes.sky((256, 320), seed=n)), 2, seed=n)) for n in (1, 2)]
    assert first.std() < noise[0].std()
    assert second.std() < noise[1].std()
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 5 / np.sqrt(first.size)


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (np.zeros((100, 300), np.float32), "100"),
        (np.zeros((300, 300, 3), np.float32), "shape"),
        (np.full((300, 300), np.nan, np.float32), "nan"),
        (np.full((300, 300), 300, np.float32), "300"),
    ],
)
def test_what_is_no_luma_is_refused(bad, word):
    with pytest.raises(ImageError, match=word):
        noise_residual(bad)


def test_strips_leave_no_seam():
    luma = noisy(np.asarray(as_luma(scenes.photo("coffee", (650, 400)))), 2)
    whole = noise_residual(luma)
    variance = 1.7**2 * noise_level(luma)
    np.testing.assert_array_equal(whole, _noise_part(luma, variance, 3))


@pytest.mark.parametrize(("smoothness", "contrast"), [(0.8, 3), (0.8, 20), (1.2, 8), (2.0, 40), (4.0, 20)])
def test_share_of_noise_is_what_comes_through_of_an_added_pattern(smoothness, contrast):
    rng = np.random.default_rng(0)
    pattern, sensor, details = (rng.normal(0, 1, (256, 301)).astype(np.float32) for _ in range(3))
    details = cv2.GaussianBlur(details, (0, 0), smoothness)
    luma = np.clip(128 + contrast / details.std() * details + sensor, 1, 254)
    change = noise_residual(luma + 0.02 * pattern) - noise_residual(luma - 0.02 * pattern)
    through = float((change * pattern).mean()) / 0.04
    assert noise_share(luma).mean() == pytest.approx(through, rel=0.25)


def test_share_of_noise_is_one_on_a_wall_and_loses_the_bands_that_an_edge_is_in():
    scene = np.full((256, 256), 50.0)
    scene[:, 128:] = 200
    share = noise_share(noisy(scene, 1))
    assert share.shape == scene.shape
    assert share.dtype == np.float32
    assert share[:, :100].mean() > 0.95
    assert share[:, 127:129].mean() == pytest.approx(2 / 3, abs=0.02)  # of three bands, one sees it
    assert 0 < share.min() <= share.max() <= 1
