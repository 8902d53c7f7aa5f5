"""The customer that somebody claims to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from ui.shell.session import CLAIMED
from ui.text.plain import plain

if TYPE_CHECKING:
    from bank import CustomerInfo


def choose_customer(customers: Sequence[CustomerInfo]) -> CustomerInfo | None:
    """The customer that somebody claims to be; None until one is chosen.

    Nobody knows who is there before they say so. Only who was registered in this session, or chosen before, is taken to
    be there still: a check as somebody else can only be refused, and refusals lock that customer out.
    """
    by_name = {customer.name: customer for customer in customers}
    if CLAIMED.get() not in by_name:
        CLAIMED.clear()
    chosen = st.selectbox(
        "Customer",
        list(by_name),
        index=None,
        format_func=plain,
        placeholder="Choose a name",
        key=CLAIMED.key,
        persist_state="session",
    )
    return by_name.get(chosen or "")
