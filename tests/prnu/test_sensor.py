"""The simulated camera behaves as the sensor output model says, and says that it is simulated."""

from __future__ import annotations

import dataclasses
import io

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from prnu import scenes
from prnu.sensor import PRESETS, SimulatedCamera, linear_to_srgb, srgb_to_linear

SHAPE = (256, 384)
GREY = np.full((*SHAPE, 3), 150, np.uint8)
BY_CHANCE = 4.5 / np.sqrt(SHAPE[0] * SHAPE[1])  # correlation of unrelated white patterns, with a chance of 1e-5


def light(level: float) -> np.ndarray:
    return np.full((*SHAPE, 3), level, np.float32)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def noise(image: np.ndarray) -> np.ndarray:
    """Luma without what is smooth; enough for flats."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., 0].astype(np.float32)
    return luma - cv2.GaussianBlur(luma, (0, 0), 2)


def electrons(camera: SimulatedCamera, level: float, shots: range) -> np.ndarray:
    raw = np.stack([camera.raw(light(level), shot=shot) for shot in shots])
    return (raw - 64.0) * camera.full_well / 4031


def test_same_seed_gives_the_same_sensor_and_the_same_file():
    one, two = SimulatedCamera(SHAPE, 5), SimulatedCamera(SHAPE, 5)
    assert np.array_equal(one.pattern, two.pattern)
    assert one.photograph_jpeg(GREY, shot=3) == two.photograph_jpeg(GREY, shot=3)


def test_shots_count_up_from_zero_and_differ():
    counting, explicit = SimulatedCamera(SHAPE, 5), SimulatedCamera(SHAPE, 5)
    sequence = [counting.photograph(GREY) for _ in range(2)]
    assert np.array_equal(sequence[0], explicit.photograph(GREY, shot=0))
    assert np.array_equal(sequence[1], explicit.photograph(GREY, shot=1))
    assert not np.array_equal(sequence[0], sequence[1])


@pytest.mark.parametrize("other", [{"seed": 6}, {"seed": 5, "model": "other"}], ids=["seed", "model"])
def test_other_sensors_share_nothing(other):
    ours, theirs = SimulatedCamera(SHAPE, 5), SimulatedCamera(SHAPE, **other)
    assert abs(correlation(ours.pattern, theirs.pattern)) < BY_CHANCE
    noises = [c.raw(GREY, shot=0) - 1.0 * c.raw(GREY, shot=1) for c in (ours, theirs)]
    assert abs(correlation(*noises)) < BY_CHANCE


def test_pattern_has_the_strength_asked_for_and_no_structure():
    pattern = SimulatedCamera(SHAPE, 1, prnu=0.012).pattern
    assert pattern.std() == pytest.approx(0.012, rel=0.02)
    assert abs(pattern.mean()) < 0.012 * BY_CHANCE
    assert abs(correlation(pattern[:, 1:], pattern[:, :-1])) < BY_CHANCE


def test_temporal_noise_variance_grows_linearly_with_light():
    # Janesick's photon transfer curve: slope 1 electron of variance per electron, offset the noise floor.
    camera = SimulatedCamera(SHAPE, 1, white_balance=(1, 1, 1), read_noise=3, dark_current=4, full_well=4000)
    means, variances = [], []
    for level in (0.02, 0.1, 0.2, 0.4, 0.6, 0.8):
        first, second = electrons(camera, level, range(2))
        means.append((first + second).mean() / 2)
        variances.append((first - second).var() / 2)
    slope, floor = np.polyfit(means, variances, 1)
    assert means == pytest.approx(4000 * np.array([0.02, 0.1, 0.2, 0.4, 0.6, 0.8]), rel=0.01)
    assert slope == pytest.approx(1, abs=0.03)
    assert floor == pytest.approx(3**2 + 4, abs=8)


def test_fixed_pattern_grows_in_proportion_to_light():
    camera = SimulatedCamera(SHAPE, 1, white_balance=(1, 1, 1), prnu=0.01, dsnu=0, column_offset=0, full_well=20000)
    for level in (0.25, 0.75):
        mean = electrons(camera, level, range(24)).mean(0)
        assert correlation(mean, camera.pattern) > 0.9
        gain = np.cov(mean.ravel(), camera.pattern.ravel())[0, 1] / camera.pattern.var()
        assert gain == pytest.approx(20000 * level, rel=0.02)


def test_darkness_shows_offsets_but_no_pattern():
    camera = SimulatedCamera(SHAPE, 1, prnu=0.05, dsnu=3, column_offset=0)
    dark = electrons(camera, 0, range(12)).mean(0)
    assert abs(correlation(dark, camera.pattern)) < BY_CHANCE
    assert dark.var() == pytest.approx(3**2 + (3**2 + 4) / 12, rel=0.1)


def test_column_pattern_belongs_to_the_model():
    def columns(seed: int, model: str) -> np.ndarray:
        camera = SimulatedCamera(SHAPE, seed, model=model, prnu=0, dsnu=0, column_offset=2)
        return electrons(camera, 0, range(2)).mean((0, 1))

    assert correlation(columns(1, "a"), columns(2, "a")) > 0.9
    assert abs(correlation(columns(1, "a"), columns(2, "b"))) < 0.25


@pytest.mark.parametrize("name", PRESETS)
def test_averaged_flats_reveal_their_own_sensor_only(name):
    camera, other = (SimulatedCamera.preset(name, seed, shape=SHAPE) for seed in (1, 2))
    mean = np.mean([noise(camera.photograph(scenes.flat(SHAPE, seed=i))) for i in range(12)], axis=0)
    assert correlation(mean, camera.pattern) > 0.1
    assert abs(correlation(mean, other.pattern)) < BY_CHANCE


@pytest.mark.parametrize("name", PRESETS)
def test_flats_are_as_noisy_as_those_of_real_cameras(name):
    # Three phones' flats, JPEG quality 95 and up: 1.3 to 1.8 grey levels.
    assert 0.8 < noise(SimulatedCamera.preset(name, 1, shape=SHAPE).photograph(GREY)).std() < 2.5


def test_saturation_clips_and_hides_the_pattern():
    camera = SimulatedCamera(SHAPE, 1, prnu=0.05, jpeg_quality=None)
    assert (camera.raw(GREY, exposure=20) == 4095).mean() > 0.999
    assert (camera.photograph(GREY, exposure=20) == 255).all()


def test_exposure_is_a_factor_on_light():
    camera = SimulatedCamera(SHAPE, 1)
    single, double = (camera.raw(light(0.2), shot=0, exposure=e).mean() - 64 for e in (1, 2))
    assert double / single == pytest.approx(2, rel=0.005)


@pytest.mark.parametrize("denoise", [0, 0.8])
def test_colours_survive_mosaic_and_white_balance(denoise):
    colour = np.array([200, 120, 60], np.uint8)
    image = SimulatedCamera(SHAPE, 1, denoise=denoise).photograph(np.broadcast_to(colour, (*SHAPE, 3)))
    assert image.mean((0, 1)) == pytest.approx(colour, abs=1.5)


def test_denoising_takes_noise_away_and_leaves_detail():
    plain, smoothed = (SimulatedCamera(SHAPE, 1, denoise=d, jpeg_quality=None) for d in (0, 0.8))
    assert noise(smoothed.photograph(GREY)).std() < 0.7 * noise(plain.photograph(GREY)).std()
    detailed = scenes.photo("gravel", SHAPE)
    assert noise(smoothed.photograph(detailed)).std() > 0.9 * noise(plain.photograph(detailed)).std()


def test_scene_in_srgb_and_in_linear_light_is_the_same_scene():
    camera, scene = SimulatedCamera(SHAPE, 1), scenes.sky(SHAPE, 1)
    assert np.array_equal(camera.raw(scene, shot=0), camera.raw(srgb_to_linear(scene / 255.0), shot=0))


def test_srgb_is_that_of_the_standard():
    # IEC 61966-2-1: linear segment below .04045, and .5 encodes .214041.
    assert srgb_to_linear([0, 0.04045, 0.5, 1]) == pytest.approx([0, 0.0031308, 0.214041, 1], abs=1e-6)
    values = np.linspace(0, 1, 256)
    assert linear_to_srgb(srgb_to_linear(values)) == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize("shape", [(128, 192), (512, 768), (256, 900), (700, 384), (255, 383)])
def test_scene_of_another_shape_covers_the_sensor_and_keeps_its_middle(shape):
    y, x = np.mgrid[: shape[0], : shape[1]]
    ramp = 255 * np.exp(-((y - shape[0] / 2) ** 2 + (x - shape[1] / 2) ** 2) / 50**2)  # a spot in the middle
    image = SimulatedCamera(SHAPE, 1).photograph(np.repeat(ramp[..., None], 3, 2).astype(np.uint8))
    assert image.shape == (*SHAPE, 3)
    spot = cv2.GaussianBlur(image[..., 1], (0, 0), 5)
    assert np.unravel_index(spot.argmax(), SHAPE) == pytest.approx((128, 192), abs=8)


def test_jpeg_file_decodes_to_the_photograph_and_is_labelled_simulated():
    camera = SimulatedCamera.preset("smartphone", 9, shape=SHAPE)
    file = Image.open(io.BytesIO(camera.photograph_jpeg(GREY, shot=0)))
    assert file.format == "JPEG"
    assert np.array_equal(np.asarray(file), camera.photograph(GREY, shot=0))
    exif = file.getexif()
    assert exif[ExifTags.Base.Make] == exif[ExifTags.Base.Software] == "LensLock simulated camera"
    assert exif[ExifTags.Base.Model] == camera.label == "simulated smartphone camera, seed 9"
    assert file.info["comment"] == b"LensLock simulated camera"


def test_lossless_camera_writes_no_jpeg():
    camera = SimulatedCamera(SHAPE, 1, jpeg_quality=None)
    with pytest.raises(ValueError, match=r"jpeg_quality is None.*Give it a quality"):
        camera.photograph_jpeg(GREY)


def test_sensor_cannot_be_changed_but_its_photos_can():
    camera = SimulatedCamera(SHAPE, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        camera.prnu = 0.02  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        camera.pattern[0, 0] = 1
    camera.photograph(GREY)[0, 0] = 1


def test_presets_are_different_cameras_with_changes_on_request():
    laptop, webcam, phone = (SimulatedCamera.preset(name, 1) for name in ("laptop", "webcam", "smartphone"))
    assert (laptop.shape, webcam.shape, phone.shape) == ((720, 1280), (960, 1280), (1080, 1920))
    small = [SimulatedCamera.preset(name, 1, shape=SHAPE).pattern for name in PRESETS]
    assert abs(correlation(small[0], small[1])) < BY_CHANCE
    assert SimulatedCamera.preset("laptop", jpeg_quality=None).jpeg_quality is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": (255, 384)}, r"shape: expected even sides.*got \(255, 384\). Use \(254, 384\)"),
        ({"shape": (2, 2)}, "shape: expected an integer, 64 or more; got 2"),
        ({"shape": 720}, r"shape: expected \(rows, columns\), got 720"),
        ({"shape": (20000, 20000)}, "shape: expected at most 50000000 pixels"),
        ({"seed": -1}, "seed: expected an integer, 0 or more; got -1"),
        ({"seed": 1.5}, "seed: expected an integer"),
        ({"seed": True}, "seed: expected an integer"),
        ({"prnu": 2}, "prnu: expected a number from 0 to 0.2, got 2"),
        ({"prnu": float("nan")}, "prnu: expected a number"),
        ({"full_well": "big"}, "full_well: expected a number from 50 to .*got 'big'"),
        ({"denoise": 1.1}, "denoise: expected a number from 0 to 1"),
        ({"white_balance": (1, 1)}, r"white_balance: expected three numbers.*got \(1, 1\)"),
        ({"white_balance": (0.5, 1, 1)}, "white_balance: expected a number from 1 to 8"),
        ({"jpeg_quality": 101}, "jpeg_quality: expected an integer, 1 to 100; got 101"),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        SimulatedCamera(**arguments)


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (np.zeros((64, 64), np.uint8), r"scene: expected RGB of shape \(h, w, 3\), got \(64, 64\). Stack"),
        (np.zeros((64, 64, 4), np.uint8), "got .64, 64, 4."),
        (np.zeros((0, 64, 3), np.uint8), "got .0, 64, 3."),
        (np.zeros((64, 64, 3), np.int32), "expected uint8 .sRGB. or floating point .linear., got int32"),
        (np.full((64, 64, 3), -1.0), "expected linear light.*got -1..-1. Clip"),
        (np.full((64, 64, 3), np.nan), "expected linear light.*got nan"),
        (np.full((64, 64, 3), np.inf), "expected linear light.*inf"),
    ],
)
def test_bad_scenes_are_named(scene, message):
    with pytest.raises(ValueError, match=message):
        SimulatedCamera(SHAPE, 1).photograph(scene)


@pytest.mark.parametrize(("name", "value"), [("exposure", 0), ("exposure", -1), ("exposure", "x"), ("shot", -1)])
def test_bad_settings_of_a_shot_are_named(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        SimulatedCamera(SHAPE, 1).photograph(GREY, **{name: value})


def test_unknown_preset_lists_the_known_ones():
    with pytest.raises(ValueError, match="expected one of laptop, webcam, smartphone; got 'fridge'"):
        SimulatedCamera.preset("fridge")
