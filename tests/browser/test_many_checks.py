"""Many checks, one after the other and several at a time: the server forgets all of them."""

from __future__ import annotations

import statistics
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.driving import running
from tests.browser.enrolling import Enroller
from tests.browser.filming import OWN
from tests.browser.playing import Player
from tests.browser.watching import Watched

# No browser is driven here, but each of these visitors has a picture rate to keep, as a browser has.
pytestmark = pytest.mark.browser

SHAPE = (480, 640)
AT_ONCE, WARM, CHECKS = 4, 8, 24


def test_memory_and_threads_of_the_server_do_not_grow_with_the_checks(models, tmp_path):
    watched = Watched(tmp_path / "notes.jsonl")
    with Enroller(tmp_path / "home") as enroller:
        enroller.enrol("Anna", SHAPE)
    with running(tmp_path, "-m", "tests.browser.checks_server", "PORT", str(watched.path)) as address:

        def check(number: int) -> str:
            with urllib.request.urlopen(f"{address}/begin?customer=Anna") as answer:
                token = answer.read().decode()
            return Player(address, token, OWN.at(SHAPE), seed=100 + number).play()

        with ThreadPoolExecutor(AT_ONCE) as crowd:
            outcomes = list(crowd.map(check, range(CHECKS)))
    assert outcomes.count("accepted") > CHECKS / 2
    ends = sorted(check.decided_s for check in watched.checks())
    early = memory(watched, ends[0], ends[WARM])
    late = memory(watched, ends[-WARM], ends[-1])
    assert late < 1.1 * early


def memory(watched: Watched, begin_s: float, end_s: float) -> float:
    return statistics.median(note["resident"] for note in watched.process() if begin_s <= note["at"] < end_s)
