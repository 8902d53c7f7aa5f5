"""The capture component: one camera in the browser for preview, stream and lossless stills; or an onlooker's screen.

Its parts are `capture.html`, `capture.css` and `capture.js`; it talks to `ui.live.http`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import streamlit as st

from ui.live.camera_status import CameraStatus

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

Transport: TypeAlias = Literal["auto", "webrtc", "post"]

_HERE = Path(__file__).parent


def capture(
    token: str,
    *,
    key: str,
    transport: Transport = "auto",
    modes: Sequence[tuple[int, int]] = (),
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
    modes : sequence of (int, int)
        Widths and heights, one of which the camera must have, such as those of enrolled ones; the likeliest first.
        Default: the largest usual one that it has by itself.
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
    data = {"token": token, "transport": transport, "modes": [list(mode) for mode in modes], "guide": guide}
    data |= {"source": source, "caption": caption, "title": title}
    result = _component()(key=key, data=data, default={"status": {}}, on_status_change=lambda: None)
    return CameraStatus.of(result.get("status"), token)


@cache
def _component() -> ComponentRenderer:
    html, css, js = ((_HERE / f"capture.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("lenslock_capture", html=html, css=css, js=js)
