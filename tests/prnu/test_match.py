from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from prnu import Fingerprint, FingerprintError, ImageError, Match, Search, gather, match, scenes
from prnu.images import as_luma
from prnu.match import _remedy, raised_threshold
from prnu.sensor import SimulatedCamera


def test_own_pictures_match_and_others_do_not(rig, other):
    for photo in rig.photos:
        assert match(rig.fingerprint, photo).passed()
    for photo in other.photos:
        found = match(rig.fingerprint, photo)
        assert not found.passed()
        assert abs(found.pce) < 30


def test_pce_is_the_definition_of_the_literature(rig):
    """Equation 7 of Goljan et al. 2009, written out on the correlation surface by plain sums."""
    evidence = gather(rig.photos[0])
    whitened = np.fft.irfft2(evidence.spectrum, s=evidence.shape)
    surface = np.fft.ifft2(np.fft.fft2(whitened) * np.conj(np.fft.fft2(rig.fingerprint.pattern))).real
    outside = np.ones(surface.shape, bool)
    outside[np.ix_(np.arange(-5, 6), np.arange(-5, 6))] = False
    pce = np.sign(surface[0, 0]) * surface[0, 0] ** 2 / (surface[outside] ** 2).mean()
    assert match(rig.fingerprint, evidence).pce == pytest.approx(pce, rel=1e-3)


def test_ncc_is_the_correlation_coefficient(rig):
    evidence = gather(rig.photos[0])
    whitened = np.fft.irfft2(evidence.spectrum, s=evidence.shape)
    pattern = rig.fingerprint.pattern.astype(np.float64)
    expected = (whitened * pattern).sum() / np.sqrt((whitened**2).sum() * (pattern**2).sum())
    found = match(rig.fingerprint, evidence)
    assert found.ncc == pytest.approx(expected, rel=1e-3)
    assert found.z == pytest.approx(found.ncc / found.deviation)


def test_negative_of_the_pattern_scores_below_zero(rig):
    negative = Fingerprint(-rig.fingerprint.pattern, 12, 0.1)
    found = match(negative, rig.photos[0])
    assert found.pce < -50
    assert found.p_value > 0.999
    assert not found.passed()


def test_surface_has_its_peak_in_the_middle(rig):
    found = match(rig.fingerprint, rig.photos[0])
    assert found.surface.shape == (65, 65)
    assert found.surface[32, 32] == pytest.approx(found.pce, rel=1e-4)
    assert found.surface.argmax() == 32 * 65 + 32


def test_several_pictures_tell_more_than_each_of_them(rig):
    single = max(match(rig.fingerprint, photo).pce for photo in rig.photos)
    together = match(rig.fingerprint, rig.photos)
    assert together.pce > 1.5 * single
    assert together.images == len(rig.photos)


def test_a_blank_companion_does_not_hide_a_good_picture(rig):
    """Pixels that cannot tell get little weight: one dull picture added costs little."""
    alone = match(rig.fingerprint, rig.photos[0]).pce
    dull = as_luma(rig.camera.photograph(scenes.flat(rig.camera.shape, level=8)))
    assert match(rig.fingerprint, [rig.photos[0], dull]).pce > 0.5 * alone


@pytest.mark.slow
def test_p_values_of_other_cameras_are_uniform(rig):
    """Impostors by shifting: a displaced pattern is an independent one. The signed root must be standard normal."""
    evidence = [gather(photo) for photo in rig.photos]
    z, p = [], []
    for dy in range(24, 480, 56):
        for dx in range(24, 640, 56):
            moved = Fingerprint(np.roll(rig.fingerprint.pattern, (dy, dx), (0, 1)), 12, 0.1)
            for item in evidence:
                found = match(moved, item)
                z.append(found.z)
                p.append(found.p_value)
    assert len(z) > 500
    assert np.std(z) == pytest.approx(1, abs=0.08)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_threshold_rises_with_the_places_searched():
    thresholds = [raised_threshold(50, searched) for searched in (1, 100, 10_000)]
    assert thresholds[0] == 50
    assert thresholds == sorted(thresholds)
    assert 65 < thresholds[2] < 70


def test_match_needs_the_p_value_as_well_as_the_pce():
    fields: dict[str, Any] = {
        "z": 4.0,
        "ncc": 0.1,
        "deviation": 0.02,
        "shift": (0, 0),
        "zoom": 1.0,
        "searched": 1,
        "images": 1,
    }
    surface = np.zeros((65, 65), np.float32)
    assert Match(pce=60.0, p_value=1e-9, surface=surface, **fields).passed()
    assert not Match(pce=60.0, p_value=3e-5, surface=surface, **fields).passed()
    assert not Match(pce=49.0, p_value=1e-9, surface=surface, **fields).passed()


def test_shifted_picture_is_found_by_a_search_only(rig):
    shifted = np.roll(rig.photos[0], (6, -10), (0, 1))
    assert not match(rig.fingerprint, shifted).passed()
    found = match(rig.fingerprint, shifted, Search(shift=16))
    assert found.passed()
    assert found.shift == (6, -10)
    assert found.searched == 33**2
    assert found.threshold() > 60


def test_cropped_picture_is_found_by_a_search_only(rig):
    crop = rig.photos[0][64 : 64 + 360, 32 : 32 + 500]
    with pytest.raises(ImageError, match="500x360 pixels, this camera was registered with 640x480"):
        match(rig.fingerprint, crop)
    found = match(rig.fingerprint, crop, Search(crop=True))
    assert found.passed()
    centre = ((480 - 360) // 2, (640 - 500) // 2)
    assert found.shift == (centre[0] - 64, centre[1] - 32)
    assert found.searched == (480 - 360 + 1) * (640 - 500 + 1)


def test_digital_zoom_is_found_by_a_search_only(rig):
    inner = rig.camera.photograph(scenes.flat(rig.camera.shape, seed=70))[40:440, 53:587]
    zoomed = cv2.resize(inner, (640, 480), interpolation=cv2.INTER_CUBIC)
    assert not match(rig.fingerprint, zoomed).passed()
    found = match(rig.fingerprint, zoomed, Search(shift=3, zooms=(1.0, 1.1, 1.2, 1.4)))
    assert found.passed()
    assert found.zoom == 1.2


def test_search_does_not_make_other_cameras_match(rig, other):
    for photo in other.photos:
        assert not match(rig.fingerprint, photo, Search(shift=16, zooms=(1.0, 1.2))).passed()


def test_searches_that_make_no_sense_are_refused(rig):
    with pytest.raises(ValueError, match="shift"):
        Search(shift=-1)
    with pytest.raises(ValueError, match="zooms"):
        Search(zooms=(0.5,))
    with pytest.raises(ValueError, match="Evidence"):
        match(rig.fingerprint, gather(rig.photos[0]), Search(zooms=(1.0, 2.0)))


def test_turned_picture_gets_its_own_advice(rig):
    with pytest.raises(ImageError, match="turned by a quarter"):
        match(rig.fingerprint, np.ascontiguousarray(np.rot90(rig.photos[0])))


def test_larger_picture_is_refused_even_with_a_search(rig):
    larger = SimulatedCamera((560, 720), seed=1).photograph(scenes.flat((560, 720)))
    with pytest.raises(ImageError, match="720x560"):
        match(rig.fingerprint, larger, Search(crop=True))


def test_pictures_without_noise_are_refused_by_name(rig):
    with pytest.raises(ImageError, match="image 2: there is no noise"):
        gather([rig.photos[0], np.full(rig.camera.shape, 255, np.uint8)])


def test_mixed_sizes_and_empty_lists_are_refused(rig):
    with pytest.raises(ImageError, match="others have 640x480"):
        gather([rig.photos[0], rig.photos[0][:300]])
    with pytest.raises(ImageError, match="at least one"):
        gather([])


def test_fingerprint_of_other_settings_is_refused(rig):
    old = Fingerprint(rig.fingerprint.pattern, 12, 0.1, settings="db4-textbook")
    with pytest.raises(FingerprintError, match="db4-textbook"):
        match(old, rig.photos[0])


def test_files_paths_bytes_and_arrays_give_one_result(rig, tmp_path):
    data = rig.camera.photograph_jpeg(scenes.sky(rig.camera.shape, seed=3))
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    scores = {round(match(rig.fingerprint, item).pce, 3) for item in (path, str(path), data, [path], as_luma(data))}
    assert len(scores) == 1


@pytest.mark.parametrize(
    ("photo", "registered", "modes"),
    [
        ((3000, 4000), (6000, 8000), True),  # 48 megapixels, four pixels joined
        ((6144, 8192), (3072, 4096), True),
        ((3000, 4000), (9000, 12000), True),  # 108
        ((3060, 4080), (12240, 16320), True),  # 200
        ((3000, 4000), (2250, 3000), False),
        ((480, 640), (960, 1280), False),  # scaled, more likely
        ((3000, 8000), (6000, 8000), False),
        ((4000, 3000), (6000, 8000), False),
    ],
)
def test_a_photo_of_the_full_resolution_mode_is_told_from_one_of_the_normal_mode(photo, registered, modes):
    for one, other in ((photo, registered), (registered, photo)):
        assert ("another resolution mode of the camera" in _remedy(one, other)) is modes
