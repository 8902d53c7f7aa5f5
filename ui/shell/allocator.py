"""Keep the server's memory flat over many live sessions."""

from __future__ import annotations

import ctypes
import sys

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # of mallopt, in glibc's malloc.h
_ARENAS, _LARGE = 2, 4_000_000

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def share_heaps() -> bool:
    """Let all threads share two heaps, and return large arrays to the system when they go. Call it before they start.

    Left alone, glibc gives each new thread a heap of its own, up to eight for each core, and pictures that come and go
    leave holes in all of them: 20 checks, three at a time, took the server from 1.0 to 2.0 GB, and with this from
    1.0 to 1.1.

    Returns
    -------
    bool
        False where there is another allocator than glibc's: nothing was changed.
    """
    mallopt = getattr(_libc, "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_ARENA_MAX, _ARENAS) and mallopt(_MMAP_THRESHOLD, _LARGE))


def give_back() -> None:
    """Return free memory to the system, that between used pieces, too. Without glibc it does nothing.

    Checks leave holes that glibc keeps for later: when 32 of them were over, 112 of 1150 MB were in use, and the server
    fell to 400. It takes 30 ms, in which other threads may have to wait for memory.
    """
    trim = getattr(_libc, "malloc_trim", None)
    if trim is not None:
        trim(0)
