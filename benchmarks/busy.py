"""Sample checks on a busy machine: does the same come of them? ``python -m benchmarks.busy [--json FILE]``.

Plays each scenario as the app does, session, threads, pace and bank included, on the machine as it is and then beside
processes that do nothing but keep its cores busy. The same seeds both times: every verdict, reason and score of all
factors must be the same. Each play has a bank of its own, as an attack in the lab has.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from attacks.target import Target, simulated
from bank import Policy
from docs.record import Record, arguments
from ui.live.directors.verify import VerifyDirector
from ui.live.session import LiveSession
from ui.live.simulated_visitor import Stage
from ui.results.scenario import SCENARIOS, Scenario
from ui.sample.bank import SampleBank


@dataclass(frozen=True)
class Play:
    """What came of one play.

    Attributes
    ----------
    scenario : str
    seed : int
    outcome, reason : str
        Of the decision; of a play that came to none, what the session said.
    figures : tuple
        Verdict, reason and score of each factor.
    first_s, decided_s : float
        Seconds from the beginning to the first picture with a view, and to the decision.
    """

    scenario: str
    seed: int
    outcome: str
    reason: str
    figures: tuple[tuple[str, str, str], ...]
    first_s: float
    decided_s: float

    @property
    def right(self) -> bool:
        """Whether the enrolled camera was accepted, or another one, or none, refused for the camera."""
        if self.scenario == "genuine":
            return self.outcome == "accepted"
        return (self.outcome, self.reason) == ("refused", "camera: other-camera")


def play(person: Target, scenario: Scenario, seed: int) -> Play:
    own, draw = SampleBank(person), random.Random(seed)
    try:
        begun = time.perf_counter()
        director = VerifyDirector(own.bank, own.bank.begin(person.name, draw=draw), draw)
        session = LiveSession(director, played=True)
        stage = Stage(session, scenario.play(person, seed))
        stage.start()
        while session.view is None and not session.over:
            time.sleep(0.005)
        first_s = time.perf_counter() - begun
        while not stage.join(1.0):
            session.start()  # as its onlookers do
        decided_s = time.perf_counter() - begun
        session.join(60.0)
    finally:
        own.close()
    if director.verified is None:
        return Play(scenario.code, seed, session.outcome, director.problem, (), first_s, decided_s)
    decision = director.verified.decision
    figures = tuple((factor.verdict, factor.reason, repr(factor.score)) for factor in decision.factors)
    return Play(scenario.code, seed, decision.outcome, decision.reason, figures, first_s, decided_s)


@contextmanager
def beside(processes: int) -> Iterator[None]:
    """Keep the machine busy meanwhile."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def plays(person: Target, seeds: Sequence[int], at_once: int) -> list[Play]:
    wanted = [(scenario, seed) for seed in seeds for scenario in SCENARIOS]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda pair: play(person, *pair), wanted))


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--plays", type=int, default=20, metavar="N", help="plays of each scenario (20)")
    parser.add_argument("--first", type=int, default=1, metavar="SEED", help="seed of the first one (1)")
    parser.add_argument("--busy", type=int, default=8, metavar="N", help="processes beside it (8)")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="plays at the same time (1)")
    given, record = parser.parse_args(), Record("python -m benchmarks.busy")
    person, seeds = simulated(Policy.load().enrolment), range(given.first, given.first + given.plays)
    idle = plays(person, seeds, given.at_once)
    with beside(given.busy):
        busy = plays(person, seeds, given.at_once)
    record.table(
        "scenario", "right, idle", "right, busy", "the same to the last figure", "s to the decision, idle", "busy"
    )
    for scenario in SCENARIOS:
        pairs = [(a, b) for a, b in zip(idle, busy, strict=True) if a.scenario == scenario.code]
        right = (f"{sum(one.right for one in each)} of {len(pairs)}" for each in zip(*pairs, strict=True))
        same = sum(a.figures == b.figures and bool(a.figures) for a, b in pairs)
        took = (f"{statistics.median(one.decided_s for one in each):.1f}" for each in zip(*pairs, strict=True))
        record.row(scenario.title, *right, f"{same} of {len(pairs)}", *took)
    first = [statistics.median(one.first_s for one in each) for each in (idle, busy)]
    record.say(f"{given.busy} busy processes beside it, {given.at_once} of these checks at the same time.")
    record.say(f"To the first picture: {first[0]:.1f} s idle, {first[1]:.1f} s busy (median).")
    for one in [*idle, *busy]:
        if not one.right:
            record.say(f"{one.scenario}, seed {one.seed}: {one.outcome}, {one.reason}.")
    record.write(given.json)


if __name__ == "__main__":
    main()
