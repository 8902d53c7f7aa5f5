"""What the visitor's browser says of itself."""

from __future__ import annotations

import streamlit as st


def on_phone() -> bool:
    """Whether it says that it runs on a phone: the screen is small then, and touched."""
    return "Mobi" in st.context.headers.get("User-Agent", "")
