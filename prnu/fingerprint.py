"""Estimate a camera's fingerprint from its pictures, judge how good it is, and keep it in a file."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import scipy.fft

from prnu.images import MAX_PIXELS, MIN_SIDE, FloatArray, ImageError, Source, as_luma, check_luma, name_of
from prnu.residual import SETTINGS, noise_residual
from prnu.spectrum import SpectrumArray, whitened_spectrum

SUFFIX = ".llfp"
SATURATED, DARK = 250.0, 5.0
"""Grey levels from and up to which a photosite shows no PRNU, so its pixel is left out."""

CONTENT_LOSS = 0.25
"""Share of a blank wall's PCE that a picture with content keeps: .14 to .54 on the phones measured."""

_MAGIC = b"LENSLOCK-FINGERPRINT\n"
_VERSION = 1
_FULL_FLOAT16 = 1024.0  # the pattern is scaled so that its largest value is this: far from float16's ends


class FingerprintError(ValueError):
    """A fingerprint cannot be made, read or compared. Says why and what to do."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """A camera's PRNU pattern, with what is known of its quality.

    Attributes
    ----------
    pattern : ndarray, shape (H, W), float32
        Estimate of the PRNU factor K, relative (0.01 is one per cent), zero-mean.
    images : int
        Number of pictures it was made from.
    split_half : float
        Correlation of the two patterns made from every other picture, spectra whitened, -1..1. It foretells the PCE of
        held-back blank walls to 30 %. NaN where there was only one picture.
    settings : str
        Name of the residual and estimator settings (`prnu.residual.SETTINGS`).
    """

    pattern: FloatArray
    images: int
    split_half: float
    settings: str = SETTINGS

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.pattern.shape
        return height, width

    @property
    def reliability(self) -> float:
        """Share of the pattern's energy that is the camera's own, 0..1; NaN where `split_half` is.

        The Spearman-Brown formula lifts the correlation of the halves to that of the whole.
        """
        half = max(self.split_half, 0.0) if not math.isnan(self.split_half) else math.nan
        return 2.0 * half / (1.0 + half)

    def expected_pce(self, frames: int = 1) -> float:
        """PCE to expect of a later picture, or of several together, from this camera and in this format.

        Parameters
        ----------
        frames : int
            Number of pictures that are combined.

        Returns
        -------
        float
            Pixels times the reliabilities of fingerprint and picture (Goljan, Fridrich and Filler 2009, section 2),
            times `CONTENT_LOSS`. A rough guide: content moves it by a factor of two either way. NaN where only
            one picture was enrolled.
        """
        if frames < 1:
            raise ValueError(f"frames must be at least 1, got {frames}")
        whole = self.reliability
        if math.isnan(whole) or whole == 0.0:
            return whole
        noise = (1.0 / whole - 1.0) * self.images  # of a single picture, relative to the camera's pattern
        return self.pattern.size * whole / (1.0 + noise / frames) * CONTENT_LOSS

    @cached_property
    def spectrum(self) -> SpectrumArray:
        """Half-plane Fourier transform of the pattern, shape (H, W // 2 + 1), complex64; computed once."""
        return scipy.fft.rfft2(self.pattern, workers=-1)

    @cached_property
    def norm(self) -> float:
        """Root of the pattern's energy."""
        return float(np.linalg.norm(self.pattern))

    @classmethod
    def from_images(cls, images: Iterable[Source | npt.NDArray[Any]]) -> Fingerprint:
        """Estimate a fingerprint from pictures in memory or on disk, one at a time.

        Parameters
        ----------
        images : iterable of paths, files, bytes or arrays
            As `prnu.images.as_luma` takes them; all of one size. Blank, evenly lit scenes serve best.

        Returns
        -------
        Fingerprint

        Raises
        ------
        ImageError
            If a picture cannot be used, or has another size than the first.
        FingerprintError
            If there is none.
        """
        estimator = FingerprintEstimator()
        for number, image in enumerate(images, 1):
            name = f"image {number}" if isinstance(image, np.ndarray | bytes) else name_of(image)
            estimator.add(as_luma(image, name), name=name)
        return estimator.fingerprint()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fingerprint to a file, whole or not at all, readable by its owner only.

        Whoever has a fingerprint can forge with it, so treat the file as a secret.

        Parameters
        ----------
        path : path
            By custom ending in ``.llfp``. An existing file is replaced.
        """
        target = Path(path)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.to_bytes())
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def to_bytes(self) -> bytes:
        """Return the file's content: magic, JSON header, float16 pattern, SHA-256 of all that."""
        scale = float(np.abs(self.pattern).max()) / _FULL_FLOAT16 or 1.0
        header = {
            "version": _VERSION,
            "shape": list(self.shape),
            "images": self.images,
            "split_half": None if math.isnan(self.split_half) else self.split_half,
            "settings": self.settings,
            "scale": scale,
        }
        body = _MAGIC + json.dumps(header).encode() + b"\n" + (self.pattern / scale).astype("<f2").tobytes()
        return body + hashlib.sha256(body).digest()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Fingerprint:
        """Read a fingerprint from a file.

        Raises
        ------
        FingerprintError
            If there is no such file, it is no fingerprint, of a later version, or damaged.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise FingerprintError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
        return cls.from_bytes(data, str(path))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "fingerprint") -> Fingerprint:
        """Read a fingerprint from a file's content.

        Raises
        ------
        FingerprintError
            As `load`.
        """
        if not data.startswith(_MAGIC):
            raise FingerprintError(f"{name}: this is not a LensLock fingerprint. Choose a {SUFFIX} file.")
        body, digest = data[:-32], data[-32:]
        if hashlib.sha256(body).digest() != digest:
            raise FingerprintError(f"{name}: the file is damaged (its checksum is wrong). Make the fingerprint again.")
        line, _, payload = body[len(_MAGIC) :].partition(b"\n")
        try:
            header = json.loads(line)
            if header["version"] != _VERSION:
                raise FingerprintError(f"{name}: format version {header['version']}, this LensLock reads {_VERSION}.")
            height, width = (int(side) for side in header["shape"])
            if min(height, width) < MIN_SIDE or height * width > MAX_PIXELS or len(payload) != 2 * height * width:
                raise ValueError(f"shape {header['shape']} with {len(payload):,} bytes of pattern")
            pattern = np.frombuffer(payload, "<f2").reshape(height, width).astype(np.float32)
            scale = float(header["scale"])
            if not (0.0 < scale < 1.0 and np.isfinite(pattern).all()):
                raise ValueError("the pattern's values are impossible")
            pattern *= np.float32(scale)
            half = math.nan if header["split_half"] is None else float(header["split_half"])
            return cls(pattern, int(header["images"]), half, str(header["settings"]))
        except FingerprintError:
            raise
        except (ValueError, TypeError, KeyError) as error:
            raise FingerprintError(
                f"{name}: the header makes no sense ({error}). Make the fingerprint again."
            ) from error


class FingerprintEstimator:
    """Maximum-likelihood estimate of a fingerprint, one picture at a time.

    K = sum(q I W) / sum(q I^2) over pictures I with residuals W (Chen, Fridrich, Goljan and Lukáš, "Determining image
    origin and integrity using sensor noise", IEEE TIFS 3(1), 2008, eq. 6), where each pixel is weighted by
    q = 1 / (local variance of W + 2), and left out where it is saturated or dark. Memory does not grow with the
    number of pictures: two pairs of sums are kept, for every other picture, so that the halves can be compared.

    Examples
    --------
    >>> from prnu.sensor import SimulatedCamera
    >>> from prnu import scenes
    >>> camera, estimator = SimulatedCamera((256, 320), seed=1), FingerprintEstimator()
    >>> for seed in range(2):
    ...     estimator.add(as_luma(camera.photograph(scenes.flat((256, 320), seed=seed))))
    >>> estimator.fingerprint().images
    2
    """

    def __init__(self) -> None:
        self.images = 0
        self._sums: list[tuple[FloatArray, FloatArray]] = []

    @property
    def shape(self) -> tuple[int, int] | None:
        """Height and width of the pictures, None before the first."""
        if not self._sums:
            return None
        height, width = self._sums[0][0].shape
        return height, width

    def add(self, luma: FloatArray, residual: FloatArray | None = None, name: str = "image") -> None:
        """Add a picture.

        Parameters
        ----------
        luma : ndarray, shape (H, W), float32, 0..255
        residual : ndarray, shape (H, W), float32, optional
            Its `noise_residual`, where the caller has it already.
        name : str, optional
            What to call the picture in an error.

        Raises
        ------
        ImageError
            If it is not a luma plane of the first picture's size.
        """
        luma = check_luma(luma, name)
        self.check_size(luma, name)
        residual = noise_residual(luma) if residual is None else residual
        if len(self._sums) < 2:
            self._sums.append((np.zeros_like(luma), np.zeros_like(luma)))
        weight = _light_weight(luma, residual)
        numerator, denominator = self._sums[self.images % 2]
        cv2.accumulateProduct(weight, residual, numerator)
        cv2.accumulateProduct(weight, luma, denominator)
        self.images += 1

    def check_size(self, luma: FloatArray, name: str = "image") -> None:
        """Refuse a picture of another size than the first.

        Raises
        ------
        ImageError
        """
        if self.shape and luma.shape != self.shape:
            size, first = f"{luma.shape[1]}x{luma.shape[0]}", f"{self.shape[1]}x{self.shape[0]}"
            raise ImageError(name, f"{size} pixels, the others have {first}", "Use photos of one camera in one setting")

    def fingerprint(
        self,
        without: Iterable[tuple[int, FloatArray]] = (),
        clean: Callable[[FloatArray], FloatArray] = lambda pattern: pattern,
    ) -> Fingerprint:
        """Return the estimate from the pictures so far; more can be added afterwards.

        Parameters
        ----------
        without : iterable of (int, ndarray), optional
            Pictures to leave out after all: how many were added before each, and its luma, shape (H, W), float32.
        clean : callable, optional
            Takes out of a pattern what is not the sensor's, also of the halves.

        Raises
        ------
        FingerprintError
            If there is no picture, or none with a usable pixel.
        """
        counts = [(self.images + 1) // 2, self.images // 2]
        sums = list(self._sums)
        for number, luma in without:
            sums[number % 2] = _less(sums[number % 2], luma)
            counts[number % 2] -= 1
        halves = [pair for pair, count in zip(sums, counts, strict=False) if count]
        if not halves:
            raise FingerprintError("No picture yet. Add at least one, better 15 to 25.")
        if len(halves) == 1:
            return Fingerprint(clean(_ratio(*halves[0])), sum(counts), math.nan)
        split_half = _correlation(*(whitened_spectrum(clean(_ratio(*pair))) for pair in halves))
        (odd, odd_energy), (even, even_energy) = halves
        return Fingerprint(clean(_ratio(odd + even, odd_energy + even_energy)), sum(counts), split_half)


def residual_weight(residual: FloatArray) -> FloatArray:
    """Return 1 / (local variance + 2): how much each pixel of a residual can tell.

    Texture leaves a strong residual that is not the sensor's. The 2 keeps single quiet blocks, in which JPEG left
    nothing, from taking over.

    Parameters
    ----------
    residual : ndarray, shape (H, W), float32
        In grey levels.

    Returns
    -------
    ndarray, shape (H, W), float32, 0..0.5
    """
    variance = cv2.blur(cv2.multiply(residual, residual), (7, 7))
    return cv2.divide(1.0, cv2.add(variance, 2.0))


def remove_shared(pattern: FloatArray) -> FloatArray:
    """Take off, in place, what cameras of one kind and JPEG files in general share.

    Rows and columns of each 2x2 colour-filter phase are brought to zero mean (Chen et al. 2008, section III-B), then
    each of the 64 places of JPEG's 8x8 grid.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        Changed in place.

    Returns
    -------
    ndarray, shape (H, W), float32
        The same array.
    """
    for phase in range(2):
        columns, rows = pattern[:, phase::2], pattern[phase::2]
        columns -= columns.mean(axis=1, keepdims=True)
        rows -= rows.mean(axis=0, keepdims=True)
    for phase in range(8):
        rows = pattern[phase::8]
        mean = rows.mean(axis=0)
        by_column = np.array([mean[column::8].mean() for column in range(8)], dtype=np.float32)
        rows -= np.resize(by_column, pattern.shape[1])
    return pattern


def _light_weight(luma: FloatArray, residual: FloatArray) -> FloatArray:
    """Luma times weight; 0 where no PRNU can show."""
    weight = residual_weight(residual)
    weight *= luma
    weight[(luma >= SATURATED) | (luma <= DARK)] = 0.0
    return weight


def _less(sums: tuple[FloatArray, FloatArray], luma: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The sums without a picture."""
    residual = noise_residual(luma)
    weight = _light_weight(luma, residual)
    return sums[0] - weight * residual, sums[1] - weight * luma


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    mean = float(denominator.mean())
    if mean == 0.0:
        raise FingerprintError("Every pixel is saturated or black. Take the photos in even, medium light.")
    return remove_shared(numerator / (denominator + np.float32(1e-3 * mean)))


def _correlation(a: SpectrumArray, b: SpectrumArray) -> float:
    norms = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(np.vdot(a, b).real) / norms if norms else math.nan
