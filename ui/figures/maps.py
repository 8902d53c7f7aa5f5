"""Maps over the picture: what is there, what should be, and the noise itself. From results to plotly figures."""

from __future__ import annotations

import base64
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from prnu.images import FloatArray
from prnu.localize import Box, CorrelationMap
from ui.figures.theme import AMBER, BLUE, DIVERGING, GREY, RED, SEQUENTIAL, SKY
from ui.text.maps import LEGEND, TITLES, Strength

PICTURE_SIDE, OVERVIEW_SIDE = 960, 240
"""Pixels along the longer side that are sent to the browser of a picture, and of a map of energies."""

DETAIL = 256
"""Pixels on a side of the detail that is shown one to one."""

AGREEMENT = (0.0, 10.0)
"""Deviations of chance from the darkest to the brightest colour of a map of agreement, the same in all maps: chance
alone reaches 4 to 5 somewhere in a map and stays dull; twice as much is the pattern, beyond doubt."""

PictureArray: TypeAlias = FloatArray | npt.NDArray[np.uint8]

_NOISE = ("Noise of the photo", "Fingerprint")
_ALONE = ("Noise of the selfie", "The selfie")


def where(luma: FloatArray, found: CorrelationMap, stacked: bool = False, shown: Strength = "pattern") -> go.Figure:
    """Picture, pattern found, pattern expected, and where it is missing: four views that zoom together.

    Of a photo that is no match only picture and agreement: nothing is expected there, so nothing is missing.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32, 0..255
    found : CorrelationMap
    stacked : bool
        One below the other, for narrow screens.
    shown : {"pattern", "trace", "chance"}
        What the photo as a whole shows (`ui.text.maps.strength`).
    """
    if shown != "pattern":
        figure = _views(TITLES[shown], 1, stacked)
        figure.add_trace(_picture(luma), **_cell(0, stacked))
        figure.add_trace(agreement(found, LEGEND), **_cell(1, stacked))
        return _frame(figure, luma.shape, stacked, wide=760)
    figure = _views(TITLES[shown], 2, stacked)
    for index in (0, 2):
        figure.add_trace(_picture(luma), **_cell(index, stacked))
    figure.add_trace(agreement(found), **_cell(1, stacked))
    rows, columns = found.centres
    heat = _heat(found.expected / found.chance, columns, rows, AGREEMENT, SEQUENTIAL, LEGEND)
    heat.hovertemplate = "expected %{z:.1f} at %{x}, %{y}<extra></extra>"
    figure.add_trace(heat, **_cell(3, stacked))
    for index in (1, 2, 3):
        figure.add_trace(_outline(found), **_cell(index, stacked))
    figure.add_trace(_hatch(~found.telling, found, "cannot tell", "circle-open", SKY, 3), **_cell(2, stacked))
    figure.add_trace(_hatch(found.missing, found, "missing", "x-thin", RED, 2), **_cell(2, stacked))
    legend = {"orientation": "h", "y": 0, "yanchor": "top", "x": 0}
    figure.update_layout(legend=legend, showlegend=True)
    return _frame(figure, luma.shape, stacked, wide=760)


def noise_overview(residual: FloatArray, fingerprint: FloatArray, stacked: bool = False) -> go.Figure:
    """Strength of the photo's noise and of the fingerprint over the frame, each relative to its own median."""
    figure = _views(_NOISE, 1, stacked)
    for index, pattern in enumerate((residual, fingerprint)):
        figure.add_trace(_strength(pattern, "strength, 1 is usual" if index else ""), **_cell(index, stacked))
    return _frame(figure, residual.shape, stacked, wide=760)


def noise_detail(
    residual: FloatArray, fingerprint: FloatArray, left: int, top: int, narrow: bool = False, side: int = DETAIL
) -> go.Figure:
    """The noise itself, pixel by pixel, in a small square: photo beside fingerprint, in own standard deviations."""
    figure = _views(_NOISE, 1, stacked=False)
    for index, pattern in enumerate((residual, fingerprint)):
        part = pattern[top : top + side, left : left + side]
        values = (part / np.float32(part.std() or 1.0)).astype(np.float32)
        rows, columns = top + np.arange(part.shape[0]), left + np.arange(part.shape[1])
        heat = _heat(values, columns, rows, (-3.0, 3.0), DIVERGING, "standard deviations" if index else "")
        heat.hovertemplate = "pixel %{x}, %{y}: %{z:.1f} deviations<extra></extra>"
        figure.add_trace(heat, **_cell(index, stacked=False))
    figure = _frame(figure, (side, side), False, wide=380 if narrow else 760)
    figure.layout.shapes = ()
    return figure.update_xaxes(range=[left, left + side]).update_yaxes(range=[top + side, top])


def agreement(found: CorrelationMap, word: str = "") -> go.Heatmap:
    """Where noise and fingerprint agree, on the one scale of colours that all maps of agreement have."""
    rows, columns = found.centres
    heat = _heat(found.z, columns, rows, AGREEMENT, SEQUENTIAL, word)
    heat.hovertemplate = "agreement %{z:.1f} at %{x}, %{y}<extra></extra>"
    return heat


def face(
    luma: PictureArray,
    residual: FloatArray,
    fingerprint: FloatArray | None,
    found: CorrelationMap | None,
    box: Box | None,
    window: Box,
    stacked: bool = False,
    shown: Strength = "pattern",
) -> go.Figure:
    """Noise of a selfie, the fingerprint, and where the two agree: views of the face that zoom together.

    Parameters
    ----------
    luma : ndarray, shape (H, W), float32 or uint8, 0..255
    residual : ndarray, shape (H, W), float32
    fingerprint : ndarray, shape (H, W), float32, or None
        Without one the picture takes the place of the other views.
    found : CorrelationMap or None
    box : Box or None
        Drawn into each view.
    window : Box
        Part that is shown at first.
    stacked : bool
        One below the other, for narrow screens.
    shown : {"pattern", "trace", "chance"}
        What the stills as a whole show; only where they match can the pattern be missing somewhere.
    """
    compared = fingerprint is not None and found is not None
    titles = ("Noise of the selfie", "Fingerprint of the camera", "Where they agree") if compared else _ALONE
    figure, columns = _views(titles, 1, stacked), len(titles)
    for index, pattern in enumerate((residual, fingerprint) if compared else (residual,)):
        assert pattern is not None
        heat = _strength(pattern, "strength, 1 is usual" if index == 0 else "")
        heat.colorbar.update(x=0, xanchor="left", len=0.3)
        figure.add_trace(heat, **_cell(index, stacked, columns))
    last = _cell(columns - 1, stacked, columns)
    figure.add_trace(_picture(luma), **last)
    if compared:
        assert found is not None
        heat = agreement(found, LEGEND)
        heat.update(opacity=0.65)
        heat.colorbar.update(len=0.3)
        figure.add_trace(heat, **last)
        if shown == "pattern":
            figure.add_trace(_outline(found), **last)
            figure.add_trace(_hatch(found.missing, found, "missing", "x-thin", RED, 2), **last)
            legend = {"orientation": "h", "y": 0, "yanchor": "top", "x": 0.5, "xanchor": "center"}
            figure.update_layout(legend=legend, showlegend=True)
    figure = _frame(figure, luma.shape, stacked, wide=900, columns=columns, window=window)
    if box is not None:
        left, top_edge, width, height = box
        corners = {"x0": left, "y0": top_edge, "x1": left + width, "y1": top_edge + height}
        figure.add_shape(type="rect", **corners, line={"color": "white", "width": 5}, row="all", col="all")
        figure.add_shape(type="rect", **corners, line={"color": BLUE, "width": 3}, row="all", col="all")
    return figure


def region(luma: FloatArray, box: tuple[int, int, int, int]) -> go.Figure:
    """The picture with a box in it. A grid of points that cannot be seen lets the pointer draw another box."""
    height, width = luma.shape
    left, top, across, down = box
    figure = go.Figure(_picture(luma))
    y, x = np.mgrid[0:height:24j, 0:width:32j]
    figure.add_scatter(x=x.ravel(), y=y.ravel(), mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    corners = {"x0": left, "y0": top, "x1": left + across, "y1": top + down}
    figure.add_shape(type="rect", **corners, line={"color": "white", "width": 5})
    figure.add_shape(type="rect", **corners, line={"color": BLUE, "width": 3})
    figure.update_layout(dragmode="select", showlegend=False, selectdirection="any")
    figure.update_layout(newselection={"line": {"color": AMBER}})
    return _frame(figure, luma.shape, stacked=True, wide=480)


def block_strength(pattern: FloatArray) -> tuple[FloatArray, int]:
    """Root mean square of a pattern in square blocks, relative to its median, and the blocks' side in pixels."""
    step = max(1, -(-max(pattern.shape) // OVERVIEW_SIDE))
    rows, columns = (side // step for side in pattern.shape)
    part = pattern[: rows * step, : columns * step]
    energy = cv2.resize(cv2.multiply(part, part), (columns, rows), interpolation=cv2.INTER_AREA)
    strength = np.sqrt(energy)
    return np.asarray(strength / np.float32(np.median(strength) or 1.0), np.float32), step


def pointer_box(selection: dict[str, list[float]], shape: tuple[int, int]) -> Box:
    """A box drawn with the pointer, in whole pixels inside the frame."""
    height, width = shape
    x0, x1 = (round(min(max(x, 0), width)) for x in (min(selection["x"]), max(selection["x"])))
    y0, y1 = (round(min(max(y, 0), height)) for y in (min(selection["y"]), max(selection["y"])))
    return Box(x0, y0, x1 - x0, y1 - y0)


def _strength(pattern: FloatArray, word: str) -> go.Heatmap:
    """How strong a pattern is over the frame; with a colour bar if there is a word for it."""
    strength, step = block_strength(pattern)
    rows, columns = (step * (np.arange(side) + 0.5) for side in strength.shape)
    heat = _heat(strength, columns, rows, (0.0, 2.5), SEQUENTIAL, word)
    heat.hovertemplate = "%{z:.2f} times the usual strength<extra></extra>"
    return heat


def _picture(luma: PictureArray) -> go.Image:
    """The picture in grey, made small enough to send, in the coordinates of the full frame."""
    height, width = luma.shape
    scale = max(1.0, max(height, width) / PICTURE_SIDE)
    size = round(width / scale), round(height / scale)
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA) if scale > 1 else luma
    _, file = cv2.imencode(".jpg", small.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    source = "data:image/jpeg;base64," + base64.b64encode(file.tobytes()).decode()
    dx, dy = width / size[0], height / size[1]
    return go.Image(source=source, x0=dx / 2, dx=dx, y0=dy / 2, dy=dy, hoverinfo="skip")


def _views(titles: tuple[str, ...], rows: int, stacked: bool) -> go.Figure:
    """Empty views, in so many rows or all below each other."""
    if stacked:
        return make_subplots(len(titles), 1, subplot_titles=titles, vertical_spacing=0.16 / len(titles))
    columns = len(titles) // rows
    return make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.03, vertical_spacing=0.09)


def _cell(index: int, stacked: bool, columns: int = 2) -> dict[str, int]:
    """Row and column of a view."""
    return {"row": index + 1, "col": 1} if stacked else {"row": index // columns + 1, "col": index % columns + 1}


def _heat(
    values: FloatArray,
    x: npt.NDArray[np.generic],
    y: npt.NDArray[np.generic],
    ends: tuple[float, float],
    scale: str,
    word: str,
) -> go.Heatmap:
    """A heat map; with a colour bar below all views if there is a word for it."""
    bar = {
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
    low, high = ends
    return go.Heatmap(
        z=values, x=x, y=y, zmin=low, zmax=high, colorscale=scale, showscale=bool(word), colorbar=bar, showlegend=False
    )


def _outline(found: CorrelationMap) -> go.Contour:
    """A line around where the pattern is missing."""
    rows, columns = found.centres
    padded = np.pad(found.missing, 1).astype(np.uint8)
    x = np.concatenate([[columns[0] - found.step], columns, [columns[-1] + found.step]])
    y = np.concatenate([[rows[0] - found.step], rows, [rows[-1] + found.step]])
    lines = {"start": 0.5, "end": 0.5, "coloring": "none"}
    line = {"color": RED, "width": 3}
    return go.Contour(
        z=padded, x=x, y=y, contours=lines, line=line, showscale=False, hoverinfo="skip", showlegend=False
    )


def _hatch(
    mask: npt.NDArray[np.bool_], found: CorrelationMap, word: str, symbol: str, colour: str, every: int
) -> go.Scatter:
    """Signs over an area, so far apart that the picture shows through."""
    rows, columns = found.centres
    thin = every * max(1, max(mask.shape) // 75)
    y, x = np.nonzero(mask[::thin, ::thin])
    marker = {"symbol": symbol, "size": 5, "color": colour, "line": {"width": 1, "color": colour}}
    return go.Scatter(
        x=columns[::thin][x], y=rows[::thin][y], mode="markers", marker=marker, name=word, hoverinfo="name"
    )


def _frame(
    figure: go.Figure, shape: tuple[int, ...], stacked: bool, wide: int, columns: int = 2, window: Box | None = None
) -> go.Figure:
    """Give all views the frame's axes, linked: row 0 on top, square pixels, nothing beyond the edge.

    With a window only that part of the frame shows at first.

    The height fits where the figure is about `wide` pixels across; less if stacked, for then the screen is narrow.
    """
    height, width = shape[:2]
    part = window or Box(0, 0, width, height)
    axes = list(figure.select_yaxes())
    plain = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": "", "constrain": "domain"}
    figure.update_xaxes(range=[part.left, part.left + part.width], matches="x", **plain)
    figure.update_yaxes(range=[part.top + part.height, part.top], matches="y", **plain)
    figure.update_layout(xaxis={"matches": None}, yaxis={"matches": None})
    for number in range(1, len(axes) + 1):
        name = "" if number == 1 else str(number)
        figure.update_layout({f"yaxis{name}": {"scaleanchor": f"x{name}"}})
    edge = {"x0": 0, "y0": 0, "x1": width, "y1": height, "line": {"color": GREY, "width": 1}}
    if len(axes) > 1:
        figure.add_shape(type="rect", **edge, row="all", col="all")
    if stacked:
        figure.update_traces(colorbar={"len": 0.4}, selector={"type": "heatmap"})
    across = wide if len(axes) == 1 else 360 if stacked else wide / columns
    rows = len(axes) if stacked else -(-len(axes) // columns)
    below = 64 if len(axes) > 1 else 8
    tall = rows * (across * part.height / part.width + 28) + below
    return figure.update_layout(height=round(min(tall, 1600)), margin={"l": 0, "r": 0, "t": 28, "b": below})
