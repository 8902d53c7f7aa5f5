"""The customer that somebody claims to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.results import sample
from ui.shell.session import latest_registration
from ui.text.plain import plain

if TYPE_CHECKING:
    from bank import CustomerInfo


def choose_customer(customers: Sequence[CustomerInfo]) -> str:
    """Name of the customer that somebody claims to be; first the one registered last in this session."""
    names = [customer.name for customer in customers]
    made = latest_registration()
    real = [name for name in names if not sample.is_simulated(name)]
    first = made.owner if made and made.owner in names else [*real, *names][0]
    chosen = st.selectbox(
        "Customer", names, index=names.index(first), format_func=plain, key="claimed", persist_state="session"
    )
    return chosen or first
