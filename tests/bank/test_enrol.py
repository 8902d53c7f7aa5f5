"""The bank takes the photos of one camera only, each exposure once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bank.enrol import camera_sample
from bank.errors import EnrolmentError
from bank.policy import Policy
from prnu import scenes
from prnu.images import as_luma
from prnu.sensor import SimulatedCamera

SHAPE = (256, 320)
RULES = Policy.load().enrolment


@pytest.fixture(scope="module")
def walls():
    """Six walls of each of two cameras."""
    cameras = [SimulatedCamera(SHAPE, seed=seed, prnu=0.02) for seed in (1, 2)]
    return [[camera.photograph_jpeg(scenes.flat(SHAPE, seed=n)) for n in range(6)] for camera in cameras]


def test_two_cameras_in_one_set_are_refused_with_their_groups(walls):
    with pytest.raises(EnrolmentError) as refused:
        camera_sample([*walls[0], *walls[1]], "Mine", RULES)
    text = str(refused.value)
    assert text.startswith("Mine: These photos are not of one sensor: of 12, 6 agree with each other (photo 1, photo 2")
    assert "6 agree with each other (photo 7, photo 8" in text


def test_the_odd_one_out_is_left_out_and_its_noise_is_not_remembered(walls):
    sample = camera_sample([walls[1][0], *walls[0]], "Mine", RULES)
    assert sample.fingerprint.images == len(sample.sketches) == 6
    assert any(issue.code == "odd-ones-out" and "photo 1" in issue.advice for issue in sample.quality.issues)


def test_what_is_left_has_to_be_enough(walls):
    with pytest.raises(EnrolmentError, match=r"3 of 4 photos can be used.*photo 4: Its noise is not that of the other"):
        camera_sample([*walls[0][: RULES.min_images - 1], walls[1][0]], "Mine", RULES)


def test_one_exposure_saved_many_times_is_one_photo(walls):
    copies = []
    with Image.open(io.BytesIO(walls[0][0])) as image:
        for quality in range(84, 100):
            file = io.BytesIO()
            image.save(file, "JPEG", quality=quality)
            copies.append(file.getvalue())
    with pytest.raises(EnrolmentError, match=r"1 of 16 photos can be used.* and 9 more: The same exposure as photo 1"):
        camera_sample(copies, "Mine", RULES)


def test_the_size_that_most_photos_have_decides(walls, tmp_path):
    turned = tmp_path / "0_turned.png"
    Image.fromarray(np.rot90(as_luma(walls[0][5])).astype(np.uint8)).save(turned)
    sample = camera_sample([turned, *walls[0][:5]], "Mine", RULES)
    assert sample.fingerprint.shape == SHAPE
    assert sample.fingerprint.images == 5
