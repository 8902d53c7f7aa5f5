"""The capture component: one camera in the browser for preview, stream and lossless stills; or an onlooker's screen.

Its parts are `capture.html`, `capture.css` and `capture.js`; it talks to `ui.live.routes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

Transport: TypeAlias = Literal["auto", "webrtc", "post"]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class CameraStatus:
    """What the component last said of itself. Told by the browser: for display, never for a decision.

    Attributes
    ----------
    started : bool
        Whether the camera runs.
    transport : {"", "webrtc", "post"}
        How the stream travels; empty before the start.
    stream : str
        Name of the attempt at WebRTC that is under way, for `ui.live.webrtc.stream`; empty if there is none.
    camera : str
        The camera's label.
    width, height : int
        Its native mode in pixels, 0 before the start.
    frame_rate : float
        Of that mode.
    pixel_format : str
        How stills are handed in: "I420", "NV12" or "PNG"; empty before the start.
    native : bool or None
        Whether the browser vouches that it does not rescale; None if it does not say.
    problem : str
        Code of what stands in the way, empty if nothing does: "denied", "system-denied", "no-camera", "busy",
        "insecure", "unsupported", "other-mode", "no-picture", "ended", "muted", "mode-changed", "unreachable",
        "expired" or "failed".
    outcome : str
        How the session ended, as its director or the server said; empty while it is on.
    """

    started: bool = False
    transport: str = ""
    stream: str = ""
    camera: str = ""
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    pixel_format: str = ""
    native: bool | None = None
    problem: str = ""
    outcome: str = ""

    @classmethod
    def of(cls, said: object, token: str) -> CameraStatus:
        """Take what a browser said of a session, leaving out what is not of the right kind."""
        if not isinstance(said, Mapping) or said.get("token") != token:
            return cls()
        kinds: dict[str, tuple[type, ...]] = {
            **dict.fromkeys(("transport", "stream", "camera", "pixel_format", "problem", "outcome"), (str,)),
            **dict.fromkeys(("width", "height"), (int,)),
            **{"started": (bool,), "frame_rate": (int, float), "native": (bool, type(None))},
        }
        usable: dict[str, Any] = {}
        for name, kind in kinds.items():
            if name in said and type(said[name]) in kind:
                usable[name] = said[name][:200] if kind == (str,) else said[name]
        if not re.fullmatch("[0-9a-f]{0,16}", usable.get("stream", "")):
            del usable["stream"]  # it becomes part of a widget's key
        return cls(**usable)


def capture(
    token: str,
    *,
    key: str,
    transport: Transport = "auto",
    mode: tuple[int, int] | None = None,
    guide: Literal["face", "none"] = "face",
    source: Literal["camera", "watch"] = "camera",
    caption: str = "",
    title: str = "",
) -> CameraStatus:
    """Show the camera of a live session, or what it sees.

    The page runs again when the camera starts or stops, the transport changes, something stands in the way, or the
    session ends; not for each frame.

    Parameters
    ----------
    token : str
        Of the `ui.live.LiveSession`. With another one the component starts over.
    key : str
        Unique on the page, and the same on each run.
    transport : {"auto", "webrtc", "post"}
        How the stream travels. "webrtc" needs `ui.live.webrtc.stream` on the page. "auto" is "post" on phones;
        elsewhere it begins with "webrtc" and changes to "post" by itself if nothing comes of it in 6 s.
    mode : (int, int), optional
        Width and height that the camera must have, as that of an enrolled one. Default: the largest usual one that
        it has by itself.
    guide : {"face", "none"}
        Whether an oval shows where the face should be.
    source : {"camera", "watch"}
        "camera": this browser's, which opens when the visitor says so. "watch": no camera is touched; what the
        session's camera sees is shown, wherever that is, and everything that is drawn over it. Of the status only
        `problem` ("expired" or "unreachable") and `outcome` are then told.
    caption : str
        A badge on the picture, such as "Simulated".
    title : str
        What is watched, where it is not the camera's frames but the session's own pictures: stands in place of the
        prompts. They are shown as they are, neither mirrored nor drawn over.

    Returns
    -------
    CameraStatus
    """
    data = {"token": token, "transport": transport, "mode": mode and list(mode), "guide": guide}
    data |= {"source": source, "caption": caption, "title": title}
    result = _component()(key=key, data=data, default={"status": {}}, on_status_change=lambda: None)
    return CameraStatus.of(result.get("status"), token)


@cache
def _component() -> ComponentRenderer:
    html, css, js = ((_HERE / f"capture.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("lenslock_capture", html=html, css=css, js=js)
