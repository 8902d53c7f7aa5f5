from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from prnu.localize import Box
from testing.selfie import Device
from testing.some import some
from tests.ui.attempting import verify
from ui.results.still_view import sight, thumbnail


def test_all_stills_together_are_what_was_decided_on(own):
    seen = sight(own)
    assert seen.found is own.finding.found
    assert seen.evidence.images == len(seen.stills) == 8
    region = next(factor for factor in own.decision["factors"] if factor["name"] == "face region")
    assert some(seen.region).z == pytest.approx(region["score"])
    found = some(seen.map)
    assert found.ncc.max() > 4 * found.chance


def test_one_still_is_seen_on_its_own(own):
    seen = sight(own, 2)
    assert seen.found is own.steps[2].alone
    assert seen.evidence.images == 1
    assert seen.box == own.stills[2].region
    np.testing.assert_array_equal(seen.picture, own.stills[2].luma)


def test_the_face_lies_in_the_middle_of_the_window_and_both_in_the_frame(own):
    seen = sight(own)
    box, window = some(seen.box), seen.window
    height, width = seen.evidence.shape
    assert window.left <= box.left
    assert box.left + box.width <= window.left + window.width <= width
    assert window.top <= box.top
    assert box.top + box.height <= window.top + window.height <= height


@pytest.mark.parametrize("box", [(0, 0, 60, 60), (580, 420, 60, 60), (0, 0, 640, 480)])
def test_a_window_at_the_edge_stays_inside(own, box):
    seen = sight(own)
    seen.box = Box(*box)
    window = seen.window
    assert min(window.left, window.top) >= 0
    assert window.left + window.width <= 640
    assert window.top + window.height <= 480
    assert min(window.width, window.height) >= 256


def test_without_a_face_the_whole_frame_is_shown_and_no_region_tested(own):
    faceless = tuple(replace(still, region=None) for still in own.stills)
    seen = sight(replace(own, stills=faceless))
    assert seen.box is None
    assert seen.region is None
    assert seen.window == (0, 0, 640, 480)
    assert Image.open(io.BytesIO(thumbnail(faceless[0]))).size == (160, 120)


def test_a_face_too_small_for_a_test_is_not_tested(own):
    seen = sight(own)
    seen.box = Box(10, 10, 40, 60)
    assert seen.region is None


def test_without_a_camera_the_noise_is_there_and_no_map(other_size):
    seen = sight(other_size)
    assert (seen.fingerprint, seen.found, seen.map, seen.region) == (None, None, None, None)
    assert seen.evidence.pattern.std() > 0


def test_the_small_picture_shows_the_face_framed(own):
    still = own.stills[0]
    with Image.open(io.BytesIO(thumbnail(still, 480))) as picture:
        window = sight(own, 0).window
        assert picture.size == (480, round(480 * window.height / window.width))
        scale = 480 / window.width
        left, top, *_ = sight(own, 0).window
        edge = round(scale * (still.region.left - left)), round(scale * (still.region.top - top)) + 20
        red, _, blue = np.asarray(picture.convert("RGB"))[edge[1], edge[0]].tolist()
    assert blue > red + 20


def test_a_pasted_face_shows_as_a_hole_in_the_map(annas_bank, phone_of_anna):
    """The face of each still comes from another camera."""
    other = Device(8)

    def swapped():
        still, foreign = phone_of_anna.selfie(), other.selfie()
        luma = still.luma.copy()
        luma[90:390, 180:460] = foreign.luma[90:390, 180:460]
        return replace(still, luma=luma)

    seen = sight(verify(annas_bank, swapped))
    found = some(seen.map)
    assert some(seen.found).pce > 50
    assert some(seen.region).verdict == "failed"
    rows, columns = found.centres
    y, x = np.abs(rows - 240).argmin(), np.abs(columns - 320).argmin()
    assert found.missing[y, x]
    assert not found.missing[0, 0]
