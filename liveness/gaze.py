"""Glances to the side, counted only while the head keeps still."""

from __future__ import annotations

import math

from liveness.events import Baseline, Event
from liveness.landmarks import Observation

CHANGE = 0.50
"""Change of gaze that is a glance. Asked to look aside, people reach .6 to .9; the highest of 78 films of held photos
in motion was .46."""

FAR, FAR_CHANGE = 0.70, 0.30
"""Gaze to its side from which a smaller change is a glance, too: who looks at a screen beside the camera has less way
to go to one side. Films of held photos with open eyes that came that far had moved by .19."""

OPEN_EAR = 0.14
"""Eye aspect ratio of the narrower eye below which nobody can tell where the eyes look: of shut eyes on a photo the
gaze jumps by .98. Eyes that glance have .2 and more."""

BACK = 0.15
"""Change below which the eyes are back."""

ASIDE = 0.20
"""Gaze to its side that a glance ends at: eyes that only come back to the camera have not glanced."""

HEAD_STILL = 8.0
"""Degrees of yaw, pitch and roll within which gaze tells of the eyes: beyond, it follows the head (correlation with
yaw -.84 to -.98)."""

MOVED_S = 2.0
"""Seconds after which a head that is elsewhere has not turned, but moved: what is usual is learnt anew there. A turn
and its way back take less, and whoever comes back from one may be asked for a glance already."""


class GlanceDetector:
    """Finds glances frame by frame; a glance takes two frames running, as single frames can be wrong."""

    def __init__(self) -> None:
        self._baseline = Baseline()
        self._side = 0.0  # of the glance that lasts, confirmed or not
        self._since_s = self._start_s = math.nan
        self._frames = 0
        self._told = False
        self._away_s = math.nan  # since when the head is elsewhere

    def add(self, seen: Observation, eyes_closed: bool = False) -> Event | None:
        """Take a frame; return the glance that it confirms, once for each.

        Parameters
        ----------
        seen : Observation
        eyes_closed : bool
            Closed eyes look nowhere: the frame is left out.
        """
        if math.isnan(seen.gaze) or math.isnan(seen.yaw):
            self._baseline.clear()
            self._side, self._away_s = 0.0, math.nan
            return None
        if eyes_closed or min(seen.ear_left, seen.ear_right) < OPEN_EAR:
            return None
        pose = (seen.gaze, seen.yaw, seen.pitch, seen.roll)
        usual = self._baseline.median(seen.time_s if math.isnan(self._away_s) else self._away_s)
        if usual is None:
            self._baseline.add(seen.time_s, *pose)
            return None
        change = seen.gaze - usual[0]
        moved = max(abs(now - before) for now, before in zip(pose[1:], usual[1:], strict=True))
        if moved > HEAD_STILL:
            self._side = 0.0
            if math.isnan(self._away_s):
                self._away_s = seen.time_s
            elif seen.time_s - self._away_s > MOVED_S:
                self._baseline.clear()
                self._away_s = math.nan
            return None
        if not math.isnan(self._away_s):
            self._baseline.rest(seen.time_s - self._away_s)
            self._away_s = math.nan
        side, aside = math.copysign(1.0, change), math.copysign(1.0, change) * seen.gaze
        enough = abs(change) >= (FAR_CHANGE if aside >= FAR else CHANGE) and aside >= ASIDE
        # To the other side is another glance: the way back need not show in a frame of its own.
        lasts = side == self._side and abs(change) >= BACK
        if not (lasts or enough):
            self._side = 0.0
            self._baseline.add(seen.time_s, *pose)
            return None
        if not lasts:
            self._side, self._since_s, self._frames, self._told = side, seen.time_s, 0, False
        # A glance is not part of what is usual, unless it stays: then the baseline follows slowly.
        if seen.time_s - self._since_s > 1.0:
            self._baseline.add(seen.time_s, *pose)
        if self._told or not enough:
            self._frames = 0
            return None
        self._frames += 1
        if self._frames == 1:
            self._start_s = seen.time_s
            return None
        self._told = True
        return Event("glance left" if change > 0 else "glance right", self._start_s, seen.time_s, abs(change))
