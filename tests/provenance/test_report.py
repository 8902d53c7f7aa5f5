"""One look at a file tells what it can, and whatever is uploaded gives an answer or one clear error."""

from __future__ import annotations

import dataclasses
import functools
import io
import socket
import warnings
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from prnu.images import ImageError
from provenance.report import ELA_CAVEAT, Finding, Provenance, examine
from tests.pictures import huge_png
from tests.provenance.exif import SHAPE, camera_file, encode, photo
from tests.provenance.signed import SOURCE, make_signer, sign

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def signer():
    return make_signer()


@pytest.fixture(scope="module")
def signed(signer):
    return sign(camera_file(), signer)


def levels(found: Provenance) -> dict[str, str]:
    return {finding.code: finding.level for finding in found.findings}


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# What is told


def test_a_camera_file_is_described_in_full():
    found = examine(camera_file(), "selfie.jpg", now=NOW)
    assert (found.name, found.format, found.size) == ("selfie.jpg", "JPEG", (SHAPE[1], SHAPE[0]))
    assert found.error_level is not None
    assert found.error_level.picture.shape == SHAPE
    assert found.double_jpeg is not None
    assert (found.double_jpeg.verdict, found.double_jpeg.quality) == ("inconclusive", 92)
    assert found.credentials is None
    assert levels(found) == {
        "credentials-absent": "info",
        "camera-named": "info",
        "times-agree": "good",
        "size-agrees": "good",
        "preview-agrees": "good",
        "jpeg-standard": "info",
        "jpeg-inconclusive": "info",
    }


def test_a_path_and_its_bytes_say_the_same(tmp_path):
    path = tmp_path / "selfie.jpg"
    path.write_bytes(camera_file())
    by_path, by_bytes = examine(path, now=NOW), examine(path.read_bytes(), now=NOW)
    assert (by_path.name, by_bytes.name) == ("selfie.jpg", "image")
    assert by_path.findings == by_bytes.findings
    assert by_path.exif == by_bytes.exif
    assert by_path.double_jpeg == by_bytes.double_jpeg
    assert examine(str(path), "mine", now=NOW).name == "mine"


def test_results_cannot_be_changed():
    found = examine(camera_file(), now=NOW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.findings = ()  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.findings[0].level = "good"  # type: ignore[misc]


@pytest.mark.parametrize("format_", ["PNG", "TIFF", "WEBP", "HEIF", "MPO"])
def test_other_formats_are_described_too(format_):
    second: dict[str, Any] = {"save_all": True, "append_images": [Image.fromarray(photo()[::2, ::2])]}
    options = second if format_ == "MPO" else {}
    found = examine(camera_file(format_=format_, **options), now=NOW)
    assert (found.format, found.size) == (format_, (SHAPE[1], SHAPE[0]))
    assert found.exif["Make"] == "LensLock"
    assert not [finding for finding in found.findings if finding.level == "warn"]
    assert (found.double_jpeg is None) == (format_ != "MPO")
    assert found.error_level is not None


@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("format_", ["JPEG", "HEIF", "TIFF"])
def test_a_turned_photo_keeps_its_size_in_sensor_orientation(format_, orientation):
    found = examine(camera_file(format_=format_, main={0x0112: orientation}), now=NOW)
    assert found.size == (SHAPE[1], SHAPE[0])
    assert not [finding for finding in found.findings if finding.level == "warn"]


def test_a_second_save_is_warned_of_with_both_qualities():
    first = np.asarray(Image.open(io.BytesIO(encode(photo(), quality=70))))
    found = examine(encode(first, quality=90), now=NOW)
    assert levels(found)["jpeg-double"] == "warn"
    texts = {finding.code: finding.text for finding in found.findings}
    assert "quality 90" in texts["jpeg-standard"]
    assert "quality 70" in texts["jpeg-double"] or "quality 69" in texts["jpeg-double"]
    assert "whether or not they change the picture" in texts["jpeg-double"]


def test_a_table_of_the_cameras_own_is_told():
    table = [3 + n // 8 for n in range(64)]
    found = examine(encode(photo(), qtables=[table, table]), now=NOW)
    assert levels(found)["jpeg-own"] == "info"


def test_a_plain_jpeg_is_too_flat_to_tell():
    found = examine(encode(np.full((*SHAPE, 3), 99, np.uint8), quality=80), now=NOW)
    assert "too little detail" in next(f.text for f in found.findings if f.code == "jpeg-inconclusive")


def test_a_jpeg_of_red_green_and_blue_has_no_luma_to_look_at():
    found = examine(encode(photo(), quality=90, keep_rgb=True), now=NOW)
    assert found.double_jpeg is None
    assert levels(found)["jpeg-unusual"] == "info"


@pytest.mark.parametrize("quality", [70, 88, 90, 92])
def test_the_error_level_is_never_taken_at_the_quality_of_the_last_save(quality):
    found = examine(encode(photo(), quality=quality), now=NOW)
    assert found.error_level is not None
    assert found.error_level.quality == (80 if quality >= 88 else 90)
    assert found.error_level.picture.max() > 0


# Content credentials


def test_a_signer_that_nobody_vouches_for_is_no_good_sign(signed):
    found = examine(signed, now=NOW)
    assert found.credentials is not None
    assert levels(found)["credentials-unknown-signer"] == "info"
    assert "anybody can make a certificate" in found.findings[0].text
    assert '"LensLock tests, Test signer"' in found.findings[0].text


def test_a_signer_that_is_vouched_for_is_a_good_sign(signed, signer):
    found = examine(signed, trust_anchors=signer.authority, now=NOW)
    assert levels(found)["credentials-trusted"] == "good"


def test_a_picture_changed_after_it_was_signed_is_named(signed, signer):
    found = examine(flipped(signed, len(signed) - 500), trust_anchors=signer.authority, now=NOW)
    assert levels(found)["credentials-invalid"] == "warn"
    assert "the picture was changed after it was signed (assertion.dataHash.mismatch)" in found.findings[0].text


def test_credentials_that_name_a_generator_are_warned_of(signer):
    made = [{"action": "c2pa.created", "digitalSourceType": SOURCE + "trainedAlgorithmicMedia"}]
    found = examine(sign(camera_file(), signer, actions=made), now=NOW)
    assert levels(found)["credentials-generated"] == "warn"


def test_credentials_elsewhere_and_damaged_ones_are_told(signed, signer):
    away = examine(sign(camera_file(), signer, remote="http://127.0.0.1:9/note"), now=NOW)
    assert levels(away)["credentials-remote"] == "info"
    damaged = examine(flipped(signed, signed.index(b"jumb")), now=NOW)
    assert levels(damaged)["credentials-unreadable"] == "warn"


def test_trust_anchors_that_are_none_are_told():
    with pytest.raises(ValueError, match="trust_anchors"):
        examine(camera_file(), trust_anchors="none", now=NOW)


def test_no_socket_is_opened(signed, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    assert examine(signed, now=NOW).credentials is not None


# Words


def test_every_finding_is_a_sentence_without_a_verdict(signed):
    generated = PngInfo()
    generated.add_text("parameters", "Steps: 2")
    files = [
        *(camera_file(), signed, flipped(signed, len(signed) - 500), encode(photo(), "PNG", pnginfo=generated)),
        camera_file(main={0x0132: "2024:05:14 12:30:00", 0x0131: "GIMP"}, shot={0xA002: 9, 0x9003: "x"}, preview=b"x"),
    ]
    for data in files:
        for finding in examine(data, now=NOW).findings:
            assert isinstance(finding, Finding)
            assert finding.level in ("info", "warn", "good")
            assert finding.text[0].isupper()
            assert finding.text.endswith(".")
            assert not {"fake", "genuine", "proves", "forged"} & set(finding.text.lower().split())
    assert "proves nothing" in ELA_CAVEAT


# Hostile files


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xff\xd8\xff", b"This is a letter, not a picture.", b"%PDF-1.7", b"\0" * 5000),
        *(camera_file()[:200], camera_file()[:4000], camera_file(format_="HEIF")[:3000]),
        encode(photo()[:100, :100]),
        encode(np.zeros((300, 300), np.uint8), "GIF"),
        huge_png(),
    ],
    ids=range(11),
)
def test_what_is_no_usable_picture_is_an_image_error(data):
    with pytest.raises(ImageError, match=r"^upload\.jpg: "):
        examine(data, "upload.jpg")


def test_a_missing_file_and_a_folder_are_image_errors(tmp_path):
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(ImageError):
            examine(path)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=12), cut=st.booleans()
)
@example(changes=[(0, 0)], cut=True)
def test_a_damaged_file_gives_an_answer_or_an_image_error(format_, changes, cut):
    survives(cached_file(format_), changes, cut)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 12_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_metadata_and_credentials_give_an_answer_or_an_image_error(signed, changes):
    survives(signed, changes, cut=False)


cached_file = functools.cache(lambda format_: camera_file(format_=format_))


def survives(data: bytes, changes: list[tuple[int, int]], cut: bool) -> None:
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    if cut:
        del damaged[changes[0][0] % len(damaged) :]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = examine(bytes(damaged), now=NOW)
        except ImageError:
            return
    assert isinstance(found, Provenance)
    assert all(finding.text.isprintable() for finding in found.findings)
