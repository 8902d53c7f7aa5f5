from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from bank.policy import PACKAGED
from tests.ui.widgets.browser_check.test_diagnosis import SAID
from ui.settings import overview
from ui.shell.bank import _opened
from ui.widgets.browser_check import Diagnosis

CHOSEN = "from ui.shell.session import chosen_profile\nimport streamlit as st\nst.write(chosen_profile())"


@pytest.fixture
def page(app, act):
    _, open_page, _ = act
    return open_page(app, "settings")


@pytest.fixture
def measured(monkeypatch):
    """Let the browser say something."""

    def say(**changes):
        monkeypatch.setattr(overview, "diagnose", lambda key: Diagnosis.of({**SAID, **changes}))

    return say


def all_text(app, act) -> str:
    return act[2](app) + "\n".join(element.value for element in app.code)


def test_it_shows_the_profiles_for_live_checks_with_what_each_is_for(page, act):
    assert page.radio[0].options == ["demo", "calibrated", "strict"]
    text = all_text(page, act)
    assert "Not for live checks: **photos**" in text
    assert "an old photo passes" in text


def test_thresholds_are_those_of_the_chosen_profile(page, act):
    assert "Score: 50" in all_text(page, act)
    page = page.radio[0].set_value("strict").run()
    text = all_text(page, act)
    assert "Score: 60" in text
    assert "With **strict** these must pass" in text
    assert "the paper used 15-20" in text


def test_the_choice_holds_on_other_pages(page, act, bank):
    _, open_page, _ = act
    page.radio[0].set_value("strict").run()
    page = open_page(page, "customers")
    assert page.session_state["policy-profile"] == "strict"
    assert open_page(page, "settings").radio[0].value == "strict"


def test_without_a_choice_the_banks_own_profile_is_used(bank):
    assert AppTest.from_string(CHOSEN).run().markdown[0].value == "demo"


def test_a_choice_that_is_no_live_profile_is_not_taken(bank):
    app = AppTest.from_string(CHOSEN)
    app.session_state["policy-profile"] = "photos"
    assert app.run().markdown[0].value == "demo"


def test_a_policy_of_ones_own_is_shown_with_its_place(bank, monkeypatch, tmp_path, app, act):
    path = tmp_path / "mine.toml"
    text = PACKAGED.read_text(encoding="utf-8").replace('version = "1.1"', 'version = "7.7"')
    path.write_text(text.replace("pce = 50  ", "pce = 77  "), encoding="utf-8")
    monkeypatch.setenv("LENSLOCK_POLICY", str(path))
    _, open_page, _ = act
    text = all_text(open_page(app, "settings"), act)
    assert "Score: 77" in text
    assert "Policy 7.7" in text
    assert str(path) in text


def test_the_installation_is_told_without_credentials(page, act, monkeypatch, tmp_path):
    text = all_text(page, act)
    assert "SQLite" in text
    assert str(tmp_path / "home") in text
    assert "LensLock 0.2.0" in text
    monkeypatch.setenv("LENSLOCK_ICE_SERVERS", '[{"urls": "turn:host", "username": "u", "credential": "hidden"}]')
    text = all_text(page.run(), act)
    assert "1 server in" in text
    assert "hidden" not in text


def test_threat_feeds_are_told_with_what_they_are_sent(page, act, monkeypatch):
    text = all_text(page, act)
    assert "**Threat feeds:** none; a key in `LENSLOCK_ABUSEIPDB_KEY` or `LENSLOCK_OTX_KEY` turns one on" in text
    monkeypatch.setenv("LENSLOCK_OTX_KEY", "a-key-of-ours")
    text = all_text(page.run(), act)
    assert "**Threat feeds:** AlienVault OTX; each check's network address is sent there, and nothing else" in text
    assert "a-key-of-ours" not in text


def test_missing_models_are_told_with_what_to_do(page, act, monkeypatch, tmp_path):
    monkeypatch.setenv("LENSLOCK_MODELS", str(tmp_path))
    text = all_text(page.run(), act)
    assert text.count("**missing**") == 3
    assert "make setup" in text


def test_a_bank_that_cannot_be_opened_leaves_the_browsers_check(break_bank, app, act):
    break_bank("key")
    _opened.clear()
    _, open_page, _ = act
    text = all_text(open_page(app, "settings"), act)
    assert "cannot be unlocked" in text
    assert "Check my browser" in text


def test_before_a_check_nothing_is_claimed(page, act):
    text = all_text(page, act)
    assert "should work here" not in text
    assert not page.table


def test_a_good_browser_and_camera_are_told(measured, app, act):
    measured()
    page = act[1](app, "settings")
    text = all_text(page, act)
    assert "A live check should work here" in text
    assert "✓ Stills arrive exactly, copied bit by bit" in text
    assert len(page.table[0].value) == 13


def test_half_a_check_claims_no_more_than_it_found(measured, app, act):
    measured(camera={})
    text = all_text(act[1](app, "settings"), act)
    assert "Check the camera, too" in text
    assert "should work here" not in text


def test_faults_are_counted_and_each_has_a_remedy(measured, app, act):
    measured(secure=False, cameras=0)
    page = act[1](app, "settings")
    text = all_text(page, act)
    assert "2 lines below must be mended" in text
    cells = "\n".join(page.table[0].value["what"])
    assert "Open the address that begins with https" in cells
