"""How long somebody waits for the first result of a sample check: `python -m benchmarks.sample [--json FILE]`.

Starts the app in a folder of its own, with nothing loaded and nobody enrolled, and presses the start page's button in
the system's Chromium. Then once more, with everything at hand. From the click until the decision is on the page.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from docs.record import Record, arguments
from testing.browser.driver import CHROMIUM, running

AGAIN = 3


def main() -> None:
    given, record = arguments(__doc__).parse_args(), Record("python -m benchmarks.sample")
    program = ("-m", "streamlit", "run", "app.py", "--server.port", "PORT")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), *program) as address:
        seconds = measure(address)
    first, then = seconds[0], ", ".join(f"{one:.1f} s" for one in seconds[1:])
    record.say(
        f"From the click on the start page to the decision on the page: {first:.1f} s on a server that was just "
        f"started, then {then}."
    )
    record.keep(first_s=first, then_s=seconds[1:])
    record.write(given.json)


def measure(address: str) -> list[float]:
    seconds = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(1 + AGAIN):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            button = page.get_by_role("button", name="Show me with sample material")
            button.wait_for()
            begun = time.perf_counter()
            button.click()
            page.get_by_text("See why").wait_for(timeout=90_000)
            seconds.append(time.perf_counter() - begun)
            page.close()
        browser.close()
    return seconds


if __name__ == "__main__":
    main()
