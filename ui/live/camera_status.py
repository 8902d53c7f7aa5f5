"""What the camera component last said of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
