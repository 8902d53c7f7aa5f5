from __future__ import annotations

import cv2
import numpy as np

from attacks.media.upload import LONG_SIDE, as_streamed, i420

SHAPE = (96, 128)


def test_a_stream_shows_a_scene_small_and_never_enlarged():
    assert as_streamed(np.zeros((720, 1280, 3), np.uint8)).shape == (360, LONG_SIDE, 3)
    assert as_streamed(np.zeros((1280, 720, 3), np.uint8)).shape == (LONG_SIDE, 360, 3)
    small = np.zeros((*SHAPE, 3), np.uint8)
    assert as_streamed(small) is small


def test_the_planes_are_those_that_a_browser_hands_in():
    picture = np.random.default_rng(0).integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    planes = i420(picture)
    assert planes.shape == (SHAPE[0] * 3 // 2, SHAPE[1])
    grey = np.repeat(picture[..., :1], 3, axis=2)
    assert np.abs(cv2.cvtColor(i420(grey), cv2.COLOR_YUV2RGB_I420).astype(int) - grey).max() <= 2
