"""Plots of an evaluation, as self-contained pages."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from prnu.evaluate import Evaluation

BLUE, ORANGE = "#0072B2", "#D55E00"  # Okabe and Ito 2008: told apart with any colour vision


def evaluation_figure(evaluation: Evaluation) -> go.Figure:
    """Draw the ROC curve, and the scores of all pairs with the threshold.

    Parameters
    ----------
    evaluation : Evaluation
        Without both same-camera and other pairs there is no curve.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=("ROC curve", "Scores (signed root of PCE)"))
    false_rate, true_rate = evaluation.roc()
    area = f"AUC {evaluation.auc:.4f}" if false_rate.size else "needs two cameras"
    figure.add_scatter(x=false_rate, y=true_rate, mode="lines+markers", name=area, line_color=BLUE, row=1, col=1)
    for scores, name, colour, symbol in zip(
        evaluation.scores, ("same camera", "another camera"), (BLUE, ORANGE), ("circle", "x"), strict=True
    ):
        roots = np.sign(scores) * np.sqrt(np.abs(scores))
        figure.add_scatter(
            x=roots,
            y=[name] * len(scores),
            mode="markers",
            name=name,
            marker={"color": colour, "symbol": symbol},
            text=[f"PCE {score:.1f}" for score in scores],
            row=1,
            col=2,
        )
    cut = f"threshold {evaluation.threshold:g}"
    figure.add_vline(x=evaluation.threshold**0.5, line_dash="dash", annotation_text=cut, row=1, col=2)
    figure.update_xaxes(title="false positives", range=[-0.02, 1.02], row=1, col=1)
    figure.update_yaxes(title="true positives", range=[-0.02, 1.02], row=1, col=1)
    return figure.update_layout(template="simple_white", title="Every fingerprint against every probe")


def write_html(evaluation: Evaluation, path: str | os.PathLike[str]) -> None:
    """Write `evaluation_figure` as one HTML file that needs no network."""
    Path(path).write_text(evaluation_figure(evaluation).to_html(include_plotlyjs=True), encoding="utf-8")
