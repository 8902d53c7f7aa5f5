"""Injection: a stream from one source, stills from another, handed in by a program that passes for a camera."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.behaviour import CALM, script
from attacks.media.resize import fitted
from attacks.media.upload import as_streamed
from attacks.show.deepfakes import Follower
from attacks.show.recordings import ANSWER_S, ANSWERS, EARLIER
from attacks.types import Camera, Face, ImageArray, Presentation, Sensor, no_sensor, sensor, shown
from bank.face_reader import Pose, pose_of
from liveness.challenge import StepKind
from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR, FaceTracker

LESSER = (480, 640)
"""Height and width of a camera's lesser mode."""

_DEGREES, _OFFSET = 10.0, 0.15  # of the head, and face widths, that make two poses differ by as much
_POSES_A_SECOND = 2.5  # of a hoard


class Chosen(Follower):
    """A stream with stills from a hoard: each time the one in which the head is most as the stream shows it, once.

    Parameters
    ----------
    stream : Presentation
        Shown.
    hoard : sequence of ndarray, shape (H, W, 3), uint8
        RGB. Those without a face are left out.
    sensor : callable
        What makes a still of one of the hoard when it is chosen. Default: the hoard holds the stills themselves.

    Raises
    ------
    ValueError
        If none has a face.
    """

    def __init__(self, stream: Presentation, hoard: Sequence[ImageArray], sensor: Sensor = no_sensor) -> None:
        super().__init__(stream)
        with FaceTracker(stills=True) as tracker:
            read = [(_pose(tracker, scene), scene) for scene in hoard]
        self._hoard = [(pose, scene) for pose, scene in read if pose is not None]
        if not self._hoard:
            raise ValueError(f"hoard: expected at least one still with a face, got {len(hoard)} without.")
        self._sensor = sensor
        self._unused: list[tuple[Pose, ImageArray]] = []

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream's frame."""
        return self._follow(step, now_s, small=True)[0]

    def still(self) -> ImageArray:
        """Take the best still that is left; after the last one they begin again."""
        if not self._unused:
            self._unused = list(self._hoard)
        shown = pose_of(self._seen, 0.0) if self._seen else None
        best = min(range(len(self._unused)), key=lambda n: _distance(self._unused[n][0], shown)) if shown else 0
        return self._sensor(self._unused.pop(best)[1])


class Numbered:
    """A stream whose stills are made of what it shows, each by its number: from several sources, say.

    Parameters
    ----------
    stream : Presentation
        Shown.
    make : callable
        Makes a still of the scene of that moment, RGB, uint8, and of its number, from 0 on.
    """

    def __init__(self, stream: Presentation, make: Callable[[ImageArray, int], ImageArray]) -> None:
        self._stream, self._make = stream, make
        self._scene: ImageArray | None = None
        self._numbers = itertools.count()

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream's frame."""
        self._scene = self._stream.frame(step, now_s)
        return self._scene

    def still(self) -> ImageArray:
        """Make the next still."""
        return self._make(shown(self._scene), next(self._numbers))

    def close(self) -> None:
        """Free the stream."""
        self._stream.close()


class Beside:
    """A stream, and somebody beside it who is told the same and of whom the stills are.

    Parameters
    ----------
    stream, other : Presentation
    """

    def __init__(self, stream: Presentation, other: Presentation) -> None:
        self._stream, self._other = stream, other

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the stream's frame."""
        self._other.frame(step, now_s)
        return self._stream.frame(step, now_s)

    def still(self) -> ImageArray:
        """A still of the other."""
        return self._other.still()

    def close(self) -> None:
        """Free both."""
        self._stream.close()
        self._other.close()


class Handover:
    """Somebody who does what is asked, and after the last answer, and perhaps a dark while, somebody else.

    Parameters
    ----------
    first, then : Presentation
    dark_s : float
        Seconds for which nothing is shown in between; 0: from one frame to the next.
    """

    def __init__(self, first: Presentation, then: Presentation, dark_s: float) -> None:
        self._first, self._then, self._dark_s = first, then, dark_s
        self._asked, self._over_s = False, math.inf
        self._now: Presentation | None = first
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show one of them, or the dark."""
        if step is None and self._asked and math.isinf(self._over_s):
            self._over_s = now_s
        self._asked |= step is not None
        since_s = now_s - self._over_s
        self._now = self._first if since_s < 0 else self._then if since_s >= self._dark_s else None
        self._scene = (self._now or self._then).frame(step, now_s)
        return self._scene if self._now else np.zeros_like(self._scene)

    def still(self) -> ImageArray:
        """A still of who is shown."""
        scene = shown(self._scene)
        return self._now.still() if self._now else np.full_like(scene, 2)

    def close(self) -> None:
        """Free both."""
        self._first.close()
        self._then.close()


class Defocused:
    """Somebody out of focus: landmarks are found, so that movements are seen, but nobody is recognised.

    Parameters
    ----------
    under : Presentation
    sigma : float
        Deviation of the blur, as a share of the frame's width.
    sensor : callable
        Makes stills.
    """

    def __init__(self, under: Presentation, sigma: float, sensor: Sensor) -> None:
        self._under, self._sigma, self._sensor = under, sigma, sensor
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show a blurred frame."""
        scene = self._under.frame(step, now_s)
        self._scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), self._sigma * scene.shape[1]), np.uint8)
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(shown(self._scene))

    def close(self) -> None:
        """Free what is under it."""
        self._under.close()


class Shaded(Follower):
    """Somebody in dark glasses, in whom nobody can be recognised.

    Parameters
    ----------
    under : Presentation
        Who wears them.
    sensor : callable
        Makes stills.
    """

    def __init__(self, under: Presentation, sensor: Sensor) -> None:
        super().__init__(under)
        self._sensor = sensor
        self._scene: ImageArray | None = None

    def frame(self, step: StepKind | None, now_s: float) -> ImageArray:
        """Show the face with dark glasses."""
        scene, seen = self._follow(step, now_s, small=False)
        self._scene = scene if seen is None or seen.landmarks is None else shaded(scene, seen.landmarks[:, :2])
        return self._scene

    def still(self) -> ImageArray:
        """What the sensor makes of it."""
        return self._sensor(shown(self._scene))


def shaded(scene: ImageArray, points: npt.NDArray[np.float32]) -> ImageArray:
    """Draw dark glasses.

    Parameters
    ----------
    scene : ndarray, shape (H, W, 3), uint8
    points : ndarray, shape (478, 2), float32
        Landmarks of the face in it, in pixels.
    """
    glass = scene.copy()
    for contour in (RIGHT_CONTOUR, LEFT_CONTOUR):
        one, other = points[contour[0]], points[contour[8]]
        middle, width = (one + other) / 2, float(np.linalg.norm(one - other))
        angle = math.degrees(math.atan2(other[1] - one[1], other[0] - one[0]))
        axes = round(1.2 * width), round(0.9 * width)
        cv2.ellipse(glass, (round(middle[0]), round(middle[1])), axes, angle, 0, 360, (14, 12, 12), -1, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(glass, 0.97, scene, 0.03, 0.0), np.uint8)


def noisy(still: ImageArray, sigma: float, seed: int, band: bool = False) -> ImageArray:
    """Add noise to a still, the same to all colours: another copy of it for each seed.

    Parameters
    ----------
    still : ndarray, shape (H, W, 3), uint8
    sigma : float
        Deviation in grey levels. Up to 4 nobody sees it.
    seed : int, 0 or more
    band : bool
        Only noise of frequencies between .28 and .32 per pixel: a match evens out such a band and loses little.
    """
    noise = np.random.default_rng(seed).normal(0.0, 1.0, still.shape[:2]).astype(np.float32)
    if band:
        spectrum = np.fft.rfft2(noise)
        radius = np.hypot(np.fft.fftfreq(still.shape[0])[:, None], np.fft.rfftfreq(still.shape[1])[None])
        noise = np.fft.irfft2(spectrum * (np.abs(radius - 0.3) < 0.02), s=still.shape[:2]).astype(np.float32)
    noise *= sigma / float(noise.std())
    return np.clip(still + noise[..., None] + 0.5, 0, 255).astype(np.uint8)


def all_poses(face: Face, seed: int) -> list[ImageArray]:
    """Show a face in all poses that a check can ask for: a hoard of scenes."""
    asked = [(1.0 + ANSWER_S * number, step) for number, step in enumerate(ANSWERS)]
    seconds = 1.0 + ANSWER_S * len(ANSWERS)
    return [face.frame(pose) for pose in script(asked, _POSES_A_SECOND, seconds, seed + EARLIER, CALM)]


def lesser_mode(camera: Camera, first_shot: int, *, aligned: bool) -> Sensor:
    """A camera's mode of fewer pixels, scaled up to the size that is asked for.

    Cameras fill such a mode by scaling the middle of their picture down. What that averages away of a pattern which
    differs from pixel to pixel stays lost; the coarser part comes back where it was, if it is scaled back to its place.

    Parameters
    ----------
    camera : Camera
    first_shot : int
    aligned : bool
        Whether the attacker knows that place, and leaves the rest of the picture without any pattern. Otherwise the
        picture is filled.
    """
    whole, (height, width) = sensor(camera, first_shot), camera.shape
    scale = min(height / LESSER[0], width / LESSER[1])
    part = round(LESSER[0] * scale), round(LESSER[1] * scale)

    def take(scene: ImageArray) -> ImageArray:
        middle = fitted(whole(scene), part, "cropped")
        small = np.asarray(cv2.resize(middle, LESSER[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        if not aligned:
            return fitted(small, (height, width), "scaled")
        return fitted(fitted(small, part, "scaled"), (height, width), "padded")

    return take


def cut_out(camera: Camera, around: Camera, first_shot: int, offset: tuple[int, int]) -> Sensor:
    """Cut stills of the enrolled size out of larger photos by a camera whose stills are the middle of its sensor.

    Attackers do not know which part of the sensor that is, and cut around the face: the pattern is there, shifted.

    Parameters
    ----------
    camera : Camera
        As it is enrolled: the middle of the sensor.
    around : Camera
        Stands for the part of the sensor beyond: of the same shape.
    first_shot : int
    offset : (int, int)
        Rows and columns by which the cut misses the middle, less than the camera's shape.
    """
    middle, beyond, (down, right) = sensor(camera, first_shot), sensor(around, first_shot), offset
    move = np.array([[1.0, 0.0, right], [0.0, 1.0, down]])
    size = camera.shape[::-1]

    def take(scene: ImageArray) -> ImageArray:
        # In front of the lens the scene lies where the cut will be.
        moved = cv2.warpAffine(scene, move, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        still = beyond(scene)
        inside = np.s_[max(-down, 0) : size[1] - max(down, 0), max(-right, 0) : size[0] - max(right, 0)]
        there = np.s_[max(down, 0) : size[1] + min(down, 0), max(right, 0) : size[0] + min(right, 0)]
        still[inside] = middle(np.asarray(moved, np.uint8))[there]
        return still

    return take


def _pose(tracker: FaceTracker, still: ImageArray) -> Pose | None:
    seen = tracker.observe(as_streamed(still), 0.0)
    return pose_of(seen, 0.0) if seen else None


def _distance(a: Pose, b: Pose) -> float:
    turned = sum(abs(getattr(a, angle) - getattr(b, angle)) for angle in ("yaw", "pitch", "roll"))
    return turned / _DEGREES + math.hypot(a.x - b.x, (a.y - b.y) * a.aspect) / b.width / _OFFSET
