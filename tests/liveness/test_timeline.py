from __future__ import annotations

import math

import pytest

from liveness.answers import StepResult
from liveness.events import Event
from liveness.quality import Gate, check
from liveness.timeline import SIGNALS, SignalTrack, Timeline, following
from testing.observations import nobody, seen


@pytest.fixture
def track():
    """A second that ends in a turn, then one without a face."""
    made = SignalTrack()
    for number in range(20):
        time_s = number / 10
        observation = seen(time_s, yaw=4.0 * number) if number < 10 else nobody(time_s)
        made.add(observation, check(observation))
    return made


def test_signals_of_each_frame_are_kept_and_have_no_value_without_a_face(track):
    assert set(track.signals) == set(SIGNALS)
    assert {len(values) for values in track.signals.values()} == {20}
    assert track.signals["yaw"][9] == 36.0
    assert math.isnan(track.signals["yaw"][10])
    assert Timeline(track.signals).seconds == pytest.approx(1.9)
    assert Timeline(SignalTrack().signals).seconds == 0.0


def test_a_time_includes_its_ends_and_leaves_out_frames_without_a_face(track):
    assert track.between("yaw", 0.3, 0.5).tolist() == [12.0, 16.0, 20.0]
    assert len(track.between("yaw", 0.8, 1.9)) == 2
    assert len(track.between("yaw", 5.0, 6.0)) == 0


def test_the_share_that_could_not_be_judged_is_told_with_its_cause(track):
    assert track.unusable(0.0, 1.9) == (0.5, "no-face")
    assert track.unusable(0.0, 0.9) == (0.0, "")
    assert track.unusable(5.0, 6.0) == (0.0, "")
    dim = SignalTrack()
    dim.add(seen(0.0), Gate("too-dark"))  # advice alone keeps nobody from being judged
    assert dim.unusable(0.0, 0.0) == (0.0, "")


def test_what_follows_a_prompt_began_after_it_and_before_the_next():
    steps = [StepResult("blink twice", 1.0, 3.0, 0, 0), StepResult("turn left", 3.0, math.nan, 0, 0)]
    events = [Event("blink", start_s, start_s + 0.1, 0.5) for start_s in (0.5, 1.0, 1.1, 2.9, 3.0, 3.1, 90.0)]
    assert [event.start_s for event in following(steps, 0, events)] == [1.1, 2.9]
    assert [event.start_s for event in following(steps, 1, events)] == [3.1, 90.0]
