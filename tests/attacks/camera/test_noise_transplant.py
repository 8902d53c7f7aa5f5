"""Noise of a real camera on other scenes: found by its fingerprint, each photo once."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from attacks.camera.noise_transplant import SHAPE, OutOfPhotos, Transplant, real_cameras, relative_noise
from bank import Policy
from prnu import ImageError, match, scenes
from prnu.sensor import SimulatedCamera
from tests import needs

DATA = needs.DATA / "cameras"
SMALL = (256, 320)


def plain(*levels):
    """Photos whose noise is the same everywhere, so that one is told from the other."""
    return Transplant(tuple(np.full(SMALL, level, np.float32) for level in levels))


def grey(level, shape=SMALL):
    return np.full((*shape, 3), level, np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve walls by each of two simulated cameras, in the size of a part."""
    root = tmp_path_factory.mktemp("cameras")
    for name, seed in (("one", 1), ("two", 2)):
        (root / name / "enrol").mkdir(parents=True)
        camera = SimulatedCamera(SHAPE, seed=seed)
        for shot in range(12):
            wall = camera.photograph_jpeg(scenes.flat(SHAPE, level=110 + 5 * shot, seed=shot), shot=shot)
            (root / name / "enrol" / f"wall{shot:02}.jpg").write_bytes(wall)
    return root


def test_each_photo_serves_once_in_an_attempt_and_then_there_is_no_more():
    camera = plain(-0.1, 0.0, 0.1)
    stills = {int(camera.photograph(grey(100), shot=1000 + number)[0, 0, 0]) for number in range(3)}
    assert stills == {90, 100, 110}
    with pytest.raises(OutOfPhotos, match="3 photos"):
        camera.photograph(grey(100), shot=1003)


def test_the_next_attempt_has_all_photos_again_in_another_order():
    camera = plain(*np.linspace(-0.2, 0.2, 8))
    orders = {
        tuple(int(camera.photograph(grey(100), shot=1000 * attempt + n)[0, 0, 0]) for n in range(8))
        for attempt in range(5)
    }
    assert len(orders) == 5
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_without_a_number_the_next_shot_is_taken():
    camera = plain(-0.1, 0.1)
    assert {int(camera.photograph(grey(100))[0, 0, 0]) for _ in range(2)} == {90, 110}


def test_noise_is_a_share_of_the_light_and_scenes_of_another_size_are_scaled():
    camera = plain(0.1)
    assert camera.photograph(grey(200), shot=0)[5, 5, 1] == 220
    assert camera.photograph(grey(50, (128, 160)), shot=0).shape == (*SMALL, 3)
    assert camera.photograph(grey(250), shot=0).max() == 255


def test_relative_noise_is_what_was_multiplied_in():
    noise = np.random.default_rng(1).normal(0, 0.01, SMALL).astype(np.float32)
    dark, bright = (relative_noise(np.float32(level) * (1 + noise)) for level in (90, 180))
    for found in (dark, bright):
        assert np.corrcoef(found.ravel(), noise.ravel())[0, 1] > 0.9
        assert found.std() == pytest.approx(0.01, rel=0.15)


@pytest.mark.slow
def test_the_enrolled_fingerprint_finds_the_held_back_noise_on_a_face_and_no_other_does(folder):
    cameras = {name: parts[0] for name, parts in real_cameras(folder).items()}
    rules = Policy.load().enrolment
    face = scenes.photo("astronaut", SHAPE)
    stills = [cameras["one"].camera().photograph(face, shot=number) for number in range(2)]
    assert match(cameras["one"].sample(rules).fingerprint, stills).passed()
    assert not match(cameras["two"].sample(rules).fingerprint, stills).passed()


def test_no_photo_is_both_enrolled_and_held_back_and_roles_differ(folder):
    parts = real_cameras(folder)["one"]
    assert len(parts) == 3
    for part in parts:
        assert len(part.enrolled) == 4
        assert len(part.held_back) == 8
        assert not set(part.enrolled) & set(part.held_back)
    assert set().union(*(part.enrolled for part in parts)) == set(parts[0].photos)


def test_large_sensors_give_parts_that_do_not_overlap_on_the_grid_of_jpeg(tmp_path):
    (tmp_path / "phone" / "enrol").mkdir(parents=True)
    Image.fromarray(grey(120, (1836, 3264))).save(tmp_path / "phone" / "enrol" / "wall.jpg")
    places = {(part.top, part.left) for part in real_cameras(tmp_path)["phone"]}
    assert len(places) == 4
    assert all(top % 8 == left % 8 == 0 for top, left in places)
    taken = np.zeros((1836, 3264), int)
    for top, left in places:
        taken[top : top + 720, left : left + 1280] += 1
    assert taken.max() == 1
    assert taken.sum() == 4 * 720 * 1280


@pytest.mark.parametrize(("shape", "problem"), [((480, 640), "640x480 pixels"), (None, "holds no photo")])
def test_a_folder_that_cannot_be_used_is_told(tmp_path, shape, problem):
    (tmp_path / "phone" / "enrol").mkdir(parents=True)
    if shape:
        Image.fromarray(grey(120, shape)).save(tmp_path / "phone" / "enrol" / "wall.jpg")
    with pytest.raises(ImageError, match=problem):
        real_cameras(tmp_path)


@pytest.mark.data
def test_real_cameras_are_enrolled_by_the_policy_and_found_on_a_face():
    found, rules = real_cameras(DATA), Policy.load().enrolment
    assert set(found) == {"gopro-hero4", "phone-lg-d605", "phone-samsung-j3", "phone-samsung-s3"}
    face = scenes.photo("astronaut", SHAPE)
    samples = {name: parts[0].sample(rules) for name, parts in found.items()}
    for name, parts in found.items():
        camera = parts[0].camera()
        stills = [camera.photograph(face, shot=number) for number in range(6)]
        passed = {other for other, sample in samples.items() if match(sample.fingerprint, stills).passed()}
        assert passed == {name}
