from __future__ import annotations

import json

import pytest
import skimage.data
from PIL import Image

from bank.__main__ import main
from bank.feeds import ABUSEIPDB_KEY, AbuseIPDB
from liveness.identity import FaceMatcher
from liveness.models import DETECTOR, RECOGNISER
from prnu import scenes
from prnu.sensor import SimulatedCamera
from tests import needs
from tests.bank.feed_service import KEY, V4, abuse

SHAPE = (480, 640)


@pytest.fixture(scope="module")
def models():
    needs.models(DETECTOR, RECOGNISER)
    return FaceMatcher()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Photos by two cameras: walls, and a portrait with a face."""
    folder = tmp_path_factory.mktemp("photos")
    portrait = scenes.photo("astronaut", SHAPE)
    for name, seed in (("own", 1), ("other", 2)):
        camera = SimulatedCamera(SHAPE, seed=seed, prnu=0.02)
        for number in range(6):
            wall = camera.photograph_jpeg(scenes.flat(SHAPE, seed=number), shot=number)
            (folder / f"{name}-wall-{number}.jpg").write_bytes(wall)
        for number in range(3):
            (folder / f"{name}-selfie-{number}.jpg").write_bytes(camera.photograph_jpeg(portrait, shot=50 + number))
    Image.fromarray(skimage.data.astronaut()).save(folder / "face.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def run(home, *words, code: int = 0):
    """Run a command with --json; return what it wrote there."""
    out = home.parent / "out.json"
    out.unlink(missing_ok=True)
    assert main([*map(str, words), "--json", str(out)]) == code
    return json.loads(out.read_text()) if out.exists() else None


@pytest.fixture
def anna(home, files, models):
    walls = sorted(files.glob("own-wall-*"))
    return run(home, "enrol", "Anna", "--faces", files / "face.png", "--photos", *walls, "--label", "Phone")


@pytest.mark.slow
def test_enrol_then_verify_own_and_other_selfies(home, files, anna):
    assert (anna["name"], anna["face_frames"], anna["cameras"][0]["images"]) == ("Anna", 1, 6)
    own = run(home, "verify", "Anna", "--photos", *sorted(files.glob("own-selfie-*")))
    assert (own["accepted"], own["profile"]) == (True, "photos")
    other = run(home, "verify", "Anna", "--photos", *sorted(files.glob("other-selfie-*")), code=1)
    assert other["reason"] == "camera: other-camera"
    assert {file["name"] for file in other["files"]} == {f"other-selfie-{n}.jpg" for n in range(3)}


def test_photos_alone_do_not_satisfy_the_live_profile(home, files, anna, capsys):
    found = run(home, "verify", "Anna", "--photos", *files.glob("own-selfie-*"), "--profile", "demo", code=1)
    assert (found["outcome"], found["reason"]) == ("step-up", "liveness: no-stream")
    assert "nothing can be said of liveness" in " ".join(capsys.readouterr().out.split())


def test_a_key_in_the_environment_has_the_given_address_asked_about(home, files, anna, service, monkeypatch, capsys):
    selfies = sorted(files.glob("own-selfie-*"))
    words = ["verify", "Anna", "--photos", *selfies, "--address", V4]
    monkeypatch.setattr(AbuseIPDB, "home", service.base)
    service.answer(abuse(87))
    assert "address-listed" not in [one["code"] for one in run(home, *words)["signals"]]
    assert service.asked == []
    monkeypatch.setenv(ABUSEIPDB_KEY, KEY)
    assert "address-listed" in [one["code"] for one in run(home, *words)["signals"]]
    assert len(service.asked) == 1
    assert "AbuseIPDB gives the address 87 of 100 for abuse" in " ".join(capsys.readouterr().out.split())


def test_the_record_is_shown_exported_and_verified(home, files, anna, tmp_path, capsys):
    run(home, "verify", "Anna", "--photos", *files.glob("own-selfie-*"))
    status = run(home, "audit", "verify")
    assert (status["intact"], status["entries"]) == (True, 2)
    assert run(home, "audit", "verify", "--expect", status["head"])["intact"]
    assert not run(home, "audit", "verify", "--expect", "9:" + "0" * 64, code=1)["intact"]
    (decision,) = run(home, "audit", "show", "--kind", "decision", "--customer", "anna")
    assert run(home, "audit", "show", "--attempt", decision["attempt_id"])[0]["body"]["outcome"] == "accepted"
    for name, lines in (("trail.jsonl", 2), ("trail.csv", 3)):
        assert run(home, "audit", "export", tmp_path / name)["entries"] == 2
        assert len((tmp_path / name).read_text().splitlines()) == lines
    assert "decision" in capsys.readouterr().out


def test_customers_export_check_rotate_and_delete(home, files, anna):
    assert [info["name"] for info in run(home, "customers")] == ["Anna"]
    assert run(home, "export", "Anna")["customer"]["cameras"][0]["label"] == "Phone"
    assert run(home, "rotate-key") == {"rotated": True}
    assert run(home, "check")["findings"] == []
    published = run(home, "publish", "Anna", "Phone", *files.glob("own-selfie-*"))
    assert published == {"published": 3}
    assert run(home, "delete", "Anna", code=2) is None
    assert len(run(home, "customers")) == 1
    run(home, "delete", "Anna", "--camera", "phone")
    assert run(home, "customers")[0]["cameras"] == []
    run(home, "delete", "Anna", "--yes")
    assert run(home, "customers") == []


def test_a_changed_row_is_found_by_check(home, anna):
    import sqlite3

    with sqlite3.connect(home / "bank.db") as connection:
        connection.execute("UPDATE cameras SET width = width + 2")
    connection.close()
    (finding,) = run(home, "check", code=1)["findings"]
    assert finding["table"] == "cameras"
    assert run(home, "customers", code=2) is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["verify", "Nobody", "--photos", "{own}"], "no customer named 'Nobody'"),
        (["export", "Nobody"], "no customer named 'Nobody'"),
        (["enrol", "Bert", "--photos", "{broken}"], "0 of 1 photos can be used"),
        (["enrol", "Bert"], "give photos of the face"),
        (["verify", "Nobody", "--photos", "{missing}"], "no such file"),
        (["customers", "--policy", "{missing}"], "cannot be read"),
        (["customers", "--database", "mysql://x"], "no database that LensLock knows"),
    ],
)
def test_what_cannot_be_used_is_told_and_exits_with_2(home, files, capsys, words, says):
    places = {"own": files / "own-wall-0.jpg", "broken": files / "broken.jpg", "missing": files / "missing.jpg"}
    assert main([word.format(**places) for word in words]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("words", [[], ["fly"], ["enrol"], ["audit"], ["enrol", "A", "--crop", "7"]])
def test_a_wrong_call_explains_itself(words, capsys):
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert "usage: python -m bank" in capsys.readouterr().err
