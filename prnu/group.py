"""Whether each of several pictures is by one camera: on its own, and those that cannot tell alone, together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from prnu.evidence import Evidence
from prnu.fingerprint import Fingerprint
from prnu.images import FloatArray
from prnu.match import Match, check_settings, check_shape, find_peak
from prnu.residual import noise_residual
from prnu.shares import Shares, clarity, shares_of
from prnu.spectrum import whitened_spectrum

Standing = Literal["alone", "together", "neither"]
"""How a picture stands to the camera: it passes on its own; it does not, but the pictures that do not pass together,
and it carries its share; or neither."""


@dataclass(frozen=True, eq=False)
class Group:
    """How several pictures stand to one camera.

    Attributes
    ----------
    alone : tuple of Match
        Each picture on its own.
    standing : tuple of {"alone", "together", "neither"}
        Of each picture.
    together : Match or None
        Of those that do not pass on their own, added up; None of fewer than two. Those that pass are not in it: they
        would lift any other over a threshold.
    shares : Shares or None
        What each of those carries; None unless together they pass.
    """

    alone: tuple[Match, ...]
    standing: tuple[Standing, ...]
    together: Match | None
    shares: Shares | None

    @property
    def rest(self) -> tuple[int, ...]:
        """Which pictures, from 0 on, are not consistent with the camera, as far as this can tell."""
        return tuple(number for number, how in enumerate(self.standing) if how == "neither")

    @property
    def passed(self) -> bool:
        """Whether every picture is consistent with the camera."""
        return not self.rest

    def found(self, number: int) -> Match:
        """The comparison by which a picture is judged: its own, or that of those that pass only together."""
        by = self.together if self.standing[number] == "together" else None
        return by or self.alone[number]


class Grouping:
    """Compares pictures with a camera, one after the other.

    A picture that passes on its own needs no other, and helps no other. Those that do not pass are added up among
    themselves: that they are the weak ones speaks against them, so no threshold has to rise for the choice. Together
    they count only if each carries its share (`prnu.shares`).

    Memory does not grow with the number of pictures.

    Parameters
    ----------
    fingerprint : Fingerprint
    passes : callable
        Tells whether a match passes.

    Raises
    ------
    FingerprintError
        If the fingerprint was made with other settings.
    """

    def __init__(self, fingerprint: Fingerprint, passes: Callable[[Match], bool]) -> None:
        check_settings(fingerprint)
        self._fingerprint, self._passes = fingerprint, passes
        self._alone: list[Match] = []
        self._weak: list[int] = []
        self._clear: list[float] = []
        self._sum: FloatArray | None = None

    def add(self, picture: Evidence, alone: Match | None = None, clear: float | None = None) -> Match:
        """Take a picture in.

        Parameters
        ----------
        picture : Evidence
            Of a single one.
        alone : Match, optional
            Its comparison with the fingerprint, where that is known: such as of a picture that was turned back.
        clear : float, optional
            Its `prnu.shares.clarity`, where that is known.

        Returns
        -------
        Match
            Of this picture alone.

        Raises
        ------
        ImageError
            If it has not the fingerprint's size.
        """
        check_shape(self._fingerprint, picture)
        found = alone or find_peak(self._fingerprint, picture.spectrum, 1)
        if not self._passes(found):
            self._weak.append(len(self._alone))
            self._clear.append(clarity(picture.luma, noise_residual(picture.luma)) if clear is None else clear)
            self._sum = picture.pattern.copy() if self._sum is None else self._sum + picture.pattern
        self._alone.append(found)
        return found

    def outcome(self) -> Group:
        """Tell of each picture so far whether it is consistent with the camera."""
        standing: list[Standing] = ["alone"] * len(self._alone)
        for number in self._weak:
            standing[number] = "neither"
        together, each = None, None
        if len(self._weak) > 1 and self._sum is not None:
            together = find_peak(self._fingerprint, whitened_spectrum(self._sum), len(self._weak))
            if self._passes(together):
                each = shares_of([self._alone[number].ncc for number in self._weak], self._clear, together)
                carrying = each.carrying & (each.verdict == "passed")
                for number, carries in zip(self._weak, carrying, strict=True):
                    standing[number] = "together" if carries else "neither"
        return Group(tuple(self._alone), tuple(standing), together, each)
