"""What a watcher gives to a liveness session, and when, with a tracker and a matcher that are tables."""

from __future__ import annotations

import numpy as np
import pytest

from liveness import watcher
from liveness.watcher import EMBED_S, Watcher
from testing.observations import nobody, seen
from testing.some import some

FRAME = np.zeros((48, 64, 3), np.uint8)
FACE = np.ones(128, np.float32)


class Tracker:
    """Sees as many faces as it is told, and no frame twice."""

    def __init__(self) -> None:
        self.faces, self.last_s, self.closed = 1, -1.0, False

    def observe(self, frame, time_s):
        late, self.last_s = time_s <= self.last_s, max(time_s, self.last_s)
        if late:
            return None
        return seen(time_s, faces=self.faces) if self.faces else nobody(time_s)

    def close(self):
        self.closed = True


class Matcher:
    """Reads the face, or tells why it cannot."""

    def __init__(self) -> None:
        self.trouble, self.frames = "", list[np.ndarray]()

    def try_embed(self, frame):
        self.frames.append(frame)
        return (None, self.trouble) if self.trouble else (FACE, "")


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
    assert found.embedding is FACE
    assert found.trouble == ""


@pytest.mark.parametrize(("alone", "times"), [(False, [0.0, 1.0]), (True, [1.5])])
def test_of_several_faces_the_matcher_decides_unless_one_must_be_alone(tracker, matcher, alone, times):
    watching = Watcher(tracker, matcher, alone=alone)
    tracker.faces = 2
    found = embedded(watching, [0.0, 0.5, 1.0])
    tracker.faces = 1
    assert found + embedded(watching, [1.5]) == times


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
