"""An earlier, stronger JPEG save is found, and nothing is said where nothing can be seen."""

from __future__ import annotations

import functools
import io
import math
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from prnu import scenes
from prnu.images import load_luma
from prnu.sensor import SimulatedCamera
from provenance.compression import (
    AMPLIFICATION,
    THRESHOLD,
    DoubleJpeg,
    double_jpeg,
    error_level,
    standard_table,
    table_quality,
)
from tests import needs

SHAPE = (320, 480)
DATA = needs.DATA / "cameras"


@functools.cache
def photo(name: str = "coffee", seed: int = 1) -> np.ndarray:
    return SimulatedCamera(SHAPE, seed, jpeg_quality=None).photograph(scenes.photo(name, SHAPE, seed), shot=0)


def jpeg(pixels: np.ndarray, quality: int, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def table_of(data: bytes) -> np.ndarray:
    image: Any = Image.open(io.BytesIO(data))
    return np.array(image.quantization[0]).reshape(8, 8)


def look(data: bytes, threshold: float = THRESHOLD) -> DoubleJpeg:
    return double_jpeg(load_luma(data), table_of(data), threshold)


# Tables


def test_the_standard_table_is_that_of_the_jpeg_library_at_every_quality():
    for quality in range(1, 101):
        table = table_of(jpeg(np.zeros((16, 16, 3), np.uint8), quality))
        assert np.array_equal(standard_table(quality), table)
        assert table_quality(table) == (quality, True)


def test_a_table_of_a_cameras_own_is_not_called_standard():
    table = standard_table(93)
    table[2, 3] += 1
    assert table_quality(table) == (93, False)


def test_a_table_of_ones_is_quality_100():
    assert table_quality(np.ones((8, 8), np.int64)) == (100, True)


# Two saves


@pytest.mark.parametrize(("first", "second"), [(50, 75), (60, 85), (70, 90), (75, 85), (85, 95), (90, 98), (80, 100)])
@pytest.mark.parametrize("name", ["coffee", "grass", "astronaut"])
def test_an_earlier_stronger_save_is_found_with_its_quality(name, first, second):
    found = look(jpeg(decoded(jpeg(photo(name), first)), second))
    assert (found.verdict, found.reason) == ("double", "earlier-save")
    assert found.score > 2 * THRESHOLD
    assert found.earlier_quality == pytest.approx(first, abs=2)
    assert (found.quality, found.standard) == (second, True)


@pytest.mark.parametrize("quality", [45, 60, 64, 75, 85, 90, 95, 100])
@pytest.mark.parametrize("name", ["coffee", "grass", "astronaut", "brick"])
def test_a_single_save_is_never_called_double(name, quality):
    found = look(jpeg(photo(name), quality))
    assert (found.verdict, found.earlier_quality) == ("inconclusive", None)
    assert found.score < 0.02


@pytest.mark.parametrize(("first", "second"), [(75, 75), (90, 75), (95, 90), (98, 60), (80, 70), (95, 95), (60, 50)])
@pytest.mark.parametrize("name", ["coffee", "grass"])
def test_a_save_at_the_same_or_lower_quality_is_inconclusive(name, first, second):
    found = look(jpeg(decoded(jpeg(photo(name), first)), second))
    assert found.verdict == "inconclusive"
    assert found.earlier_quality is None


def test_a_faint_trace_of_a_weaker_save_is_not_called_double():
    found = look(jpeg(decoded(jpeg(photo(), 85)), 75), threshold=0.001)
    assert (found.verdict, found.reason, found.threshold) == ("inconclusive", "faint", 0.001)


def test_another_encoder_is_found_too():
    _, first = cv2.imencode(".jpg", photo()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    _, second = cv2.imencode(".jpg", cv2.imdecode(first, cv2.IMREAD_COLOR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert look(second.tobytes()).verdict == "double"


@pytest.mark.parametrize("options", [{"subsampling": "4:4:4"}, {"progressive": True}, {"optimize": True}], ids=str)
def test_how_the_file_is_coded_does_not_matter(options):
    found = look(jpeg(decoded(jpeg(photo(), 70, **options)), 90, **options))
    assert (found.verdict, found.earlier_quality) == ("double", 70)


def test_a_grey_jpeg_is_looked_at_too():
    grey = np.asarray(Image.open(io.BytesIO(jpeg(photo()[..., 1], 65))))
    assert look(jpeg(grey, 90)).earlier_quality == 65


def test_a_cut_that_leaves_the_grid_hides_the_first_save_and_one_on_the_grid_does_not():
    first = decoded(jpeg(photo(), 70))
    assert look(jpeg(np.ascontiguousarray(first[8:, 16:]), 90)).verdict == "double"
    assert look(jpeg(np.ascontiguousarray(first[3:, 5:]), 90)).verdict == "inconclusive"


def test_scaling_hides_the_first_save():
    small = cv2.resize(decoded(jpeg(photo(), 70)), None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
    assert look(jpeg(small, 90)).verdict == "inconclusive"


@pytest.mark.parametrize("picture", [np.full((*SHAPE, 3), 128, np.uint8), photo() // 64 + 100], ids=["plain", "dull"])
def test_a_plain_picture_is_too_flat_to_tell(picture):
    found = look(jpeg(decoded(jpeg(picture, 50)), 90))
    assert (found.verdict, found.reason) == ("inconclusive", "too-flat")
    assert math.isnan(found.score)


def test_pixel_art_is_too_flat_to_tell():
    blocks = cv2.resize(photo(), (SHAPE[1] // 8, SHAPE[0] // 8), interpolation=cv2.INTER_AREA)
    assert look(jpeg(blocks.repeat(8, 0).repeat(8, 1), 90)).reason == "too-flat"


def test_a_huge_table_is_too_coarse_and_no_failure():
    found = double_jpeg(load_luma(jpeg(photo(), 90)), np.full((8, 8), 65_535))
    assert (found.reason, found.quality, found.standard) == ("too-flat", 1, False)


@pytest.mark.parametrize("table", [np.zeros((8, 8), int), np.ones((4, 16), int)], ids=["zeros", "shape"])
def test_a_table_that_is_none_is_refused(table):
    with pytest.raises(ValueError, match="expected 8x8 steps of 1 or more"):
        double_jpeg(np.zeros(SHAPE, np.float32), table)


def test_a_few_blocks_of_a_large_picture_say_what_all_of_them_say():
    large = cv2.resize(photo(), (2400, 1600), interpolation=cv2.INTER_CUBIC)  # 60,000 blocks, then 63,000
    grain = np.random.default_rng(4).normal(0, 3, (*large.shape[:2], 1))
    noisy = np.clip(large + grain, 0, 255).astype(np.uint8)
    more = np.concatenate([noisy, noisy[:80]])
    first, second = (look(jpeg(decoded(jpeg(pixels, 70)), 90)) for pixels in (noisy, more))
    assert first.score == pytest.approx(second.score, rel=0.02)


@pytest.mark.data
def test_real_photos_are_judged_as_the_docstring_says():
    found = missed = 0
    for path in sorted(DATA.glob("*/probe/*"))[::3]:
        assert look(path.read_bytes()).verdict == "inconclusive"
        small = cv2.resize(decoded(path.read_bytes()), (640, 480), interpolation=cv2.INTER_AREA)
        for quality in (60, 75, 90):
            assert look(jpeg(small, quality)).verdict == "inconclusive"
        for first, second in ((60, 80), (75, 90), (85, 95)):
            again = look(jpeg(decoded(jpeg(small, first)), second))
            found += again.verdict == "double"
            missed += again.verdict != "double"
            assert look(jpeg(decoded(jpeg(small, second)), first)).verdict == "inconclusive"
    assert found >= 15
    assert missed == 0


# Error levels


def test_error_level_is_the_amplified_change_of_one_more_save():
    luma = load_luma(jpeg(photo(), 95))
    found = error_level(luma, 85)
    assert found is not None
    again = np.asarray(Image.open(io.BytesIO(jpeg(luma.astype(np.uint8), 85))), np.float64)
    change = np.abs(again - luma)
    assert found.picture.shape == SHAPE
    assert found.picture.dtype == np.uint8
    assert np.abs(found.picture - np.minimum(change * AMPLIFICATION, 255)).max() <= AMPLIFICATION  # rounding of a DCT
    assert found.mean == pytest.approx(change.mean(), rel=0.02)
    assert found.quality == 85


def test_a_fresh_patch_in_a_compressed_photo_is_brighter_in_the_error_level():
    pixels = decoded(jpeg(photo(), 60)).copy()
    box = np.s_[100:220, 160:320]
    pixels[box] = photo("gravel", 2)[box]
    found = error_level(load_luma(jpeg(pixels, 95)), 90)
    assert found is not None
    outside = np.ones(SHAPE, bool)
    outside[box] = False
    assert found.picture[box].mean() > 1.5 * found.picture[outside].mean()


def test_error_level_shows_texture_as_much_as_edits():
    honest = error_level(load_luma(jpeg(photo("grass"), 95)), 90)
    plain = error_level(load_luma(jpeg(np.full((*SHAPE, 3), 90, np.uint8), 95)), 90)
    assert honest is not None
    assert plain is not None
    assert honest.picture.mean() > 20
    assert plain.picture.max() == 0


def test_a_strip_longer_than_any_jpeg_has_no_error_level():
    assert error_level(np.zeros((8, 65_501), np.float32)) is None
    assert error_level(np.zeros((8, 65_500), np.float32)) is not None


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_that_is_none_is_refused(quality):
    with pytest.raises(ValueError, match="expected 1 to 100"):
        error_level(np.zeros((16, 16), np.float32), quality)
