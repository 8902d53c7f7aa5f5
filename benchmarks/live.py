"""The live check in real browsers: picture rates, delays, load and memory. ``python -m benchmarks.live [--json FILE]``.

Chromium's camera is a film of an animated portrait in front of a simulated sensor, at 15 frames a second; browsers and
server share the machine's cores. ``--attempts N`` also takes N whole checks, two at a time, each in a new browser, and
tells the server's memory. Keep the machine quiet meanwhile.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Playwright, sync_playwright

from docs.record import Record, arguments
from testing.browser.driver import begin_check, result, running, start_camera, visitor
from testing.browser.enroller import Enroller
from testing.browser.studio import OWN, Film, Studio
from testing.browser.watched import Check, Watched

SHAPES = {"1280x720": (720, 1280), "640x480": (480, 640)}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
"""A phone begins with POSTs."""

AT_ONCE = 2
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Row:
    """One kind of check.

    Attributes
    ----------
    what : str
    rates : list of float
        Processed frames a second of each page: median of the whole seconds.
    slowest : int
        Second of any page.
    lag_ms, lag_95_ms : float
        From a frame's arrival at the server until it was processed: median, and of 95 in 100.
    stills, exact : int
        Stills that arrived, and how many of them have a film's frame as their luma, bit by bit.
    last_still_s, last_picture_s : float
        From the arrival of the last still, and of whatever came last, to the decision: the longest of the pages.
    browser_cpu, server_cpu : float
        Per cent of one core.
    outcomes : list of str
    """

    what: str
    rates: list[float]
    slowest: int
    lag_ms: float
    lag_95_ms: float
    stills: int
    exact: int
    last_still_s: float
    last_picture_s: float
    browser_cpu: float
    server_cpu: float
    outcomes: list[str]


class Bench:
    """A server, its films and its customers."""

    def __init__(self, driver: Playwright, address: str, enroller: Enroller, watched: Watched, films: dict[str, Film]):
        self.driver, self.address, self.enroller, self.watched, self.films = driver, address, enroller, watched, films
        self._customers = 0

    def check(self, what: str, size: str, pages: int, transport: str) -> Row:
        """Take checks at the same time, each as a new customer: no still may be handed in twice."""
        checks, browser_cpu, server_cpu = self._take(size, pages, transport)
        return self._row(what, size, checks, browser_cpu, server_cpu)

    def _take(self, size: str, pages: int, transport: str) -> tuple[list[Check], float, float]:
        with ExitStack() as stack:
            customers, opened = zip(*(self._open(stack, size, transport) for _ in range(pages)), strict=True)
            for page in opened:
                start_camera(page)
            while not all(self.watched.check(customer).frames for customer in customers):
                opened[0].wait_for_timeout(100)
            before, begun = cpu_seconds(), time.monotonic()
            while not any(self.watched.check(customer).outcome for customer in customers):
                opened[0].wait_for_timeout(200)
            after, seconds = cpu_seconds(), time.monotonic() - begun
            for page in opened:
                result(page)
        browser_cpu, server_cpu = (100 * (b - a) / seconds for a, b in zip(before, after, strict=True))
        return [self.watched.check(customer) for customer in customers], browser_cpu, server_cpu

    def _open(self, stack: ExitStack, size: str, transport: str) -> tuple[str, Page]:
        self._customers += 1
        name = f"Visitor {self._customers} (simulated)"
        customer = self.enroller.enrol(name, SHAPES[size])
        options = PHONE if transport == "POST" else {}
        page = stack.enter_context(visitor(self.driver, self.films[size].path, **options))
        begin_check(page, self.address, name)
        return customer, page

    def _row(self, what: str, size: str, checks: list[Check], browser_cpu: float, server_cpu: float) -> Row:
        known = self.films[size].numbers()
        lags = sorted(lag for check in checks for lag in check.lags_ms)
        stills = [still for check in checks for still in check.stills]
        return Row(
            what,
            [check.rate for check in checks],
            min(min(check.rates()) for check in checks),
            statistics.median(lags),
            lags[int(0.95 * len(lags))],
            len(stills),
            sum(still["luma"] in known for still in stills),
            max(check.last_still_s for check in checks),
            max(check.last_picture_s for check in checks),
            browser_cpu,
            server_cpu,
            [check.outcome for check in checks],
        )

    def attempts(self, count: int) -> tuple[list[float], list[int], Counter[str]]:
        """Take many checks; return the server's memory in MB and its live threads after each pair, and the outcomes."""
        memory, threads, outcomes = list[float](), list[int](), Counter[str]()
        for _ in range(0, count, AT_ONCE):
            outcomes.update(check.outcome for check in self._take("640x480", AT_ONCE, "WebRTC")[0])
            time.sleep(1)
            latest = self.watched.process()[-1]
            memory.append(latest["resident"] / 1e6)
            threads.append(latest["live_threads"])
        return memory, threads, outcomes


def cpu_seconds() -> tuple[float, float]:
    """CPU seconds so far of all browsers, and of the server, that this process started."""
    parents, spent, names = dict[int, int](), dict[int, float](), dict[int, str]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                rest = (folder / "stat").read_text().rpartition(")")[2]
                names[int(folder.name)] = (folder / "cmdline").read_text()
            except OSError:
                continue  # it has just ended
            fields = rest.split()
            parents[int(folder.name)] = int(fields[1])
            spent[int(folder.name)] = (int(fields[11]) + int(fields[12])) / _TICKS
    ours = [pid for pid in spent if os.getpid() in ancestors(pid, parents)]
    server = [pid for pid in ours if "testing.browser.server" in names.get(pid, "")]
    browsers = [pid for pid in ours if "chromium" in names.get(pid, "")]
    return sum(spent[pid] for pid in browsers), sum(spent[pid] for pid in server)


def ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    found = []
    while pid in parents:
        pid = parents[pid]
        found.append(pid)
    return found


def tell(record: Record, rows: list[Row]) -> None:
    record.table(
        "pages, camera, way of the video",
        "frames/s processed while stills are taken",
        "delay of a frame, median / 95 %",
        "stills exact in luma",
        "last still to decision",
        "last picture to decision",
        "Chromium / server, % of one core",
    )
    for row in rows:
        record.row(
            row.what,
            " + ".join(f"{rate:g}" for rate in row.rates),
            f"{row.lag_ms:.0f} / {row.lag_95_ms:.0f} ms",
            f"{row.exact} of {row.stills}",
            f"{row.last_still_s:.2f} s",
            f"{row.last_picture_s:.2f} s",
            f"{row.browser_cpu:.0f} / {row.server_cpu:.0f}",
        )
    slowest = min(row.slowest for row in rows)
    record.say(f"The slowest second of any page had {slowest} frames. Outcomes: {', '.join(told(rows))}.")
    record.keep(rows=[asdict(row) for row in rows])


def told(rows: list[Row]) -> list[str]:
    return [f"{count} {outcome}" for outcome, count in Counter(o for row in rows for o in row.outcomes).most_common()]


def main(attempts: int, path: Path | None) -> None:
    record = Record("python -m benchmarks.live")
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        studio = Studio()
        films = {size: studio.film_checks(shape, {folder / f"{size}.y4m": OWN})[0] for size, shape in SHAPES.items()}
        studio.finish()
        notes = folder / "notes.jsonl"
        with (
            running(folder, "-m", "testing.browser.server", "PORT", str(notes)) as address,
            Enroller(folder / "home") as enroller,
            sync_playwright() as driver,
        ):
            bench = Bench(driver, address, enroller, Watched(notes), films)
            bench.check("", "640x480", 1, "WebRTC")  # loads what is loaded once
            rows = [
                bench.check(f"{pages}, {size}, {transport}", size, pages, transport)
                for size, pages in (("1280x720", 1), ("640x480", 1), ("640x480", 2))
                for transport in ("WebRTC", "POST")
            ]
            tell(record, rows)
            if attempts:
                memory, threads, outcomes = bench.attempts(attempts)
                record.say(f"{attempts} checks, {AT_ONCE} at a time: {dict(outcomes)}.")
                record.say(f"Memory in MB after each {AT_ONCE}: {' '.join(f'{value:.0f}' for value in memory)}.")
                record.say(f"Live threads left: {threads[-1]}.")
                record.keep(attempts=attempts, memory_mb=memory, outcomes=dict(outcomes))
    record.write(path)


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--attempts", type=int, default=0, help="whole checks to take in a row (default: none)")
    given = parser.parse_args()
    main(given.attempts, given.json)
