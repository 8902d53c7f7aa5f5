"""Photos taken one by one with the browser's own camera widget, where the live page does not work."""

from __future__ import annotations

import streamlit as st

from ui.results.photo import Photo, from_uploads
from ui.shell.session import camera_widget, photos_taken
from ui.text.scores import count

MOST = 25
"""Photos that are kept: as many as an enrolment takes. A photo of 1280x720 has about .5 MB."""


def switched_on(key: str) -> bool:
    """Whether the visitor has switched a camera on: it is off until then, and again on another page.

    Parameters
    ----------
    key : str
        Of the camera's widget.
    """
    return st.toggle("Camera on", key=f"{key}-on", help="Your browser may ask whether this page may use it.")


def take(key: str) -> list[Photo]:
    """Let photos be taken, one after the other; those taken so far are returned.

    Parameters
    ----------
    key : str
        Of the widget.
    """
    taken = photos_taken(key).get() or []
    on = switched_on(key)
    if on:
        st.camera_input("Take a photo, clear it, take the next", key=key, on_change=_keep, args=(key,))
    if not taken:
        if on:
            st.caption(
                "Nothing to see above? Allow the camera in the browser's address bar, and open no other program."
            )
        return []
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{count(len(taken), 'photo')} taken." + (" That is enough." if len(taken) >= MOST else ""))
        st.button("Forget them", icon=":material/delete:", on_click=photos_taken(key).clear)
    return taken


def _keep(key: str) -> None:
    slot, photo = photos_taken(key), camera_widget(key).get()
    taken = slot.get() or []
    if photo is not None and len(taken) < MOST:
        (kept,) = from_uploads([photo])
        slot.put([*taken, Photo(f"photo {len(taken) + 1}", kept.data, kept.key)])
