from __future__ import annotations

import io

from PIL import Image

from bank.policy import Policy
from prnu import scenes
from prnu.sensor import SimulatedCamera
from testing.some import some
from ui.results.photo import Photo
from ui.results.registration import enrol

SHAPE = (480, 640)
RULES = Policy.load().enrolment


def as_png(photo: Photo) -> bytes:
    file = io.BytesIO()
    with Image.open(photo.open()) as image:
        image.save(file, "PNG")
    return file.getvalue()


def test_fingerprint_grows_photo_by_photo(walls):
    counts = [(len(state.steps), state.fingerprint is not None) for state in enrol(walls, RULES)]
    assert counts == [*((n, False) for n in range(1, 9)), (8, True)]


def test_growth_ends_with_the_fingerprint_itself(walls):
    *_, last = enrol(walls, RULES)
    assert last.fingerprint is not None
    assert last.growth[-1].photos == last.used == 8
    assert last.growth[-1].expected == last.fingerprint.expected_pce()
    assert all(before.photos < after.photos for before, after in zip(last.growth, last.growth[1:], strict=False))
    assert last.simulated


def test_the_sample_holds_what_the_bank_keeps(walls):
    *_, last = enrol(walls, RULES)
    assert last.sample is not None
    assert last.sample.fingerprint is last.fingerprint
    assert some(last.sample).pixel_format == "JPEG"
    assert len(last.sample.sketches) == last.used
    assert last.sample.quality.images == last.used


def test_the_commonest_pixel_format_counts(walls):
    *_, last = enrol([Photo("grainy.png", as_png(walls[3]), "png"), *walls[:3], walls[4]], RULES)
    assert last.used == 5
    assert some(last.sample).pixel_format == "JPEG"


def test_too_few_photos_are_refused_with_the_policys_number(walls):
    *_, last = enrol(walls[:1], RULES)
    assert last.sample is None
    assert last.fingerprint is None
    assert f"at least {RULES.min_images} are needed" in last.refusal
    assert last.growth == []


def test_bad_files_are_left_out_and_the_others_count(walls, encoded):
    bad = [
        Photo("text.jpg", b"hello", "t"), encoded((1, 1)), encoded((480, 640), level=0), encoded((480, 640), level=255),
        encoded((960, 1280)), Photo("again.jpg", walls[0].data, "again"),
    ]  # fmt: skip
    *_, last = enrol([*walls, *bad], RULES)
    assert last.used == 8
    messages = [step.message for step in last.steps[8:]]
    assert len(set(messages)) == len(bad)
    assert not any(step.accepted for step in last.steps[8:])
    assert last.thumbnails[8] == b""


def test_one_unmoving_scene_is_refused_with_the_reason():
    camera, scene = SimulatedCamera(SHAPE, seed=4), scenes.photo("coffee", SHAPE)
    still = [Photo(f"{n}.jpg", camera.photograph_jpeg(scene, shot=n), str(n)) for n in range(12)]
    *_, last = enrol(still, RULES)
    assert last.fingerprint is None
    assert "same scene" in last.refusal


def test_no_photo_at_all_is_refused():
    *_, last = enrol([], RULES)
    assert last.fingerprint is None
    assert last.refusal
