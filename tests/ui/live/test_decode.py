from __future__ import annotations

import io
import json
import struct
import zlib
from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.ui.live.conftest import headers_of, i420, jpeg, layout_of
from ui.live.decode import FRAME_SIDE, RawStill, read_frame, read_still
from ui.live.limits import Refused

WIDTH, HEIGHT = 320, 256


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def png(rgb: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "PNG", **options)
    return file.getvalue()


def refusal(read, *arguments) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        read(*arguments)
    return refused.value.status, refused.value.code


def test_a_frame_is_decoded():
    rgb = read_frame(jpeg(640, 360, grey=77))
    assert rgb.shape == (360, 640, 3)
    assert abs(int(rgb[5, 5, 0]) - 77) <= 1


@pytest.mark.parametrize("size", [(641, 360), (360, 641), (640, 63), (2000, 2000)])
def test_a_frame_of_another_size_is_refused(size):
    assert refusal(read_frame, jpeg(*size)) == (422, "dimensions")


def test_a_frame_in_portrait_format_is_taken():
    assert read_frame(jpeg(360, FRAME_SIDE)).shape == (FRAME_SIDE, 360, 3)


@pytest.mark.parametrize("body", [b"", b"hello", jpeg()[:-200], jpeg()[:40], png(np.zeros((90, 90, 3), np.uint8))])
def test_what_is_no_whole_jpeg_is_refused(body):
    assert refusal(read_frame, body) == (422, "not-an-image")


def test_a_jpeg_that_claims_to_be_enormous_is_refused_by_its_header():
    body = bytearray(jpeg())
    start = body.index(b"\xff\xc0") + 5
    body[start : start + 4] = struct.pack(">HH", 65535, 65535)
    assert refusal(read_frame, bytes(body)) == (422, "not-an-image")  # Pillow's own limit comes first
    body[start : start + 4] = struct.pack(">HH", 5000, 5000)
    assert refusal(read_frame, bytes(body)) == (422, "dimensions")


def test_planes_are_taken_as_they_are():
    planes = i420()
    assert (read_still(planes.tobytes(), lower(headers_of())) == planes).all()


def test_padding_and_offsets_are_taken_away():
    planes = i420()
    luma, (blue, red) = planes[:HEIGHT], planes[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    body, layout = b"12345678", []
    for plane, stride in ((luma, 384), (blue, 200), (red, 160)):
        layout.append({"offset": len(body), "stride": stride})
        body += np.pad(plane, ((0, 0), (0, stride - plane.shape[1])), constant_values=99).tobytes()
    headers = lower({**headers_of(), "X-Layout": json.dumps(layout)})
    assert (read_still(body, headers) == planes).all()


def test_nv12_gives_the_same_picture():
    planes = i420()
    blue, red = planes[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    body = planes[:HEIGHT].tobytes() + np.stack([blue, red], axis=-1).tobytes()
    layout = [{"offset": 0, "stride": WIDTH}, {"offset": WIDTH * HEIGHT, "stride": WIDTH}]
    headers = lower({**headers_of(pixel_format="NV12"), "X-Layout": json.dumps(layout)})
    found = read_still(body, headers)
    assert (found == planes).all()
    assert RawStill(1, 0.0, "NV12", found).picture().pixel_format == "NV12"


def test_luma_survives_the_way_through_rgb_and_png():
    planes = i420()
    rgb = cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420)
    for mode in (rgb, np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])):
        found = read_still(png(mode), lower(headers_of(pixel_format="PNG")))
        assert (found[:HEIGHT] == planes[:HEIGHT]).all()


def test_a_still_becomes_a_picture_with_its_luma():
    picture = RawStill(7, 0.0, "I420", i420()).picture()
    assert (picture.name, picture.pixel_format, picture.shape) == ("still 7", "I420", (HEIGHT, WIDTH))
    assert picture.luma.dtype == np.uint8
    assert (picture.luma == i420()[:HEIGHT]).all()


@pytest.mark.parametrize("name", ["", "RGBA", "i420", "I420A", "\N{SUPERSCRIPT TWO}"])
def test_another_format_is_refused(name):
    assert refusal(read_still, b"", lower(headers_of(pixel_format=name))) == (415, "format")


@pytest.mark.parametrize(
    ("width", "height"),
    [("0", "256"), ("321", "256"), ("320", "254"), ("9999", "9998"), ("-2", "4"), ("1e3", "4"), ("", "")],
)
def test_another_size_is_refused(width, height):
    headers = lower({**headers_of(), "X-Width": width, "X-Height": height})
    assert refusal(read_still, i420().tobytes(), headers) == (422, "dimensions")


GOOD = layout_of(WIDTH, HEIGHT)


@pytest.mark.parametrize(
    "layout",
    [
        "",
        "no JSON",
        "[" * 999,
        "7",
        "null",
        json.dumps(GOOD[:2]),
        json.dumps([*GOOD, GOOD[2]]),
        json.dumps([{"offset": 0}] * 3),
        json.dumps([{"offset": 0, "stride": WIDTH}] * 3),
        json.dumps([{**GOOD[0], "stride": WIDTH - 2}, *GOOD[1:]]),
        json.dumps([{**GOOD[0], "stride": True}, *GOOD[1:]]),
        json.dumps([{**GOOD[0], "offset": -1}, *GOOD[1:]]),
        json.dumps([*GOOD[:2], {**GOOD[2], "offset": GOOD[2]["offset"] + 1}]),
        json.dumps([*GOOD[:2], {**GOOD[2], "stride": 10**30}]),
        json.dumps([{**GOOD[0], "note": "x" * 1000}, *GOOD[1:]]),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(layout):
    headers = lower({**headers_of(), "X-Layout": layout})
    assert refusal(read_still, i420().tobytes(), headers) == (422, "layout")


@pytest.mark.parametrize("change", [-1, +1000])
def test_bytes_that_lack_or_are_left_over_are_refused(change):
    body = i420().tobytes()
    body = body[:change] if change < 0 else body + bytes(change)
    assert refusal(read_still, body, lower(headers_of())) == (422, "layout")


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)), min_size=3, max_size=3))
def test_no_layout_reads_beyond_the_body(planes):
    layout = json.dumps([{"offset": offset, "stride": stride} for offset, stride in planes])
    with suppress(Refused):
        assert read_still(i420().tobytes(), lower({**headers_of(), "X-Layout": layout})).shape == (
            HEIGHT * 3 // 2,
            WIDTH,
        )


def test_a_png_of_another_size_than_its_headers_is_refused_before_it_is_decoded():
    body = png(np.zeros((300, 300, 3), np.uint8))
    assert refusal(read_still, body, lower(headers_of(pixel_format="PNG"))) == (422, "dimensions")


def test_a_small_png_that_unpacks_to_gigabytes_is_refused():
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    body = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    body += chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    status, _ = refusal(read_still, body, lower(headers_of(pixel_format="PNG")))
    assert status == 422


@pytest.mark.parametrize(
    "body", [b"", b"hello", png(np.zeros((HEIGHT, WIDTH, 3), np.uint8))[:-30], jpeg(WIDTH, HEIGHT)]
)
def test_what_is_no_whole_png_is_refused(body):
    assert refusal(read_still, body, lower(headers_of(pixel_format="PNG"))) == (422, "not-an-image")


def test_a_png_of_palette_colours_is_refused():
    body = io.BytesIO()
    Image.new("P", (WIDTH, HEIGHT)).save(body, "PNG")
    assert refusal(read_still, body.getvalue(), lower(headers_of(pixel_format="PNG"))) == (422, "not-an-image")
