"""Attempts that a bank really decided on, with simulated cameras and without networks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bank.bank import Bank
from bank.enrol import camera_sample
from bank.pictures import Picture
from testing.selfie import Device, Person, Table, perform
from ui.results.attempt import Attempt

ANNA = Person(1)


def enrol(bank: Bank, device: Device, name: str = "Anna", label: str = "Phone") -> None:
    bank.enrol(name, faces=ANNA.template, photos=camera_sample(device.walls(12), label, bank.policy.enrolment))


def verify(
    bank: Bank,
    pictures: Callable[[], Picture] | Iterable[Picture],
    name: str = "Anna",
    stills: int = 8,
    **changes,
) -> Attempt:
    """Go through a live check, and take what the match view needs of it."""
    reader = Table()
    ongoing = bank.begin(name, reader=reader)
    perform(ongoing.capture, reader, ANNA, pictures, stills=stills)
    decision, finding = bank.verify_showing(ongoing)
    return Attempt.of(decision, finding, ongoing.capture, customer=name, **changes)
