"""The steps of each attack's making, with the real networks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from attacks.target import simulated
from bank.policy import Policy
from liveness.models import MODELS
from testing.some import some
from tests import needs
from ui.attack_lab import making_steps
from ui.results.attack_offers import offer


@pytest.fixture(scope="module")
def target():
    needs.models(*MODELS)
    return simulated(Policy.load().enrolment, shape=(480, 640))


def picture_of(step):
    return cv2.imdecode(np.frombuffer(step.picture, np.uint8), cv2.IMREAD_COLOR)


def says_simulated(step):
    grey = cv2.cvtColor(picture_of(step), cv2.COLOR_BGR2GRAY)[-16:, -70:]
    return (grey < 50).mean() > 0.3 and (grey > 170).mean() > 0.02


def made(target, code, strength=""):
    one: Any = offer(code)
    ticks: list[tuple[float, str]] = []
    steps = list(making_steps.steps(one, strength or next(iter(one.ways)), target, lambda *tick: ticks.append(tick)))
    assert all(0 <= share <= 1 for share, _ in ticks)
    return steps, ticks


@pytest.mark.parametrize(
    ("code", "titles"),
    [
        ("genuine", ["The photo", "The photo learns to move", "A photo by the registered camera"]),
        ("puppet", ["The photo", "Points on the face", "The photo moves"]),
        ("swap", ["The photo", "Points on the victim's face", "The actor", "The swapped face"]),
        ("photo", ["The photo", "The print"]),
        ("screen", ["The recording", "Filmed off a screen"]),
        ("virtual-camera", ["The recording", "A recorded still"]),
        ("wrong-stills", ["The photo", "The fake video"]),
    ],
)
def test_an_attack_is_made_step_by_step_and_each_picture_of_it_says_that_it_is_simulated(target, code, titles):
    steps, _ = made(target, code)
    assert [step.title for step in steps] == titles
    assert all(says_simulated(step) for step in steps if step.title != "The photo")
    assert all(max(picture_of(step).shape) <= 640 for step in steps)


def test_a_swap_changes_the_face_of_the_actor_and_nothing_around_it(target):
    steps, _ = made(target, "swap")
    rows, columns, _ = picture_of(steps[-1]).shape
    tiles = picture_of(steps[-1]).astype(int)
    change = np.abs(tiles[: rows // 2, : columns // 2] - tiles[rows // 2 :, : columns // 2]).mean(axis=2)
    middle = change[rows // 6 : rows // 3, columns // 5 : columns * 3 // 10]
    assert middle.mean() > 5
    assert change[: rows // 16].mean() < 2


def test_a_copy_tells_its_progress_its_photos_and_what_the_eye_could_see(target):
    steps, ticks = made(target, "copy", "1")
    titles = [step.title for step in steps]
    assert titles[1:] == [
        "Published photos",
        "The copied pattern (fingerprint)",
        "The pattern planted in the fake",
        "The difference",
    ]
    assert "1 photo by the registered camera" in steps[1].text
    assert "dB (PSNR)" in steps[3].text
    assert (1.0, "Working the pattern out of 1 photo") in ticks
    assert all(says_simulated(step) for step in steps[1:])


def test_the_still_stands_beside_the_frame_of_its_moment():
    frame, still = np.full((360, 640, 3), 90, np.uint8), np.full((480, 640, 3), 180, np.uint8)
    data = making_steps.side_by_side(frame, still)
    both = some(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
    assert both.shape == (360, 640 + 480, 3)
    assert (int(both[5, 5, 0]), int(both[5, -5, 0])) == (90, 180)
