from __future__ import annotations

import pytest

from bank.policy import PACKAGED, Policy
from bank.profiles import Profile
from bank.validation import Part
from ui.text.policy import PARTS, Threshold, comments, thresholds

TEXT = PACKAGED.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["demo", "strict", "photos"])
def test_every_number_of_a_profile_is_explained_with_its_source(name):
    profile = Policy.load(PACKAGED).profile(name)
    rows = thresholds(profile, name, TEXT)
    wanted = [(part, key) for part in PARTS for key in type(getattr(profile, part)).model_fields]
    assert [(row.part, row.key) for row in rows] == wanted
    assert all(row.name and row.what.endswith(".") and row.raised.endswith(".") and row.source for row in rows)


def test_every_part_of_a_profile_has_a_name_and_nothing_is_explained_that_is_not_there():
    fields = Profile.model_fields.items()
    parts = [
        name for name, field in fields if isinstance(field.annotation, type) and issubclass(field.annotation, Part)
    ]
    assert list(PARTS) == parts


def test_a_number_is_told_in_the_words_of_its_field_and_the_source_beside_it():
    rows = {(row.part, row.key): row for row in thresholds(Policy.load(PACKAGED).profile("strict"), "strict", TEXT)}
    assert rows["face_region", "p_value"] == Threshold(
        "face_region",
        "p_value",
        "Probability of a false alarm",
        "1 in 1,000,000",
        "The same for the place of the face alone, which tells a face that was pasted in (p-value).",
        "More genuine faces pass, and more pasted ones, too.",
        "prnu.match.FALSE_ALARM, as for the whole frame: 20 stills give PCE 111-246 (DESIGN)",
    )


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
