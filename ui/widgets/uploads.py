"""Files that a visitor gives: they stay until they are removed, also when the page is left and comes back.

Streamlit forgets what an uploader holds as soon as its page is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from prnu.quality import listed
from ui.results.photo import Photo, Upload
from ui.shell.session import Slot, file_widget, uploads
from ui.text.scores import count, literal

MOST_BYTES = 200_000_000
"""Bytes of files that an uploader keeps for a page that comes back: 25 photos of 12 megapixels."""

_NAMED = 3  # files that are named


@dataclass(frozen=True)
class Given:
    """What an uploader was given.

    Attributes
    ----------
    earlier : tuple of Photo
        On an earlier visit to the page.
    now : tuple of Photo
        What the widget itself holds.
    renewed : int
        How often all were removed. Only another key empties an uploader.
    """

    earlier: tuple[Photo, ...] = ()
    now: tuple[Photo, ...] = ()
    renewed: int = 0


def choose(label: str, types: Sequence[str], *, key: str, help: str | None = None) -> list[Photo]:
    """Let files be uploaded; returns them in order, those of an earlier visit first.

    Parameters
    ----------
    label, help : str
    types : sequence of str
        Endings of names.
    key : str
        Of the widget.
    """
    slot = _slot(key)
    before = slot.get() or Given()
    widget = _widget(key, before)
    files = st.file_uploader(
        label, types, accept_multiple_files=True, key=widget, help=help, on_change=_changed, args=(key, widget)
    )
    now = _photos(files, before.now)
    earlier = before.earlier if now or not before.now else (*before.earlier, *before.now)  # the page was left
    slot.put(Given(_with_room(earlier), now, before.renewed))
    given = [*earlier, *now]
    if earlier:
        names = literal(listed([photo.name for photo in earlier], _NAMED))
        st.caption(f":material/history: From before: {names}.")
    if earlier or len(given) > 1:
        st.button(
            f"Remove all ({count(len(given), 'file')})",
            icon=":material/delete:",
            key=f"{key}-remove",
            on_click=forget,
            args=(key,),
        )
    return given


def forget(key: str) -> None:
    """Forget what an uploader was given, and empty it."""
    given = _slot(key).get() or Given()
    _slot(key).put(Given(renewed=given.renewed + 1))


def _changed(key: str, widget: str) -> None:
    """Note what the widget holds after a change: nothing, too, which a page that was left looks like otherwise."""
    slot = _slot(key)
    before = slot.get() or Given()
    slot.put(Given(before.earlier, _photos(file_widget(widget).get() or [], before.now), before.renewed))


def _photos(files: Sequence[Upload], known: Sequence[Photo]) -> tuple[Photo, ...]:
    """Photos of files; those that are known are not copied once more."""
    there = {photo.key: photo for photo in known}
    return tuple(there.get(file.file_id) or Photo(file.name, file.getvalue(), file.file_id) for file in files)


def _with_room(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """As many as there is room for."""
    kept, room = [], MOST_BYTES
    for photo in photos:
        room -= len(photo.data)
        if room >= 0:
            kept.append(photo)
    return tuple(kept)


def _widget(key: str, given: Given) -> str:
    return f"{key}-{given.renewed}" if given.renewed else key


def _slot(key: str) -> Slot[Given]:
    return uploads(key)
