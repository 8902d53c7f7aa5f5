"""The paper's experiment again, on simulated cameras, on files that pretend to be a phone's, and on a real phone."""

from __future__ import annotations

import json
import math
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from attacks.__main__ import main
from attacks.evaluation.paper import tables
from attacks.evaluation.paper.experiment import Effort, Lab, repeat
from attacks.evaluation.paper.material import HALF, PHONES, SHAPE, clips, phones, portraits
from attacks.evaluation.paper.results import CameraScore, DeepfakeRow, RegionRow, Row, claims
from attacks.show.played import Played
from attacks.types import RATE, no_sensor
from bank.errors import EvidenceError
from bank.face_reader import Reader
from liveness.models import MODELS
from prnu import ImageError, match, scenes
from prnu.sensor import SimulatedCamera
from tests import needs

DATA = needs.DATA
ROW = Row("a phone", "smartphone", 1, False, "natural", "", 2, 80.0, 1e-9, True, "")
REGION = RegionRow("a phone", 1, False, "somebody", False, True, 6, 900.0, "failed", "face-replaced", 0.5, 12.0)
FAILED = CameraScore("a phone", 1, False, 2.0, "failed", "other-camera")
DEEPFAKE = DeepfakeRow("swap", "photo.jpg", "clip.mp4", "live", 0.5, (FAILED, FAILED))


@pytest.fixture(scope="module")
def result(looker) -> tables.Result:
    needs.models(*MODELS)
    return tables.measure(quick=True)


@pytest.fixture
def phone_files(tmp_path) -> Path:
    """Two folders like those of the phones, taken by simulated cameras."""
    for number, name in enumerate(PHONES[:2]):
        camera = SimulatedCamera((256, 384), seed=number, prnu=0.02)
        for kind, shots in (("enrol", 2 * HALF), ("probe", 1)):
            folder = tmp_path / name / kind
            folder.mkdir(parents=True)
            for shot in range(shots):
                scene = scenes.flat(camera.shape, seed=shot) if kind == "enrol" else scenes.sky(camera.shape)
                (folder / f"{shot:02}.jpg").write_bytes(
                    camera.photograph_jpeg(scene, shot=20 * (kind == "probe") + shot)
                )
    return tmp_path


def kept(found) -> dict[str, bool]:
    return {claim.text: claim.kept for claim in found}


@pytest.mark.slow
def test_natural_images_match_and_deepfakes_do_not_as_in_the_paper(result):
    for row in result.rows:
        assert row.passed == (row.pce >= 50.0) == (row.material in ("natural", "genuine", "inside"))
    assert {row.material for row in result.rows} == set(tables.MADE_FROM)
    assert [row.images for row in result.rows if row.material == "own"] == [6]


@pytest.mark.slow
def test_no_swapped_face_passes_the_region_test_though_the_whole_frame_matches(result):
    swapped = [row for row in result.regions if row.swapped]
    assert {row.stills for row in swapped} == {1, 6}
    assert all(row.pce >= 50.0 and row.verdict != "passed" for row in swapped)
    assert any(row.verdict == "passed" for row in result.regions if not row.swapped)


@pytest.mark.slow
def test_deepfakes_fail_every_camera_that_is_enrolled(result):
    assert {row.attack for row in result.deepfakes} == {"swap", "puppet"}
    for row in result.deepfakes:
        assert [score.verdict for score in row.scores] == ["failed"]
        assert row.similarity > 0.45


@pytest.mark.slow
def test_the_tables_show_the_papers_figures_beside_ours(result, capsys):
    tables.show(result)
    shown = capsys.readouterr().out
    assert "24550 (smartphone)" in shown
    assert "-16350 (smartphone)" in shown
    assert "Deepfakes against liveness and camera" in shown


@pytest.mark.slow
def test_all_figures_are_written_as_json_and_what_is_no_number_as_null(result):
    blind = replace(REGION, z=math.nan, expected_z=math.inf, verdict="inconclusive")
    found = json.loads(json.dumps(tables.to_dict(replace(result, regions=(blind,))), allow_nan=False))
    assert found["regions"][0]["z"] is found["regions"][0]["expected_z"] is None
    assert found["paper"]["laptop"]["own"] == 45.3992
    assert len(found["rows"]) == len(result.rows)
    assert {"text", "held", "cases", "kept"} < set(found["claims"][0])


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (replace(ROW, pce=49.0), "natural images and genuine videos reach a PCE of 50"),
        (replace(ROW, material="own", pce=50.0), "deepfakes stay below 50"),
    ],
)
def test_a_single_row_that_came_otherwise_is_told(row, text):
    fake = replace(ROW, material="other", pce=-3.0)
    assert kept(claims([ROW, fake], [], []))[text]
    assert not kept(claims([ROW, fake, row], [], []))[text]


def test_nine_of_ten_swapped_faces_must_be_caught_and_none_may_pass():
    caught = [REGION] * 9
    unclear, passed = (replace(REGION, verdict=word) for word in ("inconclusive", "passed"))
    genuine = replace(REGION, swapped=False, verdict="passed")
    assert all(kept(claims([], [*caught, unclear, genuine], [])).values())
    assert list(kept(claims([], [*caught, unclear, unclear], [])).values()) == [False, True]
    assert list(kept(claims([], [*caught, passed], [])).values()) == [True, False]


def test_of_a_single_still_and_of_simulated_cameras_it_is_only_expected_that_no_swapped_face_passes():
    unclear = replace(REGION, verdict="inconclusive")
    for row in (replace(unclear, stills=1), replace(unclear, simulated=True)):
        assert list(kept(claims([], [row], [])).values()) == [True]
        assert list(kept(claims([], [replace(row, verdict="passed")], [])).values()) == [False]


def test_eight_of_ten_deepfakes_must_be_voted_live_and_each_must_fail_each_camera():
    dull = replace(DEEPFAKE, vote="not live")
    assert all(kept(claims([], [], [DEEPFAKE] * 8 + [dull] * 2)).values())
    assert list(kept(claims([], [], [DEEPFAKE] * 7 + [dull] * 3)).values()) == [False, True]
    unsure = replace(DEEPFAKE, scores=(FAILED, replace(FAILED, verdict="inconclusive")))
    assert list(kept(claims([], [], [DEEPFAKE] * 9 + [unsure])).values()) == [True, False]


def test_scenes_get_the_noise_of_a_phones_held_back_photos(phone_files):
    first, second = phones(phone_files, 1, (256, 384))
    scene = scenes.photo("astronaut", (256, 384))
    own, foreign = ([camera.photograph(scene, shot=n) for n in range(HALF)] for camera in (first.camera, first.other))
    assert match(first.enrolled.fingerprint, own).passed()
    assert not match(first.enrolled.fingerprint, foreign).passed()
    assert match(second.enrolled.fingerprint, foreign).passed()
    assert match(first.enrolled.fingerprint, first.natural()).passed()
    assert first.enrolled.fingerprint.images == HALF


def test_a_phone_that_is_alone_is_compared_with_a_simulated_one(phone_files):
    shutil.rmtree(phone_files / PHONES[1])
    (device,) = phones(phone_files, 1, (256, 384))
    assert isinstance(device.other, SimulatedCamera)


def test_a_phone_with_too_few_or_too_small_pictures_is_told(phone_files):
    with pytest.raises(ImageError, match="384x256 pixels, smaller than the crop of 1280x720"):
        next(phones(phone_files))
    (phone_files / PHONES[0] / "enrol" / "00.jpg").unlink()
    with pytest.raises(ImageError, match="11 pictures of a wall, 12 are needed"):
        next(phones(phone_files, 1, (256, 384)))


def test_a_large_sensor_is_cut_into_four_corners_on_the_grid_of_jpeg(phone_files):
    found = list(phones(phone_files, 4, (256, 320)))
    assert [device.enrolled.number for device in found] == [1, 2, 3, 4] * 2
    assert {device.camera.shape for device in found} == {(256, 320)}


def test_a_video_of_another_shape_is_shown_whole_in_the_cameras_size(tmp_path):
    frames = [Image.fromarray(np.full((90, 60, 3), level, np.uint8)) for level in (40, 90, 140, 190)]
    frames[0].save(tmp_path / "tall.gif", save_all=True, append_images=frames[1:], duration=200)
    (clip,) = clips(tmp_path, (180, 320))
    shown = list(clip.film())
    assert {frame.shape for frame in shown} == {(180, 320, 3)}
    assert len(shown) == round(0.6 * RATE) + 1
    assert [int(frame.mean()) for frame in shown[::3]] == pytest.approx([40, 90, 140, 190], abs=3)


def test_photos_without_a_face_are_left_out(looker, tmp_path):
    (tmp_path / "somebody").mkdir()
    Image.fromarray(scenes.photo("astronaut", (512, 512))).save(tmp_path / "somebody" / "a.png")
    Image.fromarray(scenes.sky((512, 512))).save(tmp_path / "somebody" / "b.png")
    assert [one.name for one in portraits(tmp_path, looker)] == ["a.png"]
    assert len({one.person for one in portraits(looker=looker)}) == 2


def test_a_video_without_any_noise_is_told(looker):
    black = np.zeros((480, 640, 3), np.uint8)
    with closing(Reader()) as reader, pytest.raises(EvidenceError, match=r"no noise in it.*Use another photo or video"):
        Lab(reader, looker, Effort(seconds=0.2, stills=1)).video(Played(lambda: iter([black]), no_sensor))


def test_a_folder_that_is_not_there_is_told_before_the_work(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["tables", "--data", str(tmp_path / "none")])
    assert stopped.value.code == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_what_a_folder_lacks_is_told(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tables, "FaceTracker", None)
    with pytest.raises(TypeError):  # no further than that
        tables.measure(tmp_path)
    told = capsys.readouterr().err.replace("\n", "")
    assert [name in told for name in ("cameras", "photos", "real")] == [True] * 3


def test_the_exit_code_tells_whether_all_came_as_expected(tmp_path, monkeypatch):
    good = tables.Result((ROW, replace(ROW, material="own", pce=1.0)), (), (DEEPFAKE,), 1.0)
    for found, code in ((good, tables.AS_EXPECTED), (replace(good, rows=(replace(ROW, pce=4.0),)), tables.OTHERWISE)):
        monkeypatch.setattr(tables, "measure", lambda data, quick, found=found: found)
        assert main(["tables", "--json", str(tmp_path / "found.json")]) == code
        assert json.loads((tmp_path / "found.json").read_text())["rows"][0]["pce"] == found.rows[0].pce


@pytest.mark.data
def test_a_real_phone_tells_its_noise_from_deepfakes_and_catches_a_face_swapped_inside(looker):
    device = next(phones(DATA / "cameras", 1))
    effort = Effort(seconds=1.0, stills=6, groups=(6,), shape=SHAPE)
    victim, actor = portraits(looker=looker)
    with closing(Reader()) as reader:
        lab = Lab(reader, looker, effort)
        (film,) = (clip for clip in clips(DATA / "faces" / "real") if clip.name == "liveportrait_s18.mp4")
        assert lab.video(Played(film.film, no_sensor), stills=0).capture.stills == []
        rows, regions = repeat(lab, device, victim, actor, film)
    for row in rows:
        assert row.passed == (row.material in ("natural", "genuine", "inside"))
    found = {(row.subject, row.swapped): row.verdict for row in regions}
    assert found.pop((film.name, False)) == "passed"
    assert [verdict for (_, swapped), verdict in found.items() if swapped] == ["failed", "failed"]
