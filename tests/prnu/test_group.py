"""Each of several pictures stands for itself; those that cannot tell alone may tell together, and none hides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from prnu import Evidence, Fingerprint, ImageError, Match, gather, match, scenes
from prnu.group import Group, Grouping
from prnu.images import FloatArray, as_luma
from prnu.sensor import SimulatedCamera

SHAPE = (256, 320)


@dataclass
class Rig:
    fingerprint: Fingerprint
    own: list[FloatArray]
    other: list[FloatArray]


def rig_of(prnu: float) -> Rig:
    own, other = (SimulatedCamera(SHAPE, seed=seed, prnu=prnu, jpeg_quality=None) for seed in (1, 2))
    walls = [as_luma(own.photograph(scenes.flat(SHAPE, seed=n), shot=n)) for n in range(8)]
    skies = [scenes.sky(SHAPE, seed=n) for n in range(12)]
    taken = [[as_luma(one.photograph(sky, shot=100 + n)) for n, sky in enumerate(skies)] for one in (own, other)]
    return Rig(Fingerprint.from_images(walls), *taken)


@pytest.fixture(scope="module")
def strong() -> Rig:
    """A camera of which each picture passes on its own."""
    return rig_of(0.02)


@pytest.fixture(scope="module")
def weak() -> Rig:
    """A camera of which none passes on its own."""
    return rig_of(0.0028)


def grouped(rig: Rig, lumas: Sequence[FloatArray]) -> Group:
    grouping = Grouping(rig.fingerprint, lambda found: found.passed())
    for luma in lumas:
        grouping.add(gather(luma))
    return grouping.outcome()


def test_pictures_that_pass_alone_need_no_other(strong):
    group = grouped(strong, strong.own[:3])
    assert group.standing == ("alone",) * 3
    assert group.passed
    assert group.together is None
    assert group.alone[1].pce == pytest.approx(match(strong.fingerprint, strong.own[1]).pce)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_foreign_picture_does_not_hide_among_others(strong, place):
    lumas = strong.own[:2]
    lumas.insert(place, strong.other[0])
    group = grouped(strong, lumas)
    assert not group.passed
    assert group.rest == (place,)
    assert group.found(place).pce < 20


def test_pictures_that_cannot_tell_alone_may_tell_together(weak):
    group = grouped(weak, weak.own)
    assert "alone" not in group.standing
    assert group.together is not None
    assert group.together.passed()
    assert group.standing.count("together") >= 10
    first = group.standing.index("together")
    assert group.found(first) is group.together


def test_pictures_of_another_camera_do_not_add_up(weak):
    group = grouped(weak, weak.other)
    assert set(group.standing) == {"neither"}


def test_strong_pictures_lend_nothing_to_weak_ones(strong):
    """Of one camera, two pictures that pass, and one in which its pattern is faint: that one stays open."""
    faint = 0.97 * strong.other[0] + 0.03 * strong.own[2]
    group = grouped(strong, [*strong.own[:2], faint])
    assert group.standing == ("alone", "alone", "neither")


def made(z: float) -> Match:
    return Match(z * z, 0.0 if z > 5 else 0.5, z, z / 300, 1 / 300, (0, 0), 1.0, 1, 1, np.zeros((3, 3), np.float32))


@pytest.mark.parametrize("count", [2, 3, 6, 12, 30])
def test_however_the_others_nearly_pass_a_picture_without_the_pattern_is_not_taken_along(count, strong, monkeypatch):
    """All but one score as high as just does not pass; the last scores 0.2."""
    z = [6.9] * (count - 1) + [0.45]
    whole = made(sum(z) / np.sqrt(count))
    monkeypatch.setattr("prnu.group.find_peak", lambda fingerprint, spectrum, images: whole)
    grouping = Grouping(strong.fingerprint, lambda found: found.pce >= 50)
    picture = Evidence(np.ones(SHAPE, np.float32), np.full(SHAPE, 128, np.float32), 1)
    for one in z:
        grouping.add(picture, made(one), clear=1.0)
    group = grouping.outcome()
    assert count - 1 in group.rest
    assert not group.passed


def test_a_group_of_another_size_is_refused(strong):
    with pytest.raises(ImageError, match="this camera was registered with 320x256"):
        grouped(strong, [100 + np.random.default_rng(1).standard_normal((300, 300), np.float32)])


def test_nothing_is_an_empty_group(strong):
    group = grouped(strong, [])
    assert (group.alone, group.standing, group.together) == ((), (), None)
