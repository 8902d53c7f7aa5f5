from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from bank.pictures import Picture, load_rgb
from prnu import ImageError, load_luma, scenes
from tests.pictures import TiffPage, png, tiff
from tests.prnu.test_bit_depth import as_png, grey_of, levels
from tests.prnu.test_images import UPRIGHT

SHAPE = (288, 512)
BOX = (60.0, 40.0, 100.0, 80.0)


def upright() -> np.ndarray:
    """A picture with one white box in it."""
    rgb = (scenes.photo("coffee", SHAPE) // 2).astype(np.uint8)
    rgb[40:120, 60:160] = 255
    return rgb


def turned_away(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """What a sensor sees of an upright picture if its file carries this EXIF orientation."""
    back: dict[int, Callable] = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: np.rot90,
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }
    return np.ascontiguousarray(back[orientation](rgb))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_box_of_the_upright_picture_is_found_on_the_sensor(orientation, kind):
    sensor = turned_away(upright(), orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(sensor).save(file, kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    picture = Picture.from_file(file.getvalue(), "turned")
    assert picture.rgb.shape[:2] == SHAPE
    assert picture.orientation == orientation
    assert picture.luma.shape == sensor.shape[:2]
    np.testing.assert_array_equal(picture.luma, load_luma(file.getvalue()))
    left, top, width, height = (round(side) for side in picture.box_on_sensor(*BOX))
    inside = picture.luma[top : top + height, left : left + width]
    assert inside.shape in ((80, 100), (100, 80))
    assert inside.min() > 235
    assert (picture.luma > 235).mean() == pytest.approx(inside.size / picture.luma.size, rel=0.02)


@pytest.mark.parametrize(("kind", "opened"), [("PNG", 1), ("TIFF", 1), ("WEBP", 1), ("HEIF", 1), ("JPEG", 2)])
def test_a_photo_is_decoded_once_but_for_the_y_plane_of_a_jpeg(kind, opened, monkeypatch):
    file, opens, really = io.BytesIO(), list[str](), Image.open
    Image.fromarray(upright()).save(file, kind)

    def open_(*given, **options):
        opens.append("opened")
        return really(*given, **options)

    monkeypatch.setattr(Image, "open", open_)
    picture = Picture.from_file(file.getvalue())
    assert len(opens) == opened
    monkeypatch.undo()
    np.testing.assert_array_equal(picture.luma, load_luma(file.getvalue()))
    np.testing.assert_array_equal(picture.rgb, load_rgb(file.getvalue()))


def test_luma_of_a_raw_frame_is_its_own_plane_and_colours_follow():
    rgb = scenes.photo("astronaut", SHAPE)
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)
    picture = Picture.from_i420(planes.tobytes(), SHAPE[1], SHAPE[0])
    np.testing.assert_array_equal(picture.luma, planes[: SHAPE[0]])
    assert float(np.abs(picture.rgb.astype(float) - rgb).mean()) < 4


@pytest.mark.parametrize(
    ("size", "width", "height"), [(0, 512, 288), (512 * 288 * 3 // 2 - 1, 512, 288), (1, -2, 2), (511 * 288, 511, 288)]
)
def test_a_raw_frame_of_another_size_than_it_says_is_refused(size, width, height):
    with pytest.raises(ImageError, match="I420"):
        Picture.from_i420(bytes(size), width, height)


@pytest.mark.parametrize("array", [np.zeros((300, 300), np.uint8), np.zeros((300, 300, 3), np.float32)])
def test_pixels_that_are_no_rgb_are_refused(array):
    with pytest.raises(ImageError, match="RGB"):
        Picture.from_array(array)


def test_a_file_that_is_no_picture_is_refused_by_name():
    with pytest.raises(ImageError, match="hello"):
        Picture.from_file(b"text", "hello")


def test_a_face_photo_may_be_smaller_than_one_whose_noise_is_measured():
    file = io.BytesIO()
    Image.fromarray(upright()[:120, :160]).save(file, "PNG")
    assert load_rgb(file.getvalue()).shape == (120, 160, 3)
    with pytest.raises(ImageError, match="256"):
        Picture.from_file(file.getvalue(), "small")


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n0000"])
def test_a_face_photo_that_is_no_picture_is_refused(data):
    with pytest.raises(ImageError, match="face"):
        load_rgb(data, "face")


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_colours_of_a_deep_photo_are_bright_and_upright(bands, orientation):
    deep = levels(12, bands)
    data = tiff(TiffPage(deep, {281: ("H", [4095]), 274: ("H", [orientation])}))
    picture = Picture.from_file(data, "deep")
    shown = np.rint(deep * (255 / 4095)).astype(np.uint8)
    shown = np.dstack([shown] * 3) if bands == 1 else shown
    expected = UPRIGHT[orientation](shown)
    assert np.abs(picture.rgb.astype(int) - expected).max() <= 1
    assert np.array_equal(picture.rgb, load_rgb(data))
    assert picture.orientation == orientation
    np.testing.assert_allclose(picture.luma, grey_of(deep, 4095), atol=1e-2)


@pytest.mark.parametrize("bands", [1, 3])
def test_a_deep_png_is_turned_upright_by_its_exif_when_it_is_shown(bands):
    deep, exif = levels(16, bands), Image.Exif()
    exif[0x0112] = 6
    data = as_png(deep)
    data = data[:33] + png((b"eXIf", exif.tobytes()[6:]))[8:] + data[33:]
    shown = cv2.convertScaleAbs(deep, alpha=255 / 65535)
    shown = np.dstack([shown] * 3) if bands == 1 else shown
    assert np.array_equal(load_rgb(data), np.rot90(shown, -1))
    np.testing.assert_allclose(load_luma(data), grey_of(deep, 65535), atol=1e-3)
