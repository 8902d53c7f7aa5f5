"""The command line recognises cameras, says plainly what is wrong, and never ends in a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

import prnu
import prnu.evaluate
from prnu import Fingerprint, scenes
from prnu.__main__ import MATCHED, NO_MATCH, UNUSABLE, main
from prnu.sensor import SimulatedCamera
from tests.pictures import huge_png

SHAPE = (256, 320)
LARGE = (272, 352)
MATCH_KEYS = {
    "turned",
    "pce",
    "threshold",
    "p_value",
    "z",
    "ncc",
    "shift",
    "zoom",
    "searched",
    "images",
    "passed",
    "rule",
}


class Result(NamedTuple):
    code: int | str | None
    out: str
    err: str


@pytest.fixture
def run(capsys):
    """Run a command; a wrong option ends in SystemExit, as argparse does it."""

    def call(*arguments) -> Result:
        code: int | str | None
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        result = Result(code, *capsys.readouterr())
        assert "Traceback" not in result.err
        return result

    return call


@pytest.fixture(scope="module")
def cameras(tmp_path_factory) -> Path:
    """Two cameras, each with walls to enrol, photos to probe and a fingerprint beside its folder."""
    root = tmp_path_factory.mktemp("cameras")
    for seed, name in enumerate(("alpha", "beta"), 1):
        camera = SimulatedCamera(SHAPE, seed=seed)
        for kind, count in (("enrol", 6), ("probe", 2)):
            (root / name / kind).mkdir(parents=True)
            for number in range(count):
                make = scenes.flat if kind == "enrol" else scenes.sky
                jpeg = camera.photograph_jpeg(make(SHAPE, seed=seed * 100 + number))
                (root / name / kind / f"{number}.jpg").write_bytes(jpeg)
        Fingerprint.from_images(sorted((root / name / "enrol").glob("*"))).save(root / f"{name}.llfp")
    return root


@pytest.fixture
def walls(cameras, tmp_path) -> Path:
    """A copy of one camera's walls, to spoil."""
    return shutil.copytree(cameras / "alpha" / "enrol", tmp_path / "walls")


@pytest.fixture(scope="module")
def large(tmp_path_factory, rig) -> Path:
    """The fingerprint of a camera with enough pixels to be searched for, and a photo of it."""
    folder = tmp_path_factory.mktemp("large")
    rig.fingerprint.save(folder / "camera.llfp")
    save(folder / "photo.png", rig.photos[0])
    return folder


def save(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8)).save(path)
    return path


def tagged(jpeg: bytes, orientation: int) -> bytes:
    """The same JPEG with an EXIF orientation; its pixels are not touched."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    body = exif.tobytes()
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


# fingerprint


def test_fingerprint_is_made_and_told_about(run, cameras, walls, tmp_path):
    file, report = tmp_path / "new.llfp", tmp_path / "new.json"
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", file, "--json", report)
    assert result.code == MATCHED
    assert f"{file}: 6 pictures of 320x256" in result.out
    assert "6 photos; 15 or more are better" in result.out
    assert re.search(r"should score about \d+, four together about \d+ \(threshold 50\)", result.out)
    assert "Keep this file secret" in result.out
    assert np.array_equal(Fingerprint.load(file).pattern, Fingerprint.load(cameras / "alpha.llfp").pattern)
    found = json.loads(report.read_text())
    keys = {"fingerprint", "shape", "images", "split_half", "expected_pce", "scene_leakage", "issues", "steps"}
    assert keys <= found.keys()
    assert (found["fingerprint"], found["shape"], found["images"]) == (str(file), [256, 320], 6)
    assert 0 < found["split_half"] < 1
    assert found["expected_pce"]["1"] < found["expected_pce"]["4"] < found["expected_pce"]["16"]
    assert [issue["code"] for issue in found["issues"]] == ["few"]
    assert [step["name"] for step in found["steps"]] == [f"{n}.jpg" for n in range(6)]


def test_each_bad_picture_gets_its_own_message_and_the_others_count(run, cameras, walls, tmp_path):
    (walls / "a text.jpg").write_text("not a photo")
    (walls / "b cut.jpg").write_bytes((walls / "1.jpg").read_bytes()[:2000])
    (walls / "c huge.png").write_bytes(huge_png())
    save(walls / "d pixel.png", np.full((1, 1), 128))
    save(walls / "e black.png", np.zeros(SHAPE))
    save(walls / "f white.png", np.full(SHAPE, 255))
    save(walls / "g drawn.png", np.full(SHAPE, 128))
    turned = SimulatedCamera(SHAPE[::-1], seed=1).photograph_jpeg(scenes.flat(SHAPE[::-1]))
    (walls / "h turned.jpg").write_bytes(turned)
    (walls / "i large.jpg").write_bytes(SimulatedCamera(LARGE, seed=1).photograph_jpeg(scenes.flat(LARGE)))
    shutil.copy(walls / "0.jpg", walls / "j again.jpg")
    (walls / "k folder.jpg").mkdir()
    file, report = tmp_path / "new.llfp", tmp_path / "new.json"
    pictures = [*sorted(walls.glob("*")), walls / "l missing.jpg"]
    result = run("fingerprint", *pictures, "-o", file, "--json", report)
    assert result.code == MATCHED
    expected = {
        "a text.jpg": "this is not a picture that can be read. Use a photo straight from the camera",
        "b cut.jpg": "the file is damaged or cut short",
        "c huge.png": "too many pixels, the limit is 64 million pixels",
        "d pixel.png": "only 1x1 pixels, at least 256 on each side are needed",
        "e black.png": "100% of it is black. Take it in more light",
        "f white.png": "100% of it is overexposed white. Take it in less light",
        "g drawn.png": "There is no sensor noise in it",
        "h turned.jpg": "256x320 pixels, the others have 320x256",
        "i large.jpg": "352x272 pixels, the others have 320x256",
        "j again.jpg": "The same photo was given before",
        "k folder.jpg": "this is a folder",
        "l missing.jpg": "there is no such file. Check the path",
    }
    lines = [line for line in result.err.splitlines() if line.startswith("left out ")]
    assert len(lines) == len(set(lines)) == len(expected)
    for name, message in expected.items():
        assert any(line.startswith(f"left out {name}: ") and message in line for line in lines), name
    steps = {step["name"]: step for step in json.loads(report.read_text())["steps"]}
    assert {name for name, step in steps.items() if not step["accepted"]} == expected.keys()
    assert all(message in steps[name]["message"] for name, message in expected.items())
    assert np.array_equal(Fingerprint.load(file).pattern, Fingerprint.load(cameras / "alpha.llfp").pattern)


def test_exif_orientation_changes_nothing(run, cameras, walls, tmp_path):
    for orientation, path in enumerate(sorted(walls.glob("*")), 3):
        path.write_bytes(tagged(path.read_bytes(), orientation))
        with Image.open(path) as image:
            assert image.getexif()[ExifTags.Base.Orientation] == orientation
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", tmp_path / "new.llfp")
    assert (result.code, result.err) == (MATCHED, "")
    pattern = Fingerprint.load(tmp_path / "new.llfp").pattern
    assert np.array_equal(pattern, Fingerprint.load(cameras / "alpha.llfp").pattern)


def test_twelve_frames_of_one_still_scene_are_refused_with_the_reason(run, tmp_path):
    camera, scene = SimulatedCamera(SHAPE, seed=1), scenes.photo("coffee", SHAPE)
    paths = [tmp_path / f"{number:02}.jpg" for number in range(12)]
    for path in paths:
        path.write_bytes(camera.photograph_jpeg(scene))
    result = run("fingerprint", *paths, "-o", tmp_path / "new.llfp", "--json", tmp_path / "new.json")
    assert result.code == UNUSABLE
    (line,) = (line for line in result.err.splitlines() if line.startswith("error "))
    assert re.search(r"\d+% of the frame shows the same scene in all photos, and the fingerprint would too", line)
    assert "Point the camera at a blank wall or the sky" in line
    assert sorted(tmp_path.iterdir()) == paths


def test_no_usable_picture_makes_no_fingerprint(run, tmp_path):
    result = run("fingerprint", tmp_path / "gone.jpg", "-o", tmp_path / "new.llfp")
    assert result.code == UNUSABLE
    assert "gone.jpg: there is no such file" in result.err
    assert "There is no usable photo yet" in result.err
    assert not list(tmp_path.iterdir())


def test_one_picture_makes_a_fingerprint_that_foretells_nothing(run, walls, tmp_path):
    result = run("fingerprint", walls / "0.jpg", "-o", tmp_path / "one.llfp", "--json", tmp_path / "one.json")
    assert result.code == MATCHED
    assert "1 photo; 15 or more are better" in result.out
    assert "should score" not in result.out
    found = json.loads((tmp_path / "one.json").read_text())
    assert (found["images"], found["split_half"], found["expected_pce"]["1"]) == (1, None, None)


def test_crop_uses_the_centre_of_the_frame(run, walls, tmp_path):
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", tmp_path / "new.llfp", "--crop", "256x264")
    assert result.code == MATCHED
    assert Fingerprint.load(tmp_path / "new.llfp").shape == (256, 264)
    result = run("fingerprint", walls / "0.jpg", "-o", tmp_path / "none.llfp", "--crop", "720x1280")
    assert result.code == UNUSABLE
    assert "0.jpg: 320x256 pixels, smaller than the crop of 1280x720. Choose a smaller crop" in result.err


def test_two_cameras_in_one_set_are_refused_with_their_names(run, cameras, walls, tmp_path):
    for number in range(6):
        shutil.copy(cameras / "beta" / "enrol" / f"{number}.jpg", walls / f"b{number}.jpg")
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", tmp_path / "new.llfp")
    assert result.code == UNUSABLE
    assert "6 agree with each other (0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg)" in result.err
    assert "6 agree with each other (b0.jpg, b1.jpg, b2.jpg, b3.jpg, b4.jpg, b5.jpg)" in result.err
    assert not (tmp_path / "new.llfp").exists()


def test_odd_one_out_is_left_out_and_said(run, cameras, walls, tmp_path):
    shutil.copy(cameras / "beta" / "enrol" / "0.jpg", walls / "00_odd.jpg")
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", tmp_path / "new.llfp")
    assert result.code == MATCHED
    assert "left out 00_odd.jpg: Its noise is not that of the other photos: another camera took it" in result.err
    assert "6 pictures of 320x256" in result.out


def test_one_photo_saved_many_times_counts_once_and_is_one_line(run, walls, tmp_path):
    with Image.open(walls / "0.jpg") as image:
        for quality in range(84, 96):
            image.save(walls / f"again_{quality}.jpg", quality=quality)
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", tmp_path / "new.llfp")
    assert result.code == MATCHED
    (line,) = result.err.splitlines()
    assert line.startswith("left out 12 files, again_84.jpg, again_85.jpg")
    assert line.endswith("and 6 more: The same exposure as 0.jpg, saved again: it counts once.")
    assert "6 pictures" in result.out


# match


def test_photo_of_the_camera_is_consistent_and_of_another_is_not(run, cameras, tmp_path):
    for name, code, verdict in (("alpha", MATCHED, "consistent"), ("beta", NO_MATCH, "not consistent")):
        photo, report = cameras / name / "probe" / "0.jpg", tmp_path / f"{name}.json"
        result = run("match", cameras / "alpha.llfp", photo, "--json", report)
        assert result.code == code
        assert result.out.startswith(f"{verdict} with the camera")
        assert result.err == ""
        found = json.loads(report.read_text())
        assert found.keys() == MATCH_KEYS
        assert found["passed"] == (code == MATCHED)
        told = "below 1e-12" if found["passed"] else f"{found['p_value']:.1e}"
        assert f"PCE {found['pce']:.1f}, threshold 50.0, false-alarm probability {told}" in result.out
        assert (found["threshold"], found["shift"], found["zoom"], found["searched"]) == (50, [0, 0], 1, 1)


def test_each_of_several_photos_is_told_of_on_its_own(run, cameras, tmp_path):
    photos, report = sorted((cameras / "alpha" / "probe").glob("*")), tmp_path / "m.json"
    alone = []
    for photo in photos:
        assert run("match", cameras / "alpha.llfp", photo, "--json", report).code == MATCHED
        alone.append(json.loads(report.read_text())["pce"])
    result = run("match", cameras / "alpha.llfp", *photos, "--json", report)
    assert result.code == MATCHED
    assert "2 of 2 photos are consistent with the camera" in result.out
    found = json.loads(report.read_text())
    assert [one["pce"] for one in found["photos"]] == pytest.approx(alone)
    assert {one["standing"] for one in found["photos"]} == {"alone"}
    assert (found["passed"], found["consistent"], found["together"]) == (True, 2, None)


def test_a_foreign_photo_does_not_hide_among_several(run, cameras, tmp_path):
    own, foreign = (cameras / name / "probe" / "0.jpg" for name in ("alpha", "beta"))
    strange = shutil.copy(foreign, tmp_path / "strange.jpg")
    result = run("match", cameras / "alpha.llfp", own, strange, "--json", tmp_path / "m.json")
    assert result.code == NO_MATCH
    assert "1 of 2 photos are consistent with the camera" in result.out
    assert re.search(r"strange\.jpg .* not consistent", result.out)
    found = json.loads((tmp_path / "m.json").read_text())
    assert [one["passed"] for one in found["photos"]] == [True, False]
    assert not found["passed"]


def test_of_several_photos_only_the_bad_one_is_left_out(run, cameras, tmp_path):
    own = cameras / "alpha" / "probe" / "0.jpg"
    (tmp_path / "text.jpg").write_bytes(b"no picture")
    small = save(tmp_path / "small.png", np.random.default_rng(1).normal(120, 5, (280, 300)))
    again = shutil.copy(own, tmp_path / "again.jpg")
    given = (own, tmp_path / "text.jpg", small, again)
    result = run("match", cameras / "alpha.llfp", *given, "--json", tmp_path / "m.json")
    assert result.code == UNUSABLE
    assert "1 of 1 photos are consistent" in result.out
    assert "text.jpg: this is not a picture" in result.err
    assert "small.png: 300x280 pixels, this camera was registered with 320x256" in result.err
    last = json.loads((tmp_path / "m.json").read_text())["photos"][3]
    assert last["same_exposure_as"] == "0.jpg"


def test_which_camera_took_it_is_told_of_each_photo(run, cameras, tmp_path):
    both = [cameras / name / "probe" / "0.jpg" for name in ("alpha", "beta")]
    known = cameras / "alpha.llfp", cameras / "beta.llfp"
    result = run("identify", *known, "-i", *both, "--json", tmp_path / "w.json")
    assert result.code == NO_MATCH
    assert "of 2 photos: 1 by alpha, 1 by beta" in result.out
    found = json.loads((tmp_path / "w.json").read_text())["photos"]
    assert [one["ranking"][0]["camera"] for one in found] == ["alpha", "beta"]
    assert run("identify", *known, "-i", both[0], cameras / "alpha" / "probe" / "1.jpg").code == MATCHED


def test_threshold_can_be_chosen(run, cameras):
    photo = cameras / "alpha" / "probe" / "0.jpg"
    result = run("match", cameras / "alpha.llfp", photo, "--threshold", "100000")
    assert result.code == NO_MATCH
    assert "threshold 100000.0" in result.out


@pytest.mark.parametrize(
    ("options", "threshold", "rule"),
    [((), 50, "paper"), (("--rule", "calibrated"), 30, "calibrated"), (("--threshold", "42"), 42, "own threshold")],
)
def test_rule_can_be_chosen_and_is_told(run, cameras, tmp_path, options, threshold, rule):
    photo, report = cameras / "alpha" / "probe" / "0.jpg", tmp_path / "r.json"
    result = run("match", cameras / "alpha.llfp", photo, *options, "--json", report)
    assert f"threshold {threshold}.0" in result.out
    found = json.loads(report.read_text())
    assert (found["threshold"], found["rule"]) == (threshold, rule)
    run("identify", cameras / "alpha.llfp", "-i", photo, *options, "--json", report)
    found = json.loads(report.read_text())
    assert (found["ranking"][0]["threshold"], found["rule"]) == (threshold, rule)
    run("evaluate", cameras, "--enrol", "1", *options, "--json", report)
    found = json.loads(report.read_text())
    assert (found["threshold"], found["rule"]) == (threshold, rule)


def test_a_rule_and_a_threshold_exclude_each_other(run, cameras):
    options = ("--rule", "calibrated", "--threshold", "40")
    assert run("match", cameras / "alpha.llfp", "photo.jpg", *options).code == UNUSABLE
    assert "invalid choice: 'lax'" in run("match", cameras / "alpha.llfp", "photo.jpg", "--rule", "lax").err


def test_moved_photo_is_found_by_a_search_with_a_raised_threshold(run, large, rig, tmp_path):
    moved = save(tmp_path / "moved.png", np.roll(rig.photos[0], (3, -5), axis=(0, 1)))
    assert run("match", large / "camera.llfp", moved).code == NO_MATCH
    result = run("match", large / "camera.llfp", moved, "--shift", "8", "--json", tmp_path / "m.json")
    assert result.code == MATCHED
    found = json.loads((tmp_path / "m.json").read_text())
    assert (found["shift"], found["searched"]) == ([3, -5], 17 * 17)
    assert found["threshold"] == pytest.approx(50 + 2 * np.log(17 * 17))
    assert "threshold 61.3" in result.out
    assert "zoom 1, shift (3, -5), 289 places searched" in result.out


def test_cropped_photo_is_found_by_a_search_only(run, large, rig, tmp_path):
    cut = save(tmp_path / "cut.png", rig.photos[0][64:384, 40:440])
    result = run("match", large / "camera.llfp", cut)
    assert result.code == UNUSABLE
    assert "400x320 pixels, this camera was registered with 640x480" in result.err
    assert "search for a crop if it was cut out of one" in result.err
    result = run("match", large / "camera.llfp", cut, "--search-crop", "--json", tmp_path / "m.json")
    assert result.code == MATCHED
    found = json.loads((tmp_path / "m.json").read_text())
    assert found["searched"] == 161 * 241
    assert found["threshold"] == pytest.approx(50 + 2 * np.log(161 * 241))
    assert f"{161 * 241:,} places searched" in result.out


def test_zoomed_photo_is_found_by_a_search_only(run, large, rig, tmp_path):
    middle = rig.photos[0][80:400, 107:533]  # a digital zoom by 1.5
    zoomed = save(tmp_path / "zoomed.png", cv2.resize(middle, (640, 480), interpolation=cv2.INTER_CUBIC))
    assert run("match", large / "camera.llfp", zoomed).code == NO_MATCH
    options = ("--zoom", "1.25", "1.5", "--shift", "1", "--json", tmp_path / "m.json")
    result = run("match", large / "camera.llfp", zoomed, *options)
    assert result.code == MATCHED
    found = json.loads((tmp_path / "m.json").read_text())
    assert (found["zoom"], found["searched"]) == (1.5, 27)
    assert found["threshold"] > 50
    assert "zoom 1.5" in result.out


def test_crop_compares_the_centre_of_the_frame(run, large, rig, tmp_path):
    walls = [save(tmp_path / f"{n}.png", rig.camera.photograph(scenes.flat((480, 640), seed=n))) for n in range(4)]
    assert run("fingerprint", *walls, "-o", tmp_path / "centre.llfp", "--crop", "256x320").code == MATCHED
    assert run("match", tmp_path / "centre.llfp", large / "photo.png", "--crop", "256x320").code == MATCHED
    assert run("match", tmp_path / "centre.llfp", large / "photo.png").code == UNUSABLE
    result = run("match", large / "camera.llfp", large / "photo.png", "--crop", "720x1280")
    assert result.code == UNUSABLE
    assert "photo.png: 640x480 pixels, smaller than the crop of 1280x720" in result.err


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (np.rot90, "turned by 90 degrees counter-clockwise: viewers"),
        (lambda pixels: pixels[::-1, ::-1], "turned by 180 degrees: viewers"),
        (lambda pixels: pixels[:, ::-1], "mirrored: selfie apps do that"),
    ],
)
@pytest.mark.parametrize("crop", [(), ("--crop", "256x280")])
def test_photo_that_was_turned_over_is_found_and_said(run, cameras, walls, tmp_path, turn, words, crop):
    file = cameras / "alpha.llfp"
    if crop:
        file = tmp_path / "cropped.llfp"
        assert run("fingerprint", *sorted(walls.glob("*")), "-o", file, *crop).code == MATCHED
    for name, code in (("alpha", MATCHED), ("beta", NO_MATCH)):
        pixels = np.asarray(Image.open(cameras / name / "probe" / "0.jpg"))
        turned = save(tmp_path / "turned.png", turn(pixels))
        result = run("match", file, turned, *crop, "--json", tmp_path / "m.json")
        if code == NO_MATCH and turn is np.rot90:
            code = UNUSABLE  # there is nothing to compare
        assert result.code == code
        assert (words in result.out) == (code == MATCHED)
        if code == MATCHED:
            assert "consistent with the camera, once it is turned back" in result.out
            found = json.loads((tmp_path / "m.json").read_text())
            assert words.startswith(found["turned"])
            assert found["threshold"] > 50


@pytest.mark.parametrize("files", [("alpha", "beta"), ("beta",)])
def test_identify_finds_the_camera_of_a_mirrored_photo(run, cameras, tmp_path, files):
    mirrored = save(tmp_path / "m.png", np.asarray(Image.open(cameras / "alpha" / "probe" / "0.jpg"))[:, ::-1])
    result = run(
        "identify", *(cameras / f"{name}.llfp" for name in files), "-i", mirrored, "--json", tmp_path / "i.json"
    )
    assert result.code == (MATCHED if "alpha" in files else NO_MATCH)
    assert ("m.png is mirrored: selfie apps do that." in result.out) == ("alpha" in files)
    first = json.loads((tmp_path / "i.json").read_text())["ranking"][0]
    if "alpha" in files:
        assert (first["camera"], first["turned"], first["passed"]) == ("alpha", "mirrored", True)


def test_scaled_photo_gets_no_advice_that_cannot_help(run, large, rig, tmp_path):
    smaller = save(tmp_path / "smaller.png", cv2.resize(rig.photos[0], (512, 384), interpolation=cv2.INTER_AREA))
    result = run("match", large / "camera.llfp", smaller)
    assert result.code == UNUSABLE
    assert "It seems to have been scaled down, which no search can undo: use the original photo" in result.err
    wide = save(tmp_path / "wide.png", cv2.resize(rig.photos[0], (900, 480)))
    assert "search" not in run("match", large / "camera.llfp", wide).err


def test_enlarged_photo_is_found_by_the_zoom_that_is_named(run, large, rig, tmp_path):
    photo = rig.camera.photograph(scenes.flat((480, 640), seed=70))
    enlarged = save(tmp_path / "large.png", cv2.resize(photo, (853, 640), interpolation=cv2.INTER_CUBIC))
    result = run("match", large / "camera.llfp", enlarged)
    assert result.code == UNUSABLE
    (zoom,) = re.findall(r"search for a zoom of (\S+) if", result.err)
    assert run("match", large / "camera.llfp", enlarged, "--zoom", zoom, "--shift", "2").code == MATCHED


def test_photos_of_mixed_sizes_are_refused_by_name(run, cameras, large):
    result = run("match", cameras / "alpha.llfp", cameras / "alpha" / "probe" / "0.jpg", large / "photo.png")
    assert result.code == UNUSABLE
    assert "photo.png: 640x480 pixels, this camera was registered with 320x256" in result.err
    crop = ("--crop", "256x280")  # to which both could be cut
    result = run("match", cameras / "alpha.llfp", cameras / "alpha" / "probe" / "0.jpg", large / "photo.png", *crop)
    assert result.code == UNUSABLE
    assert "photo.png: 280x256 pixels, this camera was registered with 320x256" in result.err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.jpg", b"hello", "text.jpg: this is not a picture that can be read"),
        ("huge.png", huge_png(), "huge.png: the picture claims too many pixels, the limit is 64 million pixels"),
        ("gone.jpg", None, "gone.jpg: there is no such file. Check the path"),
        ("[red]gone.jpg", None, "[red]gone.jpg: there is no such file"),
        ("[/b].jpg", None, "b].jpg: there is no such file"),
    ],
)
def test_bad_photo_is_one_line_of_error(run, cameras, tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("match", cameras / "alpha.llfp", tmp_path / name)
    assert (result.code, result.out) == (UNUSABLE, "")
    assert result.err.startswith(f"error {message}")
    assert result.err.count("\n") == 1


def test_blank_photos_are_refused_by_name(run, cameras, tmp_path):
    for name, level in (("black.png", 0), ("white.png", 255), ("grey.png", 128)):
        result = run("match", cameras / "alpha.llfp", save(tmp_path / name, np.full(SHAPE, level)))
        assert result.code == UNUSABLE
        assert f"{name}: there is no noise in it" in result.err


@pytest.mark.parametrize("content", [b"", b"not a fingerprint", None], ids=["empty", "text", "missing"])
def test_bad_fingerprint_file_is_named(run, cameras, tmp_path, content):
    if content is not None:
        (tmp_path / "bad.llfp").write_bytes(content)
    for command in (("match", tmp_path / "bad.llfp"), ("identify", tmp_path / "bad.llfp", "-i")):
        result = run(*command, cameras / "alpha" / "probe" / "0.jpg")
        assert result.code == UNUSABLE
        assert "bad.llfp: " in result.err


# identify


def test_identify_ranks_the_right_camera_first(run, cameras, tmp_path):
    for name in ("alpha", "beta"):
        files = (cameras / "alpha.llfp", cameras / "beta.llfp")
        result = run("identify", *files, "-i", *(cameras / name / "probe").glob("*"), "--json", tmp_path / "i.json")
        assert result.code == MATCHED
        for photo in json.loads((tmp_path / "i.json").read_text())["photos"]:
            ranking = photo["ranking"]
            assert ranking[0]["camera"] == name
            assert [row["passed"] for row in ranking] == [True, False]
            assert all(row.keys() == (MATCH_KEYS - {"rule"}) | {"camera", "false_alarm"} for row in ranking)
            assert [row["images"] for row in ranking] == [1, 1]
            assert ranking[0]["threshold"] == pytest.approx(50 + 2 * np.log(2))
        assert "threshold 51.4 with 2 to choose from" in result.out


@pytest.mark.parametrize(("p_value", "code"), [(4e-7, MATCHED), (6e-7, NO_MATCH)])
def test_identify_counts_the_cameras_in_score_and_probability(run, cameras, tmp_path, monkeypatch, p_value, code):
    def ranked(fingerprints, evidence):
        (first, one), (second, other) = prnu.evaluate.identify(fingerprints, evidence)
        return [(first, replace(one, pce=45.0, p_value=p_value)), (second, replace(other, p_value=0.3))]

    monkeypatch.setattr("prnu.__main__.identify", ranked)
    monkeypatch.setattr("prnu.__main__.identify_turned", lambda *_: None)
    files = (cameras / "alpha.llfp", cameras / "beta.llfp")
    photo = cameras / "alpha" / "probe" / "0.jpg"
    result = run("identify", *files, "-i", photo, "--rule", "calibrated", "--json", tmp_path / "i.json")
    assert result.code == code
    rows = json.loads((tmp_path / "i.json").read_text())["ranking"]
    assert [row["false_alarm"] for row in rows] == pytest.approx([2 * p_value, 0.6])
    assert f"{2 * p_value:.1e}" in result.out


def test_photo_of_an_unknown_camera_is_consistent_with_none(run, cameras, tmp_path):
    photo = tmp_path / "stranger.jpg"
    photo.write_bytes(SimulatedCamera(SHAPE, seed=9).photograph_jpeg(scenes.sky(SHAPE)))
    result = run("identify", cameras / "alpha.llfp", cameras / "beta.llfp", "-i", photo)
    assert result.code == NO_MATCH
    assert "consistent" not in result.out


def test_fingerprints_of_the_same_file_name_are_told_apart(run, cameras, tmp_path):
    for folder in ("alpha", "beta"):
        (tmp_path / folder).mkdir()
        shutil.copy(cameras / f"{folder}.llfp", tmp_path / folder / "phone.llfp")
    files = [tmp_path / folder / "phone.llfp" for folder in ("alpha", "beta")]
    result = run("identify", *files, "-i", cameras / "beta" / "probe" / "0.jpg", "--json", tmp_path / "i.json")
    assert result.code == MATCHED
    ranking = json.loads((tmp_path / "i.json").read_text())["ranking"]
    assert [row["camera"] for row in ranking] == [str(files[1]), str(files[0])]


def test_fingerprints_of_another_size_are_left_out_and_named(run, cameras, large):
    files = (cameras / "alpha.llfp", large / "camera.llfp")
    result = run("identify", *files, "-i", cameras / "alpha" / "probe" / "0.jpg")
    assert result.code == MATCHED
    assert "left out camera: registered with 640x480 pixels, the photo has another size" in result.err
    result = run("identify", large / "camera.llfp", "-i", cameras / "alpha" / "probe" / "0.jpg")
    assert result.code == UNUSABLE
    assert "0.jpg: 320x256 pixels; registered cameras have: 640x480" in result.err


# evaluate


def test_evaluation_is_printed_plotted_and_written(run, cameras, tmp_path):
    report, page = tmp_path / "out.json", tmp_path / "plots.html"
    result = run("evaluate", cameras, "--json", report, "--plot", page)
    assert result.code == MATCHED
    assert result.err == ""
    assert "alpha" in result.out
    assert "4 same-camera pairs, 4 others; at PCE 50, 4 and 0 pass" in result.out
    assert "AUC 1.0000; TPR 1.000 at FPR 0" in result.out
    assert f"plots: {page}" in result.out
    assert "plotly" in page.read_text(encoding="utf-8")
    found = json.loads(report.read_text())
    assert found["auc"] == 1
    assert len(found["pairs"]) == 8
    for pair in found["pairs"]:
        assert {"fingerprint", "probe", "same", "pce", "ncc", "p_value"} <= pair.keys()
        assert pair["same"] == pair["probe"].startswith(pair["fingerprint"])
        assert pair["passed"] == pair["same"]
    assert {"skipped", "tpr_at_fpr", "threshold", "median_same_pce", "geometric_mean_of_medians"} <= found.keys()


def test_evaluation_names_what_it_skips(run, cameras, tmp_path):
    shutil.copytree(cameras / "alpha", tmp_path / "all" / "[red]alpha")
    shutil.copytree(cameras / "beta", tmp_path / "all" / "[" / "enrol", dirs_exist_ok=True)
    (tmp_path / "all" / "[red]alpha" / "probe" / "[bold]text.jpg").write_text("hello")
    result = run("evaluate", tmp_path / "all", "--json", tmp_path / "out.json")
    assert result.code == UNUSABLE  # for one camera there is nothing to show
    assert "skipped [red]alpha/probe/[bold]text.jpg: this is not a picture that can be read" in result.err
    assert "not in the table [: There is no usable photo yet." in result.out
    assert "[red]alpha" in result.out
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["auc"], found["tpr_at_fpr"], found["same_pairs"]) == (None, {}, 2)
    assert [item["name"] for item in found["skipped"]] == [
        "[/enrol/enrol",
        "[/enrol/probe",
        "[",
        "[red]alpha/probe/[bold]text.jpg",
    ]
    assert [item["name"] for item in found["dropped"]] == ["["]


def test_many_files_are_skipped_by_their_reasons_not_one_by_one(run, cameras, tmp_path):
    shutil.copytree(cameras / "alpha", tmp_path / "all" / "alpha")
    for number in range(120):
        (tmp_path / "all" / "alpha" / "probe" / f"text_{number:03}.jpg").write_text("hello")
        (tmp_path / "all" / "alpha" / "probe" / f"notes_{number:03}.txt").write_text("hello")
    result = run("evaluate", tmp_path / "all", "--json", tmp_path / "out.json")
    assert result.code == MATCHED
    lines = result.err.splitlines()
    assert len(lines) == 2
    notes, texts = sorted(lines)
    assert texts.startswith("skipped 120 files, alpha/probe/text_000.jpg, alpha/probe/text_001.jpg, ")
    assert "text_005.jpg and 114 more: this is not a picture that can be read" in texts
    assert "notes_005.txt and 114 more: neither its name nor its content is that of a picture." in notes
    assert len(json.loads((tmp_path / "out.json").read_text())["skipped"]) == 240


def test_evaluation_with_nothing_to_compare_is_a_failure(run, cameras, tmp_path):
    (tmp_path / "all" / "empty" / "enrol").mkdir(parents=True)
    report = tmp_path / "out.json"
    result = run("evaluate", tmp_path / "all", "--json", report, "--plot", tmp_path / "plots.html")
    assert result.code == UNUSABLE
    assert "no fingerprint and probe could be compared" in result.err
    assert json.loads(report.read_text())["pairs"] == []
    result = run("evaluate", cameras, "--crop", "720x1280")
    assert result.code == UNUSABLE
    assert "smaller than the crop of 1280x720" in result.err


def test_missing_folder_is_named(run, tmp_path):
    result = run("evaluate", tmp_path / "nowhere")
    assert result.code == UNUSABLE
    assert f"{tmp_path / 'nowhere'}: there is no such folder. Give a folder with <camera>/enrol/*" in result.err


def test_evaluation_enrols_as_many_as_asked(run, cameras, tmp_path):
    for count in (1, 6):
        run("evaluate", cameras, "--enrol", count, "--crop", "256x264", "--json", tmp_path / f"{count}.json")
    one, six = (json.loads((tmp_path / f"{count}.json").read_text()) for count in (1, 6))
    assert one["geometric_mean_of_medians"] < 0.7 * six["geometric_mean_of_medians"]


# Every command


@pytest.mark.parametrize(
    ("command", "lessons"),
    [
        (
            (),
            [
                "sensor noise",
                "fingerprint",
                "match",
                "identify",
                "evaluate",
                "examples:",
                "exit codes: 0 consistent",
            ],
        ),
        (
            ("fingerprint",),
            ["blank wall", "15 to 25", "unmoving scene are refused", "neither scaled nor edited", "--json"],
        ),
        (
            ("match",),
            ["each on its own", "raises the threshold", "paper: PCE 50", "such as 1.5 2", "--json"],
        ),
        (("identify",), ["which the command fingerprint makes", "raises the threshold", "--json"]),
        (("evaluate",), ["<camera>/enrol/", "<camera>/probe/", "720x1280", "with --crop only", "web page", "--json"]),
    ],
)
def test_help_teaches(run, command, lessons):
    result = run(*command, "--help")
    assert result.code == 0
    text = " ".join(result.out.split())
    for lesson in lessons:
        assert re.search(lesson.replace(".", r"\."), text), lesson


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("guess",), "invalid choice: 'guess'"),
        (("match", "a.llfp"), "the following arguments are required: images"),
        (("fingerprint", "a.jpg"), "required: -o/--output"),
        *(
            (("match", "a.llfp", "b.jpg", "--crop", crop), f"{crop!r}: give HEIGHTxWIDTH in pixels, each at least 256")
            for crop in ("720", "x", "720x", "axb", "0x0", "100x1280", "720x1280x3", "7.5x300", "²56x300")
        ),
        *(
            (("match", "a.llfp", "b.jpg", "--zoom", zoom), f"{zoom!r}: give a factor from 1 to 16")
            for zoom in ("0.5", "17", "nan", "inf", "two", "1,5")
        ),
        *(
            (("match", "a.llfp", "b.jpg", "--threshold", pce), f"{pce!r}: give a number above 0")
            for pce in ("0", "-3", "nan", "inf", "high")
        ),
        (("match", "a.llfp", "b.jpg", "--shift", "1.5"), "'1.5': give a whole number"),
        (("match", "a.llfp", "b.jpg", "--shift", "-1"), "'-1': give a whole number"),
        (("evaluate", ".", "--enrol", "0"), "give 1 or more"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_options_are_explained(run, arguments, message):
    result = run(*arguments)
    assert result.code == 2
    assert message in result.err


def test_search_beyond_the_frame_is_refused(run, cameras):
    result = run("match", cameras / "alpha.llfp", cameras / "alpha" / "probe" / "0.jpg", "--shift", "1000000")
    assert result.code == UNUSABLE
    assert "A shift of 1000000 leaves too little of the frame" in result.err


def test_output_is_checked_before_the_work(run, cameras, walls, tmp_path, monkeypatch):
    wall, photo = walls / "0.jpg", cameras / "alpha" / "probe" / "0.jpg"
    for target, message in ((tmp_path / "no" / "x", "there is no folder"), (tmp_path, "is a folder: give a file name")):
        for command in (
            ("fingerprint", wall, "-o", target),
            ("match", cameras / "alpha.llfp", photo, "--json", target),
            ("evaluate", cameras, "--plot", target),
        ):
            result = run(*command)
            assert result.code == 2
            assert message in result.err
            assert result.out == ""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written to" in run("fingerprint", wall, "-o", tmp_path / "new.llfp").err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_output_that_fails_later_is_a_message(run, cameras, walls):
    result = run("match", cameras / "alpha.llfp", cameras / "alpha" / "probe" / "0.jpg", "--json", "/dev/full")
    assert result.code == UNUSABLE
    assert "error output: No space left on device" in result.err
    result = run("fingerprint", walls / "0.jpg", "-o", "/proc/new.llfp")  # nobody can write there, not even root
    assert result.code == UNUSABLE
    assert re.search(r"/proc/new\.llfp'?: (the folder )?cannot be written", result.err)


def test_brackets_in_names_are_no_markup(run, cameras, walls, tmp_path):
    (walls / "0.jpg").rename(walls / "[red].jpg")
    (walls / "1.jpg").rename(walls / "wall[1][bold].jpg")
    (walls / "[blink]text[link=x].jpg").write_text("hello")
    (tmp_path / "[").mkdir()
    file = tmp_path / "[" / "green]new.llfp"  # together a closing tag
    result = run("fingerprint", *sorted(walls.glob("*")), "-o", file, "--json", tmp_path / "[i].json")
    assert result.code == MATCHED
    assert "left out [blink]text[link=x].jpg: this is not a picture" in result.err
    assert f"{file}: 6 pictures" in result.out
    assert (tmp_path / "[i].json").exists()
    result = run("identify", file, cameras / "beta.llfp", "-i", walls / "[red].jpg")
    assert result.code == MATCHED
    assert "green]new" in result.out
    assert run("match", file, walls / "[red].jpg").code == MATCHED


@pytest.mark.slow
def test_real_process_returns_its_verdict_as_exit_code(cameras, tmp_path):
    command = (sys.executable, "-W", "error", "-m", "prnu", "match", cameras / "alpha.llfp")
    home = Path(prnu.__file__).parents[1]
    photo = cameras / "alpha" / "probe" / "0.jpg"
    done = subprocess.run([*command, photo], cwd=home, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (MATCHED, "")
    assert done.stdout.startswith("consistent with the camera\nPCE ")
    (tmp_path / "huge.png").write_bytes(huge_png(12_000))
    done = subprocess.run(
        [*command, tmp_path / "huge.png"], cwd=home, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (UNUSABLE, "")
    assert done.stderr == (
        "error huge.png: 12000x12000 pixels are too many, the limit is 64 million pixels. "
        "Use the camera's normal mode, 12 megapixels or so, and for the fingerprint, too: it joins pixels, so photos "
        "of both modes cannot be compared.\n"
    )
