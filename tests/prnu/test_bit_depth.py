"""Pictures of more than 8 bits are read with their own white, or it is said that it cannot be known."""

from __future__ import annotations

import io
from typing import Any, Literal

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image

from prnu.images import ImageError, eight_bit, load_luma, open_picture
from tests.pictures import TiffPage, png, tiff

SHAPE = (256, 272)
WEIGHTS = [0.299, 0.587, 0.114]


def levels(bits: int, bands: int = 3, brightest: float = 0.9) -> np.ndarray:
    """Random levels of so many bits at the low end, up to a share of white."""
    shape = SHAPE if bands == 1 else (*SHAPE, bands)
    return np.random.default_rng(bits).integers(0, int(brightest * (1 << bits)), shape).astype(np.uint16)


def grey_of(pixels: np.ndarray, white: int) -> np.ndarray:
    return (pixels @ WEIGHTS if pixels.ndim == 3 else pixels) * (255 / white)


def as_png(pixels: np.ndarray, significant: int | None = None) -> bytes:
    """A PNG of 16 bits, with the chunk that says how many of them count."""
    data = cv2.imencode(".png", pixels[..., ::-1] if pixels.ndim == 3 else pixels)[1].tobytes()
    if significant is None:
        return data
    bands = pixels.shape[2] if pixels.ndim == 3 else 1
    chunk = png((b"sBIT", bytes([significant] * bands)))[8:]
    return data[:33] + chunk + data[33:]  # behind IHDR


def as_tiff(pixels: np.ndarray, most: int | None = None, order: Literal["<", ">"] = "<") -> bytes:
    return tiff(TiffPage(pixels, {281: ("H", [most])} if most else {}), order=order)


def as_heic(pixels: np.ndarray, bits: int, mode: str, monkeypatch: pytest.MonkeyPatch, **more: Any) -> bytes:
    """A lossless HEIC with so many bits for a level, of levels of 16."""
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", bits == 12)
    file, options = io.BytesIO(), {"quality": -1, "chroma": 444, "matrix_coefficients": 0, **more}
    pillow_heif.from_bytes(mode, pixels.shape[1::-1], pixels.tobytes()).save(file, **options)
    return file.getvalue()


def packed_tiff(pixels: np.ndarray) -> bytes:
    """Grey of 12 bits, two levels in three bytes."""
    a, b = pixels[:, ::2].astype(int), pixels[:, 1::2].astype(int)
    packed = np.stack([a >> 4, (a & 15) << 4 | b >> 8, b & 255], axis=-1).reshape(len(pixels), -1).astype(np.uint8)
    return tiff(TiffPage(packed, {256: ("I", [pixels.shape[1]]), 258: ("H", [12])}))


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("make", [as_png, as_tiff, lambda pixels: as_tiff(pixels, order=">")])
def test_16_bits_keep_their_precision(make, bands):
    deep = levels(16, bands)
    np.testing.assert_allclose(load_luma(make(deep)), grey_of(deep, 65535), atol=1e-3)


@pytest.mark.parametrize("compression", [1, 5, 8], ids=["plain", "LZW", "deflate"])
def test_compressed_tiff_of_16_bit_colours_keeps_its_precision(compression):
    deep = levels(16)
    data = cv2.imencode(".tif", deep[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, compression])[1].tobytes()
    np.testing.assert_allclose(load_luma(data), grey_of(deep, 65535), atol=1e-3)


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_in_a_file_of_16_are_read_by_what_it_states(bits, bands):
    deep, white = levels(bits, bands), (1 << bits) - 1
    for data in (as_tiff(deep, white), as_tiff(deep, white, ">"), as_png(deep, bits)):
        np.testing.assert_allclose(load_luma(data), grey_of(deep, white), atol=1e-2)


def test_a_tiff_with_12_bits_for_a_level_is_read():
    deep = levels(12, 1)
    np.testing.assert_allclose(load_luma(packed_tiff(deep)), grey_of(deep, 4095), atol=1e-3)


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_are_known_by_clipped_highlights(bits, bands):
    deep, white = levels(bits, bands), (1 << bits) - 1
    deep[:5, :9] = white
    for data in (as_tiff(deep), as_png(deep)):
        np.testing.assert_allclose(load_luma(data), grey_of(deep, white), atol=1e-2)


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [8, 10, 12])
def test_where_white_cannot_be_known_it_is_not_guessed(bits, bands):
    deep = levels(bits, bands)
    for data in (as_tiff(deep), as_png(deep), as_png(deep << 4 if bits < 10 else deep), as_tiff(deep, int(deep.max()))):
        with pytest.raises(ImageError, match=r"levels end at [\d,]+ of 65,535.*Save it as JPEG or with 8 bits"):
            load_luma(data, "deep")


def test_bits_at_the_high_end_are_read_with_white_at_the_top():
    deep = levels(12) << 4
    for data in (as_png(deep, 12), as_png(deep), as_tiff(deep)):
        np.testing.assert_allclose(load_luma(data), grey_of(deep, 65535), atol=1e-2)


def test_a_png_that_says_12_bits_and_spreads_them_is_not_brightened():
    deep = levels(12, 1, brightest=0.2) << 4  # dark, but above all that 12 bits at the low end could be
    np.testing.assert_allclose(load_luma(as_png(deep, 12)), grey_of(deep, 65535), atol=1e-3)


def test_a_dark_picture_of_8_bits_made_16_stays_dark():
    dark = levels(8, 3, brightest=0.05) * np.uint16(257)
    assert load_luma(as_png(dark)).max() < 13


def test_a_tiff_of_10_bits_for_a_level_is_refused_with_the_number():
    data = tiff(TiffPage(np.zeros((256, 340), np.uint8), {256: ("I", [272]), 258: ("H", [10])}))
    with pytest.raises(ImageError, match=r"TIFF with 10 bits for a level, which is not read\. Save it with 8 or 16"):
        load_luma(data)


def test_transparent_pictures_of_16_bits_are_refused_and_opaque_ones_are_read():
    deep = levels(16)
    for alpha in (65535, 40000):
        data = cv2.imencode(".png", np.dstack([deep[..., ::-1], np.full(SHAPE, alpha, np.uint16)]))[1].tobytes()
        if alpha == 65535:
            np.testing.assert_allclose(load_luma(data), grey_of(deep, 65535), atol=1e-3)
        else:
            with pytest.raises(ImageError, match="transparent"):
                load_luma(data)


def test_16_bit_colours_in_planes_of_their_own_are_refused():
    # Pillow and OpenCV both make noise of them without a word.
    planes = np.ascontiguousarray(levels(16).transpose(2, 0, 1)).reshape(3 * SHAPE[0], SHAPE[1])
    size = SHAPE[0] * SHAPE[1] * 2
    tags = {257: ("I", [SHAPE[0]]), 258: ("H", [16] * 3), 262: ("H", [2]), 277: ("H", [3]), 278: ("I", [SHAPE[0]])}
    strips = {273: ("I", [8 + size * band for band in range(3)]), 279: ("I", [size] * 3), 284: ("H", [2])}
    with pytest.raises(ImageError, match="16-bit levels cannot be decoded"):
        load_luma(tiff(TiffPage(planes, tags | strips)))


@pytest.mark.parametrize("make", [as_png, as_tiff])
def test_deep_pictures_that_are_cut_short_are_refused(make):
    data = make(levels(16))
    for length in np.linspace(60, 0.97 * len(data), 12).astype(int):
        with pytest.raises(ImageError, match=r"damaged or cut short|not a picture"):
            load_luma(data[:length])


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("mode", ["RGB;16", "I;16"])
def test_heic_of_10_and_12_bits_keeps_its_precision(bits, mode, monkeypatch):
    deep, white = levels(bits, 3 if mode == "RGB;16" else 1), (1 << bits) - 1
    deep[:9, :9] = white
    luma = load_luma(as_heic(deep << (16 - bits), bits, mode, monkeypatch))
    np.testing.assert_allclose(luma, grey_of(deep, white), atol=1e-3)
    assert luma.max() == pytest.approx(255), "white is white, though the last bits of 16 are empty"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_deep_heic_comes_as_the_sensor_saw_it(orientation, monkeypatch):
    deep = levels(10) << 6
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    turned = load_luma(as_heic(deep, 10, "RGB;16", monkeypatch, exif=exif.tobytes()))
    assert np.array_equal(turned, load_luma(as_heic(deep, 10, "RGB;16", monkeypatch)))


def test_deep_heic_that_is_cut_short_is_refused(monkeypatch):
    data = as_heic(levels(10) << 6, 10, "RGB;16", monkeypatch)
    for length in np.linspace(60, 0.97 * len(data), 12).astype(int):
        with pytest.raises(ImageError, match=r"damaged or cut short|not a picture"):
            load_luma(data[:length])


def test_deep_heic_is_shown_as_bright_as_it_is(monkeypatch):
    deep = levels(10) << 6
    with open_picture(as_heic(deep, 10, "RGB;16", monkeypatch), "deep.heic") as image:
        shown = np.asarray(eight_bit(image, "deep.heic"))
    assert np.abs(shown - deep * (255 / 65472)).max() < 0.51


@pytest.mark.parametrize("alpha", [65472, 40000])
def test_deep_heic_may_have_transparency_that_hides_nothing(alpha, monkeypatch):
    deep = np.dstack([levels(10) << 6, np.full(SHAPE, alpha, np.uint16)])
    data = as_heic(deep, 10, "RGBA;16", monkeypatch)
    if alpha == 65472:
        np.testing.assert_allclose(load_luma(data), grey_of(deep[..., :3], 65472), atol=1e-3)
    else:
        with pytest.raises(ImageError, match="transparent"):
            load_luma(data)


def test_a_12_bit_photo_behind_its_thumbnail_is_read():
    deep, small = levels(12), TiffPage(np.zeros((64, 68, 3), np.uint8), {254: ("I", [1])})
    data = tiff(small, TiffPage(deep, {281: ("H", [4095])}))
    np.testing.assert_allclose(load_luma(data), grey_of(deep, 4095), atol=1e-2)
