from __future__ import annotations

import json
import math
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs import CODECS

from ui.live import webrtc


def test_no_ice_servers_are_asked_unless_the_setting_names_some(monkeypatch):
    monkeypatch.delenv(webrtc.ICE_VARIABLE, raising=False)
    assert webrtc.ice_servers() == []
    servers = [{"urls": "turn:turn.example", "username": "u", "credential": "c"}]
    monkeypatch.setenv(webrtc.ICE_VARIABLE, json.dumps(servers))
    assert webrtc.ice_servers() == servers


@pytest.mark.parametrize("text", ["turn:secret@x", "{}", '[{"url": "secret"}]', '["secret"]', "[null]"])
def test_a_wrong_setting_is_told_without_what_is_in_it(monkeypatch, text):
    monkeypatch.setenv(webrtc.ICE_VARIABLE, text)
    with pytest.raises(webrtc.IceSettingError, match="must be a JSON list") as error:
        webrtc.ice_servers()
    assert "secret" not in str(error.value)


def test_the_browser_is_told_which_rates_we_want():
    webrtc._hint_rates()
    codecs = [codec for codec in CODECS["video"] if codec.mimeType == "video/VP8"]
    assert codecs
    assert all(codec.parameters["x-google-min-bitrate"] == "300" for codec in codecs)


def test_a_frames_stamp_tells_when_it_was_captured():
    frame = av.VideoFrame(32, 32, "rgb24")
    assert math.isnan(webrtc._said_s(frame))
    frame.pts, frame.time_base = 135_000, Fraction(1, 90_000)
    assert webrtc._said_s(frame) == 1.5


@pytest.mark.parametrize(
    ("size", "small"), [((1280, 720), (640, 360)), ((480, 640), (480, 640)), ((320, 240), (320, 240))]
)
def test_frames_are_no_larger_than_the_tracker_looks_at(size, small):
    width, height = size
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), format="rgb24")
    found = webrtc._small(frame)
    assert found.shape == (small[1], small[0], 3)
    assert abs(int(found.mean()) - 90) <= 1
