from __future__ import annotations

import cv2
import numpy as np
import pytest

from prnu import gather, scenes
from prnu.flats import Flats
from prnu.images import as_luma
from prnu.sensor import SimulatedCamera
from prnu.spectrum import whitened

SHAPE = (480, 640)


def noisy(shot: np.ndarray, sigma: float, seed: int) -> np.ndarray:
    return np.clip(shot + np.random.default_rng(seed).normal(0, sigma, shot.shape), 0, 255).astype(np.uint8)


def flats(pictures) -> Flats:
    lumas = [as_luma(picture) for picture in pictures]
    return Flats([whitened(gather(luma).pattern) for luma in lumas], [luma.astype(np.uint8) for luma in lumas])


@pytest.fixture(scope="module")
def camera():
    return SimulatedCamera(SHAPE, seed=4)


def test_copies_of_one_shot_stand_out_in_the_flats_and_shots_before_a_scene_that_stands_still_do_not(camera):
    scene = scenes.photo("coffee", SHAPE)
    shots = [camera.photograph(scene, shot=shot) for shot in range(3)]
    found = flats([*shots[:2], noisy(shots[2], 4.0, 1), noisy(shots[2], 4.0, 2)])
    shared = found.shared()
    others = [shared[a, b] for a in range(4) for b in range(a) if (a, b) != (3, 2)]
    assert shared[3, 2] > max(others) + 0.05
    assert np.ptp(others) < 0.05
    assert np.allclose(np.diag(shared), 1.0, atol=1e-4)
    assert found.of_one_shot(3, 2)


def test_fine_texture_that_moved_by_a_part_of_a_pixel_is_not_taken_for_noise(camera):
    texture = np.random.default_rng(3).normal(130.0, 14.0, (SHAPE[0] + 8, SHAPE[1] + 8)).astype(np.float32)
    walls: list[np.ndarray] = []
    for moved in (0.0, 0.4, 3.0):
        shift = np.array([[1.0, 0.0, 4.0 - moved], [0.0, 1.0, 4.0]], np.float32)
        there = cv2.warpAffine(cv2.GaussianBlur(texture, (0, 0), 0.7), shift, SHAPE[::-1])
        wall = np.repeat(np.clip(there, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
        walls.append(camera.photograph(wall, shot=len(walls)))
    found = flats(walls)
    shared = found.shared()
    assert shared[0, 1] > shared[0, 2] + 0.05, "it is shared in place"
    assert not found.of_one_shot(0, 1), "but more to one side than to the other"


def test_a_picture_without_noise_shares_nothing():
    blank = np.full(SHAPE, 100, np.uint8)
    noise = np.zeros(SHAPE, np.float16)
    assert not Flats([noise, noise], [blank, blank]).shared().any()
