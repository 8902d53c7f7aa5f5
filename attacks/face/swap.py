"""The face of one photo in somebody else's video: triangles, colours, Poisson blending, as any beginner's swap does it.

After the attack of Mukherjee and Mohanty ("Addressing deepfake issue in selfie-banking through camera-based
authentication"): one photo of the customer from a social network, and a public video of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.blend import Steady, colour_statistics, depth_inside, feather, light_correction, recolour
from attacks.face.head_warp import LEFT_EAR, RIGHT_EAR
from attacks.face.mesh_warp import face_triangles, has_fringe, openings, paint, warp_map
from attacks.face.portrait import check_portrait, find_face
from attacks.face.smoothing import OneEuro
from attacks.types import ImageArray
from liveness.landmarks import FaceTracker, Observation, check_frame

FloatArray: TypeAlias = npt.NDArray[np.float32]

LOST_S = 0.5
"""Seconds without a face after which it may come back as another, in other light: nothing is smoothed over them."""

_MARGIN = 0.08  # around the face's box, in face widths
_RIM = 0.03  # face widths along the outline that stay the actor's: the photo has hair and background there
_FEATHER = 0.10  # face widths from there to where only the new face shows
_SOFT = 0.02  # face widths by which the borders of eyes and mouth are blurred
_JITTER, _AGILITY = 1.5, 40.0  # of landmarks: cut-off at rest in hertz, and its rise with face widths a second
_LIGHT_S = 0.12  # time constant of the light


class Swapper:
    """Puts the face of a photo over the one in a video, frame by frame.

    The skin is the photo's; eyeballs and the inside of the mouth stay the video's, so that the face looks where the
    actor looks and blinks when the actor does. Pixels outside the actor's face are not touched.

    Parameters
    ----------
    source_photo : ndarray, shape (H, W, 3), uint8
        RGB; its largest face is taken, which looks at the camera with open eyes and is at least 60 pixels wide.
    tracker : liveness.landmarks.FaceTracker, optional
        Made with ``stills=True``, to spare loading the model once more. Used for the photo only.

    Raises
    ------
    attacks.face.portrait.PortraitError
        If the photo cannot be used.
    liveness.landmarks.FrameError
        If it is no RGB picture.
    liveness.models.ModelError
        If the landmark model is not to be had.
    """

    def __init__(self, source_photo: ImageArray, tracker: FaceTracker | None = None) -> None:
        seen = find_face(source_photo, tracker)
        check_portrait(replace(seen, faces=1))  # passers-by do no harm: the largest face counts
        assert seen.landmarks is not None
        left, top, right, bottom = _around(seen.landmarks, source_photo.shape[:2])
        photo = np.ascontiguousarray(source_photo[top:bottom, left:right])
        points = seen.landmarks[:, :2] - np.array([left, top], np.float32)
        self._triangles = face_triangles(below_fringe=has_fringe(photo, points))
        # A face that is to be shown smaller is reduced first, or its detail would turn into noise.
        self._levels = [(photo, points, _width(seen.landmarks))]
        while self._levels[-1][2] > 80.0:
            photo, points, width = self._levels[-1]
            self._levels.append((cv2.pyrDown(photo), (points / 2 + 0.25).astype(np.float32), width / 2))
        self._landmarks = OneEuro(_JITTER, _AGILITY)
        self._colours, self._light = Steady(_LIGHT_S), Steady(_LIGHT_S)
        self._last_s = -math.inf

    def frame(self, rgb: ImageArray, seen: Observation | FloatArray | None) -> ImageArray:
        """Swap the face in one frame.

        Parameters
        ----------
        rgb : ndarray, shape (H, W, 3), uint8
            RGB.
        seen : liveness.landmarks.Observation, or ndarray, shape (478, 3), float32, or None
            What the tracker saw in the frame, of frames in order; or landmarks in pixels, then nothing is smoothed;
            None without a face.

        Returns
        -------
        ndarray, shape (H, W, 3), uint8
            A copy. Bit-identical outside the face, and all of it where no face was seen.

        Raises
        ------
        liveness.landmarks.FrameError
            If the frame is no RGB picture.
        ValueError
            If the landmarks are not as described.
        """
        check_frame(rgb)
        swapped = np.ascontiguousarray(rgb).copy()
        landmarks, time_s = (seen.landmarks, seen.time_s) if isinstance(seen, Observation) else (seen, math.nan)
        if landmarks is None:
            return swapped
        if landmarks.shape != (478, 3) or not np.isfinite(landmarks).all():
            raise ValueError(f"landmarks: expected finite numbers of shape (478, 3), got {landmarks.shape}.")
        if not 0.0 < time_s - self._last_s < LOST_S:
            for memory in (self._landmarks, self._colours, self._light):
                memory.reset()
        self._last_s = time_s
        landmarks = self._landmarks.smooth(landmarks, time_s, _width(landmarks))
        left, top, right, bottom = _around(landmarks, rgb.shape[:2])
        if right - left < 16 or bottom - top < 16:
            return swapped
        box = np.s_[top:bottom, left:right]
        local = landmarks - np.array([left, top, 0], np.float32)
        swapped[box] = self._blended(np.ascontiguousarray(rgb[box]), local, time_s)
        return swapped

    def _blended(self, target: ImageArray, landmarks: FloatArray, time_s: float) -> ImageArray:
        """Swap the face in the part of a frame around it."""
        shape = target.shape[:2]
        size = _width(landmarks)
        photo, points, _ = min(self._levels, key=lambda level: abs(math.log(level[2] / (1.2 * size))))
        area = (shape[0], shape[1])
        source, cover = warp_map(points, landmarks, area, self._triangles)
        face = cv2.remap(photo, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        depth = depth_inside(cover)
        kept = cv2.GaussianBlur(openings(landmarks, area), (0, 0), max(_SOFT * size, 0.5))
        weight = feather(depth, _RIM * size, _FEATHER * size) * (1.0 - kept)
        if not weight.any():
            return target
        statistics = np.stack([colour_statistics(one[::4, ::4], weight[::4, ::4] + 1e-6) for one in (face, target)])
        own, wanted = self._colours.smooth(statistics, time_s)
        face = recolour(face, own, wanted)
        light = self._steady_light(light_correction(face, target, depth > _RIM * size), landmarks, area, time_s)
        mixed = target + weight[..., None] * (face + light - target)
        return np.where(weight[..., None] > 0, np.clip(mixed + 0.5, 0, 255).astype(np.uint8), target)

    def _steady_light(
        self, light: FloatArray, landmarks: FloatArray, area: tuple[int, int], time_s: float
    ) -> FloatArray:
        """Average the light over time at each landmark, so that it stays on the skin when the head moves."""
        rows, columns = light.shape[:2]
        places = landmarks * np.float32(rows / area[0])
        sampled = cv2.remap(
            light, places[None, :468, :2] - 0.5, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        painted, _ = paint(self._light.smooth(sampled[0], time_s), places, (rows, columns))
        return np.asarray(cv2.resize(painted, area[::-1], interpolation=cv2.INTER_LINEAR), np.float32)


def swap_video(
    source_photo: ImageArray,
    frames: Iterable[tuple[ImageArray, float, float]],
    progress: Callable[[float], None] | None = None,
    tracker: FaceTracker | None = None,
) -> Iterator[tuple[ImageArray, float, Observation]]:
    """Swap the face in a video while it is read: no more than a frame is kept.

    Parameters
    ----------
    source_photo : ndarray, shape (H, W, 3), uint8
        As for `Swapper`, which is made before the first frame is asked for.
    frames : iterable of (ndarray, float, float)
        Frame, its time in seconds, and which share of the video that is, as `liveness.video.frames_of` has them.
        Frames that are not newer than the last are left out.
    progress : callable, optional
        Told the share of the video that is done, 0..1, after each frame.
    tracker : liveness.landmarks.FaceTracker, optional
        That follows faces (not ``stills``). Without it one is made and closed.

    Yields
    ------
    frame : ndarray, shape (H, W, 3), uint8
        Unlabelled: `attacks.face.puppet.label` it before people see it.
    time_s : float
    seen : liveness.landmarks.Observation
        Of the frame before the swap.

    Raises
    ------
    As `Swapper`, on the call; and what reading the frames raises.
    """
    swapper = Swapper(source_photo)

    def swapped(following: FaceTracker) -> Iterator[tuple[ImageArray, float, Observation]]:
        for frame, time_s, share in frames:
            seen = following.observe(frame, time_s)
            if seen is None:
                continue
            yield swapper.frame(frame, seen), time_s, seen
            if progress:
                progress(share)

    def tracked() -> Iterator[tuple[ImageArray, float, Observation]]:
        if tracker:
            yield from swapped(tracker)
            return
        with FaceTracker() as made:
            yield from swapped(made)

    return tracked()


def _width(landmarks: FloatArray) -> float:
    """Of the face from ear to ear, in pixels, whichever way it is turned."""
    return float(np.linalg.norm(landmarks[LEFT_EAR] - landmarks[RIGHT_EAR]))


def _around(landmarks: FloatArray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the part of a picture with the face."""
    margin = _MARGIN * _width(landmarks) + 2
    low = np.clip(np.floor(landmarks[:, :2].min(axis=0) - margin), 0, shape[1::-1]).astype(int)
    high = np.clip(np.ceil(landmarks[:, :2].max(axis=0) + margin), 0, shape[1::-1]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
