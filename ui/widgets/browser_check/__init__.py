"""The check of a browser: what it, its connection and its camera can do, measured where the visitor sits.

Its parts are `diagnosing.html`, `diagnosing.css` and `diagnosing.js`; it talks to
`ui.widgets.browser_check.http`. What the figures mean, `ui.widgets.browser_check.findings` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

CHECKS = ("page", "cameras", "server", "events", "connection", "still")
"""Names of the checks, as `Diagnosis.errors` has them."""

_HERE = Path(__file__).parent
_TEXT = 200  # characters of anything that a browser says
_MOST = 1e9


class _Said:
    """Makes a result of what a browser said: values of the right kind and size, everything else left out."""

    @classmethod
    def of(cls, said: object) -> Self:
        """Take what a browser said."""
        if not isinstance(said, Mapping):
            return cls()
        usable: dict[str, Any] = {}
        for name, default in vars(cls()).items():
            value = said.get(name)
            if isinstance(default, _Said):
                usable[name] = type(default).of(value)
            elif isinstance(value, bool):
                if default is None or isinstance(default, bool):
                    usable[name] = value
            elif isinstance(value, int | float):
                if type(default) in (int, float) and 0 <= value <= _MOST:
                    usable[name] = value
            elif isinstance(value, str) and isinstance(default, str):
                usable[name] = "".join(filter(str.isprintable, value))[:_TEXT]
        return cls(**usable)


@dataclass(frozen=True)
class StillCheck(_Said):
    """How one way of making stills did on the test picture.

    Attributes
    ----------
    format : str
        "I420", "NV12" or "PNG"; any other could not be handed in. Empty if that way does not exist.
    pixels, differing, largest : int
        Pixels compared, how many of them differ in luma, and by how much at most.
    copy_ms, send_ms, bytes : float
        Time to make it, time to hand it in and have it compared, and its length.
    """

    format: str = ""
    pixels: float = 0
    differing: float = 0
    largest: float = 0
    copy_ms: float = 0
    send_ms: float = 0
    bytes: float = 0


@dataclass(frozen=True)
class CameraCheck(_Said):
    """What the camera gave in a few seconds.

    Attributes
    ----------
    width, height : int
        Pixels; 0 if it did not open.
    promised_rate, rate : float
        Frames a second: what the camera says of itself, and what was counted, 0 where the browser cannot count.
    native : bool or None
        Whether the browser vouches that it does not rescale; None if it does not say.
    format : str
        Of its frames: "I420" or "NV12" can be copied bit by bit.
    problem, text : str
        Name and text of the error in its place.
    """

    width: float = 0
    height: float = 0
    promised_rate: float = 0
    rate: float = 0
    native: bool | None = None
    format: str = ""
    problem: str = ""
    text: str = ""


@dataclass(frozen=True)
class Diagnosis(_Said):
    """What a browser said of itself. For display, never for a decision.

    Attributes
    ----------
    secure, media, video_frame, frame_callback : bool
        Whether the page may open cameras, the browser has the means to, can copy frames, and tells of each frame.
    cameras : int
        Cameras that it lists.
    round_trip_ms : float
        To the server and back, the median of five.
    events, events_spread_ms : float
        Messages that came from the server, and time between the first and the last.
    connected : bool
        Whether two ends in this browser found each other by ICE.
    connect_ms : float
    candidates : str
        Kinds of addresses that ICE offered, without the addresses.
    levels : int
        Levels of luma in the test picture; 0 if it was not shown.
    planes, png : StillCheck
    camera : CameraCheck
    errors : mapping of str to str
        What went wrong, by the name of the check.
    checked : bool
        Whether the browser was checked, rather than nothing or its camera only.
    """

    secure: bool = False
    media: bool = False
    video_frame: bool = False
    frame_callback: bool = False
    cameras: float = 0
    round_trip_ms: float = 0
    events: float = 0
    events_spread_ms: float = 0
    connected: bool = False
    connect_ms: float = 0
    candidates: str = ""
    levels: float = 0
    planes: StillCheck = field(default_factory=StillCheck)
    png: StillCheck = field(default_factory=StillCheck)
    camera: CameraCheck = field(default_factory=CameraCheck)
    errors: Mapping[str, str] = field(default_factory=dict)
    checked: bool = False

    @classmethod
    def of(cls, said: object) -> Self:
        """Take what a browser said."""
        made = super().of(said)
        errors = said.get("errors") if isinstance(said, Mapping) else None
        if not isinstance(errors, Mapping):
            return made
        told = {name: errors[name][:_TEXT] for name in CHECKS if isinstance(errors.get(name), str)}
        return cls(**{**vars(made), "errors": told, "checked": True})


def diagnose(*, key: str) -> Diagnosis:
    """Show the buttons that start the checks. The page runs again when one has ended.

    Parameters
    ----------
    key : str
        Unique on the page, and the same on each run.

    Returns
    -------
    Diagnosis
        Of the latest checks.
    """
    result = _component()(key=key, data={}, default={"found": {}}, on_found_change=lambda: None)
    return Diagnosis.of(result.get("found"))


@cache
def _component() -> ComponentRenderer:
    html, css, js = ((_HERE / f"diagnosing.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("lenslock_diagnosing", html=html, css=css, js=js)
