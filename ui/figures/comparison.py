"""An attack beside a genuine attempt of the same person: what of both is drawn, and how."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from attacks.face.puppet import label
from prnu import Match
from prnu.images import FloatArray
from prnu.localize import Box, CorrelationMap, RegionMatch
from ui.figures import maps
from ui.figures.theme import BLUE, GREY, SEQUENTIAL
from ui.results import photo
from ui.results.attempt import Attempt
from ui.results.still_view import sight
from ui.text.maps import LEGEND, Strength, strength

_SIDE = 480  # pixels of the pictures that are sent to the browser


@dataclass(frozen=True, eq=False)
class Side:
    """One of two attempts. Small: neither stills nor the fingerprint.

    Attributes
    ----------
    picture : bytes
        JPEG of the window, which says that it is simulated.
    window : Box
        The face with what is around it, in pixels of the stills.
    box : Box or None
        Inner part of the face.
    noise : ndarray, shape (h, w), float32
        Strength of the noise in the whole still, 1 is usual.
    step : int
        Pixels of a still to each of `noise`.
    agreement : CorrelationMap or None
        None without a fingerprint of this size.
    found : Match or None
    region : RegionMatch or None
    threshold : float
    shown : {"pattern", "trace", "chance"} or None
        What the stills as a whole show; None without a fingerprint of this size.
    """

    picture: bytes
    window: Box
    box: Box | None
    noise: FloatArray
    step: int
    agreement: CorrelationMap | None
    found: Match | None
    region: RegionMatch | None
    threshold: float
    shown: Strength | None


def side(attempt: Attempt) -> Side:
    """Take what is drawn of an attempt with stills.

    The map's blocks are as small as this attempt allows: in those of a stronger one a weak pattern would not be seen.
    """
    seen = sight(attempt)
    left, top, width, height = seen.window
    part = seen.picture[top : top + height, left : left + width]
    scale = min(1.0, _SIDE / max(part.shape))
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    marked = label(np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2RGB), np.uint8))
    _, file = cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, 88])
    noise, step = maps.block_strength(seen.evidence.pattern)
    return Side(
        file.tobytes(),
        seen.window,
        seen.box,
        noise,
        step,
        seen.map,
        seen.found,
        seen.region,
        attempt.finding.factor.threshold,
        strength(seen.found, attempt.matches(seen.found)) if seen.found else None,
    )


def noises(sides: list[tuple[str, Side]], narrow: bool = False) -> go.Figure:
    """Strength of the noise of one or two attempts, the face framed."""
    figure = _views([title for title, _ in sides])
    for column, (_, one) in enumerate(sides, 1):
        rows, columns = (one.step * (np.arange(length) + 0.5) for length in one.noise.shape)
        figure.add_heatmap(
            z=one.noise,
            x=columns,
            y=rows,
            zmin=0.0,
            zmax=2.5,
            colorscale=SEQUENTIAL,
            showscale=column == len(sides),
            colorbar=_bar("strength, 1 is usual"),
            hovertemplate="%{z:.2f} times the usual strength<extra></extra>",
            row=1,
            col=column,
        )
    return _framed(figure, sides, narrow)


def agreements(sides: list[tuple[str, Side]], narrow: bool = False) -> go.Figure:
    """Where the noise of one or two attempts agrees with the fingerprint, over the faces, on one scale of colours."""
    figure = _views([title for title, _ in sides])
    for column, (_, one) in enumerate(sides, 1):
        left, top, width, height = one.window
        figure.add_layout_image(
            source=photo.data_url(one.picture),
            x=left,
            y=top,
            sizex=width,
            sizey=height,
            xref="x",
            yref="y",
            sizing="stretch",
            layer="below",
            row=1,
            col=column,
        )
        if one.agreement is None:
            continue
        heat = maps.agreement(one.agreement)
        heat.update(opacity=0.72, showscale=column == len(sides), colorbar=_bar(LEGEND))
        figure.add_trace(heat, row=1, col=column)
    return _framed(figure, sides, narrow)


def _views(titles: list[str]) -> go.Figure:
    return make_subplots(1, len(titles), subplot_titles=titles, horizontal_spacing=0.03)


def _bar(word: str) -> dict[str, object]:
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 0.5,
        "x": 1,
        "xanchor": "right",
        "y": 0,
        "yanchor": "top",
        "outlinewidth": 0,
        "title": {"text": word, "side": "bottom"},
    }


def _framed(figure: go.Figure, sides: list[tuple[str, Side]], narrow: bool) -> go.Figure:
    """Square pixels, the window of each side, its face framed."""
    plain = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
    for column, (_, one) in enumerate(sides, 1):
        left, top, width, height = one.window
        edges = {"row": 1, "col": column}
        figure.update_xaxes(range=[left, left + width], fixedrange=True, **plain, **edges)
        anchor = "x" if column == 1 else f"x{column}"
        figure.update_yaxes(range=[top + height, top], fixedrange=True, scaleanchor=anchor, **plain, **edges)
        figure.add_shape(
            type="rect", x0=left, y0=top, x1=left + width, y1=top + height, line={"color": GREY, "width": 1}, **edges
        )
        if one.box:
            corners = {"x0": one.box.left, "y0": one.box.top}
            corners |= {"x1": one.box.left + one.box.width, "y1": one.box.top + one.box.height}
            figure.add_shape(type="rect", **corners, line={"color": "white", "width": 5}, **edges)
            figure.add_shape(type="rect", **corners, line={"color": BLUE, "width": 3}, **edges)
    return figure.update_layout(
        height=270 if narrow and len(sides) > 1 else 430, margin={"l": 0, "r": 0, "t": 28, "b": 64}, showlegend=False
    )
