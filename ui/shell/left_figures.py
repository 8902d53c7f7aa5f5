"""Figures of checks whose pictures went with a browser session: for whoever comes back to a check's address.

What the app's bank decided is in its audit log. Here is what it does not write down: checks of photos against cameras,
and sample checks, which a bank of their own decides. It stays in this process, and names no photo.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from typing import TypeAlias

from ui.results.check_figures import AttemptFigures, CheckFigures

Figures: TypeAlias = CheckFigures | AttemptFigures

MOST = 500
"""Checks that are remembered, of all visitors together: a few hundred bytes each."""


class LeftFigures:
    """Remembers figures by their check's key, which nobody can guess. Any thread may use it."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[str, Figures] = OrderedDict()

    def remember(self, figures: Figures) -> None:
        """Remember figures; the oldest go."""
        if isinstance(figures, CheckFigures):
            figures = replace(figures, photos=())
        with self._lock:
            self._kept[figures.key] = figures
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get(self, key: str) -> Figures | None:
        """Figures of a check; None if they are not known, or not any more."""
        with self._lock:
            return self._kept.get(key)

    def forget(self, keys: Collection[str] = (), cameras: Collection[str] = ()) -> None:
        """Forget checks by their keys, and those of cameras ("label · customer")."""
        with self._lock:
            for key, one in list(self._kept.items()):
                if key in keys or (isinstance(one, CheckFigures) and one.camera in cameras):
                    del self._kept[key]


LEFT = LeftFigures()
"""Those of this process."""
