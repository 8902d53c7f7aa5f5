"""What a file is, its content says; what is no photo is refused with words that help."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prnu.enrol import Enrolment
from prnu.evaluate import evaluate
from prnu.file_types import RAW_SUFFIXES, SUFFIXES, list_pictures
from prnu.images import ImageError, load_luma
from tests.pictures import TiffPage, tiff

SHAPE = (256, 272)
REDUCED, MOSAIC = {254: ("I", [1])}, {262: ("H", [32803])}
ADVICE = "Use the camera's JPEG of it, or export it in full size"


def picture(shape: tuple[int, int] = SHAPE, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 190, (*shape, 3)).astype(np.uint8)


def encoded(format_: str = "JPEG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture()).save(file, format_, **options)
    return file.getvalue()


def mosaic() -> TiffPage:
    return TiffPage(np.zeros((600, 800), np.uint16), MOSAIC)


def preview(*parts: TiffPage, tags=REDUCED) -> TiffPage:
    return TiffPage(picture(), tags, parts)


RAW = {
    "dng": tiff(preview(mosaic(), tags=REDUCED | {50706: ("B", [1, 4, 0, 0])})),
    "cr2": tiff(TiffPage(picture()), TiffPage(picture((300, 400))), head=b"CR\2\0"),
    "cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(500),
    "nef": tiff(preview(mosaic()), order=">"),
    "arw": tiff(preview(TiffPage(np.zeros((600, 800), np.uint16), {259: ("H", [32767])}))),
    "raf": b"FUJIFILMCCD-RAW 0201FF129502X-T3" + bytes(500),
    "orf": b"IIRO\x08\0\0\0" + bytes(500),
    "rw2": b"IIU\0\x18\0\0\0" + bytes(500),
    "pef": tiff(mosaic(), TiffPage(picture(), REDUCED), order=">"),
    "x3f": b"FOVb" + bytes(500),
}


def refusal(data: bytes, name: str) -> ImageError:
    with pytest.raises(ImageError) as caught:
        load_luma(data, name)
    return caught.value


@pytest.mark.parametrize("kind", RAW)
@pytest.mark.parametrize("ending", ["", ".jpg"])
def test_raw_files_are_refused_by_their_content_whatever_they_are_called(kind, ending):
    error = refusal(RAW[kind], f"shot.{kind}{ending}")
    assert error.problem.startswith("this is a raw file")
    assert error.remedy == ADVICE
    if not ending:
        assert f"raw file ({kind.upper()})" in error.problem


@pytest.mark.parametrize("suffix", RAW_SUFFIXES)
def test_a_file_called_raw_that_nothing_can_read_is_said_to_be_raw(suffix):
    assert f"raw file ({suffix[1:].upper()})" in refusal(b"who knows" * 99, f"shot{suffix.upper()}").problem


@pytest.mark.parametrize("name", ["shot.dng", "shot.CR2", "shot.png", "shot.txt", "shot"])
def test_a_jpeg_is_read_whatever_it_is_called(name, tmp_path):
    data = encoded(quality=90)
    (tmp_path / name).write_bytes(data)
    assert np.array_equal(load_luma(tmp_path / name), load_luma(data))


@pytest.mark.parametrize("length", [200, 20_000])
def test_a_raw_file_that_is_cut_short_is_never_read_by_its_preview(length):
    for kind in ("dng", "nef", "arw"):
        with pytest.raises(ImageError):
            load_luma(RAW[kind][:-length], f"cut.{kind}")


@pytest.mark.parametrize(
    "data",
    [b"\0\0\0\x14ftypqt  ", b"\0\0\0\x20ftypisom", b"\0\0\0\x20ftyp3gp5", b"\x1aE\xdf\xa3\x01\0\0\0"],
    ids=lambda data: repr(data[4:12]),
)
def test_a_video_is_called_one(data):
    assert refusal(data + bytes(99), "IMG_1.MOV").problem == "this is a video"


@pytest.mark.parametrize("data", [b"\xff\x0a\xfa\x07", b"\0\0\0\x0cJXL \r\n\x87\n"])
def test_jpeg_xl_is_called_by_its_name(data):
    error = refusal(data + bytes(99), "shot.jxl")
    assert "JPEG XL" in error.problem
    assert "Let the camera save JPEG or HEIC" in error.remedy


def test_a_raw_file_is_left_out_of_an_enrolment_with_these_words():
    step = Enrolment().add(RAW["dng"], "wall.dng")
    assert not step.accepted
    assert "raw file (DNG)" in step.message
    assert ADVICE in step.message


# Folders


def test_every_ending_of_a_picture_is_listed(tmp_path):
    for number, suffix in enumerate(SUFFIXES):
        (tmp_path / f"{number:02}{suffix.upper() if number % 2 else suffix}").write_bytes(encoded())
    found = list_pictures(tmp_path)
    assert [path.suffix.lower() for path in found.pictures] == list(SUFFIXES)
    assert found.ignored == ()


def test_what_is_ignored_in_a_folder_is_named_with_the_reason(tmp_path):
    files = {
        "1.jpg": encoded(),
        "2 without an ending": encoded("PNG"),
        "3.dng": encoded("JPEG"),  # the content decides
        "4 damaged.jpg": b"not a picture, which is for the reader to say",
        "5.txt": b"notes",
        "6.CR3": RAW["cr3"],
        "7.nef": b"what is this",
        "8 raw.tif": RAW["nef"],
        "9.mp4": b"\0\0\0\x14ftypmp42" + bytes(99),
        ".DS_Store": b"\0\0\0\1Bud1",
        "._1.jpg": b"\0\5\x16\7",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "a folder").mkdir()
    found = list_pictures(tmp_path)
    assert [path.name for path in found.pictures] == ["1.jpg", "2 without an ending", "3.dng", "4 damaged.jpg"]
    reasons = dict(found.ignored)
    assert list(reasons) == ["5.txt", "6.CR3", "7.nef", "8 raw.tif", "9.mp4", "a folder"]
    assert reasons["5.txt"] == "neither its name nor its content is that of a picture."
    assert all("raw file" in reasons[name] and ADVICE in reasons[name] for name in ("6.CR3", "7.nef", "8 raw.tif"))
    assert "video" in reasons["9.mp4"]
    assert "folder" in reasons["a folder"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a file that may not be read")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    (tmp_path / "1.jpg").write_bytes(encoded())
    (tmp_path / "1.jpg").chmod(0)
    assert "cannot be opened" in dict(list_pictures(tmp_path).ignored)["1.jpg"]


def test_a_folder_that_is_missing_holds_no_picture(tmp_path):
    assert list_pictures(tmp_path / "none").pictures == ()


def test_evaluate_reads_hif_and_its_like_and_names_what_it_ignores(tmp_path):
    rng = np.random.default_rng(5)

    def add(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        noisy = np.clip(rng.normal(120, 12, (256, 264, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(path, {".hif": "HEIF", ".png": "PNG"}.get(path.suffix.lower(), "JPEG"), quality=95)

    for number, suffix in enumerate((".HIF", ".hif", ".jfif", ".jpe", ".mpo", ".JPG")):
        add(tmp_path / "cam" / "enrol" / f"{number}{suffix}")
    add(tmp_path / "cam" / "probe" / "photo.jfif")
    (tmp_path / "cam" / "probe" / "photo.dng").write_bytes(RAW["dng"])
    (tmp_path / "cam" / "enrol" / "notes.txt").write_text("blank wall")
    found = evaluate(tmp_path)
    assert len(found.pairs) == 1
    reasons = {item.name: item.reason for item in found.skipped}
    assert list(reasons) == ["cam/enrol/notes.txt", "cam/probe/photo.dng"]
    assert "raw file (DNG)" in reasons["cam/probe/photo.dng"]
