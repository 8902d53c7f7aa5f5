"""Lay one face's skin over another: MediaPipe's mesh, each triangle pulled to where the other face has it."""

from __future__ import annotations

import math
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from attacks.face.eye_warp import LEFT_EYE, RIGHT_EYE
from attacks.types import ImageArray
from liveness.landmarks import LEFT_CONTOUR, RIGHT_CONTOUR, eye_aspect_ratio
from liveness.landmarks import LEFT_EYE as LEFT_EYE_POINTS
from liveness.landmarks import RIGHT_EYE as RIGHT_EYE_POINTS

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int32]

# The inner border of the lips, from the corner that is left in the picture to the right.
_LIPS = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
# Around the lids, above along the crease: of each point of `liveness.landmarks`' contours the next one outwards.
_RIGHT_LIDS = (130, 247, 30, 29, 27, 28, 56, 190, 243, 112, 26, 22, 23, 24, 110, 25)
_LEFT_LIDS = (359, 467, 260, 259, 257, 258, 286, 414, 463, 341, 256, 252, 253, 254, 339, 255)
_EYES = ((RIGHT_CONTOUR, _RIGHT_LIDS, RIGHT_EYE_POINTS), (LEFT_CONTOUR, _LEFT_LIDS, LEFT_EYE_POINTS))
_LASHES = 0.25  # share of the way to the crease that belongs to an open eye
_CLOSING = (0.22, 0.10)  # aspect ratios of an eye from which on its lids show, and at which they show wholly
_SKIN = (9, 151, 50, 280, 5)
_FOREHEAD = ((10, 151), (109, 108), (338, 337), (67, 69), (297, 299), (103, 104), (332, 333))
_OTHER = 40.0  # distance in OpenCV's Lab of 8 bits, between skin and what is none
_OPENINGS = ((RIGHT_EYE.upper, RIGHT_EYE.lower), (LEFT_EYE.upper, LEFT_EYE.lower), _LIPS)
_EYE_DISTANCE = 4.5  # of the camera, in sides of the picture: only the order of depths matters
_RENDERED = 256  # cells on the longer side of the map that is rendered; in larger pictures it is interpolated


def _strip(upper: tuple[int, ...], lower: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Triangles between two lids or lips that meet in both corners."""
    cells = range(len(upper) - 1)
    down = [(upper[i], lower[i + 1], lower[i]) for i in cells if i]
    return down + [(upper[i], upper[i + 1], lower[i + 1]) for i in cells[:-1]]


HAIRLINE = (54, 103, 67, 109, 10, 338, 297, 332, 284)


@cache
def face_triangles(below_fringe: bool = False) -> IntArray:
    """Triangles of the face's skin, with eyes and mouth, which are open in MediaPipe's mesh, closed by some more.

    Parameters
    ----------
    below_fringe : bool
        Without the upper half of the forehead.

    Returns
    -------
    ndarray, shape (n, 3), int32
        Landmarks of each triangle.
    """
    from liveness.landmarker import mesh_edges  # MediaPipe takes seconds

    skin = np.array(mesh_edges(), np.int32).reshape(-1, 3, 2)[..., 0]
    closed = [triangle for lids in _OPENINGS for triangle in _strip(*lids)]
    mesh = np.concatenate([skin, np.array(closed, np.int32)])
    return mesh[~np.isin(mesh, HAIRLINE).any(axis=1)] if below_fringe else mesh


def warp_map(
    source: FloatArray, target: FloatArray, shape: tuple[int, int], triangles: IntArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Where each pixel of a face comes from in another picture of a face: affine in each triangle.

    Parameters
    ----------
    source : ndarray, shape (468 or more, 2 or 3), float32
        Landmarks in the picture that is warped, in pixels.
    target : ndarray, shape (468 or more, 3), float32
        Where they shall be. Of what overlaps, as the nose and the far cheek in a turn, the nearer is seen.
    shape : (int, int)
        Height and width of the result.
    triangles : ndarray, shape (n, 3), int32, optional
        The part of the face, of `face_triangles`; default all.

    Returns
    -------
    map : ndarray, shape (height, width, 2), float32
        x and y for `cv2.remap`; outside the face, of the face's nearest.
    cover : ndarray, shape (height, width), float32
        1 where the face is, 0 outside.
    """
    height, width = shape
    step = max(1, math.ceil(max(shape) / _RENDERED))
    rows, columns = math.ceil(height / step), math.ceil(width / step)
    places = np.concatenate([source[:, :2], np.zeros((len(source), 1), np.float32)], axis=1)
    painted, inside = paint(places, target / np.float32(step), (rows, columns), triangles)
    filled = np.ascontiguousarray(painted[..., :2])
    if step > 1:
        size = (columns * step, rows * step)
        filled = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
        inside = cv2.resize(inside, size, interpolation=cv2.INTER_LINEAR)[:height, :width]
    # Landmarks count from the corner of the first pixel, `cv2.remap` from its middle.
    return filled - np.float32(0.5), np.ascontiguousarray(inside)


def paint(
    values: FloatArray, landmarks: FloatArray, shape: tuple[int, int], triangles: IntArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Interpolate values that are known at landmarks over the face.

    Parameters
    ----------
    values : ndarray, shape (468 or more, 3), float32
    landmarks : ndarray, shape (468 or more, 3), float32
        In pixels of the result.
    shape : (int, int)
        Height and width of the result.
    triangles : ndarray, shape (n, 3), int32, optional
        The part of the face, of `face_triangles`; default all.

    Returns
    -------
    painted : ndarray, shape (height, width, 3), float32
        Outside the face, the nearest of the face's.
    cover : ndarray, shape (height, width), float32
        1 where the face is, 0 outside.
    """
    rows, columns = shape
    triangles = face_triangles() if triangles is None else triangles
    distance = np.float32(_EYE_DISTANCE * max(rows, columns))
    points = landmarks[:468]
    away = (distance + points[:, 2] - points[:, 2].mean())[:, None]
    middle = np.array([columns, rows], np.float32) / 2
    # The renderer's camera looks along -z with y up; putting points where they are seen undoes its perspective.
    vertices = np.concatenate([(points[:, :2] - middle) * [1, -1] * (away / distance), -away], axis=1)
    found = np.zeros((rows, columns, 3), np.float32)
    depth = np.full((rows, columns), 4 * distance, np.float32)
    settings = cv2.TriangleRasterizeSettings()
    settings.setCullingMode(cv2.RASTERIZE_CULLING_NONE)
    settings.setShadingType(cv2.RASTERIZE_SHADING_SHADED)
    view = 2 * math.atan2(rows / 2, float(distance))
    colours, eye = np.ascontiguousarray(values[:468], np.float32), np.eye(4, dtype=np.float32)
    limits = 0.1 * float(distance), 4 * float(distance)
    cv2.triangleRasterize(vertices.astype(np.float32), triangles, colours, found, depth, eye, view, *limits, settings)
    inside = (depth < 2 * distance).astype(np.float32)
    return _spread(found, inside), inside


def _spread(values: FloatArray, inside: FloatArray) -> FloatArray:
    """Fill what is outside with the values of the nearest cell inside, so that interpolation stays in the face."""
    if not inside.any():
        return values
    _, labels = cv2.distanceTransformWithLabels(
        (inside < 0.5).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    within = inside > 0.5
    table = np.zeros((int(labels.max()) + 1, values.shape[2]), np.float32)
    table[labels[within]] = values[within]
    return table[labels]


def openings(landmarks: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Where the eyes and the inside of the mouth are, 0..1; of eyes that close, the lids too.

    Parameters
    ----------
    landmarks : ndarray, shape (468 or more, 2 or 3), float32
    shape : (int, int)

    Returns
    -------
    ndarray, shape (height, width), float32
    """
    rings = [landmarks[[*_LIPS[0], *_LIPS[1][-2:0:-1]], :2]]
    for contour, lids, points in _EYES:
        ratio = eye_aspect_ratio(landmarks, points)
        share = max(float(np.interp(-ratio, (-_CLOSING[0], -_CLOSING[1]), (0.0, 1.0))), _LASHES)
        inner, outer = landmarks[list(contour), :2], landmarks[list(lids), :2]
        rings.append(inner + share * (outer - inner))
    mask = np.zeros(shape, np.uint8)
    for ring in rings:
        cv2.fillPoly(mask, [np.rint((ring - 0.5) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(mask / np.float32(255), np.float32)


def has_fringe(photo: ImageArray, landmarks: FloatArray) -> bool:
    """Whether something else than skin, as hair or a cap, covers the upper half of the forehead.

    Parameters
    ----------
    photo : ndarray, shape (H, W, 3), uint8
        RGB.
    landmarks : ndarray, shape (468 or more, 2 or 3), float32
    """
    low, high = np.zeros(2), np.array(photo.shape[1::-1]) - 1.0
    places = np.concatenate([landmarks[list(_SKIN), :2], landmarks[list(_FOREHEAD), :2].mean(axis=1)])
    columns, rows = np.clip(places, low, high).astype(int).T
    blur = 0.02 * float(np.linalg.norm(landmarks[454, :2] - landmarks[234, :2]))
    lab = cv2.cvtColor(cv2.GaussianBlur(photo, (0, 0), max(blur, 0.5)), cv2.COLOR_RGB2LAB)[rows, columns].astype(float)
    skin = np.median(lab[: len(_SKIN)], axis=0)
    return int((np.linalg.norm(lab[len(_SKIN) :] - skin, axis=1) > _OTHER).sum()) >= 2
