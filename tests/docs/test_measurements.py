"""The tables of docs/measurements.md are those of the JSON that benchmarks wrote."""

from __future__ import annotations

import json

import pytest

from docs import library_tables, measurements
from docs.measurements import BENCHMARKS, BY_HAND, DOCUMENT, RESULTS, keep_remarks, load, rendered, shown
from docs.record import Record, arguments

NAMES = sorted(path.stem for path in RESULTS.glob("*.json"))


def test_the_tables_are_those_of_the_json():
    text = DOCUMENT.read_text(encoding="utf-8")
    wanted = rendered(text, {name: load(name) for name in NAMES})
    assert text == wanted, "run: python -m docs.measurements --tables"


def test_each_result_is_of_a_command_that_a_reader_can_run():
    assert set(NAMES) == {*BENCHMARKS, *BY_HAND}


@pytest.mark.parametrize("name", NAMES)
def test_each_result_says_how_and_when_it_was_made(name):
    found = load(name)
    assert found["command"] == (BY_HAND[name] if name in BY_HAND else BENCHMARKS[name].command)
    assert {"date", "machine", "software"} <= found["measured"].keys()
    assert found["tables"] or found["said"]
    for table in found["tables"]:
        assert {len(row) for row in table["rows"]} == {len(table["columns"])}


RESULT = {
    "command": "python -m x",
    "measured": {"date": "2026-01-02", "machine": "2 cores", "software": "9.9", "note": "once"},
    "tables": [{"title": "A title.", "columns": ["a", "b"], "rows": [["x", 1]]}],
    "said": ["A sentence."],
    "remarks": ["A remark."],
}


def test_a_result_is_shown_with_its_origin():
    assert shown(RESULT) == (
        "*`python -m x`, 2026-01-02, LensLock 9.9, 2 cores; once.*\n\nA title.\n\n| a | b |\n|---|---|\n| x | 1 |\n\n"
        "- A sentence.\n\nA remark.\n"
    )


def test_other_figures_make_another_document():
    document = "<!-- figures: one -->\n<!-- end -->\n"
    before = rendered(document, {"one": RESULT})
    assert rendered(before, {"one": RESULT}) == before
    assert rendered(before, {"one": {**RESULT, "said": ["Another."]}}) != before


@pytest.mark.parametrize("document", ["", "<!-- figures: two -->\n<!-- end -->\n"])
def test_a_result_without_a_place_is_an_error(document):
    with pytest.raises(ValueError, match="one"):
        rendered(document, {"one": RESULT})


@pytest.mark.parametrize(("said", "stay"), [(["A sentence."], True), (["Another."], False)])
def test_remarks_stay_with_the_figures_that_they_are_about(said, stay, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(measurements, "RESULTS", tmp_path)
    (tmp_path / "one.json").write_text(json.dumps(RESULT))
    found = {"tables": [{"title": "A title.", "columns": ["a", "b"], "rows": [["x", "1"]]}], "said": said}
    keep_remarks("one", found)
    assert ("remarks" in found) is stay
    assert ("A remark." in capsys.readouterr().out) is not stay


def test_a_record_is_what_the_document_takes(tmp_path, capsys):
    record = Record("python -m x")
    record.table("a", "b", title="A title.")
    record.row("x", 1)
    record.say("A sentence.")
    record.keep(more=[1.5])
    record.write(tmp_path / "figures.json")
    found = json.loads((tmp_path / "figures.json").read_text())
    assert (found["tables"], found["said"], found["figures"]) == (RESULT["tables"], RESULT["said"], {"more": [1.5]})
    assert "| x | 1 |" in shown(found)
    assert "| x | 1 |" in capsys.readouterr().out


def test_a_benchmark_without_its_folder_says_how_it_is_called(capsys):
    with pytest.raises(SystemExit) as ended:
        arguments("What it does.", "with pictures").parse_args([])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_folder_that_is_none_is_named(capsys):
    with pytest.raises(SystemExit):
        arguments("", "with pictures").parse_args(["nowhere"])
    assert "'nowhere' is no folder" in capsys.readouterr().err


RATE = {"count": 1, "n": 20, "share": 0.05, "low": 0.001, "high": 0.249}
CELLS = {
    factor: {"passed": RATE, "inconclusive": 2, "failed": 3}
    for factor in ("face", "liveness", "camera", "face region", "freshness")
}


def test_the_matrix_is_shown_with_what_gets_through_first():
    row = {"attack": "copy", "strength": "5", "accepted": RATE, "rejected": RATE, "step_up": 0, "cells": CELLS}
    none = {**row, "strength": "1", "accepted": {**RATE, "count": 0, "share": 0.0}}
    found = library_tables.attack_matrix({"attacks": [none, row], "genuine": [{**row, "strength": ""}], "lens": "0.6"})
    assert found["said"] == ["What still gets through: `copy/5`, accepted 1 of 20: 5 % (0 to 25)."]
    assert found["tables"][0]["rows"][1] == ["`copy/5`", *["1/2/3"] * 5, "**1 of 20: 5 % (0 to 25)**"]
    assert found["tables"][1]["rows"] == [["all", "1 of 20: 5 % (0 to 25)", 0]]


def test_cameras_are_shown_with_the_largest_score_of_others():
    pairs = [
        {"fingerprint": "gopro-hero4", "probe": probe, "same": same, "pce": pce}
        for probe, same, pce in (("a", True, 900.4), ("b", True, 1100.0), ("c", False, 3.14), ("d", False, -2.0))
    ]
    medians = {"gopro-hero4": 1000.2}
    found = library_tables.cameras_told_apart(
        {"pairs": pairs, "median_same_pce": medians, "auc": 1.0, "same_pairs": 2, "other_pairs": 2}
    )
    assert found["tables"][0]["rows"] == [["GoPro Hero4", "900", "1000", "1100", "3.1"]]
    assert found["said"] == ["AUC 1.0000 over 2 same-camera and 2 other pairs."]


def test_the_papers_table_has_ours_beside_theirs():
    row = {"camera": "phone-lg-d605", "material": "natural", "pce": 1762.0}
    rows = [
        row,
        {**row, "pce": 3708.0},
        {**row, "material": "own", "pce": -1.0},
        {**row, "material": "own", "pce": 2.9},
    ]
    region = {"simulated": False, "swapped": True, "clip": True, "stills": 6, "verdict": "failed"}
    genuine = {**region, "swapped": False, "verdict": "passed"}
    deepfake = {"attack": "swap", "vote": "live", "scores": [{"verdict": "failed"}, {"verdict": "failed"}]}
    found = library_tables.paper(
        {
            "paper": {"smartphone": {"natural": 24550.0, "own": -16350.0}},
            "rows": rows,
            "regions": [region, genuine],
            "deepfakes": [deepfake, {**deepfake, "vote": "not live"}],
            "claims": [],
            "seconds": 1.0,
        }
    )
    paper, regions = found["tables"]
    assert paper["rows"][0] == ["natural images", "1762 to 3708", "24550"]
    assert ["deepfake from a photo by that camera", "-1.0 to 2.9", "-16350"] in paper["rows"]
    assert regions["rows"] == [["phones, swapped", "0 / 0 / 1"], ["phones, genuine, a real person filmed", "1 / 0 / 0"]]
    assert found["said"] == ["swap: 1 of 2 voted live; 2 of 2 failed every camera."]
