"""Figures of a video or a live check: the strip of votes, and the signals over time. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from liveness.answers import StepResult
from liveness.events import Event
from liveness.vote import VoteWord, Window
from ui.figures.theme import AMBER, BLUE, GREY, TEAL
from ui.text.liveness import EVENT_SIGNS, event_family

VOTE_SIGNS: dict[VoteWord, str] = {"live": "L", "not live": "–", "unusable": "x"}
"""Sign of each vote: those of the overlay video and of the command line."""

VOTE_WORDS: dict[VoteWord, str] = {
    "live": "live: a blink or an eye movement, in these ten frames or shortly before",
    "not live": "not live: no blink and no eye movement, neither in these ten frames nor shortly before",
    "unusable": "unusable: most of these frames could not be judged",
}


_SYMBOLS = {"blink": "circle", "glance": "diamond", "turn": "square"}
_COLOURS = {"blink": BLUE, "glance": TEAL, "turn": AMBER}
_CELLS: dict[VoteWord, str] = {"live": "#0a6aa6", "not live": "#b34a00", "unusable": "#66727f"}
_LANES = ("turn right", "turn left", "glance right", "glance left", "blink")  # from the bottom up
_ROWS = {  # title, signals with their names and the least range, kind of event that is seen there
    "Eye opening (eye aspect ratio, EAR): about 0.3 open, below 0.15 shut": (
        {"ear_left": "left eye", "ear_right": "right eye"},
        (0.0, 0.4),
        "blink",
    ),
    "Eyelids closed (blink blendshape), 0 to 1": (
        {"blink_left": "left eye", "blink_right": "right eye"},
        (0.0, 1.0),
        "blink",
    ),
    "Eyes look aside (gaze), −1 to 1: up is the person's left": ({"gaze": "gaze"}, (-0.6, 0.6), "glance"),
    "Head turned (yaw), degrees: up is the person's left": ({"yaw": "yaw"}, (-30.0, 30.0), "turn"),
}
_VOTE_LANE, _ASKED_LANE = len(_LANES), len(_LANES) + 1
_NARROW_TITLES = (
    "Eye opening (EAR)",
    "Eyelids closed (blendshape)",
    "Gaze: up is the person's left",
    "Head (yaw, °): up is the person's left",
)


class OverTime(Protocol):
    """What is drawn over time: a `liveness.LivenessReport`, or the `liveness.timeline.Timeline` of a live check."""

    @property
    def signals(self) -> Mapping[str, Sequence[float]]:
        """By the names of `liveness.timeline.SIGNALS`."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """Blinks, glances and turns."""
        ...

    @property
    def windows(self) -> Sequence[Window]:
        """Votes."""
        ...

    @property
    def steps(self) -> Sequence[StepResult]:
        """What was asked; empty if nothing was."""
        ...

    @property
    def seconds(self) -> float:
        """When it ends."""
        ...


def vote_strip(windows: Sequence[Window]) -> str:
    """HTML of a strip that has one cell for each window, with a sign in it; it wraps where the page is narrow."""
    cells = "".join(
        f'<span title="{window.start_s:.1f}–{window.end_s:.1f} s: {escape(window.vote)}" style="{_cell(window.vote)}">'
        f"{VOTE_SIGNS[window.vote]}</span>"
        for window in windows
    )
    told = ", ".join(
        f"{sum(window.vote == vote for window in windows)} {vote}"
        for vote in VOTE_SIGNS
        if any(window.vote == vote for window in windows)
    )
    box = "display:flex;flex-wrap:wrap;gap:3px;max-height:11rem;overflow-y:auto"
    return f'<div role="img" aria-label="Votes in order of time: {told}" style="{box}">{cells}</div>'


def vote_legend(windows: Sequence[Window]) -> str:
    """HTML of what the signs of a strip mean: those that are in it."""
    present = [vote for vote in VOTE_SIGNS if any(window.vote == vote for window in windows)]
    rows = "".join(
        f'<div style="display:flex;gap:8px;align-items:baseline;margin-top:4px"><span aria-hidden="true" '
        f'style="{_cell(vote)}">{VOTE_SIGNS[vote]}</span><span>{VOTE_WORDS[vote]}</span></div>'
        for vote in present
    )
    return f'<div style="font-size:0.875rem;margin-top:14px">{rows}</div>'


def _cell(vote: VoteWord) -> str:
    return (
        f"background:{_CELLS[vote]};color:#fff;flex:0 0 22px;width:22px;height:24px;line-height:24px;border-radius:3px;"
        "text-align:center;font-weight:600;font-size:13px"
    )


def over_time(report: OverTime, narrow: bool = False) -> go.Figure:
    """Events and signals of a video below each other, on one time axis.

    Where steps were asked for, they stand above the events with the votes, and lines through the signals mark when each
    was asked (dotted) and answered (solid).

    Parameters
    ----------
    report : OverTime
    narrow : bool
        Shorter titles, for narrow screens.
    """
    asked = "Asked, votes" if narrow else "Asked, votes, events"
    titles = [asked if report.steps else "Events", *(_NARROW_TITLES if narrow else _ROWS)]
    heights = [0.42 if report.steps else 0.28, *(0.18,) * len(_ROWS)]
    figure = make_subplots(len(titles), 1, shared_xaxes=True, vertical_spacing=0.055, row_heights=heights)
    _add_events(figure, report.events)
    times = np.asarray(report.signals["time_s"], float)
    start = float(times[0]) if len(times) else 0.0
    end = max(report.seconds, start + 0.1)
    for row, (signals, least, family) in enumerate(_ROWS.values(), start=2):
        low, high = least
        for number, (signal, name) in enumerate(signals.items()):
            values = np.asarray(report.signals[signal], float)
            if np.isfinite(values).any():
                low, high = min(low, float(np.nanmin(values))), max(high, float(np.nanmax(values)))
            figure.add_scatter(
                x=times,
                y=values,
                mode="lines",
                name=name,
                legendgroup=name,
                showlegend=row == 2,
                line={"color": (BLUE, AMBER)[number], "width": 1.8, "dash": ("solid", "dot")[number]},
                hovertemplate=f"%{{x:.2f}} s: {name} %{{y:.2f}}<extra></extra>",
                row=row,
                col=1,
            )
        for event in report.events:
            if event_family(event) == family:
                figure.add_vrect(event.start_s, event.end_s, fillcolor=GREY, opacity=0.3, line_width=0, row=row, col=1)
        margin = 0.06 * (high - low)
        figure.update_yaxes(range=[low - margin, high + margin], nticks=4, row=row, col=1)
    if report.steps:  # after the signals: no line is drawn into an empty row
        _add_steps(figure, report.steps, end, narrow)
        _add_votes(figure, report.windows)
    _name_rows(figure, titles)
    figure.update_xaxes(range=[start, end], showgrid=True, zeroline=False)
    figure.update_xaxes(title="seconds", row=len(titles), col=1)
    figure.update_yaxes(fixedrange=True, zeroline=False)
    figure.update_layout(
        height=880 if report.steps else 780,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        legend={"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
    )
    return figure


def _add_events(figure: go.Figure, events: Sequence[Event]) -> None:
    """A lane for each kind: the word at its left, a symbol where it begins, a line as long as it lasts."""
    for lane, kind in enumerate(_LANES):
        family = kind.split()[0]
        found = [event for event in events if event.kind == kind]
        colour = _COLOURS[family]
        for event in found:
            ends = [event.start_s, event.end_s]
            line = {"color": colour, "width": 4}
            figure.add_scatter(
                x=ends, y=[lane, lane], mode="lines", line=line, hoverinfo="skip", showlegend=False, row=1, col=1
            )
        figure.add_scatter(
            x=[event.start_s for event in found],
            y=[lane] * len(found),
            mode="markers",
            name=kind,
            showlegend=False,
            marker={"symbol": _SYMBOLS[family], "size": 10, "color": colour},
            hovertemplate=f"{kind} at %{{x:.2f}} s<extra></extra>",
            row=1,
            col=1,
        )
    words = [f"{kind} {EVENT_SIGNS[kind.split()[0]]}" for kind in _LANES]
    figure.update_yaxes(tickvals=list(range(len(_LANES))), ticktext=words, range=[-0.6, len(_LANES) - 0.4], row=1)


def _add_steps(figure: go.Figure, steps: Sequence[StepResult], end_s: float, narrow: bool) -> None:
    """A line for each step, from its prompt to its answer, with its words; and where both are in the signals."""
    for number, step in enumerate(steps, 1):
        until_s = step.answered_s if step.answered else end_s  # only the last one is not answered
        sign = "✓" if step.answered else "✗"
        lane = _ASKED_LANE + (number - 1) % 2  # words of one that was answered quickly run into the next one's place
        figure.add_scatter(
            x=[step.asked_s, until_s],
            y=[lane, lane],
            mode="lines+text",
            text=[f"{number} {sign}" if narrow else f"{number}. {step.step} {sign}", ""],
            textposition="top right",
            line={"color": TEAL if step.answered else AMBER, "width": 6, "dash": "solid" if step.answered else "dot"},
            name=step.step,
            hovertemplate=f"{step.step}: asked at {step.asked_s:.1f} s, {'answered' if step.answered else 'open'}"
            f" until %{{x:.1f}} s<extra></extra>",
            showlegend=False,
            row=1,
            col=1,
        )
        for row in range(2, len(_ROWS) + 2):
            asked = {"color": GREY, "width": 1.5, "dash": "dot"}
            figure.add_vline(step.asked_s, line=asked, row=row, col=1)
            if step.answered:
                figure.add_vline(step.answered_s, line={"color": TEAL, "width": 1.5}, row=row, col=1)
    lanes = list(figure.layout.yaxis.ticktext)
    figure.update_yaxes(
        tickvals=list(range(len(lanes) + 2)),
        ticktext=[*lanes, "votes", "asked for"],
        range=[-0.6, _ASKED_LANE + 1.9],
        row=1,
    )


def _add_votes(figure: go.Figure, windows: Sequence[Window]) -> None:
    """The vote of each ten frames, by its sign, in its lane."""
    figure.add_scatter(
        x=[(window.start_s + window.end_s) / 2 for window in windows],
        y=[_VOTE_LANE] * len(windows),
        mode="text",
        text=[VOTE_SIGNS[window.vote] for window in windows],
        customdata=[window.vote for window in windows],
        hovertemplate="ten frames until %{x:.1f} s: %{customdata}<extra></extra>",
        name="votes",
        showlegend=False,
        row=1,
        col=1,
    )


def _name_rows(figure: go.Figure, titles: Sequence[str]) -> None:
    for row, title in enumerate(titles, start=1):
        top = figure.get_subplot(row, 1).yaxis.domain[1]
        where = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom"}
        figure.add_annotation(text=f"<b>{title}</b>", showarrow=False, font={"size": 13}, **where)
