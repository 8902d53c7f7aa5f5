"""The stream by WebRTC: streamlit-webrtc carries it from the capture component's camera to a live session.

The widget is out of sight: the component shows the preview, starts the stream and gives it a copy of its own camera's
track (`ui/widgets/camera/capture.js`), since some phones mute the first of two cameras that are opened.
"""

from __future__ import annotations

import json
import math
import os
from functools import cache
from typing import Any

import av
import streamlit as st
from aiortc.codecs import CODECS
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from ui.live.camera_status import CameraStatus
from ui.live.decode import FRAME_SIDE
from ui.live.session import LiveSession
from ui.shell.session import webrtc_widget

ICE_VARIABLE = "LENSLOCK_ICE_SERVERS"
"""Environment variable with a JSON list of ICE servers, as `RTCConfiguration.iceServers`: a TURN server with its name
and credential, where visitors come from other networks. None by default: nothing leaves this machine's network."""

FRAMES_PER_S = 15

# Kbit/s. Left alone, the browser starts at .3 and shrinks the picture; stills are lossless, so this is enough.
_RATES = {"x-google-start-bitrate": "1000", "x-google-min-bitrate": "300", "x-google-max-bitrate": "2000"}

_HIDDEN = (
    """<style>.st-key-{key} {{ position: absolute; width: 1px; height: 1px; overflow: hidden; opacity: 0 }}</style>"""
)


class IceSettingError(ValueError):
    """The setting of ICE servers is not what it should be. The message says what is wrong, without the credentials."""


def stream(session: LiveSession, camera: CameraStatus) -> None:
    """Receive a session's stream, if the component sends it by WebRTC. Call it on each run of the page.

    Parameters
    ----------
    session : LiveSession
        Takes the newest frame, at most `ui.live.decode.FRAME_SIDE` pixels on a side, at the time of its RTP stamp as
        far as that is to be believed (`ui.live.reported_time`).
    camera : CameraStatus
        What `ui.widgets.camera.capture` returned.

    Raises
    ------
    IceSettingError
        If `ICE_VARIABLE` is not a JSON list of servers.
    """
    if not (camera.started and camera.transport == "webrtc" and camera.stream):
        return
    _hint_rates()
    key = f"lenslock-webrtc-{camera.stream}"

    async def newest(frames: list[av.VideoFrame]) -> list[av.VideoFrame]:
        arrived_s = session.now_s
        for frame in frames:
            session.stream_time.heard(_said_s(frame), arrived_s)
        time_s = session.stream_time.frame(_said_s(frames[-1]), arrived_s)
        session.take_frame(_small(frames[-1]), time_s)
        return frames[-1:]

    # Streamlit breaks a run off where the next one is due, and the widget takes runs that did not reach it for a visit
    # to another page, after which it starts anew: that broke one connection in ten. Ours has a new key after a visit.
    context = webrtc_widget(f"{key}-widget").get()
    if context is not None:
        context._last_rendered_run_count = None
    with st.container(key=key):
        st.html(_HIDDEN.format(key=key))
        webrtc_streamer(
            key=f"{key}-widget",
            mode=WebRtcMode.SENDONLY,
            queued_video_frames_callback=newest,
            rtc_configuration={"iceServers": ice_servers()},
            media_stream_constraints={"audio": False, "video": True},
            async_processing=True,
        )


def ice_servers() -> list[dict[str, Any]]:
    """ICE servers as the setting names them; none by default.

    Raises
    ------
    IceSettingError
        If `ICE_VARIABLE` is not a JSON list of objects with "urls".
    """
    text = os.environ.get(ICE_VARIABLE, "").strip()
    if not text:
        return []
    wanted = f'{ICE_VARIABLE} must be a JSON list such as [{{"urls": "turn:HOST", "username": "U", "credential": "C"}}]'
    try:
        servers = json.loads(text)
    except ValueError as error:
        raise IceSettingError(f"{wanted}; it is no JSON.") from error
    if not isinstance(servers, list) or not all(isinstance(server, dict) and server.get("urls") for server in servers):
        raise IceSettingError(f"{wanted}; it is JSON of another form.")
    return servers


@cache
def _hint_rates() -> None:
    for codec in CODECS["video"]:
        if codec.mimeType == "video/VP8":
            codec.parameters.update(_RATES)


def _said_s(frame: av.VideoFrame) -> float:
    """When a frame was captured, on the sender's clock: RTP stamps are made then. NaN if it says nothing."""
    return math.nan if frame.pts is None or frame.time_base is None else float(frame.pts * frame.time_base)


def _small(frame: av.VideoFrame) -> Any:
    scale = min(1.0, FRAME_SIDE / max(frame.width, frame.height))
    width, height = round(frame.width * scale), round(frame.height * scale)
    return frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
