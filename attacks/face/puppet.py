"""One portrait photo that blinks, looks aside, opens its mouth and turns its head.

The simplest deepfake there is: no network is trained, and one photo from a public profile is enough. It passes a
liveness check that asks for movements, which is why LensLock asks for the camera too.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from attacks.face.expression import Expression
from attacks.face.eye_warp import LEFT_EYE, RIGHT_EYE, Eye
from attacks.face.glasses import Glasses
from attacks.face.head_warp import HeadWarp
from attacks.face.mouth_warp import Mouth
from attacks.face.portrait import check_portrait, find_face
from attacks.types import ImageArray
from liveness.landmarks import FaceTracker

LABEL = "simulated"
"""What `label` writes."""

_GLANCE = 0.7  # change of gaze that there should be room for on both sides
_LEAST = 0.05  # between the gazes that are interpolated
_TRIAL = 26.0  # degrees by which the sheet is turned to see what comes of it
_GAINS = (0.6, 1.1)
_FURTHEST, _PROFILE = 42.0, 52.0  # degrees that the sheet may be turned, and the head be seen at


class Puppet:
    """A photo to be animated. Frames need no model once the face is found.

    On being made it also tries turns and glances on the tracker, so that angles and gazes are seen as asked for,
    whatever the photo. Gazes stop where its eyes do.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
        RGB, of one face that looks at the camera with open eyes, at least 60 pixels wide.
        `attacks.face.selfie_framing.selfie` frames a portrait as such, with a blurred room behind: a sharp one
        sways a little with the head.
    tracker : liveness.landmarks.FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more.
    glasses : bool
        Whether to put on glasses, in which a lamp is mirrored.

    Raises
    ------
    attacks.face.portrait.PortraitError
        If the photo cannot be animated.
    liveness.landmarks.FrameError
        If it is no RGB picture.
    liveness.models.ModelError
        If the landmark model is not to be had.
    """

    def __init__(self, photo: ImageArray, tracker: FaceTracker | None = None, *, glasses: bool = False) -> None:
        self._glasses: Glasses | None = None
        if tracker is None:
            with FaceTracker(stills=True) as made:
                self._prepare(photo, made, glasses)
        else:
            self._prepare(photo, tracker, glasses)

    def _prepare(self, photo: ImageArray, tracker: FaceTracker, glasses: bool) -> None:
        seen = find_face(photo, tracker)
        check_portrait(seen)
        assert seen.landmarks is not None
        self._photo = np.ascontiguousarray(photo).copy()
        self._right, self._left = (Eye(self._photo, seen.landmarks, eye) for eye in (RIGHT_EYE, LEFT_EYE))
        self._mouth = Mouth(self._photo, seen.landmarks)
        self._head = HeadWarp(seen.landmarks, photo.shape[:2])
        self._neutral_yaw = seen.yaw
        self._learn_gaze(seen.gaze, tracker)
        self._gains = {side: self._gain(side, tracker) for side in (-1.0, 1.0)}
        if glasses:
            self._glasses = Glasses(photo.shape[:2], seen.landmarks)

    def _learn_gaze(self, neutral: float, tracker: FaceTracker) -> None:
        """Learn how far the irises must go for a gaze; let eyes that look aside in the photo look ahead."""
        seen = [tracker.observe(self._with_eyes(0.0, 0.0, side), 0.0) for side in (-1.0, 1.0)]
        low, high = (
            neutral + side * _LEAST if one is None or math.isnan(one.gaze) else one.gaze
            for side, one in zip((-1.0, 1.0), seen, strict=True)
        )
        self._gazes = [min(low, neutral - _LEAST), neutral, max(high, neutral + _LEAST)]
        room = min(_GLANCE, (self._gazes[2] - self._gazes[0]) / 2)
        self._ahead = float(np.clip(neutral, self._gazes[0] + room, self._gazes[2] - room))

    def _with_eyes(self, blink_right: float, blink_left: float, gaze: float) -> ImageArray:
        frame = self._photo.copy()
        for eye, blink in ((self._right, blink_right), (self._left, blink_left)):
            if blink or gaze:
                eye.draw(frame, blink, gaze)
        return frame

    def _gain(self, side: float, tracker: FaceTracker) -> float:
        """Degrees of yaw that are seen for each degree that the sheet is turned to a side: .6 to 1, by the photo."""
        seen = tracker.observe(self._warped(self._photo, Expression(), side * _TRIAL), 0.0)
        if seen is None or seen.landmarks is None:
            return _GAINS[0]
        return float(np.clip(side * (seen.yaw - self._neutral_yaw) / _TRIAL, *_GAINS))

    def frame(self, pose: Expression) -> ImageArray:
        """Show the face with an expression.

        Parameters
        ----------
        pose : Expression

        Returns
        -------
        ndarray, shape (H, W, 3), uint8
            RGB, of the photo's size. The photo itself where nothing moves and the eyes look ahead in it, without
            glasses.
        """
        gaze = float(np.interp(self._ahead + pose.gaze, self._gazes, (-1.0, 0.0, 1.0)))
        frame = self._with_eyes(pose.blink_right, pose.blink_left, gaze)
        if pose.mouth:
            self._mouth.draw(frame, pose.mouth)
        if self._glasses:
            self._glasses.draw(frame, pose.yaw, pose.pitch)
        if not pose.moves_head:
            return frame
        side = math.copysign(1.0, pose.yaw)
        limit = min(_FURTHEST, _PROFILE - side * self._neutral_yaw)
        return self._warped(frame, pose, side * min(abs(pose.yaw) / self._gains[side], limit))

    def _warped(self, frame: ImageArray, pose: Expression, yaw: float) -> ImageArray:
        source = self._head.map(pose, yaw)
        return np.asarray(cv2.remap(frame, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def label(frame: ImageArray) -> ImageArray:
    """Write on a copy of a frame that it is simulated: for frames that people see, not for those a check is fed.

    Parameters
    ----------
    frame : ndarray, shape (H, W, 3), uint8

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    marked = frame.copy()
    height, width = marked.shape[:2]
    unit = max(max(height, width) / 640.0, 0.9)
    font, scale, thickness = cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit, max(1, round(unit))
    (across, up), below = cv2.getTextSize(LABEL, font, scale, thickness)
    pad = round(4 * unit)
    left, bottom = width - across - 2 * pad, height - below - pad
    cv2.rectangle(marked, (left - pad, bottom - up - pad), (width, height), (0, 0, 0), cv2.FILLED)
    cv2.putText(marked, LABEL, (left, bottom), font, scale, (255, 255, 255), thickness, cv2.LINE_AA)
    return marked
