from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from prnu import FingerprintError, ImageError, gather, match, scenes
from prnu.chance import chance_scores, needed_z
from prnu.sensor import SimulatedCamera


def test_scores_elsewhere_are_what_z_is_measured_with(rig):
    evidence = gather(rig.photos)
    found, scores = match(rig.fingerprint, evidence), chance_scores(rig.fingerprint, evidence)
    assert scores.shape == (480 * 640 // 64 - 1,)
    assert np.square(scores, dtype=np.float64).mean() == pytest.approx(1.0, rel=1e-3)
    assert scores.max() < 5 < found.z  # the place itself is left out


def test_the_deviation_is_that_of_the_match(rig):
    """A fingerprint moved to one of the places scores there what chance gave."""
    evidence = gather(rig.photos)
    scores = chance_scores(rig.fingerprint, evidence)
    moved = replace(rig.fingerprint, pattern=np.roll(rig.fingerprint.pattern, (8, -16), (0, 1)))
    found = match(moved, evidence)
    # The camera's own peak is now among the other places, which makes the deviation a little larger.
    assert np.abs(scores * found.deviation / match(rig.fingerprint, evidence).deviation).max() < 10
    assert np.abs(scores - found.z * found.deviation / match(rig.fingerprint, evidence).deviation).min() < 1e-3


def test_another_cameras_scores_are_a_draw_from_the_normal_distribution(rig):
    stranger = SimulatedCamera((480, 640), seed=9)
    evidence = gather(stranger.photograph(scene) for scene in scenes.varied((480, 640), 4, seed=5))
    scores = chance_scores(rig.fingerprint, evidence)
    for limit in (1.0, 2.0, 3.0):
        assert (scores > limit).mean() == pytest.approx(norm.sf(limit), rel=0.25, abs=0.001)
    assert abs(match(rig.fingerprint, evidence).z) < 5


def test_sides_that_are_no_multiple_of_the_lattice_work(rig):
    part = replace(rig.fingerprint, pattern=np.ascontiguousarray(rig.fingerprint.pattern[:301, :403]))
    evidence = gather([np.ascontiguousarray(photo[:301, :403]) for photo in rig.photos])
    scores = chance_scores(part, evidence)
    found = match(part, evidence)
    assert len(scores) == (2 * (301 // 2 // 8) + 1) * (2 * (403 // 2 // 8) + 1) - 1
    assert scores.max() < found.z


def test_what_is_needed_is_what_both_conditions_ask_for(rig):
    found = match(rig.fingerprint, rig.photos)
    by_chance = needed_z(found, 0.001, 1e-6)
    assert norm.sf(by_chance) == pytest.approx(1e-6)
    assert needed_z(found, found.pce, 1e-6) == pytest.approx(found.z)
    assert needed_z(replace(found, pce=-found.pce, z=-found.z), found.pce, 1e-6) == pytest.approx(found.z)
    assert needed_z(replace(found, pce=0.0, z=0.0), 64.0, 1e-6) == pytest.approx(8.0)


def test_another_size_and_other_settings_are_refused(rig):
    with pytest.raises(ImageError, match="registered with"):
        chance_scores(rig.fingerprint, gather(rig.photos[0][:256, :320]))
    with pytest.raises(FingerprintError, match="settings"):
        chance_scores(replace(rig.fingerprint, settings="of long ago"), gather(rig.photos[0]))
