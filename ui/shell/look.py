"""What all pages look like beside their theme: the logo, a style sheet, and how they are printed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parents[2] / "assets"


def dress() -> None:
    """Put the logo in its place, and the style sheet on the page."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(str(_ASSETS / f"logo-{theme}.svg"), size="large")
    background = st.get_option(f"theme.{theme}.backgroundColor")
    st.html(f"<style>:root {{ --lenslock-on-accent: {background} }}\n{_style()}</style>")


@cache
def _style() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
