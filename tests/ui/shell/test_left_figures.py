"""Figures of checks whose pictures are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from testing.some import some
from ui.results.check_figures import CheckFigures, as_csv
from ui.shell.left_figures import LeftFigures

FIGURES = CheckFigures(
    key="a" * 32,
    when=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    photos=("holiday.jpg",),
    camera="Phone · Anna",
    size=(640, 480),
    score=123.456,
    threshold=50.0,
    p_value=1e-9,
    kind="match",
    headline="This photo is consistent with **Phone · Anna**.",
    detail="",
    truth="",
    simulated=False,
)


def test_the_oldest_go_and_no_photo_is_named():
    left = LeftFigures(most=2)
    for key in "abc":
        left.remember(replace(FIGURES, key=key))
    assert left.get("a") is None
    kept = some(left.get("c"))
    assert kept == replace(FIGURES, key="c", photos=())


@pytest.mark.parametrize("what", [{"keys": {"a"}}, {"cameras": ["Phone · Anna"]}])
def test_what_is_deleted_is_forgotten(what):
    left = LeftFigures()
    left.remember(replace(FIGURES, key="a"))
    left.remember(replace(FIGURES, key="b", camera="Other · Bert"))
    left.forget(**what)
    assert left.get("a") is None
    assert left.get("b")


def test_a_table_for_a_spreadsheet_holds_no_formula():
    lines = as_csv([replace(FIGURES, photos=("=cmd.jpg", "b.jpg"))]).splitlines()
    assert lines[0].startswith("when,photos,camera,width,height,verdict,score,threshold,p_value")
    assert lines[1].startswith("2026-01-02T03:04:05+00:00,'=cmd.jpg; b.jpg,Phone · Anna,640,480,match,123.456,50,1e-09")
    assert "**" not in lines[1]
