from __future__ import annotations

import pytest

from bank.policy import PACKAGED, Policy
from ui.text.policy import _WORDS, PARTS, comments, thresholds

TEXT = PACKAGED.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["demo", "strict", "photos"])
def test_every_number_of_a_profile_is_explained_with_its_source(name):
    profile = Policy.load(PACKAGED).profile(name)
    rows = thresholds(profile, name, TEXT)
    wanted = [(part, key) for part in PARTS for key in type(getattr(profile, part)).model_fields]
    assert [(row.part, row.key) for row in rows] == wanted
    assert all(row.name and row.what.endswith(".") and row.raised.endswith(".") and row.source for row in rows)


def test_nothing_is_explained_that_is_not_there():
    profile = Policy.load(PACKAGED).profile("demo")
    assert {part: set(words) for part, words in _WORDS.items()} == {
        part: set(type(getattr(profile, part)).model_fields) for part in PARTS
    }


def test_numbers_come_from_the_policy_and_read_well(tmp_path):
    text = TEXT.replace("pce = 50  ", "pce = 77  ").replace("min_share = 0.5 ", "min_share = 0.65 ")
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    found = {(row.part, row.key): row for row in thresholds(Policy.load(path).profile("demo"), "demo", text)}
    assert found["camera", "pce"].value == "77"
    assert "17,400 pairs" in found["camera", "pce"].source
    assert found["camera", "false_alarm"].value == "1 in 1,000,000"
    assert found["face_region", "min_share"].value == "65%"
    assert found["freshness", "yaw_deg"].value == "12°"
    assert found["liveness", "session_s"].value == "90 s"


def test_comments_are_read_by_table_and_go_on_in_the_next_line():
    said = comments(
        "a = 1  # one\n[t]\nb = 'x'  # two,\n   # and more\n\n# a remark\n[profiles.demo.u]\nb = 3\nc = 1e-6 # four\n"
    )
    assert said == {("", "a"): "one", ("t", "b"): "two, and more", ("profiles.demo.u", "c"): "four"}
