"""Time and memory of the camera factor: ``make bench``.

A residual is compared with PyWavelets' bare float32 transform and inverse in the same run; the textbook residual needs
that and its filters on top.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import pytest
import pywt

from prnu import Fingerprint, gather, match, noise_residual
from prnu.localize import correlation_map, match_region

FRAME, PHOTO = (720, 1280), (3000, 4000)


def noise(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    pixels = np.random.default_rng(seed).normal(128, 20, shape)
    return np.clip(pixels, 0, 255).astype(np.float32)


def bare_transform(luma: np.ndarray) -> np.ndarray:
    return pywt.waverec2(pywt.wavedec2(luma, "db4", level=4), "db4")


@pytest.fixture(scope="module")
def fingerprint() -> Fingerprint:
    return Fingerprint.from_images([noise(FRAME, seed) for seed in range(2)])


@pytest.mark.parametrize("shape", [FRAME, PHOTO], ids=["720p", "12MP"])
@pytest.mark.parametrize("function", [bare_transform, noise_residual])
def test_residual(benchmark, function, shape):
    benchmark.group = f"residual {shape[1]}x{shape[0]}"
    benchmark(function, noise(shape))


@pytest.mark.parametrize("shape", [FRAME, PHOTO], ids=["720p", "12MP"])
def test_residual_takes_at_most_twice_the_bare_transform(shape):
    luma, ratios = noise(shape), []
    for _ in range(7):
        times = []
        for function in (bare_transform, noise_residual):
            start = time.process_time()  # of all threads: a second core must not flatter the comparison
            function(luma)
            times.append(time.process_time() - start)
        ratios.append(times[1] / times[0])
    print(f"\nnoise_residual / bare transform, CPU time, {shape[1]}x{shape[0]}: {np.median(ratios):.2f}")
    assert np.median(ratios) <= 2


def test_match_one_picture(benchmark, fingerprint):
    luma = noise(FRAME)
    assert fingerprint.spectrum.size
    benchmark(lambda: match(fingerprint, luma))


def test_match_gathered_evidence(benchmark, fingerprint):
    evidence = gather(noise(FRAME))
    assert fingerprint.spectrum.size
    assert evidence.spectrum.size
    benchmark(match, fingerprint, evidence)


def test_correlation_map(benchmark, fingerprint):
    benchmark(correlation_map, fingerprint, gather(noise(FRAME)))


def test_match_region(benchmark, fingerprint):
    benchmark(match_region, fingerprint, gather(noise(FRAME)), (560, 260, 150, 180))


ENROL_25 = """
import numpy as np
from prnu import FingerprintEstimator
rng, estimator = np.random.default_rng(0), FingerprintEstimator()
for _ in range(25):
    estimator.add(rng.integers(60, 200, (3000, 4000), dtype=np.uint8).astype(np.float32))
estimator.fingerprint()
"""


def test_25_pictures_of_12_megapixels_stay_under_a_gibibyte():
    subprocess.run([sys.executable, "-c", ENROL_25], check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"\npeak memory of enrolling 25 pictures of 12 MP: {peak:.2f} GiB")
    assert peak < 1
