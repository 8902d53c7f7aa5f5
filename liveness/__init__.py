"""The face factor: tell whether a live, single, enrolled person answers.

Knows nothing of cameras' noise, banks or Streamlit. Names are imported on first use, because MediaPipe takes seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveness.challenge import Challenge, random_challenge
    from liveness.identity import FaceMatcher
    from liveness.landmarks import FaceTracker
    from liveness.session import LivenessSession
    from liveness.video import LivenessReport, analyse_video

__all__ = [
    "Challenge",
    "FaceMatcher",
    "FaceTracker",
    "LivenessReport",
    "LivenessSession",
    "analyse_video",
    "random_challenge",
]

_HOMES = {
    "Challenge": "challenge",
    "FaceMatcher": "identity",
    "FaceTracker": "landmarks",
    "LivenessReport": "video",
    "LivenessSession": "session",
    "analyse_video": "video",
    "random_challenge": "challenge",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'liveness' has no attribute {name!r}")
    return getattr(import_module(f"liveness.{_HOMES[name]}"), name)
