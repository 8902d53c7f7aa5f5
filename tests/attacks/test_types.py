from __future__ import annotations

import numpy as np

from attacks.types import sensor
from prnu.sensor import SimulatedCamera

SHAPE = (96, 128)


def test_a_camera_gives_every_still_noise_of_its_own_from_the_shot_on_that_it_is_told():
    camera = SimulatedCamera(SHAPE, seed=4, jpeg_quality=None)
    scene = np.full((*SHAPE, 3), 120, np.uint8)
    take = sensor(camera, first_shot=9)
    first, second = take(scene), take(scene)
    assert np.array_equal(first, camera.photograph(scene, shot=9))
    assert np.array_equal(second, camera.photograph(scene, shot=10))
    assert not np.array_equal(first, second)
