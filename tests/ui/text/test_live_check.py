from __future__ import annotations

import math

import pytest

from bank.freshness import Moment
from bank.still import Refusal
from ui.text import live_check as wording


def decision(liveness=None, freshness=None) -> dict:
    named = {"liveness": liveness, "freshness": freshness}
    return {"factors": [{"name": name, "details": details} for name, details in named.items() if details is not None]}


STEPS = {
    "windows": 12,
    "step 1: blink twice": 1.23,
    "step 2: turn left": None,
    "step 2: turn left, seen": "2 blinks",
    "step 3: look right": None,
    "instead of step 1, look left": "blink twice, and look right at the end",
}


def test_each_step_has_its_prompt_its_answer_and_what_was_seen():
    rows = wording.step_rows(decision(STEPS))
    assert [list(row.values()) for row in rows] == [
        ["1. Blink twice", "✓ After 1.2 s", "What was asked for"],
        ["2. Turn your head to your left, then back", "✗ None", "2 blinks"],
        [
            "3. Look to your right, with your eyes only",
            "✗ None",
            "Not noted, by an earlier version of this program",
        ],
    ]


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"frames a second": 12.34}, "12.3 frames a second were looked at, which is enough."),
        ({"frames a second": 9.99}, "9.9 frames a second were looked at, and blinks get lost under 10."),
        ({"pictures a second": 3.0}, "3 frames a second were looked at, and blinks"),
        ({"frames a second": None}, ""),
        ({}, ""),
    ],
)
def test_how_fast_the_video_was_is_told_with_what_is_needed(details, told):
    said = wording.pace(decision(details))
    assert told in said
    assert bool(said) == bool(told)


def test_each_check_of_the_stills_has_its_result_in_words():
    found = {
        "belongs to this attempt": "passed",
        "refused stills": 0.0,
        "no planted pattern": "inconclusive",
        "shows what the stream showed": "failed",
        "stills like the stream": 3.0,
        "stills in a telling pose": 1.0,
        "same face as the stream": "inconclusive",
    }
    rows = {row["Checked"]: (row["Result"], row["Figures"]) for row in wording.freshness_rows(decision({}, found))}
    assert list(rows.values()) == [
        ("✓ Passed", "Not taken 0"),
        ("✗ Failed", "Like the video 3, with the head turned 1"),
        ("? Cannot tell", ""),
        ("– Not checked: no such photos are known", ""),
    ]


def test_each_still_is_told_with_its_moment_and_those_that_were_not_taken_with_the_reason():
    moments = [
        Moment(2, 5.0, 5.12, -23.4, -22.0, True, True, 0.8),
        Moment(1, 3.5, 3.6, math.nan, 0.2, False, False, math.nan),
    ]
    rows = wording.still_rows(moments, [Refusal(3, "late", "It came too late."), Refusal(1, "repeated", "Twice.")])
    assert [row["Still"] for row in rows] == ["1", "2", "3"]
    assert list(rows[1].values())[1:] == [
        *("5.0 s", "0.12 s", "23° to the right", "22° to the right", "✓ As in the video, and the head is turned"),
    ]
    assert (rows[0]["Head in it"], rows[0]["Head in the video"]) == ("no face", "0°")
    assert rows[0]["Result"] == "✗ Not as in the video. ✗ Not taken: Twice."
    assert rows[2]["Result"] == "✗ Not taken: It came too late."
    assert {tuple(row) for row in rows} == {tuple(rows[0])}, "one table"


@pytest.mark.parametrize("odd", [{}, {"factors": 3}, {"factors": [{"name": "liveness", "details": [1]}, "x"]}])
def test_a_record_of_another_shape_is_told_without_an_error(odd):
    assert wording.step_rows(odd) == []
    assert wording.freshness_rows(odd) == []
    assert wording.pace(odd) == ""


def test_an_odd_step_is_shown_as_it_is():
    odd = {"step 1: <b>": "soon", "step x: y": 1.0}
    assert wording.step_rows(decision(odd)) == [
        {
            "Asked for": "1. <b>",
            "Answer": "✗ None",
            "Seen meanwhile": "Not noted, by an earlier version of this program",
        }
    ]
