"""What docs/measurements.md says of real photos."""

from __future__ import annotations

import numpy as np
import pytest

from prnu import Fingerprint, gather
from prnu.enrol import Enrolment, EnrolmentRefused
from prnu.evaluate import camera_folders, evaluate
from prnu.images import centre_crop, load_luma
from prnu.localize import match_region
from prnu.orientation import turned_back

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


def enrolled(*sets):
    enrolment = Enrolment(crop=(720, 1280))
    for path in (path for one in sets for path in one):
        enrolment.add(path, f"{path.parents[1].name}-{path.name}")
    return enrolment


def test_every_real_camera_is_one_camera_and_repeats_nothing(real_cameras):
    for name, camera in camera_folders(real_cameras).items():
        photos = sorted((camera / "enrol").iterdir())
        found = enrolled(photos)
        assert all(step.accepted for step in found.steps), name
        assert {issue.code for issue in found.quality.issues} <= {"few"}, name


@pytest.mark.parametrize("shares", [(6, 6), (4, 3)])
def test_two_real_cameras_in_one_set_are_refused(real_cameras, shares):
    names = ("phone-samsung-j3", "phone-samsung-s3")
    sets = [
        sorted((real_cameras / name / "enrol").iterdir())[:count] for name, count in zip(names, shares, strict=True)
    ]
    with pytest.raises(EnrolmentRefused) as refused:
        enrolled(*sets).fingerprint()
    for name, count in zip(names, shares, strict=True):
        assert f"{count} agree with each other ({name}-flat_01.jpg" in str(refused.value)


def test_a_photo_of_another_real_camera_is_left_out(real_cameras):
    own, other = (
        sorted((real_cameras / name / "enrol").iterdir()) for name in ("phone-samsung-j3", "phone-samsung-s3")
    )
    found = enrolled(other[:1], own[:6])
    assert [step.name for step in found.steps if not step.accepted] == ["phone-samsung-s3-flat_01.jpg"]


@pytest.mark.parametrize("camera", ["phone-lg-d605", "gopro-hero4"])
def test_a_mirrored_real_photo_is_found(real_cameras, camera):
    enrolled, probes = (sorted((real_cameras / camera / kind).iterdir()) for kind in ("enrol", "probe"))
    shape = (720, 1280)
    fingerprint = Fingerprint.from_images(centre_crop(load_luma(path), shape) for path in enrolled)
    mirrored = load_luma(probes[0])[:, ::-1].copy()
    found = turned_back(fingerprint, mirrored, shape)
    assert found is not None
    assert (found.turn.words, found.match.passed()) == ("mirrored", True)
