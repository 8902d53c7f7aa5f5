from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from prnu import Fingerprint, gather, match, scenes
from prnu.images import FloatArray, as_luma
from prnu.residual import noise_residual
from prnu.sensor import SimulatedCamera
from prnu.shares import Shares, _judged, clarity, native_ncc, shares
from prnu.spectrum import whitened

SHAPE = (256, 320)


@dataclass
class Rig:
    camera: SimulatedCamera
    fingerprint: Fingerprint
    own: list[FloatArray]
    other: list[FloatArray]
    wall: FloatArray


def taken(camera: SimulatedCamera, count: int, first: int = 100) -> list[FloatArray]:
    """Pictures of one scene, as a check takes them."""
    scene = scenes.photo("astronaut", SHAPE)
    return [as_luma(camera.photograph(scene, shot=first + number)) for number in range(count)]


@pytest.fixture(scope="module", params=[0.02, 0.005], ids=["strong", "weak"])
def rig(request) -> Rig:
    """A camera of which one picture shows the pattern, or shows nothing to speak of (z about 3)."""
    own, other = (SimulatedCamera(SHAPE, seed=seed, prnu=request.param, jpeg_quality=None) for seed in (1, 2))
    walls = [as_luma(own.photograph(scenes.flat(SHAPE, seed=n), shot=n)) for n in range(8)]
    wall = as_luma(own.photograph(scenes.flat(SHAPE, seed=90), shot=90))
    return Rig(own, Fingerprint.from_images(walls), taken(own, 12), taken(other, 12), wall)


def judged(rig: Rig, lumas: list[FloatArray]) -> Shares:
    single = [gather(luma) for luma in lumas]
    clear = [clarity(luma, noise_residual(luma)) for luma in lumas]
    return shares(rig.fingerprint, single, clear, match(rig.fingerprint, lumas))


def test_pictures_of_one_camera_carry_their_shares(rig):
    found = judged(rig, rig.own)
    assert (found.verdict, found.silent) == ("passed", ())
    assert found.z.mean() == pytest.approx(found.expected.mean(), rel=0.3)


def test_each_z_is_that_of_the_picture_alone(rig):
    found = judged(rig, rig.own[:2])
    alone = [match(rig.fingerprint, luma) for luma in rig.own[:2]]
    assert found.z == pytest.approx([one.z for one in alone], rel=0.05)


@pytest.mark.parametrize("genuine", [1, 2, 3, 6])
def test_a_few_genuine_pictures_do_not_carry_the_others(rig, genuine):
    found = judged(rig, rig.own[:genuine] + rig.other[genuine:])
    assert found.verdict != "passed"


def test_one_wall_does_not_carry_eleven_pictures_of_another_camera(rig):
    found = judged(rig, [rig.wall, *rig.other[1:]])
    assert found.verdict != "passed"
    assert 0 not in found.silent


@pytest.mark.parametrize("rig", [0.02], indirect=True)
def test_it_is_told_which_pictures_are_silent(rig):
    found = judged(rig, [*rig.own[:3], rig.other[0], *rig.own[3:8], rig.other[1]])
    assert (found.verdict, found.silent) == ("failed", (3, 9))


def scored(z: list[float], clear: list[float] | None = None) -> str:
    return _judged(np.array(z), np.array(clear or [1.0] * len(z)))[3]


@pytest.mark.parametrize(
    ("count", "strength"), [(3, 4.5), (6, 3.0), (6, 10.0), (12, 2.1), (12, 5.0), (12, 40.0), (30, 2.1), (30, 10.0)]
)
def test_genuine_sets_that_match_are_seldom_doubted_and_never_failed(count, strength):
    rng = np.random.default_rng(round(strength * count))
    sets = strength * rng.normal(1.0, 0.15, (200, count)) + rng.normal(0.0, 1.05, (200, count))
    found = [scored(list(z)) for z in sets if z.sum() > np.sqrt(50.0 * count)]
    assert len(found) > 80
    assert found.count("failed") == 0
    assert found.count("passed") >= 0.97 * len(found)


@pytest.mark.parametrize("part", [1 / 12, 1 / 4, 1 / 2])
@pytest.mark.parametrize("count", [6, 12, 30])
def test_a_set_of_which_half_or_less_speaks_does_not_pass_however_it_is_carried(part, count):
    genuine = max(1, round(part * count))
    rng = np.random.default_rng(genuine)
    just_enough = 7.6 * np.sqrt(count) / genuine
    found = [
        scored([*(just_enough + rng.normal(0.0, 1.05, genuine)), *rng.normal(0.0, 1.05, count - genuine)])
        for _ in range(100)
    ]
    assert found.count("passed") <= 8
    strong = [scored([*(3 * just_enough + rng.normal(0.0, 1.05, genuine)), *[0.0] * (count - genuine)])]
    assert strong == ["failed"]


def test_pictures_that_can_show_nothing_do_not_hide_behind_those_that_do():
    rng = np.random.default_rng(3)
    z = [*(30.0 + rng.normal(size=5)), *rng.normal(size=7)]
    assert scored(z, [1.0] * 5 + [0.01] * 7) == "inconclusive"
    assert scored(z[:10], [1.0] * 5 + [0.01] * 5) == "inconclusive"


def test_one_picture_has_nobody_to_be_carried_by():
    assert scored([8.0]) == "passed"


@pytest.mark.parametrize("spoilt", ["dark", "blurred"])
def test_dark_and_blurred_pictures_among_others_are_no_fault(rig, spoilt):
    scene = scenes.photo("astronaut", SHAPE)
    scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), 4) if spoilt == "blurred" else scene * 0.4, np.uint8)
    others = [as_luma(rig.camera.photograph(scene, shot=300 + number)) for number in range(4)]
    found = judged(rig, [*rig.own[:8], *others])
    assert (found.verdict, found.silent) == ("passed", ())


def test_noise_correlates_in_place_as_the_match_has_it(rig):
    picture = gather(rig.own[0])
    found = native_ncc(rig.fingerprint, whitened(picture.pattern).astype(np.float16))
    assert found == pytest.approx(match(rig.fingerprint, picture).ncc, rel=1e-2)
