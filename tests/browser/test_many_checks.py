"""Many checks, several at a time, against the live routes in a process of their own: the server forgets all of them."""

from __future__ import annotations

import statistics
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from testing.browser.driver import running
from testing.browser.enroller import Enroller
from testing.browser.studio import OWN
from testing.browser.watched import Watched, until
from tests.browser.playing import Player

# No browser is driven here, but each of these visitors has a picture rate to keep, as a browser has.
pytestmark = [pytest.mark.browser, pytest.mark.alone]

SHAPE = (480, 640)
AT_ONCE, WARM, CHECKS = 4, 8, 24


@pytest.fixture(scope="module")
def checks(models, tmp_path_factory):
    """The server: its address, and what it notes. Anna is enrolled."""
    folder = tmp_path_factory.mktemp("checks")
    notes = folder / "notes.jsonl"
    with Enroller(folder / "home") as enroller:
        enroller.enrol("Anna", SHAPE)
    with running(folder, "-m", "tests.browser.checks_server", "PORT", str(notes)) as address:
        yield address, Watched(notes)


def begin(address: str) -> str:
    """Begin a check as Anna; the token."""
    with urllib.request.urlopen(f"{address}/begin?customer=Anna") as answer:
        return answer.read().decode()


def test_memory_of_the_server_does_not_grow_with_the_checks(checks):
    address, watched = checks

    def check(number: int) -> str:
        return Player(address, begin(address), OWN.at(SHAPE), seed=100 + number).play()

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        outcomes = list(crowd.map(check, range(CHECKS)))
    assert set(outcomes) <= {"accepted", "step-up"}, "a machine that is too slow to tell refuses nobody"
    assert outcomes.count("accepted") > CHECKS / 4
    ends = sorted(check.decided_s for check in watched.checks())
    early = memory(watched, ends[0], ends[WARM])
    late = memory(watched, ends[-WARM], ends[-1])
    assert late < 1.1 * early
    until(lambda: watched.process()[-1]["live_threads"] == 0)
    until(lambda: watched.process()[-1]["resident"] < 0.6 * early)


def memory(watched: Watched, begin_s: float, end_s: float) -> float:
    return statistics.median(note["resident"] for note in watched.process() if begin_s <= note["at"] < end_s)
