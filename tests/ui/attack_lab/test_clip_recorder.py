from __future__ import annotations

import io

import av
import numpy as np
import pytest

from testing.some import some
from ui.attack_lab.clip_recorder import Recorder


class Shown:
    """Shows grey that grows brighter, and notes what it is asked."""

    def __init__(self):
        self.asked, self.closed = [], False

    def frame(self, step, now_s):
        self.asked.append((step, now_s))
        return np.full((720, 1280, 3), 60 + len(self.asked), np.uint8)

    def still(self):
        return np.full((720, 1280, 3), 200, np.uint8)

    def close(self):
        self.closed = True


@pytest.fixture
def shown():
    return Shown()


def played(shown, frames=30):
    recorder = Recorder(shown, "A swapped face")
    scenes = [recorder.frame("turn left", number / 15) for number in range(frames)]
    return recorder, scenes


def test_what_is_judged_passes_unchanged(shown):
    recorder, scenes = played(shown, 2)
    assert shown.asked == [("turn left", 0.0), ("turn left", 1 / 15)]
    assert [int(scene[-1, -1, 0]) for scene in scenes] == [61, 62], "no label in what a check is fed"
    assert recorder.still().shape == (720, 1280, 3)
    recorder.close()
    assert shown.closed


def test_every_frame_of_the_clip_and_the_file_say_that_it_is_simulated(shown):
    recorder, _ = played(shown)
    assert recorder.clip == b"", "not before it is closed"
    recorder.close()
    with av.open(io.BytesIO(recorder.clip), "r") as clip:
        assert clip.metadata["title"] == "simulated: A swapped face"
        assert "simulated by LensLock" in clip.metadata["comment"]
        frames = list(clip.decode(video=0))
    assert len(frames) == 30
    assert frames[-1].time == pytest.approx(29 / 15, abs=0.01)
    for frame in frames:
        corner = frame.to_ndarray(format="gray")[-12:, -60:]
        assert (corner < 40).mean() > 0.3, "the label's black"
        assert (corner > 180).mean() > 0.02, "and its letters"


def test_the_last_still_is_kept_small_beside_the_frame_of_that_moment(shown):
    recorder, _ = played(shown, 3)
    before = recorder.pair
    assert before is None
    recorder.still()
    frame, still = some(recorder.pair)
    assert frame.shape == still.shape == (360, 640, 3)
    assert (int(frame[0, 0, 0]), int(still[0, 0, 0])) == (63, 200)
    recorder.close()


def test_without_a_frame_there_is_no_clip(shown):
    recorder = Recorder(shown, "Nothing")
    recorder.close()
    assert recorder.clip == b""
    assert shown.closed
