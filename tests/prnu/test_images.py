"""Every format gives its luma as the sensor saw it, and every bad file one clear error."""

from __future__ import annotations

import functools
import io
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from prnu import scenes
from prnu.images import (
    MAX_PIXELS,
    MIN_SIDE,
    ImageError,
    as_luma,
    centre_crop,
    check_luma,
    load_luma,
    luma_from_array,
    luma_from_planes,
    name_of,
)
from prnu.sensor import SimulatedCamera
from testing.some import some
from tests.pictures import huge_png

SHAPE = (256, 272)
ORIENTATIONS = range(1, 9)
# What a viewer does with a stored picture to show it upright, by EXIF orientation (EXIF 2.32, table 6).
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}


def bt601(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.float64) @ [0.299, 0.587, 0.114]


def close(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-3) -> bool:
    return a.shape == b.shape and bool(np.abs(a - b).max() <= tolerance)


@functools.cache
def photo(shape: tuple[int, int] = SHAPE) -> np.ndarray:
    return SimulatedCamera(shape, 3, jpeg_quality=None).photograph(scenes.photo("chelsea", shape, 5), shot=0)


@functools.cache
def grey() -> np.ndarray:
    return np.ascontiguousarray(photo()[..., 1])


def decoded(data: bytes, how: int = cv2.IMREAD_GRAYSCALE) -> np.ndarray:
    return some(cv2.imdecode(np.frombuffer(data, np.uint8), how))


def encode(pixels: np.ndarray, format_: str, orientation: int | None = None, **options) -> bytes:
    if orientation:
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        options["exif"] = exif.tobytes()
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format_, **options)
    return file.getvalue()


def sequence(format_: str, *frames: np.ndarray, **options) -> bytes:
    rest = [Image.fromarray(frame) for frame in frames[1:]]
    return encode(frames[0], format_, save_all=True, append_images=rest, **options)


@functools.cache
def samples() -> dict[str, bytes]:
    """One good file of each kind."""
    return {
        "jpeg": encode(photo(), "JPEG", 6, quality=90),
        "progressive jpeg": encode(photo(), "JPEG", quality=90, progressive=True),
        "png": encode(photo(), "PNG", 6),
        "16-bit png": encode(grey() * np.uint16(257), "PNG"),
        "16-bit colour png": cv2.imencode(".png", photo().astype(np.uint16) * 257)[1].tobytes(),
        "tiff": encode(photo(), "TIFF", 6),
        "lzw tiff": encode(photo(), "TIFF", 6, compression="tiff_lzw"),
        "webp": encode(photo(), "WEBP", 6, quality=90),
        "lossless webp": encode(photo(), "WEBP", 6, lossless=True),
        "heic": encode(photo(), "HEIF", 6, quality=90),
        "avif": encode(photo(), "AVIF", 6, quality=90),
    }


def tiff_entry(data: bytes | bytearray, tag: int) -> int:
    """Where the directory of a little-endian TIFF has its entry for `tag`."""
    start = struct.unpack_from("<I", data, 4)[0]
    places = range(start + 2, start + 2 + 12 * struct.unpack_from("<H", data, start)[0], 12)
    return next(at for at in places if struct.unpack_from("<H", data, at)[0] == tag)


def claiming(name: str, width: int, height: int) -> bytes:
    """A small file whose header says it is of this size."""
    data = bytearray(samples()[name])
    rows, columns = SHAPE
    if name == "png":
        struct.pack_into(">II", data, 16, width, height)
        struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    elif name == "jpeg":
        at = data.index(b"\xff\xc0\x00\x11\x08") + 5
        assert struct.unpack_from(">HH", data, at) == (rows, columns)
        struct.pack_into(">HH", data, at, height, width)
    elif name == "tiff":
        for tag, side in ((256, width), (257, height)):
            struct.pack_into("<HHII", data, tiff_entry(data, tag), tag, 4, 1, side)
    elif name == "lossless webp":
        at = data.index(b"VP8X") + 12
        data[at : at + 6] = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    elif name == "heic":
        at = data.index(b"ispe") + 8
        assert struct.unpack_from(">II", data, at) == (columns, rows)
        struct.pack_into(">II", data, at, width, height)
    return bytes(data)


def refusal(source, name: str | None = None) -> ImageError:
    """The one error that a bad picture gives; checks what every message must have."""
    with pytest.raises(ImageError) as caught:
        load_luma(source, name)
    error = caught.value
    assert str(error) == f"{error.name}: {error.problem}. {error.remedy}."
    assert error.problem
    assert error.remedy[0].isupper()
    if name:
        assert error.name == name
    return error


# Luma


def test_luma_of_a_jpeg_is_its_own_y_plane():
    jpeg = SimulatedCamera(SHAPE, 1).photograph_jpeg(scenes.photo("coffee", SHAPE), shot=0)
    luma = load_luma(jpeg)
    assert luma.dtype == np.float32
    assert np.array_equal(luma, decoded(jpeg))
    with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as container:  # FFmpeg's decoder, which rounds by itself
        frame = next(container.decode(video=0))
    plane = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(SHAPE[0], -1)[:, : SHAPE[1]]
    assert np.abs(luma - plane).max() <= 1
    assert (luma == plane).mean() > 0.95


def test_luma_of_a_jpeg_keeps_what_a_trip_through_rgb_clips():
    noise = np.random.default_rng(1).normal(0, 6, (*SHAPE, 1))
    blue = np.clip(np.array([0, 0, 255]) + noise, 0, 255).astype(
        np.uint8
    )  # saturated: rounding pushes RGB out of range
    jpeg = encode(blue, "JPEG", quality=90)
    own = decoded(jpeg)
    assert np.abs(own - bt601(np.asarray(Image.open(io.BytesIO(jpeg))))).max() > 3
    assert np.array_equal(load_luma(jpeg), own)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": "4:4:4"}, {"optimize": True}], ids=str)
def test_luma_of_a_jpeg_does_not_depend_on_how_it_is_coded(options):
    plain, other = (encode(photo(), "JPEG", quality=90, **more) for more in (dict[str, Any](), options))
    assert np.array_equal(load_luma(plain), load_luma(other))


def test_luma_of_a_grey_jpeg_is_its_only_plane():
    jpeg = encode(grey(), "JPEG", quality=95)
    assert np.array_equal(load_luma(jpeg), decoded(jpeg, cv2.IMREAD_UNCHANGED))


def test_second_picture_in_a_phones_jpeg_is_ignored():
    mpo = sequence("MPO", photo(), photo()[::2, ::2].copy(), quality=90)
    assert Image.open(io.BytesIO(mpo)).format == "MPO"
    assert np.array_equal(load_luma(mpo), load_luma(encode(photo(), "JPEG", quality=90)))


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}),
        ("HEIF", {"quality": -1, "chroma": 444, "matrix_coefficients": 0}),
    ],
    ids=str,
)
def test_luma_of_a_lossless_colour_file_is_the_weighted_sum_of_its_channels(format_, options):
    luma = load_luma(encode(photo(), format_, **options))
    assert close(luma, bt601(photo()))


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_luma_of_a_grey_file_is_its_pixels(format_):
    assert np.array_equal(load_luma(encode(grey(), format_)), grey())


@pytest.mark.parametrize("format_", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_precision(format_):
    deep = np.random.default_rng(2).integers(0, 65536, SHAPE).astype(np.uint16)
    assert close(load_luma(encode(deep, format_)), deep / 257)


def test_lossy_webp_and_heic_come_close_to_their_original():
    for format_ in ("WEBP", "HEIF"):
        assert np.abs(load_luma(encode(photo(), format_, quality=95)) - bt601(photo())).mean() < 3


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP", "HEIF"])
def test_opaque_transparency_channel_is_accepted(format_):
    rgba = np.dstack([photo(), np.full(SHAPE, 255, np.uint8)])
    lossless: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}, "HEIF": {"quality": -1, "chroma": 444}}
    options = lossless.get(format_, {})
    assert np.abs(load_luma(encode(rgba, format_, **options)) - bt601(photo())).max() < 1


def test_opaque_premultiplied_heic_is_accepted():
    rgba = Image.fromarray(np.dstack([photo(), np.full(SHAPE, 255, np.uint8)])).convert("RGBa")
    file = io.BytesIO()
    rgba.save(file, "HEIF", quality=-1, chroma=444)
    assert Image.open(file).mode == "RGBa"
    assert np.abs(load_luma(file) - bt601(photo())).max() < 1


# Orientation


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_jpeg_is_never_turned(orientation):
    assert np.array_equal(
        load_luma(encode(photo(), "JPEG", orientation, quality=90)), load_luma(encode(photo(), "JPEG", quality=90))
    )


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize(
    ("format_", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
    ids=str,
)
def test_png_webp_and_tiff_come_as_the_sensor_saw_them(format_, options, orientation):
    file = encode(photo(), format_, orientation, **options)
    if format_ == "TIFF":  # or the test would say nothing
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(file))), UPRIGHT[orientation](photo()))
    assert close(load_luma(file), bt601(photo()))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_16_bit_tiff_comes_as_the_sensor_saw_it(orientation):
    deep = grey() * np.uint16(257)
    assert close(load_luma(encode(deep, "TIFF", orientation)), grey())


@pytest.mark.parametrize("orientation", [3, 4])
def test_tiff_turned_by_its_xmp_comes_as_the_sensor_saw_it(orientation):
    xmp = f'<x:xmpmeta><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()
    file = io.BytesIO()
    Image.fromarray(photo()).save(file, "TIFF", tiffinfo={700: xmp})
    assert np.array_equal(np.asarray(Image.open(file)), UPRIGHT[orientation](photo()))
    assert close(load_luma(file), bt601(photo()))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_heic_comes_as_the_sensor_saw_it(orientation):
    # pillow_heif writes the orientation as the boxes irot and imir, which libheif applies when it decodes.
    file = encode(photo(), "HEIF", orientation, quality=-1, chroma=444, matrix_coefficients=0)
    assert ((b"irot" in file), (b"imir" in file)) == (orientation in (3, 5, 6, 7, 8), orientation in (2, 4, 5, 7))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(file))), UPRIGHT[orientation](photo()))
    assert close(load_luma(file), bt601(photo()))


def test_word_irot_in_the_text_of_a_heic_turns_nothing():
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "irot\x01"
    with_text = encode(photo(), "HEIF", quality=50, exif=exif.tobytes())
    assert b"irot\x01" in with_text
    assert np.array_equal(load_luma(with_text), load_luma(encode(photo(), "HEIF", quality=50)))


@pytest.mark.parametrize("primary", [0, 1])
def test_main_picture_of_a_heic_is_turned_back_by_its_own_boxes(primary):
    pictures = [photo(), photo()[::-1].copy()]
    frames = []
    for pixels, orientation in zip(pictures, (6, 1), strict=True):
        frame, exif = Image.fromarray(pixels), Image.Exif()
        exif[ExifTags.Base.Orientation] = orientation
        frame.info["exif"] = exif.tobytes()
        frames.append(frame)
    file = io.BytesIO()
    options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0}
    frames[0].save(file, "HEIF", save_all=True, append_images=frames[1:], primary_index=primary, **options)
    assert close(load_luma(file), bt601(pictures[primary]))


# Sources


def test_path_text_bytes_and_file_objects_give_the_same(tmp_path):
    data = samples()["jpeg"]
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    expected = load_luma(data)
    with path.open("rb") as file, tempfile.TemporaryFile() as nameless:
        nameless.write(data)
        for source in (path, str(path), io.BytesIO(data), file, nameless):
            assert np.array_equal(load_luma(source), expected)
        assert not file.closed
        assert np.array_equal(load_luma(file), expected)  # and again


@pytest.mark.parametrize("name", samples())
def test_each_format_is_read_from_disk_as_from_memory(name, tmp_path):
    path = tmp_path / "photo.bin"  # the content counts, not the ending
    path.write_bytes(samples()[name])
    assert np.array_equal(load_luma(path), load_luma(samples()[name]))


def test_pictures_are_called_by_their_files_name(tmp_path):
    upload = io.BytesIO(b"x")
    assert name_of(upload) == "image"
    upload.name = "selfie.jpg"
    assert name_of(upload) == "selfie.jpg"
    assert name_of("folder/wall 1.jpg") == name_of(Path("wall 1.jpg")) == "wall 1.jpg"
    assert name_of("/") == "/"
    assert name_of(np.zeros(1)) == name_of(b"") == "image"
    with tempfile.TemporaryFile() as nameless:  # its name is a number
        assert name_of(nameless) == "image"
    with tempfile.SpooledTemporaryFile() as spooled:  # no BinaryIO, as a type checker sees it
        assert name_of(spooled) == "image"  # type: ignore[arg-type]
    assert refusal(upload).name == "selfie.jpg"
    assert refusal(tmp_path / "no.jpg").name == "no.jpg"


def test_as_luma_takes_files_and_arrays():
    assert np.array_equal(as_luma(samples()["png"]), load_luma(samples()["png"]))
    assert np.array_equal(as_luma(grey()), grey())
    with pytest.raises(ImageError, match=r"^wall: only 10x8 pixels"):
        as_luma(np.zeros((8, 10), np.uint8), "wall")


# Bad files


def test_missing_file_is_named(tmp_path):
    error = refusal(tmp_path / "gone.jpg")
    assert (error.name, error.problem, error.remedy) == ("gone.jpg", "there is no such file", "Check the path")


def test_folder_is_named(tmp_path):
    assert refusal(tmp_path).problem == "this is a folder"


def test_impossible_path_is_named():
    assert "cannot be opened" in refusal("a\0b.jpg").problem
    assert "cannot be opened" in refusal("x" * 5000).problem


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"these are not pixels\n" * 500,
        b"%PDF-1.7\n" + bytes(5000),
        b"\xff\xd8",
        b"\x89PNG\r\n\x1a\n",
        b"II*\0",
        b"RIFF\x10\0\0\0WEBP",
        b"\0\0\0\x18ftypheic",
        sequence("GIF", np.zeros(SHAPE, np.uint8), np.full(SHAPE, 99, np.uint8)),
        encode(np.zeros(SHAPE, np.uint8), "BMP"),
    ],
    ids=lambda data: repr(data[:8]),
)
def test_what_is_no_photo_is_refused(data, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    error = refusal(path)
    assert error.name == "photo.jpg"
    assert error.problem == "this is not a picture that can be read"
    assert "JPEG, PNG, TIFF, WebP or HEIC" in error.remedy


@pytest.mark.parametrize("name", samples())
def test_truncated_files_are_refused_at_every_length(name):
    data = samples()[name]
    for length in np.linspace(1, 0.97 * len(data), 40).astype(int):
        assert re.search(r"damaged or cut short|not a picture", refusal(data[:length], name).problem), length


@pytest.mark.parametrize("name", samples())
def test_random_damage_gives_an_image_error_or_a_valid_luma(name):
    data, rng, outcomes = samples()[name], np.random.default_rng(7), set()
    for trial in range(120):
        damaged = bytearray(data)
        span = (len(data), min(len(data), 700), -min(len(data), 400))[trial % 3]  # everywhere, in the head, in the tail
        for at in rng.integers(min(span, 0), max(span, 1), rng.integers(1, 8)):
            damaged[at] = rng.choice([0, 1, 255, int(rng.integers(256))])
        if trial % 4 == 0:
            at = rng.integers(len(data))
            del damaged[at : at + rng.integers(1, 9)]
        try:
            luma = load_luma(bytes(damaged), name)
        except ImageError:
            outcomes.add("refused")
        else:
            assert check_luma(luma) is luma
            outcomes.add("read")
    assert "refused" in outcomes


def test_odd_tags_of_a_tiff_leak_no_warning():
    data = bytearray(samples()["tiff"])
    at = tiff_entry(data, ExifTags.Base.PlanarConfiguration)
    struct.pack_into("<HHII", data, at, 40_000, 2, 1000, 2**31)  # a text that lies beyond the end of the file
    with pytest.warns(UserWarning, match="Truncated File Read"):
        Image.open(io.BytesIO(bytes(data)))
    assert np.array_equal(load_luma(bytes(data)), load_luma(samples()["tiff"]))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_avif_comes_as_the_sensor_saw_it(orientation):
    luma = load_luma(encode(photo(), "AVIF", orientation, quality=90))
    assert np.abs(luma - bt601(photo())).mean() < 3


def test_a_preview_that_calls_itself_the_main_picture_of_a_heic_is_refused():
    frames = [Image.fromarray(photo()), Image.fromarray(np.tile(photo(), (2, 2, 1)))]
    for primary in (0, 1):
        file = io.BytesIO()
        frames[0].save(file, "HEIF", save_all=True, append_images=frames[1:], primary_index=primary, quality=50)
        if primary:
            assert load_luma(file).shape == (512, 544)
        else:
            assert "main picture of 272x256 pixels is a preview of another, of 544x512" in refusal(file).problem


def test_a_gain_map_behind_a_jpeg_is_ignored():
    # Ultra HDR: JPEG, then a smaller one with the gain of each place, both named in an MPF index.
    xmp = b'<x:xmpmeta><rdf:Description hdrgm:Version="1.0"/></x:xmpmeta>'
    hdr = sequence("MPO", photo(), photo()[::2, ::2].copy(), quality=90, xmp=xmp)
    assert b'hdrgm:Version="1.0"' in hdr
    assert Image.open(io.BytesIO(hdr)).format == "JPEG"
    assert np.array_equal(load_luma(hdr), load_luma(encode(photo(), "JPEG", quality=90)))


def test_heic_with_more_in_it_than_its_header_says_is_refused():
    # Found by fuzzing: libheif stops at its limit with a RuntimeError.
    assert "damaged or cut short" in refusal(claiming("heic", 16, 256)).problem


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (sequence("WEBP", photo(), photo()[::-1].copy(), lossless=True), "animation or has several pages"),
        (sequence("PNG", photo(), photo()[::-1].copy()), "animation or has several pages"),
        (sequence("TIFF", photo(), photo()[::-1].copy()), "animation or has several pages"),
        (encode(grey() > 128, "PNG"), "2 colours"),
        (encode(grey() > 128, "TIFF"), "2 colours"),
        (encode(np.dstack([photo(), grey()]), "PNG"), "transparent"),
        (encode(np.dstack([photo(), grey()]), "WEBP", lossless=True), "transparent"),
        (encode(np.dstack([grey(), grey()]), "PNG"), "transparent"),
        (encode(grey().astype(np.float32), "TIFF"), "colour mode F"),
        (encode(grey().astype(np.int32), "TIFF"), "colour mode I"),
    ],
    ids=["webp animation", "apng", "tiff pages", "1-bit png", "1-bit tiff", "rgba", "webp", "la", "float", "int"],
)
def test_pictures_without_sensor_noise_are_refused(data, problem):
    assert problem in refusal(data).problem


def test_palette_and_cmyk_are_refused():
    palette, cmyk = io.BytesIO(), io.BytesIO()
    Image.fromarray(photo()).quantize(64).save(palette, "PNG")
    Image.fromarray(photo()).convert("CMYK").save(cmyk, "JPEG")
    assert "256 colours, so its noise is gone" in refusal(palette).problem
    assert "colour mode CMYK is not one that cameras write" in refusal(cmyk).problem


@pytest.mark.parametrize("shape", [(1, 1), (200, 2000), (2000, 200), (255, 256)])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_tiny_pictures_are_refused(format_, shape):
    error = refusal(encode(np.full(shape, 128, np.uint8), format_))
    assert error.problem.startswith(f"only {shape[1]}x{shape[0]} pixels, at least {MIN_SIDE} on each side")


def test_smallest_allowed_picture_is_read():
    assert load_luma(encode(photo()[:256, :256].copy(), "PNG")).shape == (MIN_SIDE, MIN_SIDE)


@pytest.mark.parametrize("side", [8_200, 10_000, 13_000, 30_000])
@pytest.mark.parametrize("name", ["png", "jpeg", "tiff", "lossless webp", "heic"])
def test_size_claims_are_refused_before_anything_is_decoded(name, side):
    # Pillow warns from 89 million pixels and refuses from 179 million on; our limit is lower.
    side = min(side, 16_383) if "webp" in name else side
    problem = refusal(claiming(name, side, side), name).problem
    if name in ("png", "jpeg", "tiff"):
        assert "the limit is 64 million pixels" in problem
    else:  # libwebp and libheif compare the header with the data
        assert re.search(r"million pixels|damaged or cut short|not a picture", problem)


@pytest.mark.parametrize("size", [(12_000, 9_000), (16_320, 12_240)], ids=["108 megapixels", "200 megapixels"])
@pytest.mark.parametrize("name", ["jpeg", "tiff", "png"])
def test_a_phones_full_resolution_mode_is_refused_with_the_way_out(name, size):
    error = refusal(claiming(name, *size), "full.jpg")
    assert "the limit is 64 million pixels" in error.problem
    assert "Use the camera's normal mode, 12 megapixels or so, and for the fingerprint, too" in error.remedy


def test_huge_png_is_refused_without_memory_or_warning(tmp_path):
    paths = [tmp_path / f"{side}x{depth}.png" for side, depth in ((30_000, 8), (30_000, 1), (12_000, 8))]
    for path, (side, depth) in zip(paths, ((30_000, 8), (30_000, 1), (12_000, 8)), strict=True):
        path.write_bytes(huge_png(side, depth))
    code = """
import resource, sys
from prnu.images import ImageError, load_luma
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
before = peak()
for path in sys.argv[1:]:
    try:
        load_luma(path)
    except ImageError as error:
        print(error)
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, timeout=60, check=True)
    *messages, grown = done.stdout.splitlines()
    assert len(messages) == 3
    assert all(re.match(r"\d+x\d\.png: .*the limit is 64 million pixels\. Use", message) for message in messages)
    assert int(grown) < 40  # MiB; the pixels would take 900
    assert done.stderr == ""


def test_made_up_huge_png_is_valid():
    small = Image.open(io.BytesIO(huge_png(300)))
    assert small.size == (300, 300)
    assert not np.asarray(small).any()


# Arrays


def test_float32_luma_is_taken_as_it_is():
    luma = grey().astype(np.float32)
    assert luma_from_array(luma) is luma


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_grey_and_rgb_arrays_give_their_luma(dtype):
    assert close(luma_from_array(grey().astype(dtype)), grey())
    assert close(luma_from_array(photo().astype(dtype)), bt601(photo()))
    assert luma_from_array(photo().astype(dtype)).dtype == np.float32


def test_array_that_is_not_contiguous_gives_its_luma():
    assert np.array_equal(luma_from_array(grey()[::-1, ::-1].T), grey()[::-1, ::-1].T)


@pytest.mark.parametrize("dtype", [bool, np.int32, np.uint16, np.complex64, object])
def test_arrays_of_other_types_are_refused(dtype):
    with pytest.raises(ImageError, match=f"pixels of type {np.dtype(dtype)}. Give uint8, or floating point"):
        luma_from_array(grey().astype(dtype))


@pytest.mark.parametrize(
    "shape", [(256, 272, 4), (256, 272, 1), (256, 272, 2), (3, 256, 272), (256 * 272,), (2, 256, 272, 3)]
)
def test_arrays_of_other_shapes_are_refused(shape):
    with pytest.raises(ImageError, match=r"an array of shape .*Give \(H, W\) luma or \(H, W, 3\) RGB"):
        luma_from_array(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, -1.0, 256.0, 65535.0, 1e300])
@pytest.mark.parametrize("pixels", [grey, photo], ids=["grey", "rgb"])
def test_values_out_of_range_are_refused(pixels, bad):
    array = pixels().astype(np.float64)
    array[(9,) * array.ndim if array.ndim == 2 else (9, 9, 2)] = bad
    with pytest.raises(ImageError, match=r"^scan: values from .*Give finite grey levels in 0\.\.255"):
        luma_from_array(array, "scan")


def test_too_small_and_too_large_arrays_are_refused():
    with pytest.raises(ImageError, match="only 300x255 pixels"):
        luma_from_array(np.zeros((255, 300), np.uint8))
    with pytest.raises(ImageError, match="only 300x0 pixels"):
        luma_from_array(np.zeros((0, 300), np.float32))
    broad = np.broadcast_to(np.float32(7), (8000, 8001))
    with pytest.raises(ImageError, match="8001x8000 pixels are too many, the limit is 64 million"):
        check_luma(broad)
    assert broad.size > MAX_PIXELS


# Raw frames


def frame(shape: tuple[int, int], stride: int, offset: int, pixel_format: str) -> tuple[bytes, np.ndarray]:
    """A padded frame and the luma in it."""
    rng = np.random.default_rng(4)
    height, width = shape
    luma = rng.integers(0, 256, shape).astype(np.uint8)
    rows = rng.integers(0, 256, (height, stride)).astype(np.uint8)
    rows[:, :width] = luma
    chroma = np.zeros((2, (height + 1) // 2, (width + 1) // 2), np.uint8)
    chroma = chroma if pixel_format == "I420" else chroma.transpose(1, 2, 0)
    return bytes(offset) + rows.tobytes() + chroma.tobytes(), luma


@pytest.mark.parametrize("pixel_format", ["I420", "NV12"])
@pytest.mark.parametrize(
    ("shape", "stride", "offset"),
    [((256, 272), None, 0), ((257, 301), None, 0), ((256, 272), 320, 0), ((259, 257), 264, 100)],
)
def test_luma_plane_of_a_raw_frame_is_bit_exact(pixel_format, shape, stride, offset):
    data, luma = frame(shape, stride or shape[1], offset, pixel_format)
    layout = {"pixel_format": pixel_format, "stride": stride, "offset": offset}
    sources: tuple[Any, ...] = (data, memoryview(data), bytearray(data))
    for source in sources:
        found = luma_from_planes(source, shape[1], shape[0], **layout)
        assert found.dtype == np.uint8
        assert np.array_equal(found, luma)


def test_raw_frame_agrees_with_opencvs_own_conversion():
    luma = luma_from_planes(cv2.cvtColor(photo(), cv2.COLOR_RGB2YUV_I420).tobytes(), SHAPE[1], SHAPE[0])
    assert close(luma, 16 + bt601(photo()) * 219 / 255, 1)  # OpenCV makes studio range


def test_last_row_of_a_raw_frame_needs_no_padding():
    data, luma = frame((256, 272), 320, 0, "I420")
    chroma = 2 * 128 * 136
    cut = data[: 255 * 320 + 272] + data[-chroma:]
    assert np.array_equal(luma_from_planes(cut, 272, 256, stride=320), luma)


def test_short_raw_frame_is_refused_with_what_it_needs():
    data, _ = frame((256, 272), 272, 0, "I420")
    with pytest.raises(ImageError, match=r"^frame: 104,447 bytes, a 272x256 I420 frame needs 104,448\. Send"):
        luma_from_planes(data[:-1], 272, 256)
    with pytest.raises(ImageError, match="needs 104,449"):
        luma_from_planes(data, 272, 256, offset=1)
    with pytest.raises(ImageError, match="0 bytes"):
        luma_from_planes(b"", 272, 256)


@pytest.mark.parametrize(
    ("width", "height", "layout", "problem"),
    [
        (272, 256, {"pixel_format": "RGBA"}, "pixel format 'RGBA', expected I420 or NV12"),
        (272, 256, {"stride": 271}, "impossible layout: 272x256, stride 271, offset 0"),
        (272, 256, {"offset": -1}, "impossible layout"),
        (0, 256, {}, "impossible layout"),
        (272, -256, {}, "impossible layout"),
        (10**6, 10**6, {}, "1000000x1000000 pixels are too many"),
        (160, 120, {}, "only 160x120 pixels"),
    ],
)
def test_impossible_raw_frames_are_refused(width, height, layout, problem):
    with pytest.raises(ImageError, match=f"^still: {problem}"):
        luma_from_planes(bytes(272 * 256 * 3 // 2), width, height, name="still", **layout)


# Crops


@pytest.mark.parametrize("full", [(256, 272), (257, 275), (480, 640), (1000, 1001)])
@pytest.mark.parametrize("shape", [(256, 256), (250, 260), (256, 272)])
def test_centre_crop_starts_on_the_jpeg_grid_near_the_centre(full, shape):
    rows, columns = np.mgrid[: full[0], : full[1]]
    crop = centre_crop((rows * 2000 + columns).astype(np.float32), shape)
    top, left = divmod(int(crop[0, 0]), 2000)
    assert crop.shape == shape
    assert top % 8 == left % 8 == 0
    assert 0 <= (full[0] - shape[0]) / 2 - top < 8
    assert 0 <= (full[1] - shape[1]) / 2 - left < 8


def test_crop_beyond_the_picture_is_refused():
    luma = np.zeros((256, 272), np.float32)
    for shape in ((257, 272), (256, 273)):
        with pytest.raises(ImageError, match=r"^wall\.jpg: 272x256 pixels, smaller than the crop of .*Choose"):
            centre_crop(luma, shape, "wall.jpg")
