"""The app in a process of its own, and visitors: browsers with a film as their camera."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
VARIABLES = ("LENSLOCK_KEY", "LENSLOCK_DATABASE_URL", "LENSLOCK_POLICY")

_QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_FACTORS = re.compile(r"(Passed|Failed|Cannot tell)\s+(Face|Liveness|Camera in the face|Camera|Freshness):")


@contextmanager
def running(folder: Path, *program: str) -> Iterator[str]:
    """Run the app on a free port, with its bank in FOLDER/home; give its address.

    Parameters
    ----------
    folder : Path
        Keeps "server.log".
    program : str
        Arguments of Python; the last "PORT" among them becomes the port.

    Raises
    ------
    RuntimeError
        If it does not start, or an exception was told in its log.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment["LENSLOCK_HOME"] = str(folder / "home")
    command = [sys.executable, *(str(port) if word == "PORT" else word for word in program)]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)
    text = (folder / "server.log").read_text()
    if "Traceback" in text:
        raise RuntimeError(text[-5000:])


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            if server.poll() is not None:
                raise RuntimeError("the app did not start") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the app did not answer within a minute")


@contextmanager
def visitor(
    driver: Playwright, film: Path, script: str = "", *, allowed: bool = True, **context: Any
) -> Iterator[Page]:
    """Open a browser whose camera plays a film; give a page. Afterwards no script may have failed, and nothing
    may have been drawn that is no number.

    Parameters
    ----------
    driver : Playwright
    film : Path
    script : str
        Runs in the page before any other.
    allowed : bool
        Whether the page may use the camera.
    context
        Further options of the browser's context.
    """
    camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    if allowed:
        camera.append("--use-fake-ui-for-media-stream")
    wrong: list[str] = []
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=[*_QUIET, *camera])
    try:
        options = {"permissions": ["camera"] if allowed else [], "viewport": {"width": 1280, "height": 1000}}
        page = browser.new_context(**{**options, **context}).new_page()
        page.set_default_timeout(90_000)
        page.add_init_script(script)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.text.startswith("Error: <") else None)
        yield page
    finally:
        browser.close()
    if wrong:
        raise RuntimeError("; ".join(wrong))


def start_camera(page: Page) -> None:
    """Press the component's button."""
    page.get_by_role("button", name="Start camera").click()


def begin_check(page: Page, address: str, customer: str) -> None:
    """Begin a check as a customer, up to the button that starts the camera."""
    page.goto(f"{address}/verify")
    choice = page.get_by_role("combobox")
    choice.wait_for()
    if customer not in page.get_by_test_id("stSelectbox").inner_text():
        choice.click()
        choice.fill(customer)  # a long list shows only its beginning
        page.get_by_role("option", name=customer, exact=True).click()
    page.get_by_role("button", name="Start the check").click()
    page.get_by_role("button", name="Start camera").wait_for()


def result(page: Page) -> tuple[str, dict[str, str]]:
    """Wait for the decision; return what the page says, and the verdict of each factor by its name."""
    page.get_by_role("button", name=re.compile("^.*(Check|Start) again")).wait_for()
    return told(page)


def told(page: Page) -> tuple[str, dict[str, str]]:
    """What the page says, and the verdict of each factor by its name."""
    text = page.get_by_test_id("stMain").inner_text()
    return text, {name: verdict for verdict, name in _FACTORS.findall(text)}


def in_camera(page: Page, script: str) -> Any:
    """Run a script that knows the component's `video` and its camera's `track`."""
    return page.evaluate(f"""() => {{
        const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".capture"));
        const video = host.shadowRoot.querySelector("video");
        const track = video.srcObject.getVideoTracks()[0];
        {script}
    }}""")
