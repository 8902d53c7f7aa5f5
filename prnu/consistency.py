"""Which pictures of a set were taken by one sensor, and which are one exposure saved several times."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from prnu.artefacts import without_repetition
from prnu.images import FloatArray
from prnu.orientation import TURNS, Turn
from prnu.spectrum import whitened

COPY = 0.3
"""Correlation of two pictures' noise from which they are one exposure: it shares all of its noise, and two exposures
of one camera only the weak fixed pattern. Measured on four cameras: .04 at most for two exposures; for one, saved again
as JPEG at quality 85 or brightened .4 to .8, at quality 75 .22 to .34."""

COPY_AMONG_OTHERS = 0.15
"""The same where at least three others tell how strong the fixed pattern is: it takes four times as much."""

LINK = 4.5
"""Deviations of chance from which two pictures, or groups of them, share a sensor: in a set of 25 there are 300 pairs,
and one of a thousand such sets of different cameras has a pair beyond it. Larger sets ask for more."""

SAMPLE = 1 << 20
"""Pixels that are compared of each picture, from the frame's middle, one byte each. Correlations grow with the root of
their number: real phones reach 10 and more deviations with so many, pair by pair."""

BUDGET = 64 << 20
"""Bytes for all pictures of a set. Beyond, each keeps the middle half of what it had: a group of many pictures needs
fewer pixels of each."""

_STRANGE = 1.0 / 3.0  # of the correlation that a picture of the camera should have: at most so much makes a stranger
_FALSE_LINK = 1e-3  # per set
_LATTICE_SHIFTS = ((8, 8), (-16, 24))  # on JPEG's grid, like the native place, but where no pattern can be
_PRIOR = 20.0  # correlations at such places that it takes to believe in another deviation than that of white noise
_Scalar = TypeVar("_Scalar", bound=np.generic)

_LEVELS = 24.0  # per deviation: a byte holds five of them, and rounding adds a thousandth to the noise


class Agreement:
    """Compares the noise of every picture of a set with that of all others.

    Two pictures of one sensor share its pattern: their whitened residuals correlate by a hundredth or less, which is
    many times what chance gives over a million pixels (Goljan, Fridrich and Filler 2009, section 2, for pairs of
    picture and fingerprint). A weak camera's pairs may each drown in chance while their sums do not, so groups are
    built from the strongest link up, and each group is compared as the sum of its pictures. All of that follows from
    the table of pairwise correlations.

    Memory is bounded by `BUDGET`, whatever the size and number of the pictures.
    """

    def __init__(self) -> None:
        self._samples: list[npt.NDArray[np.int8]] = []
        self._rows: list[npt.NDArray[np.float64]] = []
        self._chance, self._chances = 0.0, 0

    def add(self, pattern: FloatArray) -> int | None:
        """Take in a picture, unless it is another's exposure.

        Parameters
        ----------
        pattern : ndarray, shape (H, W), float32
            Its weighted residual, as `prnu.Evidence.pattern` of a single picture has it.

        Returns
        -------
        int or None
            Number of the picture whose exposure it is: such a one is not counted. None of a new one.
        """
        sample = self._fitted(pattern)
        row, chance = self._correlations(sample, len(self._samples))
        if row.size and (row.max() >= COPY or row.max() >= _bar(row)):
            return int(row.argmax())
        self._keep(sample, row, chance)
        if len(self._samples) * sample.nbytes > BUDGET:
            self._halve()
        return None

    def correlations(self, pattern: FloatArray) -> npt.NDArray[np.float64]:
        """Correlation of a picture with each of those that are there, -1..1, without taking it in."""
        return self._correlations(self._fitted(pattern), len(self._samples))[0]

    def shared(self, number: int) -> npt.NDArray[np.float64]:
        """Correlation of a picture that is there with each one before it, -1..1."""
        return self._rows[number]

    @property
    def deviation(self) -> float:
        """Standard deviation that the correlation of two strangers has by chance.

        That of white noise, or what is found at places where no pattern can be: strong JPEG compression inflates it.
        """
        white = 1.0 / math.sqrt(self._samples[0].size)
        found = (_PRIOR * white**2 + self._chance) / (_PRIOR + self._chances)
        return math.sqrt(max(found, white**2))

    @property
    def together(self) -> float:
        """Mean correlation of all pairs, in deviations of what it has by chance: below `LINK` there is no agreement."""
        pairs = np.concatenate(self._rows) if self._rows else np.empty(0)
        return float(pairs.sum()) / (self.deviation * math.sqrt(pairs.size)) if pairs.size else 0.0

    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Sort the pictures by sensor.

        Returns
        -------
        tuple of tuple of int
            Numbers of the pictures that belong together, the largest group first. A picture that should agree with the
            largest group, by what the group's own do, and does not is in another; where nobody can tell, because the
            pattern is too weak, it stays with the largest.
        """
        count = len(self._samples)
        if count < 2:
            return (tuple(range(count)),) if count else ()
        shared = np.eye(count)
        for number, row in enumerate(self._rows):
            shared[number, :number] = shared[:number, number] = row
        shared /= self.deviation
        members = _merged(shared, max(LINK, float(norm.isf(_FALSE_LINK / (count * (count - 1) / 2)))))
        members.sort(key=lambda group: (-len(group), group))
        main, others = members[0], members[1:]
        groups = [list(main)]
        for group in others:
            if self._strange(shared, main, group):
                groups.append(group)
            else:
                groups[0] += group
        return tuple(tuple(sorted(group)) for group in groups)

    def copies(self, group: Sequence[int]) -> dict[int, int]:
        """Find exposures that were taken in twice, as can be told only beside the others of their sensor.

        Strongly compressed copies correlate too little to be known where there are few others (`COPY`).

        Parameters
        ----------
        group : sequence of int
            One of `groups`.

        Returns
        -------
        dict of int to int
            By the number of each such picture, that of the one before whose exposure it is.
        """
        found: dict[int, int] = {}
        for number in sorted(group):
            others = [other for other in group if other != number]
            row = np.array([self._rows[max(number, other)][min(number, other)] for other in others])
            earlier = [pair for pair in zip(row, others, strict=True) if pair[1] < number and pair[1] not in found]
            if earlier and max(earlier)[0] >= _bar(row):
                found[number] = max(earlier)[1]
        return found

    def without(self, lags: Iterable[tuple[int, int]]) -> Agreement:
        """Compare the same pictures again, without what repeats itself by some lags (`prnu.artefacts`)."""
        cleaned, lags = Agreement(), list(lags)
        for number, sample in enumerate(self._samples):
            plane = sample.astype(np.float32)
            for lag in lags:
                plane = without_repetition(plane, lag)
            clean = _as_bytes(plane)
            cleaned._keep(clean, *cleaned._correlations(clean, number))
        return cleaned

    def turn(self, group: tuple[int, ...], main: tuple[int, ...]) -> Turn | None:
        """Tell how a group is turned against another; None where no orientation of one size makes them agree."""
        reference = self._sum(main)
        scale = float(np.linalg.norm(reference)) * self.deviation
        best: tuple[float, Turn | None] = (LINK, None)
        for turn in TURNS:
            back = turn.undo(self._sum(group))
            if back.shape == reference.shape:
                z = float(np.vdot(back, reference)) / (scale * float(np.linalg.norm(back)))
                best = max(best, (z, turn), key=lambda pair: pair[0])
        return best[1]

    def _strange(self, shared: npt.NDArray[np.float64], main: list[int], group: list[int]) -> bool:
        """Whether a group lacks what the main one lets expect of pictures of its camera."""
        if len(main) < 2:
            return False
        link = _mean_link(shared, main)
        own = _mean_link(shared, group) if len(group) > 1 else link
        single = 1.0 / self.deviation  # a picture's correlation with itself
        clear = [len(m) * p / (single + (len(m) - 1) * p) for m, p in ((main, link), (group, own))]
        expected = math.sqrt(max(clear[0], 0.0) * max(clear[1], 0.0)) * single
        sums = [float(shared[np.ix_(*pair)].sum()) for pair in ((main, group), (main, main), (group, group))]
        found = sums[0] / math.sqrt(sums[1] * sums[2]) * single
        return expected >= 2.0 * LINK and found < _STRANGE * expected

    def _fitted(self, pattern: FloatArray) -> npt.NDArray[np.int8]:
        sample = _sample(pattern)
        return _middle(sample, self._samples[0].shape) if self._samples else sample

    def _sum(self, group: tuple[int, ...]) -> FloatArray:
        total = np.zeros(self._samples[0].shape, np.float32)
        for number in group:
            total += self._samples[number]
        return total

    def _correlations(self, sample: npt.NDArray[np.int8], count: int) -> tuple[npt.NDArray[np.float64], float]:
        """Correlations with the first pictures, and the sum of the squares of those at other places."""
        if not count:
            return np.empty(0), 0.0
        planes = np.stack([sample, *(np.roll(sample, shift, (0, 1)) for shift in _LATTICE_SHIFTS)]).astype(np.float32)
        planes = planes.reshape(len(planes), -1)
        found = np.empty((len(planes), count))
        for number in range(count):
            other = self._samples[number].astype(np.float32).ravel()
            found[:, number] = planes @ other / max(float(np.linalg.norm(other)), 1.0)
        found /= max(float(np.linalg.norm(planes[0])), 1.0)
        return found[0], float(np.square(found[1:]).sum())

    def _keep(self, sample: npt.NDArray[np.int8], row: npt.NDArray[np.float64], chance: float) -> None:
        self._chance += chance
        self._chances += len(row) * len(_LATTICE_SHIFTS)
        self._samples.append(sample)
        self._rows.append(row)

    def _halve(self) -> None:
        """Compare the middle rows only from now on."""
        samples = [_middle(one, (one.shape[0] // 4 * 2 + one.shape[0] % 2, one.shape[1])) for one in self._samples]
        self._samples, self._rows, self._chance, self._chances = [], [], 0.0, 0
        for sample in samples:
            self._keep(sample, *self._correlations(sample, len(self._samples)))


class Exposures:
    """Tells which of some named pictures are one exposure, saved more than once. Sizes may differ."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], tuple[Agreement, list[str]]] = {}  # by size: only such can be compared

    def first(self, name: str, pattern: FloatArray) -> str:
        """Take in a picture; return the name of the one before it whose exposure it is, empty if it is a new one.

        Parameters
        ----------
        name : str
        pattern : ndarray, shape (H, W), float32
            As for `Agreement.add`.
        """
        agreement, names = self._known.setdefault(pattern.shape, (Agreement(), []))
        copied = agreement.add(pattern)
        if copied is not None:
            return names[copied]
        names.append(name)
        return ""


def _sample(pattern: FloatArray) -> npt.NDArray[np.int8]:
    """The middle of a pattern, whitened, in a byte a pixel. Cut so that the frame turned over has the same middle."""
    share = min(math.sqrt(SAMPLE / pattern.size), 1.0)
    height, width = (side if share == 1.0 else int(side * share) for side in pattern.shape)
    cut = np.ascontiguousarray(_middle(pattern, (height, width)))
    white = whitened(cut)
    return _as_bytes(white)


def _as_bytes(white: FloatArray) -> npt.NDArray[np.int8]:
    return np.clip(np.rint(white * (_LEVELS / max(float(white.std()), 1e-12))), -127, 127).astype(np.int8)


def _middle(plane: npt.NDArray[_Scalar], shape: tuple[int, ...]) -> npt.NDArray[_Scalar]:
    """Cut the exact middle out: of a side that leaves an odd margin, one pixel less."""
    slices = []
    for full, side in zip(plane.shape, shape, strict=True):
        side -= (full - side) % 2
        slices.append(slice((full - side) // 2, (full + side) // 2))
    return plane[tuple(slices)]


def _bar(row: npt.NDArray[np.float64]) -> float:
    """Correlation from which one of a picture's is too high for the sensor's pattern, by what the others are."""
    return max(COPY_AMONG_OTHERS, 4.0 * float(np.median(row))) if len(row) > 3 else math.inf


def _merged(shared: npt.NDArray[np.float64], link: float) -> list[list[int]]:
    """Join groups, the strongest link first, while it is beyond chance.

    `shared` holds correlations in deviations, sums of them for groups; the diagonal's entry of one picture is the
    correlation 1.
    """
    sums, members = shared.copy(), [[number] for number in range(len(shared))]
    single = float(shared[0, 0])
    while len(members) > 1:
        norms = np.sqrt(np.diag(sums))
        z = sums / np.outer(norms, norms) * single
        np.fill_diagonal(z, -np.inf)
        a, b = sorted(int(index) for index in np.unravel_index(int(z.argmax()), z.shape))
        if z[a, b] < link:
            break
        sums[a] += sums[b]
        sums[:, a] += sums[:, b]
        sums = np.delete(np.delete(sums, b, 0), b, 1)
        members[a] += members.pop(b)
    return members


def _mean_link(shared: npt.NDArray[np.float64], group: list[int]) -> float:
    """Mean correlation of two pictures of a group, in deviations."""
    block = shared[np.ix_(group, group)]
    return float((block.sum() - np.trace(block)) / (len(group) * (len(group) - 1)))
