from __future__ import annotations

import contextlib
import importlib
import json
import math
import subprocess
import sys
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from liveness.__main__ import main
from liveness.challenge import Challenge
from liveness.video import VideoError, analyse_video, frames_of


def write(path, frames, rate=15, audio_only=False):
    with av.open(str(path), "w") as container:
        if audio_only:
            sound = container.add_stream("aac", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 8000
            container.mux(sound.encode(frame))
            container.mux(sound.encode())
            return path
        stream = container.add_stream("libx264", rate=Fraction(rate))
        for number, picture in enumerate(frames):
            if number == 0:
                stream.height, stream.width = picture.shape[:2]
                stream.pix_fmt = "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def still_video(landmarker, portrait, tmp_path_factory):
    """Three seconds of a photo held by a hand that trembles."""
    rng = np.random.default_rng(0)
    frames = [np.roll(portrait, rng.integers(-2, 3, 2), (0, 1)) for _ in range(45)]
    return write(tmp_path_factory.mktemp("video") / "held.mp4", frames)


def test_frames_come_with_their_times(tmp_path, portrait):
    path = write(tmp_path / "v.mp4", [portrait] * 10, rate=10)
    frames = list(frames_of(path))
    assert [round(time_s, 3) for _, time_s, _ in frames] == [n / 10 for n in range(10)]
    assert frames[0][0].shape == portrait.shape
    assert frames[0][0].dtype == np.uint8
    assert [round(time_s, 3) for _, time_s, _ in frames_of(path, every=3)] == [0, 0.3, 0.6, 0.9]


def test_three_seconds_of_a_held_photo_are_too_few_to_tell_and_voted_not_live(still_video):
    report = analyse_video(still_video)
    assert (report.verdict, report.reason, report.blinks) == ("inconclusive", "too-early-to-tell", [])
    assert report.majority == "not live"
    assert report.frames == 45
    assert report.frames_per_second == pytest.approx(15, rel=0.05)
    assert report.detected == 1
    assert len(report.signals["yaw"]) == 45
    json.dumps(report.to_dict(), allow_nan=False)


def test_a_held_photo_answers_no_challenge(still_video):
    report = analyse_video(still_video, challenge=Challenge(("blink twice", "turn left", "look right"), seconds=1))
    assert report.phase == "failed"
    assert not report.steps[0].answered


def test_a_frozen_video_is_told(landmarker, portrait, tmp_path):
    report = analyse_video(write(tmp_path / "frozen.mp4", [portrait] * 40))
    assert (report.verdict, report.reason) == ("not live", "frozen")


def test_a_video_without_a_face_is_inconclusive(landmarker, tmp_path):
    rng = np.random.default_rng(0)
    frames = [np.full((240, 320, 3), rng.integers(80, 120), np.uint8) for _ in range(40)]
    report = analyse_video(write(tmp_path / "empty.mp4", frames))
    assert (report.verdict, report.reason) == ("inconclusive", "no-face")
    assert report.advice == ["No face in sight. Look into the camera."]
    assert all(math.isnan(yaw) for yaw in report.signals["yaw"])


def test_progress_and_watch_are_called(still_video):
    shares: list[float] = []
    seen: list[float] = []
    analyse_video(
        still_video, every=5, progress=shares.append, watch=lambda frame, face, state: seen.append(face.time_s)
    )
    assert len(seen) == 9
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1


@pytest.mark.parametrize("content", [b"", b"this is no video", b"\x00\x00\x00\x20ftypisom" + bytes(200)])
def test_files_that_are_no_video_are_refused_by_name(landmarker, tmp_path, content):
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"broken\.mp4"):
        analyse_video(path)


def test_a_list_of_other_files_is_no_video(still_video, tmp_path):
    path = tmp_path / "list.mp4"
    path.write_text(f"ffconcat version 1.0\nfile '{still_video}'\n")
    with pytest.raises(VideoError, match=r"list\.mp4: this is not a video"):
        analyse_video(path)


def test_a_tiny_video_is_refused(landmarker, tmp_path):
    with pytest.raises(VideoError, match="too few"):
        analyse_video(write(tmp_path / "tiny.mp4", [np.zeros((16, 16, 3), np.uint8)] * 3))


def test_missing_and_silent_pictures_are_refused(landmarker, tmp_path):
    with pytest.raises(VideoError, match=r"missing\.mp4"):
        analyse_video(tmp_path / "missing.mp4")
    with pytest.raises(VideoError, match="no picture"):
        analyse_video(write(tmp_path / "sound.mp4", [], audio_only=True))


def test_a_cut_video_is_analysed_as_far_as_it_goes_or_refused(still_video, tmp_path):
    data = still_video.read_bytes()
    for share in (0.2, 0.5, 0.9):
        path = tmp_path / "cut.mp4"
        path.write_bytes(data[: int(len(data) * share)])
        with contextlib.suppress(VideoError):
            assert analyse_video(path).frames > 0


def test_command_line_writes_report_and_overlay(still_video, tmp_path, capsys):
    overlay, report = tmp_path / "seen.mp4", tmp_path / "report.json"
    assert main([str(still_video), "--overlay", str(overlay), "--json", str(report)]) == 2
    assert "cannot tell" in capsys.readouterr().out
    assert json.loads(report.read_text())["verdict"] == "inconclusive"
    drawn = [frame for frame, _, _ in frames_of(overlay)]
    plain = [frame for frame, _, _ in frames_of(still_video)]
    assert len(drawn) == len(plain)
    assert np.abs(drawn[20].astype(int) - plain[20]).max() > 100


def test_command_line_tells_what_is_wrong(still_video, tmp_path, capsys):
    for arguments, word in (
        ([str(tmp_path / "none.mp4")], "none.mp4"),
        ([str(still_video), "--challenge", "dance", "dance", "dance"], "dance"),
        ([str(still_video), "--overlay", str(tmp_path / "no" / "where.mp4")], "where.mp4"),
        ([str(still_video), "--every", "0"], "every"),
    ):
        assert main(arguments) == 2
        assert word in capsys.readouterr().err


def test_help_says_what_liveness_does_not_stop():
    done = subprocess.run([sys.executable, "-m", "liveness", "--help"], capture_output=True, text=True, check=True)
    assert "does not stop" in done.stdout
    assert "deepfakes" in done.stdout


def test_public_names_are_there():
    public: Any = importlib.import_module("liveness")
    assert all(callable(getattr(public, name)) for name in public.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = public.nothing
