"""What screen readers and keyboards need of a page, and Streamlit does not give: see `reading.js`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

_SCRIPT = Path(__file__).parent / "reading.js"


def mount() -> None:
    """Put the headings of a page in order, and lead to a verdict that is new: once on each page, before all else.

    A verdict stands in a container whose key is made by `verdict_key`.
    """
    with st.container(key="reading"):
        _component()(key="reading-aid")


def verdict_key(name: str) -> str:
    """Key of the container that shows a verdict; each verdict has another name."""
    return f"verdict-{name}"


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component("lenslock_reading", js=_SCRIPT.read_text(encoding="utf-8"))
