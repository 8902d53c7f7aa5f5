"""Deepfakes that follow somebody: a face swapped onto, or a puppet driven by, whoever another presentation shows."""

from __future__ import annotations

from attacks.face.retarget import Driver
from attacks.face.swap import Swapper
from attacks.media.upload import as_streamed
from attacks.types import Face, ImageArray, Presentation, Sensor, declines, shown
from liveness.challenge import StepKind
from liveness.landmarks import FaceTracker, Observation


class Follower:
    """Shows somebody's frames, and watches the face in them with a tracker of its own: the showing thread's.

    Parameters
    ----------
    under : Presentation
        Who is followed; closed with the follower.
    """

    def __init__(self, under: Presentation) -> None:
        self._under = under
        self._tracker: FaceTracker | None = None
        self._last_s = -1.0
        self._seen: Observation | None = None

    def _follow(self, step: StepKind | None, now_s: float, small: bool) -> tuple[ImageArray, Observation | None]:
        scene = self._under.frame(step, now_s)
        if self._tracker is None:
            self._tracker = FaceTracker()
        # None comes only for a frame that is not newer; then what was seen still holds.
        self._seen = self._tracker.observe(as_streamed(scene) if small else scene, now_s) or self._seen
        return scene, self._seen

    def declines(self, step: StepKind) -> bool:
        """Tell whether who is followed says that they cannot do a step."""
        return declines(self._under, step)

    def close(self) -> None:
        """Free the tracker, and who is followed."""
        if self._tracker is not None:
            self._tracker.close()
            self._tracker = None
        self._under.close()


class Swapped(Follower):
    """Somebody with the face of a photo.

    Parameters
    ----------
    under : Presentation
        Whose face is covered.
    swapper : attacks.face.swap.Swapper
        With the photo; for this presentation only.
    sensor : callable or None
        Makes stills of the swapped scene. None: the face is swapped in the stills of `under`, so that around it all
        stays as it was, the sensor's pattern too.
    """

    def __init__(self, under: Presentation, swapper: Swapper, sensor: Sensor | None) -> None:
        super().__init__(under)
        self._swapper, self._sensor = swapper, sensor
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the swapped face."""
        scene, seen = self._follow(step, now_s, small=False)
        self._scene = self._swapper.frame(scene, seen)
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it; or what somebody else's sensor saw, with the face swapped afterwards."""
        scene = shown(self._scene)
        if self._sensor is not None:
            return self._sensor(scene)
        return self._swapper.frame(self._under.still(), self._seen.landmarks if self._seen else None)


class Driven(Follower):
    """A puppet that does what somebody else does.

    Parameters
    ----------
    under : Presentation
        Who drives.
    puppet : Face
    sensor : callable
        Makes stills.
    """

    def __init__(self, under: Presentation, puppet: Face, sensor: Sensor) -> None:
        super().__init__(under)
        self._puppet, self._sensor = puppet, sensor
        self._driver = Driver()
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the puppet."""
        _, seen = self._follow(step, now_s, small=True)
        if seen is not None:
            self._scene = self._puppet.frame(self._driver.expression(seen))
        assert self._scene is not None  # the tracker takes any first frame
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of the puppet."""
        return self._sensor(shown(self._scene))
