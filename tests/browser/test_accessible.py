"""Every page as axe-core sees it, in both themes, and what a screen reader and a keyboard need besides."""

from __future__ import annotations

import pytest

from testing.browser.driver import CHROMIUM, running
from tests import needs

pytestmark = needs.BROWSER

AXE = needs.ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "", "register_live", "register", "verify", "check", "attack_lab", "sample", "match_view", "liveness_video",
    "customers", "audit_log", "learn", "settings", "continue",
)  # fmt: skip
LOOK = """() => axe.run({exclude: [["[data-testid=stSidebar]"]]}).then((found) => found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact) || one.id === "heading-order")
    .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`))"""


@pytest.fixture(scope="module")
def axe():
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    return AXE.read_text(encoding="utf-8") + "\n;1"  # what it ends with is no value that a browser can hand over


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    program = ("-m", "streamlit", "run", "app.py", "--server.port", "PORT")
    with running(tmp_path_factory.mktemp("accessible"), *program) as at:
        yield at


@pytest.fixture(params=["light", "dark"])
def page(driver, request):
    browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
    context = browser.new_context(color_scheme=request.param, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    browser.close()


def open_page(page, address: str, name: str) -> None:
    page.goto(f"{address}/{name}")
    page.get_by_role("heading", level=1).wait_for()
    page.locator('.stApp[data-test-script-state="notRunning"]').wait_for()


def test_axe_finds_nothing_serious_beside_the_frameworks_side_bar(page, address, axe):
    found, titles = {}, set()
    for name in PAGES:
        open_page(page, address, name)
        page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
        titles.add(page.title())
        page.evaluate(axe)
        if serious := page.evaluate(LOOK):
            found[name or "start"] = serious
    assert not found
    assert len(titles) == len(PAGES), "each page has a title of its own"
    assert all(title.endswith("LensLock") for title in titles)
