"""Live sessions: a visitor's camera, looked at while it runs.

`session_for` keeps a visitor's session. The capture component (`ui.widgets.camera`) feeds it through `ui.live.http` or
`ui.live.webrtc`, and a `Director` decides what happens in it.
"""

from ui.live.director import Director, View
from ui.live.limits import RegistryFull
from ui.live.registry import SESSIONS
from ui.live.session import LiveSession
from ui.live.visitor import session_for, start_again

__all__ = ["SESSIONS", "Director", "LiveSession", "RegistryFull", "View", "session_for", "start_again"]
