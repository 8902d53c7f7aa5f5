"""What may be missing, where a test or a benchmark knows that it is there."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def some(value: T | None) -> T:
    """Give a value back that is not None."""
    assert value is not None
    return value
