"""The progress of work that takes a while, with a button that stops it."""

from __future__ import annotations

import streamlit as st

from ui.text.plain import literal

_STOPPED = "Stopped before it was done."


class Progress:
    """A bar with a button beside it, while the work lasts.

    A press runs the page again, which ends the work at its next step: the page is as it was before.

    Parameters
    ----------
    text : str
        What is done first.
    """

    def __init__(self, text: str) -> None:
        self._place = st.empty()
        with self._place.container(horizontal=True, vertical_alignment="center", key=f"work-under-way: {text}"):
            self._bar = st.progress(0.0, text=literal(text))
            st.button("Stop", icon=":material/stop_circle:", key=f"stop-work: {text}", on_click=_say_so)

    def progress(self, share: float, text: str) -> None:
        """Show how far it is, 0..1, and what is done now."""
        self._bar.progress(min(share, 1.0), text=literal(text))

    def empty(self) -> None:
        """Take bar and button away."""
        self._place.empty()


def _say_so() -> None:
    st.toast(_STOPPED, icon=":material/stop_circle:")
