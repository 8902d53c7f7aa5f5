"""What live checks need and takes seconds to load: loaded in the background, when a first page has been shown."""

from __future__ import annotations

import functools
import threading


@functools.cache
def prepare() -> threading.Thread:
    """Begin to load it, once in this process. Who needs some of it earlier waits for that part only."""
    thread = threading.Thread(target=_load, name="preparation", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    import bank.bank  # noqa: F401
    from liveness import landmarks

    landmarks.prepare()
