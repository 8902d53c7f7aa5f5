"""A visitor is asked for one thing at a time, and told afterwards what was seen, in a real browser."""

from __future__ import annotations

import pytest

from liveness.challenge import PROMPTS
from testing.browser.driver import begin_check, result, start_camera, visitor
from testing.browser.studio import CHALLENGE
from tests import needs
from tests.browser.conftest import SMALL

pytestmark = needs.ALONE

# Notes each prompt with the advice below it and with the note that lies over the picture, as often as one changes.
WATCH = """
() => {
    const host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".capture"));
    const part = (name) => host.shadowRoot.querySelector(name);
    const said = (one) => (one.hidden ? "" : one.textContent);
    window.instructions = [];
    const look = () => instructions.push([".prompt", ".advice", ".shutter"].map((name) => said(part(name))));
    const whole = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(look).observe(host.shadowRoot, whole);
}
"""


@pytest.fixture(scope="module")
def checked(driver, films, server, enrol):
    """Somebody is checked: what they were told meanwhile, and what the match view says afterwards."""
    address, *_ = server
    enrol("One thing (simulated)", SMALL)
    with visitor(driver, films["small-own"].path) as page:
        begin_check(page, address, "One thing (simulated)")
        page.evaluate(WATCH)
        start_camera(page)
        result(page)
        told = page.evaluate("instructions")
        page.get_by_text("See why").click()
        page.get_by_role("heading", name="Taken just now?").wait_for()
        page.get_by_text("frames a second were looked at").first.wait_for()
        return told, page.get_by_test_id("stMain").inner_text()


def test_nobody_is_asked_to_hold_still_while_a_movement_is_asked_for(checked):
    told, _ = checked
    movements = {PROMPTS[step] for step in CHALLENGE.steps}
    assert movements <= {prompt for prompt, *_ in told}
    assert [one for one in told if one[0] in movements and "still" in f"{one[1]} {one[2]}".lower()] == []


def test_a_note_to_hold_still_stands_beside_no_other_advice(checked):
    told, _ = checked
    assert [one for one in told if one[1] and one[2]] == []


def test_the_match_view_tells_of_steps_and_stills(checked):
    _, text = checked
    assert "Did somebody answer? (liveness)" in text
    assert "Taken just now? (freshness)" in text
