"""One frame in, one observation of the face out."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from liveness.models import model_path

REPORTS_USAGE = not sys.platform.startswith("linux")
"""Whether MediaPipe tells its maker that it is used; only its builds for Linux can be kept from it
(`liveness.landmarker`)."""

FloatArray: TypeAlias = npt.NDArray[np.float32]
FrameArray: TypeAlias = npt.NDArray[np.uint8]

MODEL = "face_landmarker.task"
LONG_SIDE = 640
"""Pixels to which the longer side is reduced before landmarks are sought: more costs time and finds no more."""

MIN_SIDE = 32
"""Pixels on the shorter side below which a frame is refused."""

# Outer corner, upper lid twice, inner corner, lower lid twice; "left" is the person's left eye.
LEFT_EYE = (263, 387, 385, 362, 380, 373)
RIGHT_EYE = (33, 160, 158, 133, 153, 144)
LEFT_CONTOUR = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
RIGHT_CONTOUR = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)

_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)

_EYES = ("ear_left", "ear_right", "blink_left", "blink_right", "gaze")
_MEASURES = (*_EYES, "yaw", "pitch", "roll", "brightness", "sharpness")


class FrameError(ValueError):
    """A frame is not a picture that can be analysed."""


class FaceBox(NamedTuple):
    """A rectangle around a face, in pixels of the frame; it may reach beyond the frame."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Observation:
    """What one frame shows. Left is always the person's left. Angles in degrees; NaN without a face.

    Attributes
    ----------
    time_s : float
        When the frame was taken.
    faces : int
        Number of faces, up to two; the largest one is described.
    size : (int, int)
        Height and width of the frame in pixels.
    box : FaceBox or None
        Around the landmarks.
    landmarks : ndarray, shape (478, 3), float32, or None
        MediaPipe's face mesh with irises: x, y in pixels of the frame, z in the scale of x, towards the camera
        negative.
    ear_left, ear_right : float
        Eye aspect ratio (Soukupová and Čech 2016, eq. 1): about .3 open, below .15 closed.
    blink_left, blink_right : float
        MediaPipe's eyeBlink blendshapes, 0..1.
    gaze : float
        Where the eyes look across, -1..1, positive to the person's left, relative to the head.
    yaw, pitch, roll : float
        Of the head: positive is turned to the person's left, up, and tilted to the person's left shoulder.
    brightness : float
        Mean grey level of the face, 0..255.
    sharpness : float
        Variance of the Laplacian of the face at a width of 128 pixels, grey levels squared.
    thumbnail : ndarray, shape (12, 12), float32
        Grey levels of the frame's face, or of the frame without one: tells repeated frames.
    contrast, noise : float
        Standard deviations of the face's grey levels, and of the random noise in them. NaN where nobody measured them.
    """

    time_s: float
    faces: int
    size: tuple[int, int]
    box: FaceBox | None
    landmarks: FloatArray | None
    ear_left: float
    ear_right: float
    blink_left: float
    blink_right: float
    gaze: float
    yaw: float
    pitch: float
    roll: float
    brightness: float
    sharpness: float
    thumbnail: FloatArray
    contrast: float = math.nan
    noise: float = math.nan

    @property
    def ear(self) -> float:
        """Mean of both eyes' aspect ratios."""
        return (self.ear_left + self.ear_right) / 2

    @property
    def blink(self) -> float:
        """Mean of both blink blendshapes."""
        return (self.blink_left + self.blink_right) / 2

    def mirrored(self) -> Observation:
        """The same of a frame in which left and right are swapped. Box and landmarks stay where they are in the frame.

        The tracker is not quite the same to both sides: its gaze prefers one by .1 to .2 on real clips, which detectors
        of changes do not see. Of labelled blinks the same ones were found either way, on three clips; on one with hands
        before the face eleven in place of four.
        """
        return replace(
            self,
            ear_left=self.ear_right,
            ear_right=self.ear_left,
            blink_left=self.blink_right,
            blink_right=self.blink_left,
            gaze=-self.gaze,
            yaw=-self.yaw,
            roll=-self.roll,
        )


def prepare() -> None:
    """Load MediaPipe, which takes seconds, before the first tracker has to. Any thread may, also in the background."""
    import liveness.landmarker  # noqa: F401


class FaceTracker:
    """Follows a face through frames with MediaPipe's FaceLandmarker in video mode.

    Belongs to the thread that made it. Close it, or use it as a context manager.

    Parameters
    ----------
    mirrored : bool
        Whether frames are mirrored, as selfie previews are. They are turned back first, so that left stays the
        person's left; box and landmarks are those of the frame turned back.
    model : path, optional
        Default: fetched on first need (`liveness.models.model_path`).
    stills : bool
        Whether frames are unrelated pictures: the face is then looked for anew in each one, not followed.

    Raises
    ------
    liveness.models.ModelError
        If the model is not to be had.
    """

    def __init__(self, mirrored: bool = False, model: Path | None = None, stills: bool = False) -> None:
        self._mirrored, self._stills = mirrored, stills
        self._last_s = -math.inf
        self._last_ms = -1
        from liveness.landmarker import Landmarker  # MediaPipe takes seconds

        self._landmarker = Landmarker.load(model or model_path(MODEL), stills)

    def __enter__(self) -> FaceTracker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model; the tracker cannot be used afterwards."""
        self._landmarker.close()

    def observe(self, frame: FrameArray, time_s: float) -> Observation | None:
        """Analyse a frame.

        Parameters
        ----------
        frame : ndarray, shape (H, W, 3), uint8
            RGB, at least 32 pixels on a side.
        time_s : float
            When it was taken, in seconds from any start.

        Returns
        -------
        Observation or None
            None for a frame of a video that is not newer than the last one: it came too late to count.

        Raises
        ------
        FrameError
            If the frame or its time are not as described.
        """
        check_frame(frame)
        if not math.isfinite(time_s):
            raise FrameError(f"time {time_s}: give seconds, finite")
        if time_s <= self._last_s and not self._stills:
            return None
        self._last_s = time_s
        if self._mirrored:
            frame = frame[:, ::-1]
        scale = min(1.0, LONG_SIDE / max(frame.shape[:2]))
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1.0 else frame
        small = np.ascontiguousarray(small)
        if self._stills:
            return _observation(frame, small, self._landmarker.find(small), time_s)
        # MediaPipe wants whole milliseconds that rise, whatever the camera's clock did.
        self._last_ms = max(self._last_ms + 1, round(time_s * 1000))
        return _observation(frame, small, self._landmarker.find(small, self._last_ms), time_s)


def check_frame(frame: object) -> None:
    """Refuse what is no RGB picture.

    Raises
    ------
    FrameError
    """
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        shape = f"shape {frame.shape}, {frame.dtype}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise FrameError(f"a frame of {shape}: give RGB pixels, (H, W, 3), uint8")
    if min(frame.shape[:2]) < MIN_SIDE:
        raise FrameError(f"a frame of {frame.shape[1]}x{frame.shape[0]} pixels: give at least {MIN_SIDE} on a side")


def eye_aspect_ratio(landmarks: FloatArray, eye: tuple[int, ...]) -> float:
    """Opening of an eye over its width (Soukupová and Čech, "Real-time eye blink detection", CVWW 2016, eq. 1).

    Parameters
    ----------
    landmarks : ndarray, shape (478, 3), float32
    eye : six int
        `LEFT_EYE` or `RIGHT_EYE`.
    """
    outer, upper1, upper2, inner, lower2, lower1 = landmarks[list(eye), :2]
    width = float(np.linalg.norm(outer - inner))
    opening = float(np.linalg.norm(upper1 - lower1) + np.linalg.norm(upper2 - lower2))
    return opening / (2.0 * width) if width else math.nan


def _observation(frame: FrameArray, small: FrameArray, found: Any, time_s: float) -> Observation:
    height, width = frame.shape[:2]
    if not found.face_landmarks:
        unknown = dict.fromkeys(_MEASURES, math.nan)
        return Observation(time_s, 0, (height, width), None, None, thumbnail=_thumbnail(small), **unknown)
    faces = [np.array([[p.x, p.y, p.z] for p in face], np.float32) for face in found.face_landmarks]
    largest = max(range(len(faces)), key=lambda i: float(np.prod(np.ptp(faces[i][:, :2], axis=0))))
    landmarks = faces[largest] * np.array([width, height, width], np.float32)
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    box = FaceBox(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
    shapes = {shape.category_name: float(shape.score) for shape in found.face_blendshapes[largest]}
    left = shapes["eyeLookOutLeft"] + shapes["eyeLookInRight"]
    right = shapes["eyeLookInLeft"] + shapes["eyeLookOutRight"]
    yaw, pitch, roll = _angles(np.asarray(found.facial_transformation_matrixes[largest]))
    face = _crop(small, box, small.shape[1] / width)
    return Observation(
        time_s=time_s,
        faces=len(faces),
        size=(height, width),
        box=box,
        landmarks=landmarks,
        ear_left=eye_aspect_ratio(landmarks, LEFT_EYE),
        ear_right=eye_aspect_ratio(landmarks, RIGHT_EYE),
        blink_left=shapes["eyeBlinkLeft"],
        blink_right=shapes["eyeBlinkRight"],
        gaze=(left - right) / 2,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        brightness=float(face.mean()),
        sharpness=_sharpness(face),
        thumbnail=_thumbnail(face),
        contrast=float(face.std()),
        noise=_noise(face),
    )


def _angles(matrix: npt.NDArray[np.floating[Any]]) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees of MediaPipe's face-to-camera matrix (y up, z towards the viewer)."""
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    yaw = math.degrees(math.atan2(rotation[0, 2], rotation[2, 2]))
    pitch = math.degrees(math.asin(float(np.clip(rotation[1, 2], -1.0, 1.0))))
    roll = -math.degrees(math.atan2(rotation[1, 0], rotation[1, 1]))
    return yaw, pitch, roll


def _crop(small: FrameArray, box: FaceBox, scale: float) -> FrameArray:
    height, width = small.shape[:2]
    left, top = int(np.clip(box.left * scale, 0, width - 2)), int(np.clip(box.top * scale, 0, height - 2))
    right = int(np.clip((box.left + box.width) * scale, left + 2, width))
    bottom = int(np.clip((box.top + box.height) * scale, top + 2, height))
    return cv2.cvtColor(np.ascontiguousarray(small[top:bottom, left:right]), cv2.COLOR_RGB2GRAY)


def _sharpness(face: FrameArray) -> float:
    scale = min(1.0, 128.0 / face.shape[1])  # at one width, so that sharpness does not depend on the distance
    even = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(even, cv2.CV_32F).var())


def _noise(face: FrameArray) -> float:
    """Standard deviation of the noise (Immerkær, "Fast noise variance estimation", CVIU 64, 1996), from the median.

    His operator does not see edges that are straight; the median leaves out the others.
    """
    response = cv2.filter2D(face, cv2.CV_32F, _IMMERKAER)[::2, ::2]
    return float(np.median(np.abs(response))) / (0.6745 * 6.0)


def _thumbnail(picture: FrameArray) -> FloatArray:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if picture.ndim == 3 else picture
    return cv2.resize(grey.astype(np.float32), (12, 12), interpolation=cv2.INTER_AREA)
