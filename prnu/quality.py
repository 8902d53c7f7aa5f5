"""Judge whether pictures, alone and as a set, are fit to make a fingerprint from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from prnu.fingerprint import DARK, SATURATED
from prnu.images import FloatArray
from prnu.residual import noise_level

ENOUGH_IMAGES = 15
"""Pictures from which a set is large enough (Mukherjee and Mohanty ask for 20-25 and used 15-20)."""

LEAKAGE_WARN, LEAKAGE_REFUSE = 0.03, 0.10
"""Shares of the frame with the same scene in all pictures. Measured: varied scenes and flats 0, still scenes .86-1,
clips of a moving face before a still background .2-.8."""

_CELL, _TILE = 4, 16  # pixels to a cell, cells to a tile of 64 pixels
_SCENE_VARIANCE, _SCENE_SHARED = 4.0, 0.7


@dataclass(frozen=True)
class Issue:
    """Something about a picture or a set that matters for its fingerprint.

    Attributes
    ----------
    code : str
        Short and stable, for programs.
    advice : str
        What it means and what to do, for people.
    blocking : bool
        Whether the picture or set cannot be used at all.
    """

    code: str
    advice: str
    blocking: bool = False


@dataclass(frozen=True)
class ImageQuality:
    """What was measured of one picture.

    Attributes
    ----------
    brightness : float
        Mean grey level, 0..255.
    clipped, dark : float
        Shares of saturated and of black pixels, 0..1: they show no PRNU.
    texture : float
        Share of 64-pixel tiles with a scene in them, 0..1. Blank walls have none and make the best fingerprints.
    sharpness : float
        Variance of the Laplacian, grey levels squared. Blur does no harm to a fingerprint, so this is no issue.
    noise : float
        Noise level in grey levels (`prnu.residual.noise_level`).
    smooth : float
        Share of pixels, 0..1, that lie exactly between their neighbours, as no sensor's do.
    motion : float or None
        Mean difference to the picture before, in grey levels, at a sixteenth of the resolution; None for the first.
    issues : tuple of Issue
    """

    brightness: float
    clipped: float
    dark: float
    texture: float
    sharpness: float
    noise: float
    smooth: float
    motion: float | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether no issue forbids its use."""
        return not any(issue.blocking for issue in self.issues)


@dataclass(frozen=True)
class SetQuality:
    """What was measured of a set of pictures.

    Attributes
    ----------
    images : int
        Number of pictures.
    leakage : float
        Share of the frame, 0..1, in which all pictures show the same scene.
    issues : tuple of Issue
    """

    images: int
    leakage: float
    issues: tuple[Issue, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether no issue forbids its use."""
        return self.images > 0 and not any(issue.blocking for issue in self.issues)


def assess(luma: FloatArray) -> ImageQuality:
    """Judge one picture.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255

    Returns
    -------
    ImageQuality
    """
    cells = _scene_cells(luma)
    laplacian = cv2.Laplacian(luma, cv2.CV_32F)
    quality = ImageQuality(
        brightness=float(luma.mean()),
        clipped=float((luma >= SATURATED).mean()),
        dark=float((luma <= DARK).mean()),
        texture=float((_tiles(cells * cells) > _SCENE_VARIANCE).mean()),
        sharpness=float(laplacian.var()),
        noise=noise_level(luma),
        smooth=float((np.abs(laplacian) < 0.5).mean()),
    )
    return replace(quality, issues=tuple(_image_issues(quality)))


class SetCheck:
    """Watches pictures of a set go by: duplicates, motion, and the same scene in all of them.

    A fingerprint made from pictures of one unmoving scene contains that scene, and then "matches" whatever shows the
    scene. Found by the covariance, tile by tile, between the pictures' scenes: with m the 4x4 cell means less their
    local mean, cov = mean over pairs m_i m_j against tot = mean m_i^2. Memory does not grow with the set.
    """

    def __init__(self) -> None:
        self.images = self._scenes = 0
        self._hashes: set[bytes] = set()
        self._last: FloatArray | None = None
        self._sum: FloatArray | None = None
        self._squares: FloatArray | None = None

    def add(self, luma: FloatArray) -> ImageQuality:
        """Judge a picture as part of the set, and count it if it is usable.

        Parameters
        ----------
        luma : ndarray, shape (H, W), float32, 0..255
            Of the size of the others.

        Returns
        -------
        ImageQuality
        """
        quality = self.judge(luma)
        if quality.usable:
            self.count(luma)
        return quality

    def judge(self, luma: FloatArray) -> ImageQuality:
        """Judge a picture as part of the set, as `add`, without counting it."""
        quality = assess(luma)
        if _digest(luma) in self._hashes:
            again = Issue("duplicate", "The same photo was given before: each one counts once.", blocking=True)
            return replace(quality, issues=(again,))
        if self._last is not None:
            motion = float(np.abs(_small(luma) - self._last).mean())
            quality = replace(quality, motion=motion)
            if motion < 1.0 and quality.texture > LEAKAGE_REFUSE:
                still = Issue("still", "Nothing moved since the photo before. Point the camera somewhere else.")
                quality = replace(quality, issues=(*quality.issues, still))
        return quality

    def count(self, luma: FloatArray, copy: bool = False) -> None:
        """Count a picture that was judged usable; of a copy of one before, its scene only."""
        self._hashes.add(_digest(luma))
        self._last = _small(luma)
        self._watch_scene(_scene_cells(luma))
        self.images += not copy

    @property
    def leakage(self) -> float:
        """Share of the frame, 0..1, in which all pictures show the same scene; 0 with fewer than two."""
        if self._scenes < 2 or self._sum is None or self._squares is None:
            return 0.0
        pairs = self._scenes * (self._scenes - 1)
        shared = _tiles(self._sum * self._sum - self._squares) / np.float32(pairs)
        total = _tiles(self._squares) / np.float32(self._scenes)
        return float(((total > _SCENE_VARIANCE) & (shared > _SCENE_SHARED * total)).mean())

    def result(self, left_out: int = 0) -> SetQuality:
        """Judge the set so far; some of the pictures that were counted may have been left out after all."""
        issues, images = [], self.images - left_out
        leakage = self.leakage
        if leakage >= LEAKAGE_WARN:
            refuse = leakage >= LEAKAGE_REFUSE
            issues.append(
                Issue(
                    "scene-leakage",
                    f"{leakage:.0%} of the frame shows the same scene in all photos, and the fingerprint would too. "
                    "Point the camera at a blank wall or the sky, or at a different scene for each photo.",
                    blocking=refuse,
                )
            )
        if images == 0:
            issues.append(Issue("empty", "There is no usable photo yet.", blocking=True))
        elif images < ENOUGH_IMAGES:
            so_far = f"{images} photo{'s' if images > 1 else ''}; {ENOUGH_IMAGES} or more are better."
            advice = f"{so_far} It works with fewer, but scores will be lower."
            issues.append(Issue("few", advice))
        return SetQuality(images, leakage, tuple(issues))

    def _watch_scene(self, cells: FloatArray) -> None:
        if self._sum is None or self._squares is None:
            self._sum, self._squares = np.zeros_like(cells), np.zeros_like(cells)
        self._sum += cells
        self._squares += cells * cells
        self._scenes += 1


def by_reason(told: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Sort (name, reason) into the names for each reason, the most frequent first."""
    reasons: dict[str, list[str]] = {}
    for name, reason in told:
        reasons.setdefault(reason, []).append(name)
    return dict(sorted(reasons.items(), key=lambda entry: -len(entry[1])))


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names as people read them: all of a few, of many the first and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _digest(luma: FloatArray) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(luma).data).digest()


def _small(luma: FloatArray) -> FloatArray:
    return cv2.resize(luma, None, fx=1 / 16, fy=1 / 16, interpolation=cv2.INTER_AREA)


def _scene_cells(luma: FloatArray) -> FloatArray:
    """Means of 4x4 pixels less their surroundings, at a common brightness: the scene without noise and shading."""
    height, width = luma.shape
    trimmed = luma[: height // _CELL * _CELL, : width // _CELL * _CELL]
    cells = cv2.resize(trimmed, (width // _CELL, height // _CELL), interpolation=cv2.INTER_AREA)
    cells = cv2.multiply(cells, 128.0 / max(float(cells.mean()), 1.0))
    return cv2.subtract(cells, cv2.GaussianBlur(cells, (0, 0), _CELL))


def _tiles(cells: FloatArray) -> FloatArray:
    rows, columns = (side // _TILE for side in cells.shape)
    grid = cells[: rows * _TILE, : columns * _TILE].reshape(rows, _TILE, columns, _TILE)
    means: FloatArray = grid.mean(axis=(1, 3))
    return means


def _image_issues(quality: ImageQuality) -> list[Issue]:
    if quality.dark > 0.5:
        return [Issue("dark", f"{quality.dark:.0%} of it is black. Take it in more light.", blocking=True)]
    if quality.clipped > 0.5:
        advice = f"{quality.clipped:.0%} of it is overexposed white. Take it in less light, or turn exposure down."
        return [Issue("clipped", advice, blocking=True)]
    if quality.smooth > 0.98:
        advice = (
            "There is no sensor noise in it: it is a drawing, or was smoothed or compressed too much. "
            "Use the original photo, without filters."
        )
        return [Issue("no-noise", advice, blocking=True)]
    issues = []
    if quality.clipped > 0.05:
        issues.append(Issue("clipped", f"{quality.clipped:.0%} of it is overexposed and shows no sensor noise."))
    if quality.brightness < 40:
        issues.append(Issue("dim", "It is dim. The sensor pattern shows best at medium brightness."))
    if quality.noise < 0.3:
        issues.append(
            Issue("smooth", "Little noise is left: switch off filters and noise reduction, save less compressed.")
        )
    if quality.texture > 0.5:
        issues.append(Issue("texture", "Much texture. A blank wall or the sky tells more of the sensor."))
    return issues
