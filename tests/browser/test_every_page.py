"""Every page in a real browser, opened by its address: nothing fails, and names are shown as they are."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bank import Bank
from liveness.identity import FaceTemplate
from testing.browser.driver import CHROMIUM, running
from tests import needs

pytestmark = needs.BROWSER

NAME = "Näm :material_verified: :smile: :red[A] **B** $c$ <b>D</b> www.e.example -> `F`"
ADDRESSES = {"start": "", "continue_on_phone": "continue"}
PAGES = sorted(path.stem for path in (needs.ROOT / "pages").glob("*.py"))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The app, with somebody enrolled whose name looks like mark-up."""
    folder = tmp_path_factory.mktemp("pages")
    home = folder / "home"
    bank = Bank(f"sqlite:///{home / 'bank.db'}", folder=home)
    bank.enrol(NAME, faces=FaceTemplate(np.random.default_rng(5).normal(size=128).astype(np.float32), 3))
    bank.close()
    with running(folder, "-m", "streamlit", "run", "app.py", "--server.port", "PORT") as at:
        yield at


@pytest.fixture(scope="module")
def visit(driver, address):
    """Open a page; gives it, and what went wrong on it."""
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)
    wrong: list[str] = []

    def note(text: str, url: str) -> None:
        # Streamlit looks for its own address by asking in the wrong places first. What a page had still asked for when
        # it was left is called off, and no failure.
        if url.startswith(address) and "/_stcore/" not in url and "ERR_ABORTED" not in text:
            wrong.append(f"{text} {url}")

    page.on("console", lambda said: note(said.text, said.location["url"]) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: note(str(request.failure), request.url))
    page.on("response", lambda answer: note(str(answer.status), answer.url) if answer.status >= 400 else None)

    def opened(name: str):
        wrong.clear()
        page.goto(f"{address}/{ADDRESSES.get(name, name)}")
        page.get_by_test_id("stMain").get_by_role("heading", level=1).wait_for()
        page.wait_for_function("() => !document.querySelector('[data-testid=stStatusWidget]')")
        return page, wrong

    yield opened
    browser.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_an_error_and_prints_without_what_only_a_screen_can_do(visit, name):
    page, wrong = visit(name)
    assert page.get_by_test_id("stException").count() == 0
    page.emulate_media(media="print")
    assert not page.get_by_test_id("stSidebar").is_visible()
    assert not page.get_by_test_id("stHeader").is_visible()
    page.emulate_media(media="screen")
    assert not wrong


def test_a_name_is_shown_as_it_was_given(visit):
    page, _ = visit("customers")
    heading = page.get_by_role("heading", name=re.compile("Näm"))
    heading.wait_for()
    assert heading.inner_text().replace("\u2060", "").replace("\u00a0", " ").strip() == NAME
    assert heading.locator("a[href^=http], b, code, .katex, [role=img]").count() == 0
