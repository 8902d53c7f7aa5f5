from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prnu import FingerprintError, ImageError, Search, gather
from prnu.localize import CorrelationMap
from testing.some import some
from ui.results import photo_check, sample

PHONE = sample.CAMERAS[0]


def ignore(share: float, text: str) -> None:
    assert 0.0 <= share <= 1.0
    assert text


def test_the_three_samples_come_out_as_they_should(checks):
    own, stranger, swapped = checks
    assert own.passed
    assert own.suspect is None
    assert not stranger.passed
    assert stranger.suspect is None
    assert swapped.passed
    assert swapped.suspect is not None


def test_the_suspicious_box_lies_on_the_swapped_area(checks):
    box = checks[2].suspect.box
    left, top, width, height = sample.SWAPPED
    across = min(box.left + box.width, left + width) - max(box.left, left)
    down = min(box.top + box.height, top + height) - max(box.top, top)
    assert across * down > 0.6 * width * height
    assert across * down > 0.6 * box.width * box.height


def test_thumbnails_and_label(checks):
    assert checks[0].simulated
    assert checks[0].thumbnails[0].startswith(b"\xff\xd8")


def test_photos_are_measured_together_and_progress_is_told(checks):
    told: list[str] = []
    evidence = photo_check.measure([*checks[0].photos, *checks[1].photos], lambda share, text: told.append(text))
    assert evidence.images == 2
    assert [name in text for name, text in zip(["own photo", "stranger"], told, strict=True)] == [True, True]


def test_cameras_are_ranked_best_first_and_the_threshold_rises(checks, phone):
    small = replace(phone, pattern=phone.pattern[:480, :640])
    foreign = replace(phone, pattern=phone.pattern[::-1].copy())
    old = replace(phone, settings="of long ago")
    shelf = {"foreign": foreign, "small": small, "old": old, "own": phone}
    found = photo_check.rank(list(shelf), shelf.__getitem__, checks[0].photos, checks[0].evidence, None, ignore)
    assert found.camera == "own"
    assert [one.camera for one in found.ranking][:2] == ["own", "foreign"]
    assert all(one.note for one in found.ranking[2:])
    assert found.cameras == 2
    assert found.threshold == pytest.approx(50 + 2 * np.log(2))


def test_ranking_without_a_comparable_camera_says_so(checks, phone):
    small = replace(phone, pattern=phone.pattern[:480, :640])
    with pytest.raises(ImageError, match="no registered camera takes photos of that size"):
        photo_check.rank(["small"], lambda _: small, checks[0].photos, checks[0].evidence, None, ignore)


def test_a_search_raises_the_threshold_and_keeps_the_match(checks, phone):
    found = photo_check.check(PHONE, phone, checks[0].photos, checks[0].evidence, Search(shift=4))
    assert found.passed
    assert found.native
    assert found.threshold > 50


def test_a_search_over_zooms_measures_the_photos_again(checks, phone):
    found = photo_check.check(PHONE, phone, checks[0].photos, checks[0].evidence, Search(zooms=(1.0, 1.5)))
    assert found.match.zoom == 1.0
    assert found.passed


def test_a_shifted_photo_has_no_map(checks, phone):
    rolled = replace(phone, pattern=np.roll(phone.pattern, (2, 4), axis=(0, 1)))
    found = photo_check.check(PHONE, rolled, checks[0].photos, checks[0].evidence, Search(shift=8))
    assert found.match.shift == (-2, -4)
    assert not found.native
    assert found.map is None
    assert found.suspect is None


def test_another_size_and_other_settings_are_refused(checks, phone, walls):
    with pytest.raises(ImageError, match="640x480"):
        photo_check.check(PHONE, phone, walls[:1], gather(walls[0].open()))
    with pytest.raises(FingerprintError, match="settings"):
        photo_check.check(PHONE, replace(phone, settings="other"), checks[0].photos, checks[0].evidence)


def make_map(missing: np.ndarray) -> CorrelationMap:
    expected = np.full(missing.shape, 0.1, np.float32)
    return CorrelationMap(np.where(missing, 0.0, expected).astype(np.float32), expected, 0.01, 128, 16)


def test_small_gaps_are_not_suspicious():
    missing = np.zeros((38, 73), dtype=bool)
    assert photo_check.suspicious_box(make_map(missing), (720, 1280)) is None
    missing[5:9, 5:9] = True
    assert photo_check.suspicious_box(make_map(missing), (720, 1280)) is None


def test_the_largest_gap_is_boxed():
    missing = np.zeros((38, 73), dtype=bool)
    missing[2:5, 2:5] = missing[10:20, 30:50] = True
    left, top, width, height = some(photo_check.suspicious_box(make_map(missing), (720, 1280)))
    assert (left, top) == (64 + 16 * 30 - 8, 64 + 16 * 10 - 8)
    assert (width, height) == (16 * 20, 16 * 10)
