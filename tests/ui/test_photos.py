from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bank.pictures import Picture
from prnu.sensor import SIMULATED
from ui import photos, samples
from ui.photos import Photo


def test_simulated_files_are_known_by_what_they_say(walls, encoded):
    assert walls[0].simulated
    assert not encoded((480, 640), "JPEG").simulated


def test_all_samples_say_that_they_are_simulated():
    assert samples.is_simulated(samples.PERSON)
    for name in samples.CAMERAS:
        assert next(samples.wall_photos(name)).simulated
        for sample in samples.photos_to_check(name):
            assert sample.photo.simulated
            assert SIMULATED.encode() in sample.photo.data
            assert "simulated" in sample.photo.name


def test_the_mark_is_put_on_once():
    assert samples.simulated_name("Phone") == samples.simulated_name("Phone (simulated)") == "Phone (simulated)"


def test_the_swapped_area_is_a_fifth_of_the_picture():
    _, _, width, height = samples.SWAPPED
    assert width * height == pytest.approx(0.2 * samples.SHAPE[0] * samples.SHAPE[1], rel=0.02)


def test_most_common_size_comes_first_and_order_is_kept(walls, encoded):
    text = Photo("text.jpg", b"no picture", "text")
    given = [encoded((1, 1)), text, walls[0], encoded((960, 640)), walls[1]]
    assert photos.common_size_first(given) == [walls[0], walls[1], given[0], given[3], text]


def test_thumbnail_is_upright():
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x112] = 6  # a quarter turn
    Image.new("RGB", (640, 480), "red").save(file, "JPEG", exif=exif)
    with Image.open(io.BytesIO(photos.thumbnail(Photo("turned.jpg", file.getvalue(), "turned")))) as small:
        assert small.size == (240, 320)


def test_thumbnail_of_a_decoded_photo_is_that_of_its_file(walls):
    decoded = photos.thumbnail_of(Picture.from_file(walls[0].data).rgb)
    small, other = (np.array(Image.open(io.BytesIO(one)), float) for one in (decoded, photos.thumbnail(walls[0])))
    assert small.shape == other.shape
    assert np.abs(small - other).mean() < 2


def test_thumbnail_of_what_cannot_be_shown_is_grey():
    with Image.open(io.BytesIO(photos.thumbnail(Photo("text.jpg", b"no picture", "text")))) as small:
        assert small.getpixel((5, 5)) == pytest.approx((128, 128, 128), abs=2)


def test_thumbnail_as_table_cell(walls):
    assert photos.data_url(photos.thumbnail(walls[0], 96)).startswith("data:image/jpeg;base64,/9j/")


def test_pixel_format_is_that_of_the_file(walls, encoded):
    assert photos.pixel_format(walls[0]) == "JPEG"
    assert photos.pixel_format(encoded((480, 640))) == "PNG"
