"""What a watcher gives to a liveness session, and when, with a tracker and a matcher that are tables."""

from __future__ import annotations

import numpy as np
import pytest

from liveness import watcher
from liveness.landmarks import FaceBox
from liveness.watcher import EMBED_S, Watcher
from testing.observations import nobody, seen
from testing.some import some

FRAME = np.zeros((48, 64, 3), np.uint8)
FACE = np.ones(128, np.float32)


class Tracker:
    """Sees as many faces as it is told, and no frame twice."""

    def __init__(self) -> None:
        self.faces, self.last_s, self.closed = 1, -1.0, False
        self.box = FaceBox(220, 120, 200, 240)

    def observe(self, frame, time_s):
        late, self.last_s = time_s <= self.last_s, max(time_s, self.last_s)
        if late:
            return None
        return seen(time_s, faces=self.faces, box=self.box) if self.faces else nobody(time_s)

    def close(self):
        self.closed = True


class Matcher:
    """Reads the face, or tells why it cannot."""

    def __init__(self) -> None:
        self.trouble, self.frames, self.faces = "", list[np.ndarray](), list[np.ndarray]()

    def try_embed(self, frame):
        self.frames.append(frame)
        face = self.faces.pop(0) if self.faces else FACE / np.linalg.norm(FACE)
        return (None, self.trouble) if self.trouble else (face, "")


@pytest.fixture
def tracker():
    return Tracker()


@pytest.fixture
def matcher():
    return Matcher()


def embedded(watching, times):
    """Times of the frames of which the face was embedded."""
    return [time_s for time_s in times if watching.look(FRAME, time_s).embedding is not None]


def test_the_first_face_is_embedded_at_once_and_then_one_a_second_of_the_frames_own_time(tracker, matcher):
    watching = Watcher(tracker, matcher)
    assert EMBED_S == 1.0
    assert embedded(watching, [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.9, 2.0, 5.5, 6.0, 6.5]) == [0.0, 1.0, 2.0, 5.5, 6.5]


def test_without_a_face_nothing_is_embedded_and_the_next_one_need_not_wait(tracker, matcher):
    watching = Watcher(tracker, matcher)
    tracker.faces = 0
    assert embedded(watching, [0.0, 1.0, 2.0]) == []
    tracker.faces = 1
    assert embedded(watching, [2.1, 2.2]) == [2.1]
    assert len(matcher.frames) == 1


def test_why_a_face_could_not_be_embedded_is_said_until_the_next_try(tracker, matcher):
    watching = Watcher(tracker, matcher)
    matcher.trouble = "covered"
    assert some(watching.look(FRAME, 0.0))[1:] == (None, "covered")
    matcher.trouble = ""
    assert some(watching.look(FRAME, 0.5))[1:] == (None, "covered")
    tracker.faces = 0
    assert some(watching.look(FRAME, 1.0))[1:] == (None, "covered")
    tracker.faces = 1
    found = some(watching.look(FRAME, 1.1))
    assert found.embedding is not None
    assert found.trouble == ""


@pytest.mark.parametrize(("alone", "times"), [(False, [0.0, 1.0]), (True, [1.5])])
def test_of_several_faces_the_matcher_decides_unless_one_must_be_alone(tracker, matcher, alone, times):
    watching = Watcher(tracker, matcher, alone=alone)
    tracker.faces = 2
    found = embedded(watching, [0.0, 0.5, 1.0])
    tracker.faces = 1
    assert found + embedded(watching, [1.5]) == times


def test_a_face_that_comes_back_or_jumps_aside_is_embedded_without_waiting_for_its_second(tracker, matcher):
    watching = Watcher(tracker, matcher)
    assert embedded(watching, [0.0, 0.1, 0.2]) == [0.0]
    tracker.faces = 0
    assert embedded(watching, [0.3, 0.4]) == []
    tracker.faces = 1
    assert embedded(watching, [0.5, 0.6, 0.7]) == [0.5]
    tracker.box = FaceBox(20, 120, 200, 240)
    assert embedded(watching, [0.8, 0.9, 1.0]) == [0.8]


def test_a_face_that_is_not_like_the_last_one_is_soon_looked_at_again(tracker, matcher):
    watching = Watcher(tracker, matcher)
    one, two = np.eye(2, 128, dtype=np.float32)
    matcher.faces = [one, two, two, one, one, one]
    times = [number / 10 for number in range(40)]
    assert embedded(watching, times) == pytest.approx([0.0, 1.0, 1.3, 2.3, 2.6, 3.6])


def test_a_frame_that_comes_too_late_is_none_and_costs_no_embedding(tracker, matcher):
    watching = Watcher(tracker, matcher)
    watching.look(FRAME, 3.0)
    assert watching.look(FRAME, 1.0) is None
    assert watching.look(FRAME, 3.0) is None
    assert len(matcher.frames) == 1


def test_a_watcher_that_need_not_recognise_loads_no_matcher_and_embeds_nobody(tracker, monkeypatch):
    monkeypatch.setattr(watcher, "FaceMatcher", lambda: pytest.fail("a matcher was loaded"))
    watching = Watcher(tracker, recognise=False)
    assert some(watching.look(FRAME, 0.0))[1:] == (None, "")


def test_the_tracker_is_closed_with_the_watcher(tracker, matcher):
    with Watcher(tracker, matcher):
        assert not tracker.closed
    assert tracker.closed
