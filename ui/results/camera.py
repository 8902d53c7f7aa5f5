"""The registered cameras: whose they are, and what is known of each. Their fingerprints stay in the bank."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.results.sample import is_simulated

if TYPE_CHECKING:
    from bank import CustomerInfo


@dataclass(frozen=True)
class Camera:
    """What is known of a registered camera without its fingerprint.

    Attributes
    ----------
    customer, label : str
        Names of its owner and its own.
    width, height : int
        Of its photos, in pixels.
    photos : int
        Number that its fingerprint was made from.
    expected : float
        PCE to expect of a later photo; NaN where that is not known.
    """

    customer: str
    label: str
    width: int
    height: int
    photos: int
    expected: float

    @property
    def name(self) -> str:
        """What to call it among all cameras."""
        return called(self.label, self.customer)

    @property
    def simulated(self) -> bool:
        """Whether it exists in this program only."""
        return is_simulated(self.label) or is_simulated(self.customer)


def called(label: str, owner: str) -> str:
    """What a camera is called among all cameras."""
    return f"{' '.join(label.split())} · {owner}"


def cameras_of(customers: Iterable[CustomerInfo]) -> list[Camera]:
    """The cameras of customers, in the order of these."""
    return [
        Camera(
            customer.name,
            camera.label,
            camera.width,
            camera.height,
            camera.images,
            math.nan if camera.expected_pce is None else camera.expected_pce,
        )
        for customer in customers
        for camera in customer.cameras
    ]
