from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bank import CameraInfo, CustomerInfo
from ui.results.sample import PERSON
from ui.text.readiness import live_obstacles, other_size, photo_obstacles, sizes_of

NOW = datetime(2026, 11, 27, tzinfo=UTC)
ALL = ("face", "liveness", "camera")
MOST = 1920 * 1200


def camera(width, height, days=0):
    return CameraInfo("c", "Phone", width, height, "JPEG", 20, 300.0, NOW + timedelta(days))


ANNA = CustomerInfo("1", "Anna", NOW, None, 5, (camera(1280, 720), camera(640, 480, 1), camera(1280, 720, 2)), NOW)


def kinds(customer, seen=None, required=ALL):
    return [one.kind for one in live_obstacles(customer, required, MOST, seen)]


def test_nothing_stands_in_the_way_of_somebody_with_face_and_camera():
    assert kinds(ANNA) == kinds(ANNA, (640, 480)) == kinds(ANNA, (720, 1280)) == []
    assert photo_obstacles(ANNA, ALL) == []


def test_a_missing_face_or_camera_is_certain_where_it_is_required_and_else_nothing():
    bare = replace(ANNA, face_frames=0, cameras=())
    assert kinds(bare) == ["no-face", "no-camera"]
    assert all(one.certain for one in live_obstacles(bare, ALL, MOST, None))
    assert kinds(bare, required=("liveness",)) == []


def test_photos_that_no_video_is_as_large_as_are_certain_to_be_no_match():
    phone = replace(ANNA, cameras=(camera(4032, 3024),))
    (found,) = live_obstacles(phone, ALL, MOST, None)
    assert (found.kind, found.certain) == ("too-large", True)
    assert "4032 x 3024 pixels" in found.text
    assert "2.3 megapixels at most" in found.text
    assert kinds(replace(ANNA, cameras=(camera(4032, 3024), camera(640, 480)))) == []


def test_what_the_browsers_camera_gave_last_is_a_hint():
    (found,) = live_obstacles(ANNA, ALL, MOST, (800, 600))
    assert (found.kind, found.certain) == ("other-size", False)
    assert "800 x 600 pixels" in found.text
    assert "1280 x 720 or 640 x 480 pixels" in found.text


def test_no_camera_takes_the_sample_persons_pictures():
    assert kinds(replace(ANNA, name=PERSON)) == ["sample"]


def test_the_sizes_registered_last_come_first_each_once():
    assert sizes_of(ANNA) == ((1280, 720), (640, 480))
    assert sizes_of(ANNA, 640 * 480) == ((640, 480),)


@pytest.mark.parametrize(("size", "words"), [((800, 600), "Choose the camera"), ((720, 1280), "Hold the phone as")])
def test_a_check_that_ends_because_of_the_size_says_so_and_what_to_do(size, words):
    text = other_size(size, [(1280, 720)])
    assert words in text
    assert "counts as no failed attempt" in text


def test_a_name_is_shown_as_it_is():
    (found,) = live_obstacles(replace(ANNA, name="*A*", face_frames=0), ALL, MOST, None)
    assert r"\*A\*" in found.text
