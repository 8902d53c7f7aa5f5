"""The matrix: what is planned, made, written down, gone on with and shown."""

from __future__ import annotations

import argparse
import io
import json
import math
import re
from dataclasses import replace

import pytest
from rich.console import Console

from attacks.evaluation import matrix, matrix_report, matrix_trial
from attacks.evaluation.matrix import Record, RecordError, cases, results
from attacks.evaluation.matrix_trial import LENS, SIMULATED, Case, Setting, attempt
from attacks.evaluation.rates import Attempt, Finding, summary
from attacks.recipe import GENUINE
from attacks.recipes import ATTACKS
from bank.policy import FACTORS
from liveness.models import ModelError
from tests import needs

REAL = ("phone-a", "phone-b")
WAYS = [(attack.code, way.value) for attack in ATTACKS for way in attack.ways]
FEW_SHOTS = {attack.code for attack in ATTACKS if attack.few_shots}
SHARED_VICTIM = {attack.code for attack in ATTACKS if not attack.one_victim}
NOWHERE = Setting(None, "demo")


def made(case, outcome="refused", **verdicts):
    named = {name.replace("_", " "): verdict for name, verdict in verdicts.items()}
    factors = {name: Finding(named.get(name, "passed"), "any", 0.5) for name in FACTORS}
    return Attempt(
        case.attack, case.strength, case.number, case.camera, case.real, "x", outcome, "any", factors, 9, 8.0
    )


def console():
    return Console(file=io.StringIO(), width=200)


def options(**changes):
    given = {"data": None, "profile": "demo", "trials": 1, "genuine": 1, "only": None, "jobs": 1, "lens": LENS}
    return argparse.Namespace(**{**given, "record": None, "html": None, **changes})


def test_every_way_of_every_attack_is_tried_as_often_and_genuine_customers_with_every_camera():
    planned = cases(REAL, ATTACKS, None, 4, 3)
    for way in WAYS:
        assert [case.number for case in planned if (case.attack, case.strength) == way] == [0, 1, 2, 3]
    genuine = [case for case in planned if case.attack == GENUINE]
    assert planned[: len(genuine)] == genuine
    for camera in (*REAL, *SIMULATED):
        assert sum(case.camera == camera for case in genuine) == 3
    assert len({(case.attack, case.strength, case.number) for case in planned}) == len(planned)


def test_real_cameras_take_turns_with_simulated_ones_where_their_photos_are_enough():
    planned = cases(REAL, ATTACKS, None, 8, 0)
    for code, strength in WAYS:
        found = [case for case in planned if (case.attack, case.strength) == (code, strength)]
        assert [case.real for case in found] == ([True, False] * 4 if code in FEW_SHOTS else [False] * 8)
        assert all((case.camera in REAL) == case.real for case in found)
    swaps = [case for case in planned if (case.attack, case.strength) == ("swap", "genuine")]
    assert {case.camera for case in swaps} == {*REAL, *SIMULATED}


def test_without_real_cameras_all_are_simulated():
    assert {case.camera for case in cases((), ATTACKS, None, 3, 1)} == set(SIMULATED)


def test_one_attack_meets_the_victims_that_another_meets():
    planned = cases(REAL, ATTACKS, None, 6, 0)
    victims = [[c.victim for c in planned if (c.attack, c.strength) == way] for way in WAYS if way[0] in SHARED_VICTIM]
    assert all(one == victims[0] for one in victims)
    assert len(set(victims[0])) == 6


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (("swap", None), {"swap"}),
        (("swap", "filmed"), {"swap"}),
        ((GENUINE, None), {GENUINE}),
    ],
)
def test_one_attack_or_one_way_alone_can_be_asked_for(only, expected):
    planned = cases((), ATTACKS, only, 2, 2)
    assert {case.attack for case in planned} == expected
    if only[1]:
        assert {case.strength for case in planned} == {only[1]}
        assert len(planned) == 2


def test_what_makes_a_trial_impossible_is_noted_in_it(monkeypatch):
    case = Case("swap", "injected", 3, "nokia", False, 0, 7)
    found = attempt(NOWHERE, case)
    assert found.outcome == ""
    assert "ValueError: preset: expected one of" in found.trouble
    assert (found.attack, found.strength, found.number, found.camera) == ("swap", "injected", 3, "nokia")

    def missing(setting, case):
        raise ModelError("face_landmarker.task is not to be had")

    monkeypatch.setattr(matrix_trial, "_target", missing)
    with pytest.raises(ModelError):
        attempt(NOWHERE, case)


@pytest.mark.slow
def test_a_trial_tells_what_each_factor_said(landmark_model):
    found = attempt(NOWHERE, Case("puppet", "injected", 0, "laptop", False, 0, 0))
    assert found.trouble == ""
    assert (found.outcome, found.reason) == ("refused", "camera: other-camera")
    assert set(found.factors) == set(FACTORS)
    assert found.factors["camera"].verdict == "failed"
    assert found.factors["liveness"].verdict == "passed"
    assert all(one.score is None or math.isfinite(one.score) for one in found.factors.values())
    assert found.stills >= 12


@pytest.mark.slow
def test_two_processes_make_what_one_makes():
    planned = [Case("swap", "injected", number, "nokia", False, 0, 0) for number in range(3)]
    alone = list(results(NOWHERE, planned, 1))
    assert sorted(results(NOWHERE, planned, 2), key=lambda one: one.number) == alone
    assert len(alone) == 3


def test_a_run_that_was_stopped_goes_on_and_a_line_cut_short_is_made_again(tmp_path, monkeypatch):
    path, asked = tmp_path / "trials.jsonl", []

    def one_by_one(setting, planned, jobs):
        for case in planned:
            asked.append(case)
            yield made(case)

    monkeypatch.setattr(matrix, "results", one_by_one)
    first, _ = matrix.main(options(record=path, only=("swap", None), trials=2), console(), console())
    assert len(asked) == 6
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == 7
    path.write_text("".join(lines[:4]) + lines[4][:40])
    asked.clear()
    again, _ = matrix.main(options(record=path, only=("swap", None), trials=2), console(), console())
    assert len(asked) == 3
    assert again == first
    asked.clear()
    matrix.main(options(record=path, only=("swap", None), trials=2), console(), console())
    assert asked == []


def test_a_record_of_another_run_or_no_record_is_refused(tmp_path):
    path = tmp_path / "trials.jsonl"
    Record(path, {"profile": "demo"})
    with pytest.raises(RecordError, match="profile 'demo'"):
        Record(path, {"profile": "strict"})
    path.write_text('{"profile": "demo"}\n{"attack": "swap"}\n')
    with pytest.raises(RecordError, match="no record of trials"):
        Record(path, {"profile": "demo"})


def test_a_trial_comes_back_from_the_record_as_it_was(tmp_path):
    one = made(Case("swap", "genuine", 2, "laptop", False, 0, 0), "step-up", face_region="inconclusive")
    one = replace(one, factors={**one.factors, "camera": Finding("inconclusive", "no-stills", None)})
    record = Record(tmp_path / "trials.jsonl", {"profile": "demo"})
    record.add(one)
    assert Record(tmp_path / "trials.jsonl", {"profile": "demo"}).made == [one]


def small():
    def case(attack, strength, number):
        return Case(attack, strength, number, "laptop", False, 0, 0)

    return [
        made(case("puppet", "injected", 0), camera="failed", face_region="inconclusive"),
        made(case("copy", "50", 0), "accepted"),
        made(case("copy", "50", 1), "refused", freshness="failed"),
        made(case("swap", "genuine", 0), "accepted"),
        replace(made(case("swap", "filmed", 0)), outcome="", factors={}, trouble="PortraitError: no face"),
        replace(made(case(GENUINE, "", 0), "step-up", face_region="inconclusive"), reason="face region: unclear"),
        made(case(GENUINE, "", 1), "accepted"),
    ]


def test_what_still_gets_through_is_said_first_the_worst_first_in_words():
    shown = console()
    matrix_report.show(summary(small()), shown)
    text = shown.file.getvalue()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[0] == "What still gets through"
    assert lines[1].startswith("A swapped face: in pictures that the registered camera took: accepted 1 of 1, 100%")
    assert lines[2].startswith(
        "A copied camera pattern: 50 photos: accepted 1 of 2, 50% (95 % confidence: 1.3% to 98.7%)"
    )
    assert text.index("A copied camera pattern") < text.index("Genuine, all")
    assert "not accepted: 1 x face region: unclear (laptop)" in text
    assert "1 trials could not be made, and count nowhere. PortraitError: no face" in text


@pytest.mark.parametrize("width", [60, 80, 109, 110, 150])
def test_no_title_or_figure_is_cut_off_however_narrow_the_terminal(width):
    file = io.StringIO()
    matrix_report.show(summary(small()), Console(file=file, width=width))
    text = file.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    assert "(1.3% to 98.7%)" in text
    assert re.search(r"\b1/0/1\b", text)


def test_where_nothing_gets_through_it_is_said_that_this_is_no_proof():
    refused = [one for one in small() if one.outcome == "refused" and one.attack == "puppet"]
    assert matrix_report.headline(summary(refused)) == [
        "None of 1 attacks was accepted. That is no proof: 1 trials of one kind leave it open whether up to 97.5% "
        "would be (95 % confidence)."
    ]
    assert matrix_report.headline(summary([])) == ["No attack was tried."]


def test_the_heat_map_says_in_every_cell_what_its_colour_means(tmp_path):
    found = summary(small())
    (cells,) = matrix_report.matrix_figure(found).data
    assert list(cells.x) == [*FACTORS, "accepted"]
    assert len(cells.y) == 6  # what could not be tried is not there; genuine: all, simulated, laptop
    assert all(
        words and share == share
        for row, shares in zip(cells.text, cells.z, strict=True)
        for words, share in zip(row, shares, strict=True)
    )
    row = list(cells.y).index("A copied camera pattern:<br>50 photos")
    assert cells.text[row][4] == "1 passed<br>0 cannot tell, 1 failed"
    assert cells.z[row][5] == 0.5
    matrix_report.write_html(found, tmp_path / "matrix.html")
    page = (tmp_path / "matrix.html").read_text()
    assert "Gets through:" in page
    assert '<script src="http' not in page


def test_the_result_is_plain_json_with_both_rates(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "results", lambda setting, planned, jobs: (made(case) for case in planned))
    _, result = matrix.main(options(html=tmp_path / "m.html"), console(), console())
    again = json.loads(json.dumps(result, allow_nan=False))
    assert set(again["apcer"]) == {attack.code for attack in ATTACKS}
    assert again["apcer"]["swap"] == {"count": 0, "n": 1, "share": 0.0, "low": 0.0, "high": pytest.approx(0.975)}
    assert again["genuine"][0]["rejected"]["share"] == 1.0
    assert len(again["trials"]) == len(WAYS) + len(SIMULATED)
    assert (tmp_path / "m.html").exists()


DATA = needs.DATA


@pytest.mark.data
def test_a_real_phone_is_known_and_shows_in_its_owners_face_but_not_in_one_swapped_into_its_pictures():
    setting = Setting(DATA, "demo")
    genuine = attempt(setting, Case(GENUINE, "", 0, "phone-lg-d605", True, 0, 4))
    assert genuine.real, genuine.trouble
    assert [genuine.factors[name].verdict for name in ("camera", "face region")] == ["passed", "passed"]
    assert genuine.stills <= 8
    swapped = attempt(setting, Case("swap", "genuine", 0, "phone-lg-d605", True, 0, 4))
    assert swapped.trouble == ""
    assert swapped.factors["camera"].verdict == "passed"
    assert swapped.factors["face region"].verdict != "passed"
