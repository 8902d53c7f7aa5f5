"""A still that an attempt took in, boiled down to what the factors need, or why it was not taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank.face_reader import FaceReader, FaceSeen
from bank.pictures import Picture
from liveness.landmarks import FaceBox
from prnu.evidence import Evidence, weighted
from prnu.images import FloatArray
from prnu.localize import Box
from prnu.residual import noise_residual
from prnu.shares import clarity
from prnu.sketch import Sketch, sketches_of
from prnu.spectrum import whitened

INNER = 0.15
"""Share of the face's box that is left out on each side, so that what remains is all face, hair and background none."""


@dataclass(frozen=True, eq=False)
class Still:
    """A still that was taken in, boiled down to what the factors need.

    Attributes
    ----------
    number : int
        As `Capture.ask` gave it.
    name, pixel_format : str
    taken_s, received_s : float
        On the stream's clock; NaN for an uploaded photo. Taken when it was asked for, or as `Capture.add` believes.
    pattern : ndarray, shape (H, W), float16
        Weighted residual, as `prnu.Evidence.pattern`. Half precision: its rounding is a thousandth of the noise.
    luma : ndarray, shape (H, W), uint8
    noise : ndarray, shape (H, W), float16
        The pattern with its spectrum made flat, by which shots are told apart (`prnu.spectrum.whitened`).
    clarity : float
        How clearly its content lets the sensor's pattern show (`prnu.shares.clarity`).
    sketches : tuple of Sketch
        Of the noise, one for each salt that was known when it came (`prnu.sketch`).
    face : FaceSeen
    region : Box or None
        Inner part of the face, in pixels of the luma; None without a face.
    """

    number: int
    name: str
    pixel_format: str
    taken_s: float
    received_s: float
    pattern: npt.NDArray[np.float16]
    luma: npt.NDArray[np.uint8]
    noise: npt.NDArray[np.float16]
    clarity: float
    sketches: tuple[Sketch, ...]
    face: FaceSeen
    region: Box | None

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.luma.shape
        return height, width

    @property
    def uploaded(self) -> bool:
        """Whether it came from a file, and nobody had asked for it at a moment."""
        return math.isnan(self.taken_s)

    @property
    def evidence(self) -> Evidence:
        """What it says of its sensor on its own."""
        return Evidence(self.pattern.astype(np.float32), self.luma.astype(np.float32), 1, self.name)

    def sketch(self, salt: bytes) -> Sketch:
        """Its sketch with a salt, which is made now if it is none of those that were known."""
        known = next((sketch for sketch in self.sketches if sketch.salt == salt), None)
        return known or sketches_of(self.noise.astype(np.float32), [salt], self.region or ())[0]


@dataclass(frozen=True)
class Refusal:
    """A still that was not taken in.

    Attributes
    ----------
    number : int
    code : {"unknown", "repeated", "late", "too-many", "too-large", "other-size", "unusable"}
    text : str
        What was wrong and what to do.
    """

    number: int
    code: str
    text: str


def examine(
    picture: Picture, number: int, taken_s: float, received_s: float, reader: FaceReader, salts: Sequence[bytes]
) -> Still | None:
    """Boil a picture down to a `Still`; None where there is no noise in it: it is blank or drawn by a computer.

    Parameters
    ----------
    picture : Picture
    number : int
    taken_s, received_s : float
        On the stream's clock; NaN for an uploaded photo.
    reader : FaceReader
    salts : sequence of bytes
        With which its noise is sketched.
    """
    luma = picture.luma
    with ThreadPoolExecutor(1) as pool:  # a decision waits for the last still, and a core is free by then
        measuring = pool.submit(_measure, luma.astype(np.float32, copy=False))
        face = reader.read(picture.rgb, received_s if math.isnan(taken_s) else taken_s)
    measured = measuring.result()
    if measured is None:
        return None
    pattern, noise, clear = measured
    region = _inner(picture, face.box)
    return Still(
        number,
        picture.name,
        picture.pixel_format,
        taken_s,
        received_s,
        pattern.astype(np.float16),
        np.asarray(luma if luma.dtype == np.uint8 else luma.round(), np.uint8),
        noise.astype(np.float16),
        clear,
        tuple(sketches_of(noise, salts, region or ())),
        face,
        region,
    )


def _measure(luma: FloatArray) -> tuple[FloatArray, FloatArray, float] | None:
    """Pattern, the same with its spectrum made flat, and clarity; None where there is no noise."""
    residual = noise_residual(luma)
    if not residual.any():
        return None
    clear = clarity(luma, residual)
    pattern = weighted(residual)
    return pattern, whitened(pattern), clear


def _inner(picture: Picture, box: FaceBox | None) -> Box | None:
    if box is None:
        return None
    left, top, width, height = picture.box_on_sensor(*box)
    rows, columns = picture.shape
    right, bottom = min(left + (1 - INNER) * width, columns), min(top + (1 - INNER) * height, rows)
    left, top = max(left + INNER * width, 0.0), max(top + INNER * height, 0.0)
    box_in = Box(math.ceil(left), math.ceil(top), math.floor(right - left), math.floor(bottom - top))
    return box_in if min(box_in.width, box_in.height) > 0 else None
