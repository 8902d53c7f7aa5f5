"""A face is too dark where its landmarks are lost in noise, not below a grey level."""

from __future__ import annotations

import numpy as np
import pytest

from liveness.landmarks import FaceTracker
from liveness.quality import check
from testing.some import some


def exposed(portrait, light: float, gain: float = 1.0) -> np.ndarray:
    """The portrait in less light: photons and a camera's own noise, raised again, in sRGB's tones."""
    rng = np.random.default_rng(0)
    photons = 2000 * light * (portrait / 255.0) ** 2.2
    caught = rng.poisson(photons) + rng.normal(0, 4, photons.shape)
    return (np.clip(caught / 2000 * gain, 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)


def judged(landmarker, frame):
    with FaceTracker(model=landmarker, stills=True) as tracker:
        seen = some(tracker.observe(frame, 0.0))
    return seen, check(seen)


@pytest.mark.parametrize(("light", "grey"), [(0.1, 60), (0.05, 45)])
def test_a_dark_face_with_clear_features_is_not_too_dark(landmarker, portrait, light, grey):
    seen, gate = judged(landmarker, exposed(portrait, light))
    assert seen.brightness < grey
    assert gate.code == ""


@pytest.mark.parametrize("gain", [1.0, 40.0])
def test_a_face_that_drowns_in_noise_is_too_dark_at_any_brightness(landmarker, portrait, gain):
    seen, gate = judged(landmarker, exposed(portrait, 0.02, gain))
    assert (seen.brightness > 90) == (gain > 1)
    assert gate.code == "too-dark"


def test_noise_is_measured_and_edges_are_not_noise(landmarker, portrait):
    clean = judged(landmarker, portrait)[0]
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 6, portrait.shape[:2])[..., None]
    noisy = judged(landmarker, np.clip(portrait + grain, 0, 255).astype(np.uint8))[0]
    assert clean.noise < 2.5
    assert noisy.noise == pytest.approx(6, rel=0.25)
    assert noisy.contrast == pytest.approx(clean.contrast, rel=0.1)
