"""Gather what one or several pictures say of their sensor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from prnu.fingerprint import DARK, SATURATED, remove_shared, residual_weight
from prnu.images import FloatArray, ImageError, Source, as_luma, name_of
from prnu.residual import noise_residual, noise_share
from prnu.spectrum import SpectrumArray, whitened_spectrum

Image: TypeAlias = Source | npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one or several pictures of one size say of their sensor. Made by `gather`.

    Attributes
    ----------
    pattern : ndarray, shape (H, W), float32
        Sum of the residuals, each pixel weighted by how much it can tell.
    luma : ndarray, shape (H, W), float32, 0..255
        Mean of the pictures: what `prnu.localize` takes brightness, texture and saturation from.
    images : int
        Number of pictures.
    name : str
        What to call them in an error: the first one's name.
    """

    pattern: FloatArray
    luma: FloatArray
    images: int
    name: str = "image"

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.pattern.shape
        return height, width

    @cached_property
    def spectrum(self) -> SpectrumArray:
        """Whitened half-plane Fourier transform of the pattern, shape (H, W // 2 + 1), complex64; computed once."""
        return whitened_spectrum(self.pattern)

    @cached_property
    def share(self) -> FloatArray:
        """How much of a camera's pattern can come through at each pixel, shape (H, W), float32; computed once.

        Its mean is 1. 0 where the pictures are too dark or too bright to show any.
        """
        share = noise_share(self.luma) * residual_weight(noise_residual(self.luma))  # weighted as by `gather`
        share[(self.luma <= DARK) | (self.luma >= SATURATED)] = 0.0
        share /= max(float(share.mean()), 1e-12)
        return share


def gather(images: Image | Evidence | Iterable[Image], names: Sequence[str] = ()) -> Evidence:
    """Combine pictures into one fresh fingerprint, so that matching, map and regions need their residuals only once.

    Parameters
    ----------
    images : path, file, bytes, array, or an iterable of them
        All of one size; read one at a time. An `Evidence` is returned as it is.
    names : sequence of str, optional
        What to call the pictures in an error. Default: their files' names, or "image 1" and so on.

    Returns
    -------
    Evidence

    Raises
    ------
    ImageError
        If a picture cannot be used, shows no noise at all, or has another size than the first.
    """
    if isinstance(images, Evidence):
        return images
    pattern = total = None
    count, first = 0, "image"
    for count, image in enumerate(each(images), 1):
        name = f"image {count}" if isinstance(image, np.ndarray | bytes) else name_of(image)
        name = names[count - 1] if count <= len(names) else name
        luma = as_luma(image, name)
        residual = noise_residual(luma)
        if not residual.any():
            problem = "there is no noise in it: it is blank, saturated or drawn by a computer"
            raise ImageError(name, problem, "Use a photo straight from the camera, in medium light")
        evidence = weighted(residual)
        if pattern is None or total is None:
            pattern, total, first = evidence, luma.copy(), name
        else:
            check_sizes((pattern, evidence), (first, name))
            pattern += evidence
            total += luma
    if pattern is None or total is None:
        raise ImageError("images", "there is none", "Give at least one")
    total /= count
    return Evidence(pattern, total, count, first)


def check_sizes(planes: Sequence[FloatArray], names: Sequence[str]) -> None:
    """Refuse pictures of several sizes. To be called before they are cut to one.

    Raises
    ------
    ImageError
        Naming the first picture that has not the size of the first of all.
    """
    for plane, name in zip(planes, names, strict=True):
        if plane.shape != planes[0].shape:
            size, others = (f"{a.shape[1]}x{a.shape[0]}" for a in (plane, planes[0]))
            raise ImageError(name, f"{size} pixels, the others have {others}", "Compare photos of one size")


def weighted(residual: FloatArray) -> FloatArray:
    """Turn a residual, in place, into a picture's pattern: what cameras share taken off, each pixel weighted.

    Parameters
    ----------
    residual : ndarray, shape (H, W), float32
        From `prnu.noise_residual`; changed.

    Returns
    -------
    ndarray, shape (H, W), float32
        The same array, as `Evidence.pattern` of a single picture.
    """
    weight = residual_weight(residual)
    remove_shared(residual)
    residual *= weight
    return residual


def each(images: Image | Evidence | Iterable[Image]) -> Iterable[Image]:
    """Iterate over pictures, of which there may be just one."""
    single = isinstance(images, str | bytes | np.ndarray) or hasattr(images, "read") or hasattr(images, "__fspath__")
    return [images] if single else images  # type: ignore[return-value, list-item]
