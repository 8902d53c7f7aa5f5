"""A sketch of a picture's noise: 128 bytes that tell whether two files show the very same shot."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from prnu.images import FloatArray

BITS = 1024
"""Signs in a sketch. Two different shots agree in half of them, give or take 16."""

_SEED = 20090127  # fixed for good: sketches are kept and compared later


def noise_sketch(pattern: FloatArray) -> bytes:
    """Boil a picture's noise down to 1024 signs of random projections, one for each of as many parts of the picture.

    Two shots of one camera share only its weak fixed pattern; two files of one shot share all its noise. Nothing of
    what the picture shows can be told from it.

    Parameters
    ----------
    pattern : ndarray, shape (H, W), float32
        The picture's weighted residual, as `prnu.Evidence.pattern` of a single picture has it.

    Returns
    -------
    bytes
        128 of them.
    """
    flat = pattern.ravel()
    size = flat.size // BITS
    sums = np.einsum("ij,ij->i", flat[: size * BITS].reshape(BITS, size), _signs(size))
    return np.packbits(sums > 0).tobytes()


def sketch_correlation(sketch: bytes, others: Sequence[bytes]) -> npt.NDArray[np.float64]:
    """Estimate how strongly the noise of a picture correlates with that of others, from their sketches.

    The share of signs that agree is 1/2 + asin(correlation) / pi (Charikar, "Similarity estimation techniques from
    rounding algorithms", STOC 2002).

    Parameters
    ----------
    sketch : bytes
    others : sequence of bytes
        Sketches of pictures of the same size.

    Returns
    -------
    ndarray, shape (n,), float64, -1..1
        Standard deviation .05 around 0 for different shots.
    """
    if any(len(s) != BITS // 8 for s in (sketch, *others)):
        raise ValueError(f"a noise sketch has {BITS // 8} bytes")
    if not others:
        return np.empty(0)
    table = np.frombuffer(b"".join(others), np.uint8).reshape(len(others), -1)
    differing = np.bitwise_count(table ^ np.frombuffer(sketch, np.uint8)).sum(axis=1, dtype=np.int64)
    correlation: npt.NDArray[np.float64] = np.sin(math.pi * (0.5 - differing / BITS))
    return correlation


@functools.lru_cache(maxsize=4)
def _signs(size: int) -> FloatArray:
    signs = np.random.default_rng(_SEED).integers(0, 2, (BITS, size), np.int8)
    return signs.astype(np.float32) * 2 - 1
