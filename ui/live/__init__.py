"""Live sessions: a visitor's camera, looked at while it runs.

A page begins and shows one by a `ui.live.run.LiveRun`. The capture component (`ui.widgets.camera`) feeds it through
`ui.live.http` or `ui.live.webrtc`, and a `Director` decides what happens in it.
"""

from ui.live.director import Director, View
from ui.live.limits import RegistryFull
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession

__all__ = ["SESSIONS", "Director", "LiveSession", "RegistryFull", "View"]
