from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from bank.pictures import Picture
from prnu.sensor import SIMULATED
from ui.results import photo
from ui.results import sample as sample_material
from ui.results.photo import Photo


def test_simulated_files_are_known_by_what_they_say(walls, encoded):
    assert walls[0].simulated
    assert not encoded((480, 640), "JPEG").simulated


def test_all_samples_say_that_they_are_simulated():
    assert sample_material.is_simulated(sample_material.PERSON)
    for name in sample_material.CAMERAS:
        assert next(sample_material.wall_photos(name)).simulated
        for sample in sample_material.photos_to_check(name):
            assert sample.photo.simulated
            assert SIMULATED.encode() in sample.photo.data
            assert "simulated" in sample.photo.name


def test_the_mark_is_put_on_once():
    assert (
        sample_material.simulated_name("Phone")
        == sample_material.simulated_name("Phone (simulated)")
        == "Phone (simulated)"
    )


def test_the_swapped_area_is_a_fifth_of_the_picture():
    _, _, width, height = sample_material.SWAPPED
    assert width * height == pytest.approx(0.2 * sample_material.SHAPE[0] * sample_material.SHAPE[1], rel=0.02)


def test_most_common_size_comes_first_and_order_is_kept(walls, encoded):
    text = Photo("text.jpg", b"no picture", "text")
    given = [encoded((1, 1)), text, walls[0], encoded((960, 640)), walls[1]]
    assert photo.common_size_first(given) == [walls[0], walls[1], given[0], given[3], text]


def test_thumbnail_is_upright():
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x112] = 6  # a quarter turn
    Image.new("RGB", (640, 480), "red").save(file, "JPEG", exif=exif)
    with Image.open(io.BytesIO(photo.thumbnail(Photo("turned.jpg", file.getvalue(), "turned")))) as small:
        assert small.size == (240, 320)


def test_thumbnail_of_a_decoded_photo_is_that_of_its_file(walls):
    decoded = photo.thumbnail_of(Picture.from_file(walls[0].data).rgb)
    small, other = (np.array(Image.open(io.BytesIO(one)), float) for one in (decoded, photo.thumbnail(walls[0])))
    assert small.shape == other.shape
    assert np.abs(small - other).mean() < 2


def test_thumbnail_of_what_cannot_be_shown_is_grey():
    with Image.open(io.BytesIO(photo.thumbnail(Photo("text.jpg", b"no picture", "text")))) as small:
        assert small.getpixel((5, 5)) == pytest.approx((128, 128, 128), abs=2)


def test_thumbnail_as_table_cell(walls):
    assert photo.data_url(photo.thumbnail(walls[0], 96)).startswith("data:image/jpeg;base64,/9j/")


def test_pixel_format_is_that_of_the_file(walls, encoded):
    assert photo.pixel_format(walls[0]) == "JPEG"
    assert photo.pixel_format(encoded((480, 640))) == "PNG"
