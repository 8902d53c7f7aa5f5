from __future__ import annotations

import numpy as np
import pytest

from prnu import FingerprintError, ImageError, gather, match
from prnu.course import course
from tests.prnu.conftest import make_rig


@pytest.fixture(scope="module")
def patterns(rig):
    return [gather(photo).pattern for photo in rig.photos]


def test_each_step_is_the_match_of_one_picture_and_of_all_up_to_it(rig, patterns):
    steps = list(course(rig.fingerprint, patterns))
    assert len(steps) == len(rig.photos)
    for number, step in enumerate(steps, 1):
        assert step.alone.pce == pytest.approx(match(rig.fingerprint, rig.photos[number - 1]).pce, rel=1e-4)
        assert step.together.pce == pytest.approx(match(rig.fingerprint, rig.photos[:number]).pce, rel=1e-4)
        assert (step.alone.images, step.together.images) == (1, number)


def test_the_cameras_own_pictures_add_up_and_anothers_do_not(rig, other, patterns):
    own, foreign = list(course(rig.fingerprint, patterns)), list(course(other.fingerprint, patterns))
    assert own[-1].together.pce > 1.5 * max(step.alone.pce for step in own)
    assert abs(foreign[-1].together.pce) < 30


def test_half_precision_is_as_good(rig, patterns):
    whole = [step.together.pce for step in course(rig.fingerprint, patterns)]
    half = [step.together.pce for step in course(rig.fingerprint, (one.astype(np.float16) for one in patterns))]
    assert half == pytest.approx(whole, rel=0.01)


def test_patterns_are_not_changed(rig, patterns):
    before = patterns[0].copy()
    next(course(rig.fingerprint, patterns))
    np.testing.assert_array_equal(patterns[0], before)


def test_another_size_and_other_settings_are_refused(rig, patterns):
    with pytest.raises(ImageError, match="320x240 pixels, this camera was registered with 640x480"):
        next(course(rig.fingerprint, [patterns[0][:240, :320]]))
    old = type(rig.fingerprint)(rig.fingerprint.pattern, 12, 0.1, "of long ago")
    with pytest.raises(FingerprintError, match="settings"):
        next(course(old, patterns))


def test_no_pictures_have_no_course():
    assert list(course(make_rig(3).fingerprint, [])) == []
