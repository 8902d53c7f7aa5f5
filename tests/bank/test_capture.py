from __future__ import annotations

import math
import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from bank.capture import Capture
from bank.pictures import Picture
from bank.policy import Policy
from bank.still import Refusal, Still
from liveness.challenge import Challenge
from prnu.sketch import shared_noise
from testing.selfie import Device, Table

CHALLENGE = Challenge(("blink twice", "turn left", "look right"))


class Slow(Table):
    """Reads a face when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.busy, self.gate = threading.Event(), threading.Event()

    def read(self, rgb, time_s):
        self.busy.set()
        assert self.gate.wait(20)
        return super().read(rgb, time_s)


@pytest.fixture(scope="module")
def selfie():
    return Device(7).selfie()


def gathering(reader) -> Capture:
    return Capture(Policy.load().profile("demo"), CHALLENGE, reader)


def test_closing_waits_for_the_still_that_is_examined(selfie):
    reader = Slow()
    capture = gathering(reader)
    number = capture.ask(1.0)
    examining = threading.Thread(target=capture.add, args=(selfie, number, 1.2))
    closing = threading.Thread(target=capture.close)
    examining.start()
    assert reader.busy.wait(20)
    closing.start()
    closing.join(0.2)
    assert closing.is_alive()
    reader.gate.set()
    closing.join(20)
    examining.join(20)
    assert [still.number for still in capture.stills] == [number]


@pytest.mark.parametrize(
    ("said", "received", "believed"),
    [(math.nan, 1.2, 1.0), (1.4, 1.6, 1.4), (0.2, 1.2, 1.0), (9.0, 1.2, 1.2), (9.0, 5.0, 2.0), (-math.inf, 1.2, 1.0)],
)
def test_a_still_was_taken_when_its_sender_says_but_not_before_it_was_asked_for_nor_long_after(
    selfie, said, received, believed
):
    capture = gathering(Table())
    still = capture.add(selfie, capture.ask(1.0), received, said)
    assert isinstance(still, Still)
    assert still.taken_s == believed


def test_the_stream_goes_on_while_a_still_is_examined(selfie):
    reader = Slow()
    capture = gathering(reader)
    examining = threading.Thread(target=capture.add, args=(selfie, capture.ask(1.0), 1.2))
    examining.start()
    assert reader.busy.wait(20)
    assert capture.ask(1.1) == 2
    assert capture.refuse(2, "It is torn.").code == "unusable"
    reader.gate.set()
    examining.join(20)
    assert len(capture.stills) == 1


def test_a_still_that_comes_after_the_decision_is_not_taken(selfie):
    reader = Slow()
    reader.gate.set()
    capture = gathering(reader)
    one, two = capture.ask(1.0), capture.ask(1.0)
    assert isinstance(capture.add(selfie, one, 1.2), Still)
    capture.close()
    capture.close()
    late = capture.add(selfie, two, 1.3)
    assert isinstance(late, Refusal)
    assert late.code == "late"
    assert len(capture.stills) == 1


def test_models_are_loaded_before_the_first_still_and_not_after_the_end(monkeypatch):
    made: list[str] = []

    class Reader:
        def __init__(self) -> None:
            made.append(threading.current_thread().name)

        def close(self) -> None:
            made.append("closed")

    monkeypatch.setattr("bank.face_reader.Reader", Reader)
    capture = Capture(Policy.load().profile("demo"), CHALLENGE)
    thread = threading.Thread(target=capture.prepare, name="stills")
    thread.start()
    thread.join(20)
    capture.prepare()
    assert made == ["stills"]
    capture.close()
    capture.prepare()
    assert made == ["stills", "closed"]


def test_luma_of_a_raw_frame_stays_in_bytes_and_gives_the_same_still_as_in_floating_point(selfie):
    height, width = selfie.shape
    planes = cv2.cvtColor(selfie.rgb, cv2.COLOR_RGB2YUV_I420)
    frame = Picture.from_i420(planes.tobytes(), width, height)
    reader = Slow()
    reader.gate.set()
    still = gathering(reader).upload(frame)
    other = gathering(reader).upload(replace(frame, luma=frame.luma.astype(np.float32)))
    assert isinstance(still, Still)
    assert isinstance(other, Still)
    assert still.luma is frame.luma
    assert still.luma.dtype == other.luma.dtype == np.uint8
    np.testing.assert_array_equal(still.luma, planes[:height])
    np.testing.assert_array_equal(still.luma, other.luma)
    np.testing.assert_array_equal(still.pattern, other.pattern)
    again = other.sketch(still.sketches[0].salt)  # made of the pattern in half precision
    assert shared_noise(still.sketches[0], [again])[0][0] > 0.99
