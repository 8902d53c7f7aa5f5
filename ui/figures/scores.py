"""Figures of scores: gauge, growth, course, chance, peak surface. Pure functions from results to plotly figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from prnu import THRESHOLD, Match
from prnu.course import Step
from prnu.images import FloatArray
from ui.figures.theme import AMBER, BLUE, FAINT, GREY, RED, SEQUENTIAL, SKY, TEAL
from ui.results.registration import Growth
from ui.text.scores import score

_LINEAR = 10.0  # the gauge is linear up to about here and logarithmic beyond
_ROOT_TICKS = [sign * digit * 10**power for power in range(1, 6) for digit in (1, 2, 5) for sign in (1, -1)]
_TICKS = (0, 10, 100, 1_000, 10_000, 100_000)


def _place(pce: float) -> float:
    """Where on the gauge a score lies."""
    return float(np.arcsinh(pce / _LINEAR))


def gauge(pce: float, threshold: float = THRESHOLD) -> go.Figure:
    """A score on a bar that is hatched up to the threshold and solid from there on.

    Parameters
    ----------
    pce : float
        Any sign; the scale is logarithmic from about 10 on.
    threshold : float
    """
    figure = _bar([pce], threshold)
    label = f"score <b>{score(pce)}</b>"
    figure.add_annotation(x=_place(pce), y=0.3, text=label, showarrow=False, yanchor="bottom", font={"size": 18})
    return figure


def gauges(scores: Sequence[tuple[str, float]], threshold: float = THRESHOLD) -> go.Figure:
    """Scores of several photos on the same bar, the least and the highest told.

    Parameters
    ----------
    scores : sequence of (str, float)
        Name and PCE of each, at least one.
    threshold : float
    """
    names, values = [name for name, _ in scores], [pce for _, pce in scores]
    figure = _bar(values, threshold)
    text = [f"{name}: {score(pce)}" for name, pce in scores]
    figure.data[-1].update(customdata=text, hovertemplate="%{customdata}<extra></extra>", text=names)
    ends = {min(values): "right", max(values): "left"}
    apart = _place(max(values)) - _place(min(values)) > 0.5
    for pce, side in ends.items():
        anchor = side if apart else "center"
        if apart or pce == max(values):
            figure.add_annotation(
                x=_place(pce), y=0.3, text=f"<b>{score(pce)}</b>", showarrow=False, yanchor="bottom", xanchor=anchor
            )
    return figure


def _bar(scores: Sequence[float], threshold: float) -> go.Figure:
    """The bar of a gauge, with a mark for each score; the marks are its last trace."""
    places = [_place(pce) for pce in scores]
    low, high = min(-1.2, min(places) - 0.5), max(_place(10_000) + 0.4, max(places) + 0.7)
    split = _place(threshold)
    figure = go.Figure()
    zones = [(low, split, "below the threshold", GREY, "/", 0.35), (split, high, "above the threshold", TEAL, "", 0.45)]
    for start, end, word, colour, shape, strength in zones:
        marker = {"color": colour, "opacity": strength, "line": {"width": 0}, "pattern": {"shape": shape, "size": 6}}
        figure.add_bar(
            x=[end - start], base=[start], y=[0], width=0.5, orientation="h", marker=marker, name=word, hoverinfo="skip"
        )
        figure.add_annotation(x=(start + end) / 2, y=-0.26, text=word, showarrow=False, yanchor="top")
    figure.add_shape(type="line", x0=split, x1=split, y0=-0.33, y1=0.33, line={"width": 2, "dash": "dot"}, name="ink")
    figure.add_annotation(x=split, y=-0.62, text=f"threshold {score(threshold)}", showarrow=False, yanchor="top")
    marker = {"symbol": "diamond", "size": 18, "color": BLUE, "line": {"width": 2, "color": "white"}}
    figure.add_scatter(x=places, y=[0] * len(places), mode="markers", marker=marker, name="score")
    ticks = [tick for tick in _TICKS if _place(tick) <= high]
    figure.update_xaxes(
        range=[low, high],
        tickvals=[_place(t) for t in ticks],
        ticktext=[f"{t:,}" for t in ticks],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        ticks="outside",
    )
    figure.update_yaxes(range=[-0.86, 0.95], visible=False, fixedrange=True)
    figure.update_layout(height=150, margin={"l": 8, "r": 8, "t": 0, "b": 24}, showlegend=False, barmode="overlay")
    return figure


def growth(curve: Sequence[Growth]) -> go.Figure:
    """Expected score of a later photo by the number of photos enrolled so far."""
    photos = [point.photos for point in curve]
    expected = [max(point.expected, 0.0) for point in curve]
    agreement = [point.agreement for point in curve]
    figure = go.Figure()
    figure.add_scatter(
        x=photos,
        y=expected,
        mode="lines+markers",
        line={"color": BLUE, "width": 3},
        customdata=agreement,
        hovertemplate="%{x} photos: expected score %{y:,.0f}<br>halves agree to %{customdata:.1%}<extra></extra>",
    )
    figure.add_hline(
        y=THRESHOLD,
        line={"dash": "dot", "color": AMBER, "width": 2},
        annotation={"text": f"threshold {THRESHOLD:.0f}"},
        annotation_position="top right",
    )
    step = 1 if photos[-1] <= 10 else 5
    figure.update_xaxes(title="photos used", rangemode="tozero", fixedrange=True, dtick=step)
    figure.update_yaxes(title="expected score (PCE)", rangemode="tozero", fixedrange=True)
    figure.update_layout(height=260, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False)
    return figure


def course(steps: Sequence[Step], threshold: float) -> go.Figure:
    """Score of each still on its own, and of all so far together, with the threshold.

    Parameters
    ----------
    steps : sequence of Step
    threshold : float
        PCE to reach.
    """
    numbers = list(range(1, len(steps) + 1))
    alone, together = [step.alone.pce for step in steps], [step.together.pce for step in steps]
    figure = go.Figure()
    for scores, name, colour, symbol, mode in (
        (alone, "each still on its own", AMBER, "diamond", "markers"),
        (together, "all stills up to this one together", BLUE, "circle", "lines+markers"),
    ):
        figure.add_scatter(
            x=numbers,
            y=[_root(pce) for pce in scores],
            mode=mode,
            name=name,
            marker={"symbol": symbol, "size": 10, "color": colour},
            line={"color": colour, "width": 3},
            customdata=[score(pce) for pce in scores],
            hovertemplate="still %{x}: score %{customdata}<extra></extra>",
        )
    line = {"dash": "dot", "color": RED, "width": 2}
    note = {"text": f"threshold {score(threshold)}"}
    figure.add_hline(y=_root(threshold), line=line, annotation=note, annotation_position="top right")
    low, high = min(alone + together), max(*alone, *together, threshold)
    ends = min(_root(low) - 1.0, -1.0), 1.1 * _root(high) + 1.0
    ticks = _ticks(*ends)
    figure.update_yaxes(
        title="score (PCE)",
        tickvals=[_root(tick) for tick in ticks],
        ticktext=[score(tick) if tick else "0" for tick in ticks],
        range=list(ends),
        fixedrange=True,
        zeroline=True,
    )
    step = -(-len(steps) // 15)
    figure.update_xaxes(title="still", dtick=step, tick0=1, range=[0.5, len(steps) + 0.5], fixedrange=True)
    legend = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
    return figure.update_layout(height=320, margin={"l": 8, "r": 8, "t": 8, "b": 8}, legend=legend)


def chance(z: float, needed: float, elsewhere: FloatArray, word: str = "these stills") -> go.Figure:
    """Where a score lies among those that chance gives, on a scale of standard deviations, true to scale.

    Parameters
    ----------
    z : float
        The score.
    needed : float
        Score from which it is a match.
    elsewhere : ndarray, shape (n,), float32
        Scores of the same comparison at other places.
    word : str
        What was compared.
    """
    ends = min(-4.5, z - 1.0, float(elsewhere.min())), max(needed + 1.0, 1.06 * z, float(elsewhere.max()))
    edges = np.arange(np.floor(ends[0]), ends[1] + 0.25, 0.25)
    counts, _ = np.histogram(elsewhere, edges)
    seen = counts > 0
    bell = np.linspace(-4.5, 4.5, 181)
    figure = go.Figure()
    figure.add_bar(
        x=(edges[:-1] + 0.125)[seen],
        y=counts[seen] / (len(elsewhere) * 0.25),
        width=0.25,
        marker={"color": GREY, "opacity": 0.55, "line": {"width": 0}},
        name="other places",
        hovertemplate="%{x:.1f}: %{y:.3f}<extra></extra>",
    )
    figure.add_scatter(
        x=bell,
        y=np.exp(-(bell**2) / 2) / np.sqrt(2 * np.pi),
        mode="lines",
        line={"color": SKY, "width": 2},
        name="another camera, in theory",
        hoverinfo="skip",
    )
    line = {"dash": "dot", "color": RED, "width": 2}
    middle = sum(ends) / 2  # words go where there is room
    where = "top left" if needed > middle else "top right"
    figure.add_vline(x=needed, line=line, annotation={"text": f"needed {needed:.1f}"}, annotation_position=where)
    marker = {"symbol": "diamond", "size": 16, "color": BLUE, "line": {"width": 2, "color": "white"}}
    figure.add_scatter(x=[z], y=[0.0], mode="markers", marker=marker, name=word, hoverinfo="name")
    side = "right" if z > middle else "left"
    figure.add_annotation(x=z, y=0.03, text=f"{word} <b>{score(z)}</b>", ay=-44, ax=0, xanchor=side, arrowcolor=BLUE)
    figure.update_xaxes(title="score in standard deviations (z)", range=list(ends), fixedrange=True, zeroline=False)
    figure.update_yaxes(title="how often", range=[-0.03, 0.45], showticklabels=False, showgrid=False, fixedrange=True)
    legend = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
    return figure.update_layout(height=300, margin={"l": 8, "r": 8, "t": 8, "b": 8}, legend=legend, bargap=0)


def _root(pce: float) -> float:
    """The signed root: it grows evenly with what stills add, and shows low scores beside high ones."""
    return float(np.copysign(np.sqrt(abs(pce)), pce))


def _ticks(low: float, high: float) -> list[int]:
    """Scores to write at an axis of roots, so far apart that they can be read."""
    ticks = [0]
    for tick in _ROOT_TICKS:
        if low <= _root(tick) <= high and all(abs(_root(tick) - _root(other)) > 0.07 * (high - low) for other in ticks):
            ticks.append(tick)
    return sorted(ticks)


def peak(match: Match, threshold: float = THRESHOLD, narrow: bool = False, word: str = "this photo") -> go.Figure:
    """The signed correlation energy at and around the best place, in 3-D, framed at the threshold's height.

    Parameters
    ----------
    match : Match
    threshold : float
        Height of the frame.
    narrow : bool
        Seen from further away, for narrow screens.
    word : str
        What was compared.
    """
    rows, columns = match.surface.shape
    y, x = np.arange(rows) - rows // 2, np.arange(columns) - columns // 2
    z, away = match.surface, 1.9 if narrow else 1.0
    top = max(float(z.max()), 1.25 * threshold)
    figure = go.Figure()
    figure.add_surface(
        x=x,
        y=y,
        z=z,
        colorscale=SEQUENTIAL,
        cmin=min(0.0, float(z.min())),
        cmax=top,
        showscale=False,
        name="",
        hovertemplate="%{x} across, %{y} down: %{z:,.1f}<extra></extra>",
    )
    corners = [0, -1, -1, 0, 0], [0, 0, -1, -1, 0]
    figure.add_scatter3d(
        x=x[corners[0]],
        y=y[corners[1]],
        z=[threshold] * 5,
        mode="lines",
        line={"color": AMBER, "width": 5},
        hoverinfo="skip",
        showlegend=False,
    )
    # On a ground of their own: below them may be the dark of the surface, or the page of either theme.
    label = {"showarrow": True, "arrowhead": 2, "ax": 40, "ay": -20, "arrowcolor": GREY}
    label |= {"font": {"size": 14, "color": "white"}, "bgcolor": "rgba(11,16,22,.82)", "borderpad": 4}
    above = {**label, "ax": 0, "ay": -36}
    figure.update_layout(
        height=460,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            "xaxis": _axis("shift across"),
            "yaxis": _axis("shift down"),
            "zaxis": {**_axis("score (PCE)"), "range": [min(float(z.min()), -0.1 * top), 1.1 * top]},
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.75},
            "camera": {"eye": {"x": 1.05 * away, "y": -1.2 * away, "z": 0.5 * away}, "center": {"z": -0.18}},
            "annotations": [
                {**label, "x": 0, "y": 0, "z": match.pce, "text": f"{word} {score(match.pce)}"},
                {**above, "x": x[-1], "y": y[-1], "z": threshold, "text": f"threshold {score(threshold)}"},
            ],
        },
    )
    return figure


def _axis(title: str) -> dict[str, object]:
    return {"title": {"text": title}, "showbackground": False, "gridcolor": FAINT}
