"""The live puppet in a real browser: costs and rates. ``python -m benchmarks.live_puppet [--json FILE]``.

Somebody else's face, a film of 640x480 at 15 frames a second, is Chromium's camera and moves the victim's photo in the
attack lab; then the puppet takes the check. Browser and server share the machine's cores. Rates count pictures of the
puppet that changed on the browser's screen, second by second. Keep the machine quiet meanwhile.
"""

from __future__ import annotations

import math
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, Playwright, sync_playwright

from attacks.face.behaviour import CALM, Actor
from attacks.face.puppet import Puppet, label
from attacks.face.retarget import Driver
from attacks.face.selfie_framing import selfie
from attacks.face.stranger import stranger
from benchmarks.live import cpu_seconds
from docs.record import Cell, Record, arguments
from liveness.landmarks import FaceTracker
from prnu import scenes
from testing.browser.driver import running, told, visitor
from testing.browser.puppeteer import begin_moving, film_stranger, record, recorded, wait_for_loop
from testing.browser.studio import RATE, Film
from ui.live.preview import Showing

CAMERAS = {"640x480": (960, 1280), "640x360": (720, 1280)}
"""Size of the puppet that is shown, and height and width of the camera's stills, which it has the aspect of."""

SECONDS = 20
_SERVER = (
    "import sys, pathlib, attacks.target; from testing.browser.server import main; "
    "attacks.target.simulated.__kwdefaults__['shape'] = {shape}; main(sys.argv[1], pathlib.Path(sys.argv[2]))"
)


@dataclass(frozen=True)
class Row:
    """One puppet.

    Attributes
    ----------
    size : str
    moved, checked : float
        Pictures a second while it is moved only, and while it takes the check: median of the whole seconds.
    moved_slowest, checked_slowest : int
        Of those seconds.
    browser_cpu, server_cpu : float
        Per cent of one core, while it is moved only.
    load : float
        Of the machine over the last minute, before: what else was running.
    verdicts : dict
        Of the check.
    """

    size: str
    moved: float
    moved_slowest: int
    checked: float
    checked_slowest: int
    browser_cpu: float
    server_cpu: float
    load: float
    verdicts: dict[str, str]


def parts() -> dict[str, tuple[float, float]]:
    """Milliseconds of each part over 60 frames: the median, and the CPU time, which other load changes less."""
    portrait, actor = scenes.photo("astronaut", (512, 512)), Actor(1, CALM)
    poses = [actor.expression(number / RATE) for number in range(60)]
    took: dict[str, tuple[float, float]] = {}

    def measure(name: str, work: Callable[[int], object]) -> None:
        spent, cpu = [], time.process_time()
        for number in range(len(poses)):
            begun = time.perf_counter()
            work(number)
            spent.append(1000 * (time.perf_counter() - begun))
        took[name] = statistics.median(spent), 1000 * (time.process_time() - cpu) / len(poses)

    with FaceTracker(stills=True) as tracker:
        shapes = ((480, 640), (360, 640), (720, 1280))
        puppets = {shape: Puppet(selfie(portrait, shape, tracker), tracker) for shape in shapes}
        visitor_ = Puppet(selfie(stranger(portrait, tracker), shapes[0], tracker), tracker)
    frames = [visitor_.frame(pose) for pose in poses]
    driver, scene = Driver(), puppets[shapes[0]].frame(poses[1])
    with FaceTracker() as tracker:
        seen = [one for number in range(60) if (one := tracker.observe(frames[number], number / RATE))]
        measure("find the visitor's face, 640x480", lambda n: tracker.observe(frames[n], 10 + n / RATE))
    measure("understand its expression", lambda n: driver.expression(seen[n]))
    for (height, width), puppet in puppets.items():
        measure(f"move the photo, {width}x{height}", lambda n, puppet=puppet: puppet.frame(poses[n]))  # type: ignore[misc]
    measure("mirror and label it, 640x480", lambda n: label(np.ascontiguousarray(scene[:, ::-1])))
    jpegs = Showing()

    def encode(_: int) -> None:
        jpegs.put(scene)
        jpegs.newest()

    measure("make a JPEG of it, 640x480", encode)
    return took


def measure_in_browser(driver: Playwright, size: str, film: Film, folder: Path) -> Row:
    """Move the photo for a while, then let it take the check."""
    load = os.getloadavg()[0]
    program = ("-c", _SERVER.format(shape=CAMERAS[size]), "PORT", str(folder / "notes.jsonl"))
    with running(folder, *program) as address, visitor(driver, film.path) as page:
        begin_moving(page, address)
        record(page, keep=False)
        before, begun = cpu_seconds(), time.monotonic()
        page.wait_for_timeout(1000 * SECONDS)
        after, seconds = cpu_seconds(), time.monotonic() - begun
        browser_cpu, server_cpu = (100 * (b - a) / seconds for a, b in zip(before, after, strict=True))
        moved = rates(page)
        wait_for_loop(page)
        page.get_by_role("button", name="Let it take the check").click()
        page.get_by_text("Look straight into the camera").first.wait_for()
        record(page, keep=False)
        page.get_by_role("button", name="Move the photo again").wait_for()
        checked = rates(page)
        verdicts = told(page)[1]
    median = statistics.median
    return Row(size, median(moved), min(moved), median(checked), min(checked), browser_cpu, server_cpu, load, verdicts)


def rates(page: Page) -> list[int]:
    """Pictures in each whole second since `record`."""
    times, _ = recorded(page)
    counts = Counter(math.floor(at - times[0]) for at in times)
    return [counts[second] for second in range(1, max(counts))]


def main() -> None:
    given, record = arguments(__doc__).parse_args(), Record("python -m benchmarks.live_puppet")
    took = parts()
    record.table("part", "ms", "CPU ms")
    for name, (spent, cpu) in took.items():
        record.row(name, f"{spent:.1f}", f"{cpu:.1f}")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        film = film_stranger(Path(name) / "stranger.y4m")
        rows = []
        for size in CAMERAS:
            folder = Path(name) / size
            folder.mkdir()
            rows.append(measure_in_browser(driver, size, film, folder))
    record.table(
        "puppet", "frames/s", "slowest", "in the check", "slowest", "Chromium CPU %", "server CPU %", "load", "verdicts"
    )
    for row in rows:
        figures: list[Cell] = [f"{row.moved:g}", row.moved_slowest, f"{row.checked:g}", row.checked_slowest]
        figures += [f"{row.browser_cpu:.0f}", f"{row.server_cpu:.0f}", f"{row.load:.1f}"]
        record.row(row.size, *figures, ", ".join(f"{name} {verdict}" for name, verdict in row.verdicts.items()))
    record.keep(parts_ms=took, rows=[asdict(row) for row in rows])
    record.write(given.json)


if __name__ == "__main__":
    main()
