"""How the score of several pictures comes about: each on its own, and all so far together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from prnu.fingerprint import Fingerprint
from prnu.images import ImageError
from prnu.match import Match, check_settings, find_peak
from prnu.spectrum import whitened_spectrum


@dataclass(frozen=True, eq=False)
class Step:
    """What one more picture adds.

    Attributes
    ----------
    alone : Match
        Of this picture.
    together : Match
        Of all pictures up to this one.
    """

    alone: Match
    together: Match


def course(fingerprint: Fingerprint, patterns: Iterable[npt.NDArray[np.floating[Any]]]) -> Iterator[Step]:
    """Compare pictures with a fingerprint, one after the other.

    Parameters
    ----------
    fingerprint : Fingerprint
    patterns : iterable of ndarray, shape (H, W), float16 or float32
        As `Evidence.pattern` of each picture, in the order in which they are added up.

    Yields
    ------
    Step
        The last one's `together` is the `match` of all of them.

    Raises
    ------
    ImageError
        If a pattern does not have the fingerprint's size, or is empty.
    FingerprintError
        If the fingerprint was made with other settings.
    """
    check_settings(fingerprint)
    total = np.zeros(fingerprint.shape, np.float32)
    for count, pattern in enumerate(patterns, 1):
        if pattern.shape != fingerprint.shape:
            (h, w), (height, width) = pattern.shape, fingerprint.shape
            problem = f"{w}x{h} pixels, this camera was registered with {width}x{height}"
            raise ImageError(f"picture {count}", problem, "Compare pictures of the fingerprint's size")
        total += pattern
        alone = find_peak(fingerprint, whitened_spectrum(pattern.astype(np.float32)), 1)
        yield Step(alone, alone if count == 1 else find_peak(fingerprint, whitened_spectrum(total), count))
