from __future__ import annotations

import io
import tempfile
from pathlib import Path

import av
import numpy as np
import pytest

from liveness.models import LANDMARKER, ModelError
from tests import needs
from ui.liveness_video import viewer
from ui.results import video
from ui.shell.session import WATCHED


@pytest.fixture(scope="session")
def model():
    needs.models(LANDMARKER)


@pytest.fixture
def page(app, act, tmp_path, monkeypatch):
    """The page; afterwards nothing of a video may be left on disk."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    _, open_page, _ = act
    yield open_page(app, "liveness_video")
    assert not list(folder.iterdir())


def tiny(seconds: float = 2.0, size: tuple[int, int] = (96, 128)) -> bytes:
    """A video of coloured noise: nobody is in it."""
    file, rng = io.BytesIO(), np.random.default_rng(1)
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        for _ in range(round(15 * seconds)):
            picture = rng.integers(0, 255, (*size, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def watch(page, act, data: bytes, name: str = "clip.mp4"):
    press, *_ = act
    page.file_uploader(key="video_file").set_value([(name, data, "video/mp4")])
    return press(page.run(), "Watch the video")


def titles(app) -> list[str]:
    return [str(box.proto.title) for kind in (app.info, app.error, app.warning) for box in kind]


def test_empty_page_offers_a_sample_and_claims_little(page, act):
    *_, said = act
    assert "not deepfakes from people" in said(page)
    assert "is not kept" in said(page)
    (button,) = (button for button in page.button if button.label == "Watch the video")
    assert button.disabled
    assert not page.subheader


def test_of_the_sample_nobody_can_tell_in_so_short_a_time_and_the_papers_majority_is_shown(page, act, model):
    press, open_page, said = act
    app = press(page, "Use the sample video")
    headline = "Cannot tell: in so short a time, a person need not blink more"
    assert headline in titles(app)
    assert "Most deepfakes pass, too" in titles(app)
    assert any("the paper, which goes by their majority, would say “not live”" in box.value for box in app.warning)
    assert "many of those blink, too, and are then judged live" in " ".join(box.value for box in app.warning)
    assert "What is true of this sample" in said(app)
    assert {metric.label: metric.value for metric in app.metric}["Blinks"] == "0"
    assert [heading.value for heading in app.subheader] == ["The vote", "What was seen, over time"]
    assert app.session_state[WATCHED.key].report.detected > 0.9
    app = open_page(open_page(app, "start"), "liveness_video")
    assert headline in titles(app)  # the outcome survived


def test_the_same_is_not_watched_twice(page, act, model, monkeypatch):
    press, *_ = act
    watched = []

    def watch(*given):
        watched.append(1)
        return video.watch(*given)

    monkeypatch.setattr(viewer, "watch", watch)
    app = press(press(page, "Use the sample video"), "Use the sample video")
    assert watched == [1]
    assert app.metric


def test_a_video_of_nobody_cannot_be_judged(page, act, model):
    *_, said = act
    app = watch(page, act, tiny())
    assert "Cannot tell: no face in the picture" in titles(app)
    assert "There was no face in any frame" in said(app)
    assert "clip.mp4" in said(app)


def test_steps_and_overlay(page, act, model):
    page.multiselect(key="video_steps").set_value(["blink twice", "look left"]).run()
    assert "Choose 1 more" in page.warning[0].value
    page.multiselect(key="video_steps").set_value(["blink twice", "look left", "turn right"]).run()
    page.checkbox(key="video_overlay").check().run()
    app = watch(page, act, tiny())
    assert "The steps could not be asked" in titles(app)
    assert app.dataframe[0].value["Answer"].tolist() == ["– Not reached"] * 3
    overlay = app.session_state[WATCHED.key].overlay
    with av.open(io.BytesIO(overlay)) as container:
        assert container.streams.video[0].codec_context.name == "h264"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hello, this is text\n" * 40, "not a video that can be read"),
        (sound(), "here is no picture in it"),
        (tiny()[:2000], "not a video that can be read"),
        (tiny(1.0, (16, 16)), "32"),
    ],
    ids=["text", "sound", "damaged", "minute"],
)
def test_what_is_no_video_is_told(page, act, model, data, words):
    app = watch(page, act, data)
    assert words in app.error[0].value
    assert app.error[0].proto.title == "clip.mp4"
    assert tempfile.gettempdir() not in app.error[0].value
    assert not app.subheader


def test_a_long_video_is_told(page, act, model, monkeypatch):
    monkeypatch.setattr("liveness.video.MAX_SECONDS", 1.0)
    app = watch(page, act, tiny())
    assert "Cut out the part that counts" in app.error[0].value


def test_a_missing_model_is_told(page, act, monkeypatch):
    def missing(*_):
        raise ModelError("Connect to the internet, or put the file into the folder.")

    monkeypatch.setattr(video, "model_path", missing)
    app = watch(page, act, tiny())
    assert "Connect to the internet" in app.error[0].value
    assert not app.subheader


def test_a_name_with_folders_in_it_leads_nowhere(page, act, model):
    app = watch(page, act, b"text", "../../evil.mp4")
    assert app.error[0].proto.title.endswith("evil.mp4")
    assert not (Path(tempfile.gettempdir()).parent / "evil.mp4").exists()
