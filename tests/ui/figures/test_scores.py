from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from testing.some import some
from ui.figures import maps, scores
from ui.results.registration import Growth
from ui.results.still_view import sight
from ui.text.scores import score


def texts(figure: go.Figure) -> str:
    notes = [*figure.layout.annotations, *figure.layout.scene.annotations]
    return " | ".join(str(note.text) for note in notes)


@pytest.mark.parametrize("pce", [-16350.0, -1.2, 0.0, 49.0, 51.0, 1835.0, 1e6])
def test_gauge_shows_score_threshold_and_both_zones_in_words(pce):
    figure = scores.gauge(pce, 53.0)
    for word in (f"<b>{score(pce)}</b>", "threshold 53", "below the threshold", "above the threshold"):
        assert word in texts(figure)
    low, high = figure.layout.xaxis.range
    marker = figure.data[-1].x[0]
    assert low < marker < high
    hatched, plain = figure.data[0], figure.data[1]
    assert hatched.marker.pattern.shape == "/"
    assert (marker > plain.base[0]) == (pce > 53.0)


def test_growth_tells_expected_scores_and_the_threshold():
    figure = scores.growth([Growth(2, 30.0, 0.01), Growth(5, 90.0, 0.03)])
    assert list(figure.data[0].x) == [2, 5]
    assert list(figure.data[0].y) == [30.0, 90.0]
    assert "threshold 50" in texts(figure)


def test_peak_is_signed_and_annotated(checks):
    own, stranger = (scores.peak(check.match) for check in checks[:2])
    surface = own.data[0].z
    assert surface.shape == (65, 65)
    assert surface[32, 32] == surface.max()
    assert np.asarray(stranger.data[0].z).min() < 0
    assert "threshold 50" in texts(own)
    assert stranger.layout.scene.zaxis.range[1] > 50  # the threshold is in view though nothing reaches it


def test_found_and_expected_have_one_scale_and_missing_has_a_word(checks):
    swapped = checks[2]
    figure = maps.where(swapped.evidence.luma, swapped.map)
    found, expected = figure.select_traces({"type": "heatmap"})
    assert (found.zmin, found.zmax) == (expected.zmin, expected.zmax)
    assert {"missing", "cannot tell"} <= {trace.name for trace in figure.data}
    assert [note.text for note in figure.layout.annotations] == [
        "Photo", "Pattern found", "Where it is missing", "Pattern expected",
    ]  # fmt: skip
    assert {axis.matches for axis in figure.select_xaxes()} == {None, "x"}


@pytest.mark.parametrize("stacked", [False, True])
def test_views_lie_beside_or_below_each_other(checks, stacked):
    figure = maps.where(checks[0].evidence.luma, checks[0].map, stacked)
    lefts = {round(axis.domain[0], 2) for axis in figure.select_xaxes()}
    assert len(lefts) == (1 if stacked else 2)


def test_large_frames_are_made_small_for_the_browser():
    rng = np.random.default_rng(1)
    luma = rng.uniform(0, 255, (3000, 4000)).astype(np.float32)
    overview = maps.noise_overview(luma - 128, luma - 128)
    assert all(np.asarray(trace.z).size <= maps.OVERVIEW_SIDE**2 for trace in overview.data)
    assert len(maps.region(luma, (0, 0, 100, 100)).to_json()) < 1_500_000


def test_detail_is_one_to_one_and_in_own_deviations(checks):
    evidence, fingerprint = checks[0].evidence, checks[0].fingerprint
    figure = maps.noise_detail(evidence.pattern, fingerprint.pattern, 512, 232)
    for trace in figure.data:
        assert np.asarray(trace.z).shape == (maps.DETAIL, maps.DETAIL)
        assert np.asarray(trace.z).std() == pytest.approx(1.0, rel=0.01)
        assert (trace.x[0], trace.y[0]) == (512, 232)


def test_block_strength_is_relative_to_the_usual():
    pattern = np.ones((480, 960), np.float32)
    pattern[:, :240] = 3.0
    strength, step = maps.block_strength(pattern)
    assert step == 4
    assert strength[0, 0] == pytest.approx(3.0)
    assert np.median(strength) == pytest.approx(1.0)


def test_block_strength_of_nothing_is_nothing():
    assert not maps.block_strength(np.zeros((480, 640), np.float32))[0].any()


def test_a_drawn_box_is_cut_to_the_frame():
    box = maps.pointer_box({"x": [1400.2, 99.6], "y": [-5.0, 300.4]}, (720, 1280))
    assert tuple(box) == (100, 0, 1180, 300)


def test_course_tells_each_still_and_all_so_far_against_the_threshold(own):
    figure = scores.course(own.steps, 52.0)
    alone, together = figure.data
    assert [list(trace.x) for trace in (alone, together)] == [list(range(1, 9))] * 2
    assert alone.customdata[0] == score(own.steps[0].alone.pce)
    assert together.customdata[-1] == score(own.finding.found.pce)
    assert alone.marker.symbol != together.marker.symbol
    assert "threshold 52" in texts(figure)
    low, high = figure.layout.yaxis.range
    assert low < min(alone.y) <= max(together.y) < high


def test_the_threshold_is_in_view_though_no_score_reaches_it(foreign):
    figure = scores.course(foreign.steps, 50.0)
    assert max(figure.data[1].y) < np.sqrt(50) < figure.layout.yaxis.range[1]


@pytest.mark.parametrize("best", [5.0, 45.0, 80.0, 900.0, 7_000.0, 300_000.0])
def test_the_ticks_of_a_course_reach_near_its_top(foreign, best):
    step = foreign.steps[0]
    steps = [replace(step, together=replace(step.together, pce=best))]
    axis = scores.course(steps, 50.0).layout.yaxis
    assert max(axis.tickvals) > 0.6 * axis.range[1]


def test_labels_of_the_peak_can_be_read_on_any_ground(own):
    for note in scores.peak(own.finding.found, 50.0).layout.scene.annotations:
        assert (note.font.color, note.bgcolor) == ("white", "rgba(11,16,22,.82)")


@pytest.mark.parametrize("high", [20.0, 60.0, 3_000.0, 90_000.0, 2e6])
def test_ticks_of_an_axis_of_roots_can_be_read(high):
    ends = -1.0, np.sqrt(high)
    ticks = scores._ticks(*ends)
    assert len(ticks) >= 2
    assert np.diff([scores._root(tick) for tick in ticks]).min() > 0.07 * (ends[1] - ends[0])


@pytest.mark.parametrize("z", [-3.2, 0.4, 6.1, 144.0])
def test_a_score_is_marked_true_to_scale_among_those_by_chance(z):
    elsewhere = np.random.default_rng(1).normal(size=5_000).astype(np.float32)
    figure = scores.chance(z, 5.2, elsewhere, "this still")
    bars, bell, mark = figure.data
    assert np.sum(bars.y) * 0.25 == pytest.approx(1.0)
    assert np.abs(np.interp(bars.x, bell.x, bell.y) - bars.y).max() < 0.05
    assert mark.x == (z,)
    low, high = figure.layout.xaxis.range
    assert low < z < high
    assert low < 5.2 < high
    assert "needed 5.2" in texts(figure)
    assert f"this still <b>{score(z)}</b>" in texts(figure)


@pytest.mark.parametrize("stacked", [False, True])
def test_three_views_of_the_face_share_window_scale_and_frame(own, stacked):
    seen = sight(own)
    fingerprint, agreeing, box = some(seen.fingerprint), some(seen.map), some(seen.box)
    figure = maps.face(seen.picture, seen.evidence.pattern, fingerprint.pattern, agreeing, box, seen.window, stacked)
    assert [note.text for note in figure.layout.annotations] == [
        "Noise of the selfie", "Fingerprint of the camera", "Where they agree",
    ]  # fmt: skip
    noise, enrolled, agreement = figure.select_traces({"type": "heatmap"})
    assert (noise.zmin, noise.zmax, noise.colorscale) == (enrolled.zmin, enrolled.zmax, enrolled.colorscale)
    assert agreement.zmax >= 4 * agreeing.chance
    left, _, width, _ = seen.window
    assert {axis.range for axis in figure.select_xaxes()} == {(left, left + width)}
    frames = [shape for shape in figure.layout.shapes if (shape.x0, shape.y0) == (box.left, box.top)]
    assert {shape.xref for shape in frames} == {"x", "x2", "x3"}
    assert len({axis.domain for axis in figure.select_xaxes()}) == (1 if stacked else 3)


def test_without_a_fingerprint_the_selfie_takes_the_place_of_the_other_views(other_size):
    seen = sight(other_size)
    figure = maps.face(seen.picture, seen.evidence.pattern, None, None, seen.box, seen.window)
    assert [note.text for note in figure.layout.annotations] == ["Noise of the selfie", "The selfie"]
    assert [trace.type for trace in figure.data] == ["heatmap", "image"]
