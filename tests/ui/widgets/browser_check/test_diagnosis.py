from __future__ import annotations

import math
from typing import Any

import pytest

from bank.policy import Policy
from ui.widgets.browser_check import CameraCheck, Diagnosis, StillCheck, findings

SAID: dict[str, Any] = {
    "secure": True,
    "media": True,
    "video_frame": True,
    "frame_callback": True,
    "cameras": 2,
    "round_trip_ms": 7,
    "events": 4,
    "events_spread_ms": 450,
    "connected": True,
    "connect_ms": 20,
    "candidates": "host udp",
    "levels": 220,
    "planes": {
        "format": "I420",
        "pixels": 921600,
        "differing": 0,
        "largest": 0,
        "copy_ms": 3,
        "send_ms": 30,
        "bytes": 1,
    },
    "png": {"format": "PNG", "pixels": 921600, "differing": 0, "largest": 0, "copy_ms": 50, "send_ms": 50, "bytes": 1},
    "camera": {"width": 1280, "height": 720, "promised_rate": 30, "rate": 29.9, "native": True, "format": "I420"},
    "errors": {},
}


def lines(**changes) -> dict[str, findings.Finding]:
    """Findings by their subjects, up to the bracket."""
    found = findings.findings(Diagnosis.of({**SAID, **changes}))
    return {one.subject.partition(" (")[0]: one for one in found}


def test_what_the_browser_says_is_taken():
    found = Diagnosis.of(SAID)
    assert found.checked
    assert found.planes == StillCheck("I420", 921600, 0, 0, 3, 30, 1)
    assert found.camera == CameraCheck(1280, 720, 30, 29.9, True, "I420")
    assert found.candidates == "host udp"


@pytest.mark.parametrize("said", [None, [], "text", 7, {}])
def test_nothing_is_taken_from_anything_else(said):
    assert Diagnosis.of(said) == Diagnosis()
    assert findings.findings(Diagnosis.of(said)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secure", 1),
        ("secure", "yes"),
        ("cameras", "2"),
        ("cameras", True),
        ("cameras", -1),
        ("cameras", 1e12),
        ("round_trip_ms", math.nan),
        ("round_trip_ms", math.inf),
        ("candidates", ["host"]),
        ("planes", "exact"),
        ("camera", [1280, 720]),
        ("errors", "none"),
    ],
)
def test_values_of_another_kind_are_left_out(name, value):
    found = Diagnosis.of({**SAID, name: value})
    assert getattr(found, name) == getattr(Diagnosis(), name)
    assert found.media


def test_texts_are_cut_and_errors_of_unknown_checks_left_out():
    found = Diagnosis.of({**SAID, "candidates": "x\n" * 5000, "errors": {"still": "y" * 5000, "other": "z", "page": 1}})
    assert found.candidates == "x" * 200
    assert found.errors == {"still": "y" * 200}


def test_a_browser_that_can_do_all_has_nothing_to_mend():
    assert {one.kind for one in lines().values()} == {"good"}
    assert not any(one.remedy for one in lines().values())
    assert len(lines()) == 13


def test_what_was_not_tried_is_not_told():
    assert "Camera: picture size" not in lines(camera={})
    only = findings.findings(Diagnosis.of({"camera": SAID["camera"]}))
    assert [one.subject.partition(":")[0] for one in only] == ["Camera"] * 3


@pytest.mark.parametrize(
    ("changes", "subject", "kind", "remedy"),
    [
        ({"secure": False}, "Protected page", "bad", "https"),
        ({"media": False}, "Access to cameras", "bad", "current"),
        ({"cameras": 0}, "Cameras", "bad", "phone"),
        ({"errors": {"cameras": "E: x"}}, "Cameras", "bad", "current"),
        ({"round_trip_ms": 900}, "To the server and back", "limited", "late"),
        ({"errors": {"server": "E: x"}}, "To the server and back", "bad", "connection"),
        ({"events_spread_ms": 3}, "Messages from the server", "limited", "proxy"),
        ({"errors": {"events": "E: x"}}, "Messages from the server", "bad", "proxy"),
        ({"connected": False, "errors": {"connection": "E: x"}}, "Direct video connection", "limited", "works"),
        ({"video_frame": False}, "Copies of frames, bit by bit", "limited", "PNG"),
        ({"frame_callback": False}, "Notice of each frame", "limited", "twice"),
        ({"errors": {"still": "E: x"}}, "Stills arrive exactly", "bad", "exact stills"),
        ({"planes": {"format": "BGRX"}}, "Stills arrive exactly, copied bit by bit", "unknown", "your camera"),
        ({"planes": {}}, "Stills arrive exactly, copied bit by bit", "unknown", "your camera"),
        (
            {"png": {**SAID["png"], "differing": 9, "largest": 2}},
            "Stills arrive exactly, as PNG",
            "bad",
            "fingerprinting",
        ),
        ({"png": {**SAID["png"], "send_ms": 9000}}, "Stills arrive exactly, as PNG", "limited", "faster"),
        ({"camera": {"problem": "NotAllowedError", "text": "denied"}}, "Camera", "bad", "Allow"),
        ({"camera": {"problem": "NotReadableError", "text": "busy"}}, "Camera", "bad", "Close other programs"),
        ({"camera": {"problem": "OddError"}}, "Camera", "bad", "cable"),
        ({"camera": {**SAID["camera"], "native": False}}, "Camera: picture size", "bad", "rescaled"),
        ({"camera": {**SAID["camera"], "width": 640, "height": 480}}, "Camera: picture size", "limited", "more stills"),
        ({"camera": {**SAID["camera"], "rate": 7.5}}, "Camera: pictures a second", "bad", "light"),
        ({"camera": {**SAID["camera"], "rate": None}}, "Camera: pictures a second", "unknown", "cannot count"),
        ({"camera": {**SAID["camera"], "format": "BGRX"}}, "Camera: form of its frames", "limited", "slower"),
    ],
)
def test_each_shortcoming_is_told_with_what_to_do(changes, subject, kind, remedy):
    found = lines(**changes)[subject]
    assert found.kind == kind
    assert remedy in found.remedy


def test_the_text_has_a_sign_for_each_line():
    found = findings.findings(Diagnosis.of({**SAID, "cameras": 0}))
    text = findings.as_text(found, "LensLock")
    assert text.splitlines()[0] == "LensLock"
    assert [line[0] for line in text.splitlines()[1:]] == [findings.SIGNS[one.kind] for one in found]
    assert "✗ Cameras: None listed. Connect one" in text


def test_limits_are_those_of_the_live_check():
    assert Policy.load().profile("demo").freshness.max_delay_s * 1000 == findings.SLOW_STILL_MS
