"""The plots of an evaluation show its figures, in one file that needs no network."""

from __future__ import annotations

import re

import numpy as np
import pytest

from prnu.evaluate import Evaluation, Pair
from prnu.plots import BLUE, ORANGE, evaluation_figure, write_html


def evaluation(same: list[float], other: list[float], threshold: float = 50.0) -> Evaluation:
    kinds = [(True, pce) for pce in same] + [(False, pce) for pce in other]
    return Evaluation(
        tuple(Pair("a", f"b/{i}.jpg", kind, pce, 0.0, 0.5, pce >= threshold) for i, (kind, pce) in enumerate(kinds)),
        threshold=threshold,
    )


def test_roc_curve_is_that_of_the_evaluation():
    result = evaluation([400.0, 100.0, 4.0], [9.0, -4.0])
    curve = evaluation_figure(result).data[0]
    false_rate, true_rate = result.roc()
    assert np.array_equal(curve.x, false_rate)
    assert np.array_equal(curve.y, true_rate)
    assert curve.name == "AUC 0.8333"


def test_scores_are_drawn_by_their_signed_root_with_the_threshold():
    figure = evaluation_figure(evaluation([400.0, 100.0], [9.0, -4.0], threshold=64.0))
    same, other = figure.data[1:]
    assert (same.name, other.name) == ("same camera", "another camera")
    assert np.array_equal(same.x, [20, 10])
    assert np.array_equal(other.x, [3, -2])
    assert list(other.text) == ["PCE 9.0", "PCE -4.0"]
    assert [line.x0 for line in figure.layout.shapes] == [8]
    assert any(note.text == "threshold 64" for note in figure.layout.annotations)


def test_kinds_of_pair_differ_in_colour_and_shape():
    _, same, other = evaluation_figure(evaluation([400.0], [9.0])).data
    assert (same.marker.color, other.marker.color) == (BLUE, ORANGE)
    assert same.marker.symbol != other.marker.symbol


@pytest.mark.parametrize(("same", "other"), [([], []), ([100.0], []), ([], [3.0])])
def test_one_kind_of_pair_or_none_is_drawn_without_a_curve(same, other):
    curve, *scores = evaluation_figure(evaluation(same, other)).data
    assert len(curve.x) == 0
    assert curve.name == "needs two cameras"
    assert [len(kind.x) for kind in scores] == [len(same), len(other)]


def test_page_is_one_file_that_loads_nothing(tmp_path):
    path = tmp_path / "plots.html"
    write_html(evaluation([400.0], [9.0]), path)
    text = path.read_text(encoding="utf-8")
    assert "AUC 1.0000" in text
    assert "Every fingerprint against every probe" in text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", text)
    assert len(text) > 1_000_000  # plotly itself
