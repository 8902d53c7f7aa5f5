"""Make the pictures of this folder from sample material: `python -m assets.make_pictures`.

Starts the app in a folder of its own, clicks through it in the system's Chromium, and keeps what it sees.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from assets import moving_idea

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--enable-unsafe-swiftshader"]


def main() -> None:
    """Write all pictures."""
    moving_idea.write(HERE / "idea.png")
    with tempfile.TemporaryDirectory() as home, running_app(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        photograph_app(page, address)
        photograph_lab(page, address)
        film_app(page, address, HERE / "sample-check.webp")
        browser.close()


def photograph_app(page: Page, address: str) -> None:
    """Go through the samples and keep the outcome as the match view shows it."""
    page.goto(address)
    page.get_by_role("button", name="Use sample cameras").click()
    page.get_by_text("Its own photo, face swapped").click(timeout=60_000)
    page.get_by_role("button", name="Check this photo").click()
    page.get_by_text("one area is not").wait_for()
    page.get_by_role("button", name="See why").click()
    page.get_by_text("The noise itself").wait_for()
    page.set_viewport_size({"width": 1280, "height": 4000})
    page.wait_for_timeout(4000)
    outcome = page.get_by_test_id("stHorizontalBlock").first
    _keep(HERE / "match-view.png", [outcome, page.locator(".st-key-where")])


def photograph_lab(page: Page, address: str) -> None:
    """Swap the sample person's face inside genuine pictures, and keep what the attack lab says of it."""
    page.set_viewport_size({"width": 1280, "height": 4000})
    page.goto(f"{address}/attack_lab")
    page.locator(".st-key-lab-way-swap").get_by_text("In pictures that the enrolled camera took").click()
    page.locator(".st-key-attack-swap button").click()
    page.get_by_role("button", name="Let it take the check").click(timeout=60_000)
    page.get_by_text("on one scale of colours").wait_for(timeout=90_000)
    page.wait_for_timeout(4000)
    verdict = page.get_by_role("alert").first
    _keep(HERE / "attack-lab.png", [verdict, page.locator(".st-key-lab-agreement")])


def film_app(page: Page, address: str, path: Path) -> None:
    """Go through the sample checks, a genuine one and a deepfake, and keep an animation of it."""
    page.set_viewport_size({"width": 1180, "height": 900})
    page.goto(address)
    film: list[tuple[Image.Image, int]] = []
    page.get_by_role("button", name="Show me with sample material").wait_for()
    page.wait_for_timeout(1500)
    _shoot(page, film, 1500)
    page.get_by_role("button", name="Show me with sample material").click()
    _shoot_check(page, film, "Accepted")
    page.locator(".st-key-play-injected button").click()
    _shoot_check(page, film, "Refused")
    pictures, lengths = zip(*film, strict=True)
    options = {"duration": lengths, "loop": 0, "quality": 60, "method": 6, "minimize_size": True}
    pictures[0].save(path, save_all=True, append_images=pictures[1:], **options)


def _shoot_check(page: Page, film: list[tuple[Image.Image, int]], outcome: str) -> None:
    """Shoot a check from its first picture until its last factor card is there."""
    page.locator('img[src*="live/picture"]').wait_for(timeout=90_000)
    decided = page.get_by_text(outcome).first
    while not decided.is_visible():
        _shoot(page, film, 350)
        page.wait_for_timeout(250)
    for _ in range(9):
        _shoot(page, film, 350)
        page.wait_for_timeout(250)
    _shoot(page, film, 3000)


def _shoot(page: Page, film: list[tuple[Image.Image, int]], milliseconds: int) -> None:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    film.append((picture.resize((885, 675), Image.Resampling.LANCZOS), milliseconds))


def _keep(path: Path, parts: list[Locator]) -> None:
    """Keep parts of a page, one below the other."""
    pictures = [Image.open(io.BytesIO(part.screenshot())).convert("RGB") for part in parts]
    size = max(picture.width for picture in pictures) + 48, sum(picture.height + 16 for picture in pictures) + 16
    sheet, top = Image.new("RGB", size, "white"), 16
    for picture in pictures:
        sheet.paste(picture, (24, top))
        top += picture.height + 16
    sheet.save(path, optimize=True)


@contextmanager
def running_app(home: str) -> Iterator[str]:
    """Start the app on a free port, with its fingerprints in `home`; yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        command, cwd=HERE.parent, env={**os.environ, "LENSLOCK_HOME": home}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


if __name__ == "__main__":
    main()
