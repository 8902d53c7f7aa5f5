"""Keep garbage collections short, which stop all threads."""

import gc
import itertools

_CALM_AFTER = (1, 5, 25)
_runs = itertools.count(1)


def calm() -> None:
    """Keep garbage collections short. Call it at the end of each run of a live page.

    Streamlit collects all garbage after every run, which stops each thread for as long as there are objects to visit
    (measured: 75 ms, and 13 instead of 15 frames a second). What exists after the first runs is there to stay, and is
    taken out of the collector's sight.
    """
    if next(_runs) in _CALM_AFTER:
        gc.collect()
        gc.freeze()
