from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from prnu import match, scenes
from prnu.enrol import Enrolment, EnrolmentRefused
from testing.some import some

SHAPE = (480, 640)


def test_good_pictures_become_a_fingerprint_that_matches(rig):
    enrolment = Enrolment()
    for seed in range(6):
        step = enrolment.add(rig.camera.photograph_jpeg(scenes.flat(SHAPE, seed=seed)), f"wall {seed}.jpg")
        assert (step.accepted, step.message) == (True, "")
    assert match(enrolment.fingerprint(), rig.photos[0]).passed()
    assert some(enrolment.preview()).images == 6


def test_bad_pictures_are_left_out_with_a_reason_and_the_rest_counts(rig, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("not a picture")
    turned = Image.fromarray(rig.camera.photograph(scenes.flat(SHAPE, seed=0)))
    exif = turned.getexif()
    exif[274] = 6
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", quality=95, exif=exif)
    enrolment = Enrolment()
    steps = {
        "good": enrolment.add(rig.photos[0], "good"),
        "turned": enrolment.add(buffer.getvalue(), "turned"),
        "text": enrolment.add(text),
        "pixel": enrolment.add(np.zeros((1, 1), np.uint8), "pixel"),
        "black": enrolment.add(np.zeros(SHAPE, np.uint8), "black"),
        "white": enrolment.add(np.full(SHAPE, 255, np.uint8), "white"),
        "size": enrolment.add(rig.photos[1][:400], "size"),
        "again": enrolment.add(rig.photos[0], "again"),
    }
    assert [name for name, step in steps.items() if step.accepted] == ["good", "turned"]
    messages = {step.message for step in steps.values() if not step.accepted}
    assert len(messages) == 6
    assert all(message.endswith(".") for message in messages)
    assert steps["text"].name == "notes.jpg"
    assert enrolment.fingerprint().images == 2


def test_still_scene_is_refused_with_advice(rig):
    enrolment = Enrolment()
    for _ in range(12):
        assert enrolment.add(rig.camera.photograph(scenes.photo("coffee", SHAPE))).accepted
    with pytest.raises(EnrolmentRefused, match=r"same scene in all photos.*blank wall"):
        enrolment.fingerprint()
    assert enrolment.preview() is not None


def test_nothing_usable_is_refused():
    enrolment = Enrolment()
    assert enrolment.preview() is None
    with pytest.raises(EnrolmentRefused, match="no usable photo"):
        enrolment.fingerprint()


def test_crop_uses_the_centre_and_tells_who_is_too_small(rig):
    enrolment = Enrolment(crop=(400, 600))
    assert enrolment.add(rig.photos[0]).accepted
    assert "smaller than the crop" in enrolment.add(rig.photos[1][:390], "low.png").message
    assert enrolment.fingerprint().shape == (400, 600)
