"""``python -m attacks``: what it lists, makes and refuses."""

from __future__ import annotations

import json

import av
import numpy as np
import pytest
from PIL import Image

from attacks.__main__ import main
from attacks.recipes import ATTACKS
from attacks.show.labelled_clip import NOTICE, write_clip
from liveness.challenge import StepKind


class Wall:
    """A presentation that remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list = []

    def frame(self, step, now_s):
        self.asked.append((step, now_s))
        return np.full((241, 321, 3), 120, np.uint8)

    def still(self):
        raise AssertionError("a clip has no stills")

    def close(self):
        pass


def frames(path):
    with av.open(str(path)) as container:
        return dict(container.metadata), [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_every_attack_and_every_way_is_listed(tmp_path, capsys):
    assert main(["list", "--json", str(tmp_path / "attacks.json")]) == 0
    text = " ".join(capsys.readouterr().out.split())
    listed = json.loads((tmp_path / "attacks.json").read_text())
    assert [one["code"] for one in listed] == [attack.code for attack in ATTACKS]
    for attack in ATTACKS:
        assert attack.teaser in text
        for way in attack.ways:
            assert f"{attack.code}/{way.value}: {way.words}" in text


def test_each_frame_of_a_clip_is_marked_and_so_is_the_file(tmp_path):
    wall, path = Wall(), tmp_path / "clip.mp4"
    shares: list = []
    script: tuple[tuple[float, StepKind | None], ...] = ((0.4, None), (0.6, "turn left"))
    assert write_clip(wall, path, script, shares.append) == 15
    about, pictures = frames(path)
    assert about["comment"] == NOTICE
    assert "simulated by LensLock" in about["comment"]
    assert len(pictures) == 15
    for picture in pictures:
        assert picture.shape == (240, 320, 3)
        assert picture[-20:, -60:].min() < 40  # the label is white on black
        assert picture[-20:, -60:].max() > 200
        assert abs(picture[:100].mean() - 120) < 4
    assert [step for step, _ in wall.asked] == [None] * 6 + ["turn left"] * 9
    assert shares[-1] == 1.0


def test_a_photo_of_a_person_needs_consent(tmp_path, capsys):
    Image.fromarray(np.zeros((300, 300, 3), np.uint8)).save(tmp_path / "me.png")
    path = tmp_path / "clip.mp4"
    assert main(["make", "puppet", "--photo", str(tmp_path / "me.png"), "--out", str(path)]) == 2
    assert "--consent" in capsys.readouterr().err
    assert not path.exists()


@pytest.mark.slow
def test_a_clip_of_the_sample_portrait_is_made(landmark_model, tmp_path, capsys):
    path = tmp_path / "clip.mp4"
    assert main(["make", "puppet/injected", "--out", str(path), "--json", str(tmp_path / "made.json")]) == 0
    assert "each marked as simulated" in " ".join(capsys.readouterr().out.split())
    about, pictures = frames(path)
    assert about["comment"] == NOTICE
    made = json.loads((tmp_path / "made.json").read_text())
    assert (made["attack"], made["strength"], made["frames"]) == ("puppet", "injected", len(pictures))
    assert np.abs(pictures[0].astype(float) - pictures[-40]).max() > 30  # it moves


def test_a_photo_without_a_face_and_a_file_that_is_none_are_told(landmark_model, tmp_path, capsys):
    Image.fromarray(np.full((300, 300, 3), 90, np.uint8)).save(tmp_path / "wall.png")
    (tmp_path / "text.jpg").write_text("no picture")
    for photo, problem in (("wall.png", "There is no face in the photo"), ("text.jpg", "text.jpg")):
        given = ["make", "puppet", "--consent", "--photo", str(tmp_path / photo), "--out", str(tmp_path / "clip.mp4")]
        assert main(given) == 2
        assert problem in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["make", "nothing", "--out", "a.mp4"], "there is no such attack, choose from puppet"),
        (["make", "swap/softly", "--out", "a.mp4"], "choose from injected"),
        (["make", "swap", "--out", "a.avi"], "ending in .mp4"),
        (["matrix", "--only", "nothing"], "there is no such attack"),
        (["matrix", "--data", "MISSING"], "there is no such folder"),
        (["matrix", "--trials", "many"], "give a whole number"),
        (["matrix", "--jobs", "0"], "give 1 or more"),
        (["matrix", "--lens", "nan"], "from 0 to 5"),
        (["matrix", "--json", "MISSING/matrix.json"], "make it first"),
        (["tables", "--nonsense"], "unrecognized arguments"),
        ([], "required"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_work(given, problem, tmp_path, capsys):
    given = [word.replace("MISSING", str(tmp_path / "missing")) for word in given]
    with pytest.raises(SystemExit) as left:
        main(given)
    assert left.value.code == 2
    assert problem in " ".join(capsys.readouterr().err.split())


def test_a_record_of_another_run_ends_with_what_to_do(tmp_path, capsys):
    (tmp_path / "trials.jsonl").write_text('{"profile": "strict"}\n')
    assert main(["matrix", "--record", str(tmp_path / "trials.jsonl"), "--only", "swap"]) == 2
    assert "Give another file" in " ".join(capsys.readouterr().err.split())
