"""What docs/measurements.md says of real clips, generated ones and held photos."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from liveness.landmarks import FaceTracker
from liveness.session import LivenessSession
from liveness.video import analyse_video
from testing.blink_scores import blink_scores
from testing.held_photo import MOTIONS, film
from testing.real_clips import CLIPS
from testing.some import some

pytestmark = pytest.mark.data


def blinks(real_faces, every):
    labels = json.loads((real_faces / "blinks.json").read_text())
    counts = np.zeros(3, int)
    for name, clip in labels.items():
        report = analyse_video(real_faces / "real" / name, every=every)
        counts += blink_scores(report.blinks, clip)
    return counts


def test_labelled_blinks_are_found_at_full_rate(real_faces):
    hits, false, missed = blinks(real_faces, 1)
    assert 2 * hits / (2 * hits + false + missed) >= 0.95
    assert false <= 1


def test_labelled_blinks_are_found_in_every_third_frame(real_faces):
    hits, false, missed = blinks(real_faces, 3)
    assert hits / (hits + missed) >= 0.90
    assert false <= 1


def test_a_person_who_does_not_blink_is_not_said_to(real_faces):
    assert analyse_video(real_faces / "real" / "intel_headpose_male.gif").blinks == []


def test_two_faces_are_refused_and_low_light_gets_advice(real_faces):
    two = analyse_video(real_faces / "real" / "intel_headpose_two_people.gif")
    assert (two.verdict, two.reason) == ("inconclusive", "two-faces")
    dark = analyse_video(real_faces / "real" / "liveportrait_d20.mp4")
    assert "Too dark. Turn on a light in front of you." in dark.advice


def test_a_real_head_turns_left_then_right(real_faces):
    turns = [
        event.kind
        for name in ("intel_headpose_female.gif", "liveportrait_d3.mp4")
        for event in analyse_video(real_faces / "real" / name).events
        if event.kind.startswith("turn")
    ]
    assert turns == ["turn left", "turn left"]


def test_deepfakes_pass_liveness_which_is_why_there_are_other_factors(real_faces):
    verdicts = [analyse_video(path).verdict for path in sorted((real_faces / "fake").glob("*.mp4"))]
    assert verdicts == ["live"] * 3


@pytest.mark.parametrize(
    ("motion", "photo"), list(zip(MOTIONS, 3 * ["Barack_Obama/obama.jpg", "Rose_Leslie/img1.jpg"], strict=True))
)
def test_a_held_photo_never_turns_nor_lives(real_faces, landmarker, motion, photo):
    """Six motions, two photos by turns; `python -m benchmarks.liveness` does all twelve, and 20 s of one held still."""
    picture = cv2.cvtColor(cv2.imread(str(real_faces / "photos" / photo)), cv2.COLOR_BGR2RGB)
    session = LivenessSession()
    with FaceTracker(model=landmarker) as tracker:
        for frame, time_s in film(picture, motion):
            session.feed(some(tracker.observe(frame, time_s)))
    assert not [event for event in session.events if event.kind.startswith("turn")]
    assert session.vote.verdict != "live"


def test_every_clip_is_listed_in_the_table(real_faces):
    assert {path.name for kind in ("real", "fake") for path in (real_faces / kind).iterdir()} == set(CLIPS)
