"""What docs/measurements.md says of real photos."""

from __future__ import annotations

import numpy as np
import pytest

from prnu import Fingerprint, gather
from prnu.evaluate import evaluate
from prnu.images import centre_crop, load_luma
from prnu.localize import match_region

pytestmark = pytest.mark.data

TEXTBOOK = {"phone-lg-d605": 1733, "phone-samsung-s3": 379, "phone-samsung-j3": 493, "gopro-hero4": 156}


def test_four_cameras_are_told_apart_at_twice_the_textbooks_score(real_cameras):
    found = evaluate(real_cameras, crop=(720, 1280))
    same, other = found.scores
    assert found.auc == 1.0
    assert same.min() >= 60
    assert other.max() < 20
    assert not found.skipped
    medians = found.medians()
    assert all(medians[name] > pce for name, pce in TEXTBOOK.items())
    assert found.to_dict()["geometric_mean_of_medians"] >= 2 * 474


@pytest.mark.parametrize("camera", ["phone-lg-d605", "phone-samsung-j3"])
def test_a_fifth_of_a_real_photo_replaced_is_found(real_cameras, camera):
    shape, box = (720, 1280), (320, 140, 440, 420)
    enrolled, probes = (sorted((real_cameras / camera / kind).iterdir()) for kind in ("enrol", "probe"))
    fingerprint = Fingerprint.from_images(centre_crop(load_luma(path), shape) for path in enrolled)
    foreign = centre_crop(load_luma(real_cameras / "phone-samsung-s3" / "probe" / "scene_01.jpg"), shape)
    for path in probes:
        photo = centre_crop(load_luma(path), shape).copy()
        assert match_region(fingerprint, photo, box).verdict == "passed"
        left, top, width, height = box
        here = np.s_[top : top + height, left : left + width]
        photo[here] = foreign[here]
        evidence = gather(photo)
        assert match_region(fingerprint, evidence, box).verdict == "failed"
        assert match_region(fingerprint, evidence, (840, 60, 400, 600)).verdict != "failed"
