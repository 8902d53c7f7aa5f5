from __future__ import annotations

import numpy as np
import pytest

from attacks.face.expression import Expression
from attacks.face.swap import Swapper
from attacks.show.deepfakes import Driven, Swapped
from attacks.types import RATE, no_sensor, sensor
from liveness.landmarks import FaceTracker
from testing.some import some


class Played:
    """The actor with one expression after another, photographed by the enrolled camera."""

    def __init__(self, target, expressions):
        self._poses = iter(expressions)
        self._face, self._sensor = target.actor, sensor(target.camera)
        self.closed = False

    def frame(self, step, now_s):
        self.scene = self._face.frame(next(self._poses))
        return self.scene

    def still(self):
        self.original = self._sensor(self.scene)
        return self.original

    def close(self):
        self.closed = True


@pytest.fixture(scope="module")
def swapper(target):
    return lambda: Swapper(target.portrait)


def around(target):
    """Where nothing of the actor's face can be, even when it sways."""
    with FaceTracker(stills=True) as tracker:
        box = some(some(tracker.observe(target.actor.frame(Expression()), 0.0)).box)
    outside = np.ones(target.camera.shape, bool)
    top, left, margin = round(box.top), round(box.left), round(0.35 * box.width)
    outside[
        max(top - margin, 0) : top + round(box.height) + margin, left - margin : left + round(box.width) + margin
    ] = 0
    return outside


def test_a_swap_in_a_genuine_still_changes_the_face_and_not_a_bit_around_it(target, swapper):
    under = Played(target, [Expression()] * 2)
    swapped = Swapped(under, swapper(), None)
    _, frame = (swapped.frame(None, number / RATE) for number in range(2))
    still, outside = swapped.still(), around(target)
    changed = (still != under.original).any(axis=2)
    assert outside.mean() > 0.5
    assert not changed[outside].any()
    assert changed[~outside].mean() > 0.2
    assert (frame != under.scene).any(), "the stream is swapped, too"
    swapped.close()
    assert under.closed


def test_a_swap_that_is_injected_or_filmed_makes_its_stills_of_the_swapped_scene(target, swapper):
    under = Played(target, [Expression()])
    swapped = Swapped(under, swapper(), no_sensor)
    frame = swapped.frame(None, 0.0)
    assert np.array_equal(swapped.still(), frame)
    swapped.close()


def test_a_driven_puppet_turns_when_the_actor_does_and_shows_the_victim(target):
    yaws = [0.0] * 20 + [3.0 * n for n in range(9)] + [26.0] * 6
    driven = Driven(Played(target, [Expression(yaw=yaw) for yaw in yaws]), target.face, no_sensor)
    frames = [driven.frame("turn left", number / RATE) for number in range(len(yaws))]
    with FaceTracker(stills=True) as tracker:
        before, after = (some(tracker.observe(frames[number], 0.0)).yaw for number in (18, -1))
    assert after - before > 20
    assert np.abs(frames[18].astype(int) - target.face.frame(Expression())).mean() < 3
    assert np.array_equal(driven.still(), frames[-1])
    driven.close()


@pytest.mark.parametrize("kind", ["swapped", "driven"])
def test_there_is_no_still_before_the_first_frame(target, swapper, kind):
    under = Played(target, [])
    made = Swapped(under, swapper(), None) if kind == "swapped" else Driven(under, target.face, no_sensor)
    with pytest.raises(RuntimeError, match="ask for a frame before a still"):
        made.still()
    made.close()
    assert under.closed
