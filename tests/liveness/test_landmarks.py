from __future__ import annotations

import math
import tracemalloc

import cv2
import numpy as np
import pytest

from liveness.landmarks import LEFT_EYE, RIGHT_EYE, FaceTracker, FrameError, eye_aspect_ratio


def first(landmarker, frame, mirrored=False, times=3):
    with FaceTracker(mirrored=mirrored, model=landmarker) as tracker:
        *_, found = (tracker.observe(frame, number / 15) for number in range(times))
    return found


def test_a_face_is_described(tracker, portrait):
    seen = tracker.observe(portrait, 0.0)
    assert seen.faces == 1
    assert seen.landmarks.shape == (478, 3)
    assert seen.landmarks.dtype == np.float32
    assert 0.2 < seen.ear < 0.5
    assert 0 <= seen.blink < 0.5
    assert abs(seen.yaw) < 25
    assert abs(seen.roll) < 15
    assert 150 < seen.box.left < seen.box.left + seen.box.width < 500
    assert 100 < seen.brightness < 220
    assert seen.sharpness > 20


def test_left_is_the_persons_left(tracker, portrait):
    """In a picture that is not mirrored, the person's left eye is on the right."""
    seen = tracker.observe(portrait, 0.0)
    left, right = (seen.landmarks[list(eye), 0].mean() for eye in (LEFT_EYE, RIGHT_EYE))
    assert left > right


def test_closing_the_persons_left_eye_lowers_the_left_ratio_only():
    landmarks = np.zeros((478, 3), np.float32)
    for eye, opening in ((LEFT_EYE, 1.0), (RIGHT_EYE, 6.0)):
        outer, upper1, upper2, inner, lower2, lower1 = eye
        landmarks[outer, 0], landmarks[inner, 0] = 20, 0
        for upper, lower in ((upper1, lower1), (upper2, lower2)):
            landmarks[upper, 1], landmarks[lower, 1] = -opening / 2, opening / 2
    assert eye_aspect_ratio(landmarks, LEFT_EYE) == pytest.approx(0.05)
    assert eye_aspect_ratio(landmarks, RIGHT_EYE) == pytest.approx(0.3)


def test_mirrored_frames_give_the_same_as_plain_ones(landmarker, portrait):
    plain = first(landmarker, portrait)
    turned_back = first(landmarker, np.ascontiguousarray(portrait[:, ::-1]), mirrored=True)
    for name in ("ear_left", "ear_right", "yaw", "roll", "gaze"):
        assert getattr(plain, name) == pytest.approx(getattr(turned_back, name), abs=1e-3)


def test_tilting_towards_the_persons_left_shoulder_is_a_positive_roll(landmarker, portrait):
    """Clockwise in a picture that is not mirrored; unannounced mirroring turns the sign round."""
    clockwise = cv2.warpAffine(portrait, cv2.getRotationMatrix2D((320, 240), -20, 1), (640, 480))
    plain, tilted = first(landmarker, portrait), first(landmarker, clockwise)
    assert tilted.roll - plain.roll == pytest.approx(20, abs=5)
    mirrored = first(landmarker, np.ascontiguousarray(clockwise[:, ::-1]))
    assert mirrored.roll == pytest.approx(-tilted.roll, abs=5)
    assert mirrored.ear_left == pytest.approx(tilted.ear_right, abs=0.06)


def test_no_face_is_an_observation_too(tracker):
    seen = tracker.observe(np.full((480, 640, 3), 90, np.uint8), 0.0)
    assert (seen.faces, seen.box, seen.landmarks) == (0, None, None)
    assert math.isnan(seen.yaw)
    assert math.isnan(seen.ear)


def test_frames_out_of_order_are_left_out(tracker, portrait):
    assert tracker.observe(portrait, 1.0) is not None
    assert tracker.observe(portrait, 0.5) is None
    assert tracker.observe(portrait, 1.0) is None
    assert tracker.observe(portrait, 1.0001) is not None
    assert tracker.observe(portrait, 300.0) is not None


def test_a_face_that_leaves_is_found_when_it_comes_back(tracker, portrait):
    empty = np.full_like(portrait, 90)
    frames = [portrait] * 3 + [empty] * 8 + [portrait] * 3
    faces = [tracker.observe(frame, number / 15).faces for number, frame in enumerate(frames)]
    assert faces[:3] == [1, 1, 1]
    assert faces[6:11] == [0] * 5
    assert faces[-1] == 1


@pytest.mark.parametrize("scale", [0.5, 1.5])
def test_pixels_are_those_of_the_frame_whatever_its_size(landmarker, portrait, scale):
    plain = first(landmarker, portrait)
    scaled = first(landmarker, cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    np.testing.assert_allclose(scaled.landmarks[:, :2] / scale, plain.landmarks[:, :2], atol=4)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((10, 640, 3), np.uint8),
        "frame",
        None,
    ],
)
def test_what_is_no_frame_is_refused(tracker, bad):
    with pytest.raises(FrameError, match="give"):
        tracker.observe(bad, 0.0)


def test_impossible_times_are_refused(tracker, portrait):
    with pytest.raises(FrameError, match="seconds"):
        tracker.observe(portrait, math.nan)


@pytest.mark.slow
def test_any_frame_at_all_is_survived_and_forgotten(tracker, portrait):
    """A short run of what `python -m benchmarks.liveness_fuzz` does ten thousand times."""
    from liveness.session import LivenessSession
    from testing.odd_frames import frames

    session = LivenessSession()
    seen = 0
    for number, frame in enumerate(frames(portrait, 150, seed=1)):
        if number == 50:
            tracemalloc.start()
        found = tracker.observe(frame, number / 15)
        session.feed(found)
        seen += found.faces > 0
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen > 20
    assert grown < 2_000_000
