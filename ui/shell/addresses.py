"""What of a page stands in its address, so that it survives a reload, and can be sent: its query parameters.

An address comes from a browser, like everything else that visitors hand over: what does not have the form that it
should have counts as not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T", str, int)

_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # fits 64 bits, as the database's numbers do


@dataclass(frozen=True)
class Parameter(Generic[T]):
    """One query parameter.

    Attributes
    ----------
    name : str
    read : callable
        Makes its value of the text in the address; None where that is not one.
    """

    name: str
    read: Callable[[str], T | None]

    def get(self) -> T | None:
        """Its value; None if the address has none, or something else."""
        return self.read(st.query_params.get(self.name, ""))

    def put(self, value: T) -> None:
        """Write it into the address; the page does not run again for that."""
        st.query_params[self.name] = str(value)  # also if it is there: a link within a page does not write it itself

    def clear(self) -> None:
        """Take it out of the address."""
        st.query_params.pop(self.name, None)

    def given(self, value: T) -> dict[str, str]:
        """Query parameters of a link to a page with this value."""
        return {self.name: str(value)}


def _id(text: str) -> str | None:
    return text if _ID.fullmatch(text) else None


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


CHECK = Parameter("check", _id)
"""Of the match view: a check's key, which for one that the bank decided on is the attempt's id."""

ENTRY = Parameter("entry", _number)
"""Of the audit log: an entry's number."""

ATTEMPT = Parameter("attempt", _id)
"""Of the audit log: an attempt's id, which leads to the entry of its decision."""

CUSTOMER = Parameter("customer", _id)
"""Of the page of customers: a customer's id."""
