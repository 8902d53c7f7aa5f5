"""Turn the head in one photo: a sheet with the face's depth, moved in space and seen again."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import cKDTree

from attacks.face.expression import Expression

FloatArray: TypeAlias = npt.NDArray[np.float32]

# MediaPipe's numbers of the face's outline, from the top of the forehead clockwise in the picture.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
TOP, CHIN, RIGHT_EAR, LEFT_EAR = 10, 152, 234, 454
"""Landmarks: top of the forehead, tip of the chin, and in front of the person's ears."""

_CELL = 1 / 20  # of the mesh, in face widths
_RENDERED = 640  # cells on the longer side of the map that is rendered; in larger frames it is interpolated
_EYE_DISTANCE = 4.5  # of the camera that sees the head again, in face widths: arm's length
_DOME, _NECK = 0.45, 0.30  # face widths beyond forehead and chin in which the head rounds off to the depth of the ears
_HAIR = 0.35  # face widths beyond the outline that still belong to the head when it sways
_REACH_UP, _REACH_ASIDE, _REACH_DOWN = 0.45, 0.20, 0.38  # face widths beyond it in which a turn fades out
_REACH_IN = 0.06  # and inside: the head's own outline stays where it is, as that of any round thing


class HeadWarp:
    """Where each pixel of a posed frame comes from in the photo.

    The photo is laid on a grid whose depth is that of the landmarks, and beyond the face rounds off to that of the
    ears, through which the neck's axis runs. A pose turns the grid about this axis; what then lies in front hides
    what lies behind. Movements fade out towards the border of the frame, so that no seam shows.

    Parameters
    ----------
    landmarks : ndarray, shape (478, 3), float32
        Of the face, as `liveness.landmarks.Observation` has them.
    shape : (int, int)
        Height and width of the photo in pixels.
    """

    def __init__(self, landmarks: FloatArray, shape: tuple[int, int]) -> None:
        self._height, self._width = shape
        ears = landmarks[[RIGHT_EAR, LEFT_EAR]]
        upright = landmarks[TOP, :2] - landmarks[CHIN, :2]
        self.tilt = math.atan2(float(upright[0]), -float(upright[1]))
        self.face_width = float(np.linalg.norm(ears[0] - ears[1]))
        pivot = ears.mean(axis=0)
        self._neck = landmarks[CHIN, :2].astype(np.float32)
        self._axis = pivot[:2].astype(np.float32)
        self._raster = math.ceil(max(shape) / _RENDERED)
        columns, rows = (math.ceil(side / (_CELL * self.face_width)) + 1 for side in (self._width, self._height))
        grid = np.meshgrid(np.linspace(0, self._width, columns), np.linspace(0, self._height, rows))
        self._points = np.stack(grid, axis=-1).reshape(-1, 2).astype(np.float32)
        self._triangles = _triangles(rows, columns)
        self._colours = np.concatenate([self._points, np.zeros((len(self._points), 1), np.float32)], axis=1)
        self._measure(landmarks, float(pivot[2]), (rows, columns))
        self._smiles = self._smile_field(landmarks)
        height, width = math.ceil(self._height / self._raster), math.ceil(self._width / self._raster)
        y, x = np.mgrid[:height, :width].astype(np.float32) * self._raster + self._raster / 2
        self._centres = np.stack([x, y, np.zeros_like(x)], axis=-1)
        self._pixels = np.moveaxis(np.mgrid[: self._height, : self._width][::-1], 0, -1).astype(np.float32)

    def _measure(self, landmarks: FloatArray, axis_depth: float, grid: tuple[int, int]) -> None:
        """Depth of each grid point, and how far it takes part in turns and in the head's other movements."""
        size = self.face_width
        oval = landmarks[list(OVAL)]
        after = np.roll(oval, -1, axis=0)
        outline = np.concatenate([oval + (after - oval) * share for share in np.linspace(0, 1, 8, endpoint=False)])
        beyond, nearest = cKDTree(outline[:, :2]).query(self._points)
        inside_depth = LinearNDInterpolator(landmarks[:468, :2], landmarks[:468, 2])(self._points)
        outside = np.isnan(inside_depth)
        signed = np.where(outside, beyond, -beyond) / size
        beyond = np.maximum(signed, 0.0)
        # The photo may be tilted: up and down are along the face.
        along = (self._points - outline[nearest, :2]) @ np.array([math.sin(self.tilt), -math.cos(self.tilt)])
        share_up = np.clip(along / (signed * size + 1e-6), -1.0, 1.0)
        reach = _NECK + (_DOME - _NECK) * (share_up + 1) / 2
        rounding = np.sqrt(np.clip(1.0 - (beyond / reach) ** 2, 0.0, 1.0))
        depth = np.where(outside, rounding * (axis_depth - outline[nearest, 2]), axis_depth - inside_depth)
        self._depth = cv2.GaussianBlur(depth.reshape(grid).astype(np.float32), (0, 0), 0.8).ravel()
        fade = _REACH_ASIDE + (np.where(share_up > 0, _REACH_UP, _REACH_DOWN) - _REACH_ASIDE) * share_up**2
        self._turns = _smooth(1.0 - (signed + _REACH_IN) / (fade + _REACH_IN))
        to_border = np.minimum(self._points, [self._width, self._height] - self._points).min(axis=1) / size
        from_head = np.maximum(beyond - _HAIR, 0.0)
        self._moves = _smooth(to_border / (to_border + from_head + 1e-6)) * _smooth(to_border / 0.2)

    def _smile_field(self, landmarks: FloatArray) -> FloatArray:
        """How grid points move in a full smile: the corners of the mouth out and up, the cheeks a little with them."""
        field = np.zeros_like(self._points)
        right, left = landmarks[61, :2], landmarks[291, :2]
        across = left - right
        up = np.array([across[1], -across[0]])
        for corner, out in ((right, -across), (left, across)):
            away = ((self._points - corner) ** 2).sum(axis=1) / (0.16 * self.face_width) ** 2
            field += np.exp(-away)[:, None] * (0.08 * out + 0.10 * up)
        return field.astype(np.float32)

    def map(self, pose: Expression, yaw: float) -> FloatArray:
        """Where each pixel comes from.

        Parameters
        ----------
        pose : Expression
            All but its yaw.
        yaw : float
            Degrees by which the sheet is turned.

        Returns
        -------
        ndarray, shape (H, W, 2), float32
            x and y in the photo, in pixels, for `cv2.remap`.
        """
        points, depth = self._posed(pose, yaw)
        distance = _EYE_DISTANCE * self.face_width
        height, width = self._centres.shape[:2]
        middle = np.array([width, height], np.float32) * self._raster / 2
        # The renderer's camera looks along -z with y up; putting points where they are seen undoes its perspective.
        away = (distance - depth)[:, None]
        vertices = np.concatenate([(points - middle) * [1, -1] * (away / distance), -away], axis=1).astype(np.float32)
        found = self._centres.copy()
        nearest = np.full((height, width), 2 * distance, np.float32)
        view = 2 * math.atan2(float(middle[1]), distance)
        limits = 0.1 * distance, 2 * distance
        cv2.triangleRasterize(
            vertices, self._triangles, self._colours, found, nearest, np.eye(4, dtype=np.float32), view, *limits,
            _settings(),
        )  # fmt: skip
        shift = cv2.resize((found - self._centres)[..., :2], None, fx=self._raster, fy=self._raster)
        return self._pixels + shift[: self._height, : self._width]

    def _posed(self, pose: Expression, degrees: float) -> tuple[FloatArray, FloatArray]:
        """Grid points as the camera sees them after a movement, and their depth."""
        size = self.face_width
        distance = _EYE_DISTANCE * size
        points = self._points + pose.smile * self._smiles
        flat = (points - self._axis) @ _rotation(-self.tilt).T
        yaw, pitch = math.radians(degrees), math.radians(pose.pitch)
        x = flat[:, 0] * math.cos(yaw) + self._depth * math.sin(yaw)
        z = self._depth * math.cos(yaw) - flat[:, 0] * math.sin(yaw)
        y = flat[:, 1] * math.cos(pitch) - z * math.sin(pitch)
        z = z * math.cos(pitch) + flat[:, 1] * math.sin(pitch)
        # The photo has its own perspective: only the change of depth makes a difference to it.
        nearer = ((distance - self._depth) / (distance - z))[:, None]
        turned = np.stack([x, y], axis=1) * nearer @ _rotation(self.tilt).T + self._axis
        points = points + self._turns[:, None] * (turned - points)
        depth = self._depth + self._turns * (z - self._depth)
        moved = (points - self._neck) @ _rotation(math.radians(pose.roll)).T * pose.scale + self._neck
        moved += np.array([pose.shift_x, pose.shift_y]) * size
        points = points + self._moves[:, None] * (moved - points)
        return points.astype(np.float32), depth.astype(np.float32)


def _rotation(angle: float) -> FloatArray:
    """Turns points of a picture clockwise."""
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], np.float32)


def _settings() -> cv2.TriangleRasterizeSettings:
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    return settings


def _smooth(share: npt.NDArray[np.floating]) -> FloatArray:
    """From 0 to 1 without a corner at either end."""
    share = np.clip(share, 0.0, 1.0)
    return (share * share * (3.0 - 2.0 * share)).astype(np.float32)


def _triangles(rows: int, columns: int) -> npt.NDArray[np.int32]:
    """Two triangles to each cell of a grid."""
    number = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    a, b, c, d = (corner.ravel() for corner in (number[:-1, :-1], number[:-1, 1:], number[1:, :-1], number[1:, 1:]))
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([b, d, c], axis=1)])
