from __future__ import annotations

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bank import Bank, audit
from testing.selfie import Person, Table, perform
from tests.pages.conftest import change
from ui.audit_log import trail
from ui.shell import bank
from ui.shell.bank import the_bank
from ui.text import decision as wording


@pytest.fixture
def history(bank, camera, face):
    """Anna and Bert were enrolled, Anna verified without a still, and Bert deleted."""
    bank.enrol("Anna", faces=face, photos=camera)
    bank.enrol("Bert", faces=face)
    bank.verify(bank.begin("Anna", stream=False, reader=Table()))
    bank.delete("Bert")
    return bank


@pytest.fixture
def page(app, act, history):
    _, open_page, _ = act
    return open_page(app, "audit_log")


def look_at(app, row):
    app.session_state["audit_entries"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    return app


def table(app):
    return app.dataframe[0].value


def test_an_empty_record_says_where_entries_come_from(app, act):
    _, open_page, said = act
    app = open_page(app, "audit_log")
    assert "Nothing is written down yet" in said(app)
    assert "python -m bank" in said(app)
    assert not app.dataframe


def test_the_record_is_shown_newest_first_with_names(page, act):
    *_, said = act
    assert "The record is intact" in said(page)
    assert "4 entries: none changed, removed, added or moved." in said(page)
    rows = table(page)
    assert rows["No."].tolist() == [4, 3, 2, 1]
    assert rows["What happened"].tolist() == ["Customer deleted", "Verification", "Registered", "Registered"]
    assert rows["Outcome"].tolist() == ["", "? Undecided", "", ""]
    people = rows["Customer"].tolist()
    assert (people[1], people[3]) == ("Anna", "Anna")
    assert people[0] == people[2]
    assert people[0].startswith("Deleted customer ")


@pytest.mark.parametrize(
    ("key", "value", "numbers"),
    [
        ("audit_kind", "enrolled", [2, 1]),
        ("audit_outcome", "step-up", [3]),
        ("audit_outcome", "accepted", []),
    ],
)
def test_entries_are_filtered(page, act, key, value, numbers):
    *_, said = act
    page.selectbox(key=key).set_value(value).run()
    assert not page.exception
    if numbers:
        assert table(page)["No."].tolist() == numbers
    else:
        assert "No entry fits these filters" in said(page)


def test_entries_are_filtered_by_customer_and_day(page, history):
    anna = history.customer("Anna")
    page.selectbox(key="audit_customer").set_value(anna.id).run()
    assert table(page)["No."].tolist() == [3, 1]
    today = anna.created_at.date()
    page.date_input(key="audit_since").set_value(today).run()
    page.date_input(key="audit_until").set_value(today).run()
    assert len(table(page)) == 2
    page.date_input(key="audit_until").set_value(today - timedelta(days=1)).run()
    page.date_input(key="audit_since").set_value(None).run()
    assert not page.dataframe


def test_more_is_shown_on_demand(app, act, history, monkeypatch):
    monkeypatch.setattr(trail, "PAGE", 2)
    press, open_page, said = act
    app = open_page(app, "audit_log")
    assert "The newest 2 entries; there are more." in said(app)
    app = press(app, "Show 2 more")
    assert len(table(app)) == 4
    assert not any(button.label.startswith("Show") for button in app.button)


def test_one_attempt_is_shown_in_full(page, act, history):
    *_, said = act
    app = look_at(page, 1)
    text = said(app)
    assert "Entry 3: Verification" in text
    assert "Undecided: something more is needed (step-up)" in text
    for factor in ("Face", "Liveness", "Camera", "Camera in the face", "Freshness"):
        assert f"**{factor}:**" in text
    assert "No usable photo arrived" in text
    assert "Circumstances" in text
    figures, versions = app.dataframe[1].value, app.dataframe[2].value
    assert not {"no-stills", "no-stream"} & {*figures["Value"]}, "codes are for programs"
    assert "demo" in versions["Version"].tolist()
    assert any(name.startswith("Model ") for name in versions["What"])
    assert json.loads(app.json[0].value)["reason"] == "face: no-face"


def test_why_an_attempt_came_out_as_it_did_is_told_in_words(page, history):
    assert table(page)["Reason"].tolist()[1] == "Face: no face can be recognised in the photos."
    assert wording.reason({"reason": "accepted"}) == ""
    assert wording.reason({"reason": "rate-address"}) == "Too many checks from one address"
    assert wording.facts({"reason": "locked-out"}, {}) == [{"What": "reason", "Value": "Too many checks failed"}]


def test_times_are_the_visitors_and_name_their_zone(app, act, history, monkeypatch):
    _, open_page, _ = act
    monkeypatch.setattr("ui.shell.clock.zone", lambda: ZoneInfo("Asia/Tokyo"))
    rows = table(open_page(app, "audit_log"))
    with history.store.read() as session:
        newest = next(audit.entries(session))
    assert rows["When"][0] == f"{newest.at.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M:%S} JST"
    exported = json.loads(trail.export_text(history, "jsonl", {}).splitlines()[-1])
    assert exported["at"].endswith("+00:00"), "what leaves the app is in UTC"


def test_a_live_attempt_is_shown_with_its_steps_and_with_what_is_not_kept(app, act, history):
    _, open_page, said = act
    ongoing = history.begin("Anna", reader=Table())
    perform(ongoing.capture, Table(), Person(1), [], stills=0, moves=lambda step, t: {})
    history.verify(ongoing)
    app = look_at(open_page(app, "audit_log"), 0)
    steps, checks = (one.value for one in app.table)
    assert steps["Answer"].tolist() == ["✗ None"]
    assert steps["Seen meanwhile"].tolist() == ["Nothing"]
    assert len(checks) == 5
    assert "never written down" in said(app)


def test_an_enrolment_is_shown_with_its_camera(page, act):
    *_, said = act
    app = look_at(page, 3)
    assert "Entry 1: Registered" in said(app)
    facts = app.dataframe[1].value
    assert dict(zip(facts["What"], facts["Value"], strict=True))["camera"] == "Mine"


def test_downloads_hold_what_is_filtered(page, history):
    assert [button.label for button in page.download_button] == ["Download JSONL", "Download CSV"]
    lines = trail.export_text(history, "jsonl", {"kind": "enrolled"}).splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2]
    rows = trail.export_text(history, "csv", {"outcome": "step-up"}).splitlines()
    assert rows[0].startswith("seq,at,kind")
    assert len(rows) == 2
    assert rows[1].startswith("3,")


def test_a_head_noted_earlier_is_part_of_the_record(page, act, history):
    *_, said = act
    with history.store.read() as session:
        head = audit.verify_chain(session).head
    assert page.code[0].value == head
    history.export("Anna")
    page.text_input(key="noted").set_value(f" {head} ").run()
    assert "The head that you noted is part of it" in said(page)
    number, digest = head.split(":")
    page.text_input(key="noted").set_value(f"{number}:{digest[::-1]}").run()
    assert "This is not the record that you noted the head of" in said(page)
    page.text_input(key="noted").set_value(f"99:{digest}").run()
    assert "newer entries are gone" in said(page)
    page.text_input(key="noted").set_value("hello").run()
    assert "This is no head" in said(page)
    assert "The record is intact" in said(page)


def test_a_changed_entry_is_found_and_marked(app, act, history, tmp_path):
    _, open_page, said = act
    change(tmp_path / "home", "UPDATE audit SET body = replace(body, 'step-up', 'accepted') WHERE seq = 3")
    app = open_page(app, "audit_log")
    assert "The record is not intact" in said(app)
    assert "Entry 3 was changed" in said(app)
    assert "The 2 entries before it are as they were written" in said(app)
    assert table(app)["Record"].tolist() == ["? Not proven", "✗ Changed", "✓ As written", "✓ As written"]


def test_an_entry_that_cannot_be_read_does_not_hide_the_newer_ones(app, act, history, tmp_path):
    _, open_page, said = act
    change(tmp_path / "home", "UPDATE audit SET body = 'nonsense' WHERE seq = 2")
    app = open_page(app, "audit_log")
    assert "Not all entries can be read" in said(app)
    assert table(app)["No."].tolist() == [4, 3]


def test_a_record_that_was_emptied_is_told(app, act, history, tmp_path):
    _, open_page, said = act
    change(tmp_path / "home", "DELETE FROM audit")
    assert "All entries of the audit trail were removed" in said(open_page(app, "audit_log"))


@pytest.mark.parametrize(
    "body", ['{"factors": 7, "signals": [3], "required": null, "outcome": 4, "context": []}', "{}"]
)
def test_an_entry_of_another_shape_is_shown_as_far_as_it_goes(app, act, history, tmp_path, body):
    _, open_page, said = act
    change(tmp_path / "home", f"UPDATE audit SET body = '{body}' WHERE seq = 3")
    app = look_at(open_page(app, "audit_log"), 1)
    assert "Entry 3: Verification" in said(app)


def test_without_readable_customers_ids_are_shown_and_nobody_is_called_deleted(app, act, history, tmp_path):
    _, open_page, said = act
    change(tmp_path / "home", "UPDATE cameras SET images = 99")
    app = open_page(app, "audit_log")
    assert "Names cannot be shown" in said(app)
    assert all(name.startswith("Customer ") for name in table(app)["Customer"])


def test_a_wrong_key_is_told(app, act, bank, break_bank):
    _, open_page, said = act
    break_bank("key")
    assert "The bank cannot be unlocked" in said(open_page(app, "audit_log"))


def test_an_unreachable_database_is_told(app, act, monkeypatch):
    _, open_page, said = act
    monkeypatch.setenv("LENSLOCK_DATABASE_URL", "sqlite:////nowhere/at/all/bank.db")
    monkeypatch.setattr(bank, "_VARIABLES", ("LENSLOCK_DATABASE_URL",))
    monkeypatch.setattr("bank.database.os.open", lambda *_: (_ for _ in ()).throw(OSError(13, "Permission denied")))
    assert "The bank cannot be opened" in said(open_page(app, "audit_log"))


def test_a_mistaken_policy_is_told(app, act, tmp_path, monkeypatch):
    _, open_page, said = act
    (tmp_path / "policy.toml").write_text("version = 1")
    monkeypatch.setenv("LENSLOCK_POLICY", str(tmp_path / "policy.toml"))
    assert "The bank's policy cannot be used" in said(open_page(app, "audit_log"))


def test_two_homes_have_two_records(app, act, history, tmp_path, monkeypatch):
    _, open_page, said = act
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "other"))
    assert "Nothing is written down yet" in said(open_page(app, "audit_log"))
    monkeypatch.setenv("LENSLOCK_HOME", str(tmp_path / "home"))
    assert len(table(open_page(app, "audit_log"))) == 4
    assert isinstance(the_bank(), Bank)


def test_markup_in_a_changed_entry_is_shown_and_not_obeyed(app, act, history, tmp_path):
    _, open_page, _ = act
    body = '{"outcome": "refused", "advice": "![a](b)", "factors": [{"name": "![c](d)", "advice": "![e](f)"}]}'
    change(tmp_path / "home", f"UPDATE audit SET body = '{body}' WHERE seq = 3")
    app = look_at(open_page(app, "audit_log"), 1)
    texts = [element.value for kind in (app.markdown, app.error, app.caption) for element in kind]
    assert sum(r"\!\[" in text for text in texts) == 2
    assert not any("![" in text for text in texts)


def headings(app):
    return [heading.value for heading in app.subheader]


def test_an_entry_has_an_address(page):
    page = look_at(page, 1)
    assert page.query_params["entry"] == "3"
    page.query_params["entry"] = "1"
    page.session_state["audit_entries"] = {"selection": {"rows": [], "columns": [], "cells": []}}
    page.run()
    assert headings(page)[-1] == "Entry 1: Registered"


def test_an_attempt_leads_to_its_entry_whatever_the_filters_are(page, history):
    with history.store.read() as session:
        (entry,) = audit.entries(session, kind="decision")
    page.query_params["attempt"] = entry.attempt_id
    page.selectbox(key="audit_kind").set_value("deleted").run()
    assert headings(page)[-1] == "Entry 3: Verification"


@pytest.mark.parametrize(("name", "value"), [("entry", "99"), ("entry", "9" * 18), ("attempt", "f" * 32)])
def test_an_address_that_leads_nowhere_says_so(page, act, name, value):
    *_, said = act
    page.query_params[name] = value
    assert "Nothing at this address" in said(page.run())


def test_an_address_of_another_form_says_nothing(page, act):
    *_, said = act
    page.query_params["entry"] = "1; DROP TABLE"
    text = said(page.run())
    assert "Nothing at this address" not in text
    assert headings(page) == ["Entries"]
