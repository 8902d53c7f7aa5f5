"""Sample scenes to hold in front of a simulated camera: walls, skies and public-domain photos.

A scene is light before it meets a sensor: every function here returns (H, W, 3) uint8 sRGB without camera noise of its
own. Photos are scaled down and blurred first, so that the noise of the camera that took them is not carried along.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from prnu.images import FloatArray

ImageArray = npt.NDArray[np.uint8]

_MIN_SIDE, _MAX_PIXELS = 64, 50_000_000
_SOURCES = {  # files inside scikit-image's wheel; the licence as stated in skimage/data/_fetchers.py
    "astronaut": "astronaut.png",  # Eileen Collins, NASA Great Images, https://flic.kr/p/r9qvLn, public domain
    "chelsea": "chelsea.png",  # a cat, by Stefan van der Walt, CC0
    "coffee": "coffee.png",  # by Rachel Michetti, CC0
    "rocket": "rocket.jpg",  # Falcon 9 with DSCOVR, by SpaceX, public domain
    "camera": "camera.png",  # a man with a camera, by Lav Varshney, CC0
    "brick": "brick.png",  # CC0Textures, Bricks25, CC0
    "grass": "grass.png",  # by linolafett, https://www.deviantart.com/linolafett/art/Grass-01-434853879, CC0
    "gravel": "gravel.png",  # CC0Textures, Gravel04, CC0
}
PHOTOS = tuple(_SOURCES)
"""Names that `photo` takes."""

_TEXTURES = ("brick", "grass", "gravel")
_HEAD = (5, 195, 145, 310)  # top, bottom, left, right in the astronaut photo
_SKIES = (  # zenith and horizon, sRGB
    ((62, 112, 190), (186, 208, 228)),
    ((92, 146, 206), (222, 228, 226)),
    ((128, 136, 148), (206, 208, 210)),
    ((58, 70, 126), (236, 168, 118)),
    ((96, 92, 140), (232, 190, 176)),
)
_LANDS = ((66, 84, 48), (98, 86, 66), (74, 78, 86), (128, 116, 92))


def flat(
    shape: tuple[int, int], level: float = 160.0, tint: tuple[float, float, float] | None = None, seed: int = 0
) -> ImageArray:
    """A plain wall out of focus: even but for the light falling off across it and towards the corners.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, at least 64 each.
    level : float, 1..254
        Mean grey level. Enrolment wants it bright and unsaturated, about 120 to 200.
    tint : (float, float, float), optional
        Factors on red, green and blue, 0..2; by default within 6 % of 1, from the seed.
    seed : int, 0 or more
        Direction and strength of the light.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    shape = check_shape(shape)
    level = check_number("level", level, 1, 254)
    rng = _random(seed, 0)
    if tint is None:
        tint = tuple(rng.uniform(0.94, 1.06, 3))
    factors = np.array(check_rgb("tint", tint, 0, 2), np.float32)

    y, x = np.mgrid[-1:1:32j, -1:1:32j].astype(np.float32)  # smooth, so a few cells say it all
    angle, slope, falloff = rng.uniform(0, 2 * math.pi), rng.uniform(0.02, 0.12), rng.uniform(0.04, 0.16)
    centre = rng.uniform(-0.2, 0.2, 2)
    light = 1 + slope * (math.cos(angle) * x + math.sin(angle) * y)
    light -= falloff * ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / 2
    light *= level / light.mean()
    return _encode(_enlarge(light, shape)[..., None] * factors)


def sky(shape: tuple[int, int], seed: int = 0) -> ImageArray:
    """A procedural sky: colours from zenith to horizon, clouds, and with most seeds a ridge of land.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, at least 64 each.
    seed : int, 0 or more
        The sky; each seed has another one.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    rows, _ = shape = check_shape(shape)
    rng = _random(seed, 1)
    zenith, horizon = np.array(_SKIES[rng.integers(len(_SKIES))], np.float32) * rng.uniform(0.9, 1.08)
    height = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None] ** np.float32(rng.uniform(0.7, 1.4))
    picture = zenith + (horizon - zenith) * height

    density = (_cloudy(shape, rng, 3, 0.52) - np.float32(rng.uniform(-0.3, 0.9))) * np.float32(rng.uniform(1.2, 3))
    cover = np.clip(density, 0, 1)[..., None]
    shade = (np.float32(rng.uniform(215, 242)) + 14 * _cloudy(shape, rng, 4, 0.6))[..., None]
    picture = picture + cover * (shade * np.array([1, 0.995, 0.985], np.float32) - picture)

    if rng.random() < 0.7:
        ridge = rows * (rng.uniform(0.55, 0.9) + 0.05 * _cloudy(shape, rng, 3, 0.5)[rows // 2])
        land = np.array(_LANDS[rng.integers(len(_LANDS))], np.float32)
        texture = 1 + 0.14 * _cloudy(shape, rng, 8, 0.8)
        inside = np.clip(np.arange(rows, dtype=np.float32)[:, None] - ridge, 0, 1)[..., None]
        picture += inside * (land * texture[..., None] - picture)
    return _encode(picture)


def photo(name: str, shape: tuple[int, int], seed: int | None = None) -> ImageArray:
    """A photo in the public domain or under CC0, cropped to the proportions of `shape` and scaled.

    The file comes from the installed scikit-image; nothing is fetched.

    Parameters
    ----------
    name : str
        One of `PHOTOS`.
    shape : (int, int)
        Rows and columns, at least 64 each.
    seed : int, 0 or more, optional
        Another detail, mirrored or not, with another brightness and tint for each seed. By default the middle of the
        photo as it is; of the astronaut, a part with her whole head.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8

    Raises
    ------
    ValueError
        If an argument is not as described.
    FileNotFoundError
        If scikit-image or its file is not there.
    """
    rows, columns = check_shape(shape)
    if name not in _SOURCES:
        raise ValueError(f"name: expected one of {', '.join(PHOTOS)}; got {name!r}.")
    source = _source(name)
    height, width = source.shape[:2]
    scale = max(rows / height, columns / width)
    if seed is None:
        y, x = (height - rows / scale) / 2, (width - columns / scale) / 2
        if name == "astronaut":
            top, bottom, left, right = _HEAD
            scale = min(scale, rows / (bottom - top), columns / (right - left))
            y = _near((top + bottom - rows / scale) / 2, height - rows / scale)
            x = _near((left + right - columns / scale) / 2, width - columns / scale)
        return _window(source, scale, y, x, (rows, columns))
    rng = _random(seed, 2)
    scale *= rng.uniform(1, 1.8)
    y, x = rng.uniform(0, height - rows / scale), rng.uniform(0, width - columns / scale)
    picture = _window(source, scale, y, x, (rows, columns))[:, :: rng.choice([1, -1])]
    grey = (np.arange(256) / 255) ** rng.uniform(0.8, 1.25)
    curves = grey[:, None] * (rng.uniform(0.75, 1.1) * rng.uniform(0.95, 1.05, 3)) * 255
    return np.asarray(cv2.LUT(np.ascontiguousarray(picture), _encode(curves[None])), np.uint8)


def varied(shape: tuple[int, int], count: int, seed: int = 0) -> Iterator[ImageArray]:
    """`count` scenes of which no two share a background: photos, skies and now and then a wall.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns, at least 64 each.
    count : int, 0 or more
        How many. From the ninth photo on, other details of the same photos are shown.
    seed : int, 0 or more
        The sequence.

    Returns
    -------
    iterator of ndarray, shape (H, W, 3), uint8
    """
    shape, count, rng = check_shape(shape), check_count("count", count), _random(seed, 3)

    def scenes() -> Iterator[ImageArray]:
        names: list[str] = []
        for index in range(count):
            scene_seed = int(rng.integers(2**32))
            if index % 6 == 5:
                yield flat(shape, float(rng.uniform(90, 200)), seed=scene_seed)
            elif index % 2:
                yield sky(shape, scene_seed)
            else:
                names = names or [str(name) for name in rng.permutation(PHOTOS)]
                yield photo(names.pop(), shape, scene_seed)

    return scenes()


def check_number(name: str, value: Any, low: float, high: float) -> float:
    """`value` as a float in low..high, or a ValueError that names it."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value!r}. Choose one in between.")
    return number


def check_count(name: str, value: Any, low: int = 0, high: int | None = None) -> int:
    """`value` as an integer in low..high, or a ValueError that names it."""
    limits = f"{low} or more" if high is None else f"{low} to {high}"
    try:
        count = low - 1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        count = low - 1
    if count < low or (high is not None and count > high):
        raise ValueError(f"{name}: expected an integer, {limits}; got {value!r}. Pass a plain int in that range.")
    return count


def check_rgb(name: str, value: Any, low: float, high: float) -> tuple[float, float, float]:
    """`value` as three floats in low..high, or a ValueError that names it."""
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise ValueError(f"{name}: expected three numbers (red, green, blue), got {value!r}. Use (1, 1, 1) for grey.")
    red, green, blue = (check_number(name, part, low, high) for part in value)
    return red, green, blue


def check_shape(shape: Any) -> tuple[int, int]:
    """(rows, columns) of a picture, each at least 64, or a ValueError."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ValueError(f"shape: expected (rows, columns), got {shape!r}. Use for instance (720, 1280).")
    rows, columns = (check_count("shape", side, _MIN_SIDE) for side in shape)
    if rows * columns > _MAX_PIXELS:
        raise ValueError(f"shape: expected at most {_MAX_PIXELS} pixels, got {rows} x {columns}. Choose a smaller one.")
    return rows, columns


def _random(seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([check_count("seed", seed), purpose])


def _encode(picture: npt.NDArray[np.floating[Any]]) -> ImageArray:
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)


def _enlarge(grid: FloatArray, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _cloudy(shape: tuple[int, int], rng: np.random.Generator, cells: int, roughness: float) -> FloatArray:
    """Smooth noise of about unit deviation: octaves of random grids, each twice as fine and `roughness` as strong."""
    power, strength = 0.0, 1.0
    total: FloatArray = np.zeros(shape, np.float32)
    while cells * 4 <= min(shape):  # the finest cells are four pixels: no noise from pixel to pixel
        grid = rng.standard_normal((cells, max(2, cells * shape[1] // shape[0])), np.float32)
        total += strength * _enlarge(grid, shape)
        power += 0.5 * strength**2  # interpolation halves the variance
        cells, strength = cells * 2, strength * roughness
    return np.divide(total, math.sqrt(power), out=total)


def _near(wish: float, limit: float) -> float:
    """`wish` moved into 0..limit; the middle if the window is larger than the photo."""
    return limit / 2 if limit < 0 else min(max(wish, 0), limit)


def _window(source: ImageArray, scale: float, y: float, x: float, shape: tuple[int, int]) -> ImageArray:
    """Part of `source` from (y, x) on, scaled to `shape`; past the border its edge goes on."""
    if scale < 1:  # average before sampling, or fine detail aliases
        source = np.asarray(cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        y, x, scale = y * scale, x * scale, 1
    at_pixel_centres = (scale - 1) / 2
    matrix = np.array([[scale, 0, at_pixel_centres - x * scale], [0, scale, at_pixel_centres - y * scale]])
    how, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(source, matrix, shape[::-1], flags=how, borderMode=border), np.uint8)


@functools.cache
def _source(name: str) -> ImageArray:
    """The photo without its camera's noise: RGB, a texture continued by its mirror image."""
    package = importlib.util.find_spec("skimage")
    if package is None or package.origin is None:
        raise FileNotFoundError(f"photo {name!r}: expected scikit-image, which is not installed. Install scikit-image.")
    path = Path(package.origin).parent / "data" / _SOURCES[name]
    picture = cv2.imread(str(path))
    if picture is None:
        raise FileNotFoundError(f"photo {name!r}: expected the image {path}. Install scikit-image 0.26 again.")
    size = picture.shape[1], picture.shape[0]
    small = cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    rgb = cv2.cvtColor(cv2.GaussianBlur(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), (0, 0), 0.6), 4)
    if name in _TEXTURES:
        rgb = np.vstack([np.hstack([rgb, rgb[:, ::-1]]), np.hstack([rgb[::-1], rgb[::-1, ::-1]])])
    return np.ascontiguousarray(rgb, np.uint8)
