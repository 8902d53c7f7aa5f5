"""Sample scenes differ from seed to seed and carry no camera's noise."""

from __future__ import annotations

import importlib.util
import itertools
import socket
from typing import Any

import cv2
import numpy as np
import pytest

from prnu import scenes
from testing.some import some

SHAPE = (240, 400)
ANY: Any = scenes  # for calls that a type checker would refuse
KINDS = ("flat", "sky", *scenes.PHOTOS)


def make(kind: str, shape: tuple[int, int], seed: int) -> np.ndarray:
    if kind == "flat":
        return scenes.flat(shape, seed=seed)
    return scenes.sky(shape, seed) if kind == "sky" else scenes.photo(kind, shape, seed)


def grey(scene: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY).astype(np.float32)


def fine(scene: np.ndarray) -> np.ndarray:
    """What an extractor of sensor noise would see: the finest details."""
    luma = grey(scene)
    return luma - cv2.blur(luma, (3, 3))


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [SHAPE, (97, 130), (130, 97), (64, 400)])
def test_scene_has_the_shape_asked_for_and_some_light(kind, shape):
    scene = make(kind, shape, 4)
    assert scene.shape == (*shape, 3)
    assert scene.dtype == np.uint8
    assert 10 < scene.mean() < 245


@pytest.mark.parametrize("kind", KINDS)
def test_seed_decides_the_scene(kind):
    assert np.array_equal(make(kind, SHAPE, 1), make(kind, SHAPE, 1))
    pictures = [make(kind, SHAPE, seed).astype(int) for seed in range(4)]
    for one, two in itertools.combinations(pictures, 2):
        assert np.abs(one - two).mean() > 2


def test_scenes_share_no_fine_pattern():
    details = [fine(make(kind, SHAPE, seed)) for kind in KINDS for seed in (1, 2)]
    shared = [abs(correlation(one, two)) for one, two in itertools.combinations(details, 2)]
    assert max(shared) < 0.1
    assert np.mean(shared) < 0.01


def test_flat_has_its_level_its_tint_and_nothing_sharp():
    wall = scenes.flat(SHAPE, 140, (1.2, 1.0, 0.8), 3)
    assert wall.mean((0, 1)) == pytest.approx([168, 140, 112], abs=1.5)
    assert np.abs(np.diff(wall.astype(int), axis=0)).max() <= 1
    assert np.abs(np.diff(wall.astype(int), axis=1)).max() <= 1
    assert 1 < wall[..., 1].std() < 20


def test_photo_drops_the_noise_of_the_camera_that_took_it(monkeypatch):
    noisy = np.random.default_rng(0).normal(128, 20, (256, 256, 3)).astype(np.uint8)
    monkeypatch.setattr(cv2, "imread", lambda path: noisy)
    left = scenes._source.__wrapped__("coffee").astype(float)
    for step in (np.diff(left, axis=0), np.diff(left, axis=1)):
        assert step.std() < 0.25 * np.diff(noisy.astype(float), axis=0).std()


@pytest.mark.parametrize("shape", [(720, 1280), (1280, 720), (480, 480), (1080, 1920), (64, 640), (640, 64)])
def test_astronaut_keeps_her_whole_head(monkeypatch, shape):
    top, bottom, left, right = scenes._HEAD
    marked = np.zeros((512, 512, 3), np.uint8)
    marked[top:bottom, left:right] = 255
    monkeypatch.setattr(scenes, "_source", lambda name: marked)
    head = scenes.photo("astronaut", shape)[..., 0] > 127
    rows, columns = np.flatnonzero(head.any(1)), np.flatnonzero(head.any(0))
    aspect = (rows[-1] - rows[0] + 1) / (columns[-1] - columns[0] + 1)
    assert aspect == pytest.approx((bottom - top) / (right - left), rel=0.05)


def test_photo_without_a_seed_is_the_photo_itself():
    astronaut = scenes.photo("astronaut", (512, 512))
    (package,) = some(some(importlib.util.find_spec("skimage")).submodule_search_locations)
    original = some(cv2.imread(f"{package}/data/astronaut.png"))[..., ::-1]
    assert correlation(astronaut, original) > 0.99


def test_photo_needs_no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a scene opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    scenes._source.cache_clear()
    for name in scenes.PHOTOS:
        scenes.photo(name, SHAPE)


def test_photo_says_what_to_install(monkeypatch):
    scenes._source.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=r"'coffee': expected scikit-image.*Install scikit-image"):
        scenes.photo("coffee", SHAPE)


def test_photo_says_which_file_is_missing(monkeypatch):
    scenes._source.cache_clear()
    monkeypatch.setitem(scenes._SOURCES, "coffee", "tea.png")
    with pytest.raises(FileNotFoundError, match=r"expected the image .*tea\.png"):
        scenes.photo("coffee", SHAPE)


def test_varied_scenes_share_no_background():
    # Scenes that stand still have block means that correlate above .7; see DESIGN, scene leakage.
    small = [cv2.resize(grey(s), (100, 60), interpolation=cv2.INTER_AREA) for s in scenes.varied(SHAPE, 20, 1)]
    blocks = [s - cv2.GaussianBlur(s, (0, 0), 4) for s in small]
    pictures = [b for b in blocks if b.std() > 2]  # a wall has no content to share
    assert len(blocks) == 20
    assert len(pictures) >= 16
    assert max(correlation(one, two) for one, two in itertools.combinations(pictures, 2)) < 0.35


def test_varied_is_reproducible_and_its_seed_matters():
    first, again, other = (list(scenes.varied(SHAPE, 4, seed)) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not any(np.array_equal(one, two) for one, two in zip(first, other, strict=True))
    assert list(scenes.varied(SHAPE, 0)) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scenes.flat((10, 10)), "shape: expected an integer, 64 or more; got 10"),
        (lambda: scenes.flat(SHAPE, 300), "level: expected a number from 1 to 254, got 300"),
        (lambda: ANY.flat(SHAPE, tint=(1, 2)), "tint: expected three numbers"),
        (lambda: scenes.flat(SHAPE, tint=(1, 1, -1)), "tint: expected a number from 0 to 2, got -1"),
        (lambda: scenes.sky(SHAPE, -3), "seed: expected an integer, 0 or more; got -3"),
        (lambda: ANY.sky("large"), "shape: expected .rows, columns., got 'large'"),
        (lambda: scenes.photo("lena", SHAPE), "name: expected one of astronaut, .*; got 'lena'"),
        (lambda: scenes.varied(SHAPE, -1), "count: expected an integer, 0 or more; got -1"),
        (lambda: ANY.varied(SHAPE, 3, "a"), "seed: expected an integer"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
