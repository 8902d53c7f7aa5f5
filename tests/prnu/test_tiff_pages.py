"""Of a TIFF with several pictures the photo is read, or it is said what is missing; never a preview."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import ExifTags, Image

from prnu.images import ImageError, load_luma
from prnu.tiff_pages import MOST_DIRECTORIES, directories
from tests.pictures import TiffPage, tiff

SHAPE, SMALL = (512, 640), (256, 320)
REDUCED, MASK = {254: ("I", [1])}, {254: ("I", [4])}


def grey(shape: tuple[int, int] = SHAPE, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 190, shape).astype(np.uint8)


def photo(**tags) -> TiffPage:
    return TiffPage(grey(), **tags)


def thumbnail(tags=None) -> TiffPage:
    return TiffPage(grey(SMALL, 2), tags or {})


@pytest.mark.parametrize(("order", "big"), [("<", False), (">", False), ("<", True)])
@pytest.mark.parametrize(
    "pages",
    [
        [photo()],
        [photo(), thumbnail()],
        [photo(), thumbnail(REDUCED)],
        [thumbnail(), photo()],
        [thumbnail(REDUCED), photo()],
        [thumbnail(REDUCED), TiffPage(grey((300, 400), 3), REDUCED), photo()],
        [photo(parts=[thumbnail(REDUCED)])],
        [photo(), TiffPage(grey(SHAPE, 4), MASK)],
        [photo(), TiffPage(grey(SHAPE, 4), REDUCED)],
    ],
    ids=["alone", "second", "second named", "first", "first named", "two", "part", "mask", "named a copy"],
)
def test_the_photo_is_read_wherever_its_thumbnails_are(pages, order, big):
    assert np.array_equal(load_luma(tiff(*pages, order=order, big=big)), grey())


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        ([TiffPage(grey(SMALL), {}, [photo()])], "only a preview of the photo can be read in it, of 320x256 pixels"),
        ([thumbnail(REDUCED)], "only a preview of the photo can be read in it, of 320x256 pixels"),
        ([photo(tags=REDUCED), thumbnail()], "only a preview of the photo can be read in it, of 640x512 pixels"),
        ([photo(), TiffPage(grey(SHAPE, 5))], "this is an animation or has several pages"),
        ([photo(), TiffPage(grey((300, 400), 5))], "this is an animation or has several pages"),
        ([thumbnail(), photo(), TiffPage(grey(SHAPE, 5))], "this is an animation or has several pages"),
    ],
    ids=["larger part", "thumbnail only", "a copy that is the largest", "two photos", "nearly as large", "three"],
)
def test_a_preview_or_one_of_several_photos_is_never_taken_for_the_photo(pages, problem):
    with pytest.raises(ImageError, match=problem):
        load_luma(tiff(*pages))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_behind_its_thumbnail_comes_as_the_sensor_saw_it(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    turned = photo(tags={274: ("H", [orientation])})
    assert np.array_equal(load_luma(tiff(thumbnail(REDUCED), turned)), grey())


def test_pages_of_pillows_own_making_are_told_apart():
    file = io.BytesIO()
    Image.fromarray(grey(SMALL)).save(file, "TIFF", save_all=True, append_images=[Image.fromarray(grey())])
    assert np.array_equal(load_luma(file.getvalue()), grey())


def test_directories_are_described_in_their_order():
    data = tiff(thumbnail(REDUCED), photo(parts=[TiffPage(np.zeros(SMALL, np.uint16), {262: ("H", [32803])})]))
    first, second, part = directories(io.BytesIO(data))
    assert (first.page, first.width, first.height, first.reduced) == (0, 320, 256, True)
    assert (second.page, second.bits, second.reduced, second.raw) == (1, 8, False, False)
    assert (part.page, part.bits, part.raw) == (None, 16, True)


@pytest.mark.parametrize(
    "data", [b"", b"II", b"II*\0", b"II*\0\xff\xff\xff\xff", b"\xff\xd8\xff\xe0", b"MM\0*" + bytes(9)]
)
def test_what_is_no_tiff_has_no_directories(data):
    assert directories(io.BytesIO(data)) == []


def test_a_tiff_that_leads_in_a_circle_comes_to_an_end():
    data = bytearray(tiff(photo(), thumbnail()))
    last = data[-4:]
    assert last == bytes(4)
    data[-4:] = data[4:8]  # the last page leads to the first
    assert len(directories(io.BytesIO(bytes(data)))) == 2


def test_a_tiff_of_endless_pages_is_not_read_on_and_on():
    pages = [TiffPage(np.zeros((2, 2), np.uint8)) for _ in range(MOST_DIRECTORIES + 9)]
    assert len(directories(io.BytesIO(tiff(*pages)))) == MOST_DIRECTORIES


def test_damaged_directories_give_a_shorter_list_and_no_other_error():
    data, rng = tiff(thumbnail(REDUCED), photo(parts=[thumbnail()])), np.random.default_rng(6)
    lengths = set()
    for _ in range(300):
        damaged = bytearray(data)
        for at in rng.integers(len(data) - 700, len(data), 6):
            damaged[at] = rng.integers(256)
        lengths.add(len(directories(io.BytesIO(bytes(damaged[: rng.integers(8, len(data) + 1)])))))
    assert max(lengths) <= MOST_DIRECTORIES
    assert len(lengths) > 1
