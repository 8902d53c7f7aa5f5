"""The matrix for people: what still gets through first, then the table, then how genuine customers fared."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import plotly.graph_objects as go
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from attacks.evaluation.rates import Cell, Matrix, Rate, Row
from attacks.recipe import GENUINE
from attacks.recipes import ATTACKS
from bank.policy import FACTORS

DECISION = "accepted"
"""Name of the last column."""

_INTERVAL = "95 % confidence"
_HEADLINES = 6  # above the heat map; the cells tell the rest
_WIDE = 110  # columns of a terminal in which the table's titles can be read


def titled(row: Row) -> str:
    """Name an attack and how it was tried, or whom genuine customers were tried with."""
    if row.attack == GENUINE:
        return f"Genuine, {row.strength}" if row.strength else "Genuine, all"
    for attack in ATTACKS:
        if attack.code == row.attack:
            strength = next((way.words for way in attack.ways if way == row.strength), row.strength)
            return f"{attack.title}: {strength[:1].lower()}{strength[1:]}"
    return f"{row.attack}: {row.strength}"


def spoken(rate: Rate) -> str:
    """Say a rate with its interval."""
    if not rate.n:
        return "not tried"
    return f"{rate.count} of {rate.n}, {rate.share:.0%} ({_INTERVAL}: {rate.low:.1%} to {rate.high:.1%})"


def headline(matrix: Matrix) -> list[str]:
    """Say what still gets through, the worst first; if nothing does, what is known by that."""
    tried = [row for row in matrix.attacks if row.n]
    if not tried:
        return ["No attack was tried."]
    if not matrix.through:
        least = max(tried, key=lambda row: row.accepted.high)
        return [
            f"None of {sum(row.n for row in tried)} attacks was accepted. That is no proof: {least.n} trials of one "
            f"kind leave it open whether up to {least.accepted.high:.1%} would be ({_INTERVAL})."
        ]
    return [f"{titled(row)}: accepted {spoken(row.accepted)}" for row in matrix.through]


def reasons(matrix: Matrix) -> list[str]:
    """Say why genuine customers were not accepted, the most frequent reason first."""
    counts = Counter((one.reason, one.camera) for one in matrix.refused)
    return [f"{count} x {reason} ({camera})" for (reason, camera), count in counts.most_common()]


def show(matrix: Matrix, console: Console) -> None:
    """Print all of it."""

    def say(text: str, marked: str = "") -> None:
        console.print(f"{marked}{escape(text)}", highlight=False)

    if matrix.attacks:
        say("", "[bold]What still gets through[/]")
        for line in headline(matrix):
            say(f"  {line}")
        say("")
        _print_rows(matrix.attacks, "APCER", "attacks accepted", console)
    if matrix.genuine:
        say("")
        _print_rows(matrix.genuine, "BPCER", "not accepted", console)
        for line in reasons(matrix):
            say(f"  not accepted: {line}")
    say("Cells: passed / cannot tell / failed. What a factor cannot tell never counts as passed.")
    for row in (*matrix.attacks, *(row for row in matrix.genuine if not row.strength)):
        for trouble, count in Counter(row.troubles).items():
            say(f"{titled(row)}: {count} trials could not be made, and count nowhere. {trouble}", "[yellow]note[/] ")


def _print_rows(rows: tuple[Row, ...], rate: str, meaning: str, console: Console) -> None:
    """Print a table, or where it would be too narrow to read, a list."""
    if console.width >= _WIDE:
        table = Table("", *FACTORS, "accepted", f"{rate} ({meaning}), {_INTERVAL}")
        for row in rows:
            cells = [_said(row.cells[name]) for name in FACTORS]
            table.add_row(escape(titled(row)), *cells, f"{row.accepted.count} of {row.n}", _bounds(row))
        console.print(table)
        return
    console.print(f"{rate} ({meaning}), {_INTERVAL}:", highlight=False)
    for row in rows:
        console.print(f"[bold]{escape(titled(row))}[/]", highlight=False)
        console.print(f"  {rate} {_bounds(row)}; accepted {row.accepted.count} of {row.n}", highlight=False)
        cells = [f"{name} {_said(row.cells[name])}" for name in FACTORS]
        console.print(Padding(", ".join(cells), (0, 0, 0, 2)), highlight=False)


def _bounds(row: Row) -> str:
    counted = row.rejected if row.attack == GENUINE else row.accepted
    return f"{counted.share:.0%} ({counted.low:.1%} to {counted.high:.1%})" if row.n else "not tried"


def _said(cell: Cell) -> str:
    return f"{cell.passed.count}/{cell.inconclusive}/{cell.failed}"


def matrix_figure(matrix: Matrix) -> go.Figure:
    """Draw a heat map: the share of trials that each factor passes, and the bank accepts, with the counts in words.

    Parameters
    ----------
    matrix : Matrix

    Returns
    -------
    plotly.graph_objects.Figure
    """
    rows = [row for row in (*matrix.attacks, *matrix.genuine) if row.n]
    shares, texts, hovers = [], [], []
    for row in rows:
        rates = [row.cells[name].passed for name in FACTORS] + [row.accepted]
        words = [
            f"{row.cells[name].passed.count} passed<br>"
            f"{row.cells[name].inconclusive} cannot tell, {row.cells[name].failed} failed"
            for name in FACTORS
        ]
        shares.append([rate.share for rate in rates])
        texts.append([*words, f"<b>{row.accepted.count} of {row.n}</b><br>accepted"])
        hovers.append(
            [f"{titled(row)}<br>{name}: {spoken(rate)}" for name, rate in zip(_columns(), rates, strict=True)]
        )
    names = [titled(row).replace(": ", ":<br>", 1) for row in rows]
    figure = go.Figure(
        go.Heatmap(
            x=_columns(),
            y=names,
            z=shares,
            text=texts,
            hovertext=hovers,
            texttemplate="%{text}",
            hoverinfo="text",
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            colorscale=["#FFFFFF", "#56B4E9"],  # black words can be read on all of it, and say what it says
            textfont={"color": "black", "size": 11},
            colorbar={"title": "share passed", "tickformat": ".0%"},
        )
    )
    lines = ["<b>Every attack against every factor</b>", "Gets through:", *headline(matrix)[:_HEADLINES]]
    title = "<br>".join(lines if matrix.through else [lines[0], *lines[2:]])
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_xaxes(side="top")
    return figure.update_layout(
        template="simple_white",
        title={
            "text": title,
            "font": {"size": 13},
            "x": 0.01,
            "yref": "container",
            "y": 1.0,
            "yanchor": "top",
            "pad": {"t": 12},
        },
        margin={"t": 200},
        height=260 + 44 * len(rows),
    )


def write_html(matrix: Matrix, path: str | os.PathLike[str]) -> None:
    """Write `matrix_figure` as one HTML file that needs no network."""
    Path(path).write_text(matrix_figure(matrix).to_html(include_plotlyjs=True), encoding="utf-8")


def _columns() -> list[str]:
    return [*FACTORS, DECISION]
