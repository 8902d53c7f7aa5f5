"""Whether a session's faces are one person's, from made-up embeddings."""

from __future__ import annotations

import numpy as np
import pytest

from liveness.identity import THRESHOLD
from liveness.sameness import FRONTAL, LEAST, PersonWatch, weight
from testing.observations import nobody, seen


def face(person: int, noise: float = 0.0, of: int = 0) -> np.ndarray:
    """A frame of a person: noise of 1 makes two frames of one person alike by .5."""
    rng = np.random.default_rng(of)
    vector = np.eye(128)[person] + noise * rng.normal(0, 1, 128) / np.sqrt(128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def watch(embeddings, **pose) -> PersonWatch:
    watching = PersonWatch()
    for second, embedding in enumerate(embeddings):
        watching.add(seen(float(second), **pose), embedding)
    return watching


def test_a_single_face_that_is_read_badly_is_no_other_person():
    for bad in range(8):
        faces = [face(1 if number == bad else 0, 0.3, number) for number in range(8)]
        assert not watch(faces).changed


@pytest.mark.parametrize("seed", range(20))
def test_a_person_whose_frames_often_miss_the_threshold_stays_one(seed):
    faces = [face(0, 1.1, 100 * seed + number) for number in range(25)]
    missed = sum(float(faces[0] @ other) < THRESHOLD for other in faces)
    assert missed >= 3
    assert not watch(faces).changed


@pytest.mark.parametrize(
    "who", ["AAABBB", "AABB", "ABABAB", "AAAAAAAABABA", "ABBAABBA", 40 * "A" + "BB", 30 * "A" + 30 * "B"]
)
def test_two_people_are_found_in_whatever_order_they_swap_places(who):
    assert watch(face("AB".index(one), 0.5, number) for number, one in enumerate(who)).changed


def test_what_was_found_stays_and_all_sightings_are_kept():
    watching = watch(face(one, 0.3, number) for number, one in enumerate([0, 0, 0, 1, 1, *[0] * 100]))
    assert watching.changed
    assert len(watching.sightings) == 105
    assert [one.time_s for one in watching.sightings] == list(range(105))


def test_faces_in_profile_tell_less():
    assert weight(seen(0.0)) == weight(seen(0.0, yaw=-FRONTAL)) == 1.0
    assert LEAST < weight(seen(0.0, yaw=25.0)) < 1.0
    assert weight(seen(0.0, pitch=-60.0)) == weight(nobody(0.0)) == LEAST
    assert not watch([face(one) for one in (0, 0, 0)] + [face(1), face(1)], yaw=60.0).changed
