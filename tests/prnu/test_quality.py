from __future__ import annotations

import cv2
import numpy as np
import pytest

from prnu import scenes
from prnu.images import as_luma
from prnu.quality import LEAKAGE_REFUSE, LEAKAGE_WARN, SetCheck, assess
from testing.some import some

SHAPE = (480, 640)


def codes(quality) -> set[str]:
    return {issue.code for issue in quality.issues}


def checked(pictures) -> SetCheck:
    check = SetCheck()
    for picture in pictures:
        check.add(as_luma(picture))
    return check


def test_blank_wall_is_fit_without_any_advice(rig):
    quality = assess(as_luma(rig.camera.photograph(scenes.flat(SHAPE))))
    assert quality.usable
    assert not quality.issues
    assert quality.texture < 0.05


@pytest.mark.parametrize(("level", "code"), [(0, "dark"), (255, "clipped"), (128, "no-noise")])
def test_blank_pictures_are_unfit_for_their_own_reason(level, code):
    quality = assess(np.full(SHAPE, level, np.float32))
    assert not quality.usable
    assert codes(quality) == {code}


def test_partly_overexposed_dim_and_textured_pictures_get_advice(rig):
    photo = rig.photos[0].copy()
    photo[:100] = 255
    assert "clipped" in codes(assess(photo))
    assert "dim" in codes(assess(rig.photos[0] * 0.2))
    rng = np.random.default_rng(0)
    texture = np.kron(rng.integers(40, 200, (60, 80)), np.ones((8, 8))) + rng.normal(0, 2, SHAPE)
    quality = assess(np.clip(texture, 0, 255).astype(np.float32))
    assert quality.usable
    assert codes(quality) == {"texture"}


def test_smoothed_pictures_are_told(rig):
    wall = as_luma(rig.camera.photograph(scenes.flat(SHAPE)))
    _, saved = cv2.imencode(".jpg", wall.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 50])
    assert codes(assess(as_luma(saved.tobytes()))) == {"smooth"}
    blurred = assess(cv2.GaussianBlur(wall, (0, 0), 3))
    assert codes(blurred) == {"no-noise"}
    assert blurred.sharpness < assess(wall).sharpness


def test_twelve_pictures_of_one_still_scene_are_refused(rig):
    scene = scenes.photo("coffee", SHAPE)
    check = checked(rig.camera.photograph(scene) for _ in range(12))
    assert check.leakage > 0.5
    result = check.result()
    assert not result.usable
    assert "scene-leakage" in codes(result)
    assert "blank wall" in result.issues[0].advice


def test_still_scene_is_found_though_it_moves_by_a_few_pixels(rig):
    scene = scenes.photo("coffee", SHAPE)
    moved = [np.roll(scene, (n % 3, n % 4), (0, 1)) for n in range(8)]
    assert checked(rig.camera.photograph(item) for item in moved).leakage >= LEAKAGE_REFUSE


def test_still_background_behind_something_that_moves_is_found(rig):
    scene = scenes.photo("coffee", SHAPE)
    pictures = []
    for number, other in enumerate(scenes.varied(SHAPE, 8, seed=4)):
        picture = scene.copy()
        picture[100:400, 150 + 10 * number : 400 + 10 * number] = other[100:400, 150:400]
        pictures.append(rig.camera.photograph(picture))
    assert checked(pictures).leakage >= LEAKAGE_WARN


def test_walls_and_varied_scenes_are_accepted(rig):
    walls = checked(rig.camera.photograph(scenes.flat(SHAPE, seed=n)) for n in range(6))
    varied = checked(rig.camera.photograph(scene) for scene in scenes.varied(SHAPE, 15, seed=1))
    assert walls.leakage == 0
    assert varied.leakage < LEAKAGE_WARN
    assert varied.result().issues == ()


def test_duplicate_is_found_and_not_counted(rig):
    check = SetCheck()
    assert check.add(rig.photos[0]).usable
    again = check.add(rig.photos[0].copy())
    assert codes(again) == {"duplicate"}
    assert check.images == 1


def test_motion_between_pictures_is_measured(rig):
    scene = scenes.photo("coffee", SHAPE)
    check = SetCheck()
    first = check.add(as_luma(rig.camera.photograph(scene)))
    second = check.add(as_luma(rig.camera.photograph(scene)))
    third = check.add(rig.photos[1])
    assert first.motion is None
    assert some(second.motion) < 1 < some(third.motion)
    assert "still" in codes(second)
    assert "still" not in codes(third)


def test_unfit_pictures_do_not_count_towards_the_set():
    check = SetCheck()
    check.add(np.zeros(SHAPE, np.float32))
    assert check.images == 0
    assert codes(check.result()) == {"empty"}
    assert not check.result().usable


@pytest.mark.data
@pytest.mark.parametrize("camera", ["phone-lg-d605", "gopro-hero4"])
def test_real_flats_and_varied_scenes_are_accepted(real_cameras, camera):
    check = checked(sorted((real_cameras / camera / "enrol").iterdir())[:8])
    assert check.images == 8
    assert check.leakage < LEAKAGE_WARN
