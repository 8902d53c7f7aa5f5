from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from liveness.challenge import STEP_KINDS, Challenge
from liveness.events import Event, Kind
from liveness.quality import ADVICE
from liveness.session import StepResult
from liveness.timeline import Timeline
from liveness.video import SIGNALS, LivenessReport
from liveness.vote import Window
from ui.figures import liveness
from ui.text import liveness as wording

EVENTS = (
    Event("turn left", 2.0, 2.8, 24.4),
    Event("blink", 1.0, 1.2, 0.62),
    Event("glance right", 1.5, 1.8, 0.4),
)
WINDOWS = (
    Window(0.0, 0.3, "not live", ""),
    Window(0.3, 0.6, "live", "blink"),
    Window(0.6, 0.9, "unusable", "no-face"),
)


def make(**changed) -> LivenessReport:
    times = np.arange(90) / 30
    traces = {name: np.zeros(90).tolist() for name in SIGNALS} | {"time_s": times.tolist()}
    traces["yaw"][40] = 55.0
    traces["ear_left"][10] = math.nan
    given = {
        "events": EVENTS, "windows": WINDOWS, "verdict": "live", "majority": "live", "reason": "", "phase": "waiting",
        "failure": "", "steps": (), "frames": 90, "seconds": 2.97, "detected": 0.98, "gates": {"": 90},
        "ms_per_frame": 15.0, "signals": traces,
    }  # fmt: skip
    return LivenessReport(**{**given, **changed})


def test_every_kind_of_event_has_its_sign_its_words_and_its_place_in_the_figure():
    families = {kind.split()[0] for kind in get_args(Kind)}
    assert families == wording.EVENT_SIGNS.keys() == wording._STRENGTHS.keys()
    assert families == liveness._SYMBOLS.keys() == liveness._COLOURS.keys()
    assert {*liveness._LANES} == {*get_args(Kind)}


def test_a_cell_for_each_window_with_its_sign():
    strip = liveness.vote_strip(WINDOWS)
    assert strip.count("<span") == 3
    assert [strip.index(f">{sign}<") for sign in "–Lx"] == sorted(strip.index(f">{sign}<") for sign in "–Lx")
    assert "1 live, 1 not live, 1 unusable" in strip
    assert "0.3–0.6 s: live" in strip


def test_the_legend_explains_what_is_there_only():
    assert "could not be judged" in liveness.vote_legend(WINDOWS)
    assert "could not be judged" not in liveness.vote_legend(WINDOWS[:2])
    assert "a blink or an eye movement" in liveness.vote_legend(WINDOWS)


@pytest.mark.parametrize("narrow", [False, True])
def test_signals_share_the_time_axis_and_are_named(narrow):
    figure = liveness.over_time(make(), narrow)
    titles = " ".join(note.text for note in figure.layout.annotations)
    for word in ("Events", "EAR", "blendshape", "aze", "yaw", "person's left"):
        assert word in titles
    assert {axis.matches for axis in figure.select_xaxes()} <= {None, "x5"}
    assert {tuple(axis.range) for axis in figure.select_xaxes()} == {(0, 2.97)}
    curves = [trace for trace in figure.data if trace.yaxis != "y" and trace.mode == "lines"]
    assert [trace.name for trace in curves] == ["left eye", "right eye", "left eye", "right eye", "gaze", "yaw"]
    assert [trace.line.dash for trace in curves[:2]] == ["solid", "dot"]


def test_events_have_a_symbol_and_a_word_and_a_band():
    figure = liveness.over_time(make())
    marks = {trace.name: (trace.marker.symbol, list(trace.x)) for trace in figure.data if trace.mode == "markers"}
    assert marks["blink"] == ("circle", [1.0])
    assert marks["glance right"] == ("diamond", [1.5])
    assert marks["turn left"] == ("square", [2.0])
    words = figure.layout.yaxis.ticktext
    assert [word.rstrip(" ●◆■") for word in words] == list(marks)
    bands = [(shape.x0, shape.x1, shape.yref) for shape in figure.layout.shapes]
    assert sorted(bands) == [
        (1.0, 1.2, "y2 domain"), (1.0, 1.2, "y3 domain"), (1.5, 1.8, "y4 domain"), (2.0, 2.8, "y5 domain"),
    ]  # fmt: skip


def test_an_axis_grows_with_what_it_shows():
    assert liveness.over_time(make()).layout.yaxis5.range[1] > 55


def test_what_was_asked_and_answered_and_voted_stands_above_and_in_the_signals():
    steps = (step(0, 2.0), step(1, math.nan))
    figure = liveness.over_time(make(steps=steps))
    words = [text for trace in figure.data if trace.mode == "lines+text" for text in trace.text if text]
    assert words == ["1. blink twice ✓", "2. look left ✗"]
    spans = [tuple(trace.x) for trace in figure.data if trace.mode == "lines+text"]
    assert spans == [(1.5, 2.0), (1.5, 2.97)], "until it is answered, or the end"
    (votes,) = [trace for trace in figure.data if trace.name == "votes"]
    assert list(votes.text) == ["–", "L", "x"]
    assert figure.layout.yaxis.ticktext[-2:] == ("votes", "asked for")
    lines = [(shape.x0, shape.line.dash, shape.yref) for shape in figure.layout.shapes if shape.type == "line"]
    assert {x for x, _, yref in lines if yref == "y5 domain"} == {1.5, 2.0}
    assert len({yref for *_, yref in lines}) == 4, "in each signal"
    narrow = liveness.over_time(make(steps=steps), narrow=True)
    assert [text for trace in narrow.data if trace.mode == "lines+text" for text in trace.text if text] == [
        "1 ✓",
        "2 ✗",
    ]


def test_a_live_check_begins_with_its_first_frame():
    times = {name: [0.0] * 3 for name in SIGNALS} | {"time_s": [4.0, 4.5, 5.0]}
    figure = liveness.over_time(Timeline(times, EVENTS, WINDOWS, (step(0, 4.8),)))
    assert {tuple(axis.range) for axis in figure.select_xaxes()} == {(4.0, 5.0)}


def test_a_video_without_anything_can_be_drawn():
    nothing = {name: [math.nan] * 3 for name in SIGNALS} | {"time_s": [0.0, 0.1, 0.2]}
    assert liveness.over_time(make(events=(), windows=(), signals=nothing, seconds=0.0)).data


@pytest.mark.parametrize(
    ("changed", "kind", "headline"),
    [
        ({}, "match", "Signs of a live person"),
        ({"verdict": "not live"}, "no-match", "No sign of a live person"),
        ({"verdict": "not live", "reason": "looped"}, "no-match", "No sign of a live person"),
        ({"verdict": "inconclusive", "reason": "two-faces"}, "unclear", "Cannot tell: two faces in the picture"),
        ({"verdict": "inconclusive", "reason": "too-short"}, "unclear", "Cannot tell: the video is too short"),
        (
            {"verdict": "inconclusive", "reason": "too-early-to-tell"},
            "unclear",
            "Cannot tell: in so short a time, a person need not blink more",
        ),
        ({"verdict": "inconclusive", "reason": ""}, "unclear", "Cannot tell: too little to judge by"),
    ],
)
def test_verdicts_in_words(changed, kind, headline):
    told = wording.verdict(make(**changed))
    assert (told.kind, told.headline) == (kind, headline)
    assert "real" not in told.detail


def test_every_reason_has_words():
    for code in ADVICE:
        told = wording.verdict(make(verdict="inconclusive", reason=code))
        assert " " in told.headline.removeprefix("Cannot tell: ")
        assert "-" not in told.headline


def test_numbers_of_blinks_and_votes_are_told_with_the_papers_majority():
    detail = wording.verdict(make()).detail
    assert "Blinks and glances in 3 seconds: 2." in detail
    assert "1 of 2 usable windows of ten frames has one in it" in detail
    assert "the paper, which goes by their majority, would say “live”" in detail
    assert "would say “not live”" in wording.verdict(make(verdict="not live", majority="not live")).detail


def test_rows_of_events_are_in_order_of_time():
    rows = wording.event_rows(EVENTS)
    assert [row["What"] for row in rows] == ["● Blink", "◆ Glance right", "■ Turn left"]
    assert rows[2]["How much"] == "turned by 24°"


ASKED = Challenge(STEP_KINDS[:3])


def step(number: int, answered_s: float = 3.0, early: int = 0, wrong: int = 0) -> StepResult:
    return StepResult(ASKED.steps[number], 1.5, answered_s, early, wrong)


@pytest.mark.parametrize(
    ("phase", "steps", "kind", "words"),
    [
        ("passed", (step(0), step(1), step(2)), "match", "3 of 3 steps"),
        ("failed", (step(0), step(1, math.nan)), "no-match", "“Look left” did not come in time"),
        ("failed", (step(0, math.nan, early=1),), "no-match", "did not come in time"),
        ("failed", (step(0, math.nan, wrong=4),), "no-match", "Too many other movements"),
        ("failed", (), "no-match", "0 of 3"),
        ("waiting", (), "unclear", "looks straight ahead"),
        ("prompting", (step(0),), "unclear", "1 of 3"),
    ],
)
def test_what_became_of_a_challenge(phase, steps, kind, words):
    told = wording.challenge_verdict(make(phase=phase, steps=steps), ASKED)
    assert told.kind == kind
    assert words in told.detail


def test_an_early_answer_is_told_where_the_challenge_failed_for_it():
    told = wording.challenge_verdict(make(phase="failed", failure="early-answer", steps=(step(0, math.nan),)), ASKED)
    assert "sooner than anybody" in told.detail


def test_rows_of_steps_show_those_that_were_not_reached():
    rows = wording.step_rows(make(phase="failed", steps=(step(0), step(1, math.nan))), ASKED)
    assert [row["Answer"] for row in rows] == ["✓ After 1.5 s", "✗ None", "– Not reached"]
    assert rows[2]["Asked at (s)"] == ""


def test_advice_for_files_speaks_of_recording():
    assert wording.advice(make(gates={"low-rate": 90})) == [
        "Too few frames a second to see every blink. Record with 15 or more."
    ]
