from __future__ import annotations

import pytest

from ui.live.camera_status import CameraStatus

SAID = {
    "token": "t",
    "started": True,
    "transport": "post",
    "stream": "0a1b2c3d",
    "camera": "Webcam",
    "width": 1280,
    "height": 720,
    "frame_rate": 30,
    "pixel_format": "I420",
    "native": True,
    "problem": "",
    "outcome": "",
}


def test_what_the_browser_says_is_taken():
    found = CameraStatus.of(SAID, "t")
    assert found == CameraStatus(True, "post", "0a1b2c3d", "Webcam", 1280, 720, 30, "I420", True)


@pytest.mark.parametrize("said", [None, [], "text", {}, {**SAID, "token": "of another session"}])
def test_nothing_is_taken_from_anything_else(said):
    assert CameraStatus.of(said, "t") == CameraStatus()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", "1280"),
        ("width", True),
        ("started", 1),
        ("camera", ["x"]),
        ("native", "yes"),
        ("stream", "a;}<style>"),
    ],
)
def test_values_of_another_kind_are_left_out(name, value):
    found = CameraStatus.of({**SAID, name: value}, "t")
    assert getattr(found, name) == getattr(CameraStatus(), name)
    assert found.height == 720


def test_long_texts_are_cut():
    assert len(CameraStatus.of({**SAID, "camera": "x" * 5000}, "t").camera) == 200
