"""A check of photos as one HTML file without network or scripts: its verdict, its figures, small pictures of it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from markupsafe import escape

from prnu.images import FloatArray
from prnu.localize import CorrelationMap
from ui.results.check_figures import CheckFigures
from ui.results.photo_check import Check
from ui.text.report_pages import report_pages
from ui.text.scores import SIGNS, minute, odds, score, upper

_PAGES = report_pages(Path(__file__).parent)
_UNMARKED = re.compile(r"\*\*|\\|\u2060")  # what made it Markdown
_SIDE = 480  # pixels of a picture, along the longer side
_RED = (91, 73, 209)  # ui.figures.theme.RED, as OpenCV orders colours


def report(figures: CheckFigures, check: Check | None) -> str:
    """Write a check as one HTML page.

    Parameters
    ----------
    figures : CheckFigures
    check : Check or None
        With its pictures, while they are kept. Of the fingerprint only how strong it shows over the frame is drawn.
    """
    width, height = figures.size
    rows = {"Photos": ", ".join(figures.photos), "Camera": figures.camera}
    if figures.compared:
        rows |= {
            "Size": f"{width} x {height} pixels",
            "Score (PCE)": score(figures.score),
            "Threshold": score(figures.threshold),
            "By chance": upper(odds(figures.p_value)),
        }
    return _PAGES.get_template("report.html").render(
        figures=figures,
        headline=escape(_UNMARKED.sub("", figures.headline)),  # names in it are shown as given already
        when=minute(figures.when),
        sign=SIGNS[figures.kind],
        rows=rows,
        pictures=[(_embedded(jpeg), words) for jpeg, words in _pictures(check)] if check else [],
        ranking=[(one.camera, score(one.match.pce) if one.match else one.note) for one in check.ranking]
        if check
        else [],
    )


def _pictures(check: Check) -> list[tuple[bytes, str]]:
    """Small pictures of the photos; of one alone also where the pattern is. A map of several scenes would show none."""
    shown = [(small, photo.name) for small, photo in zip(check.thumbnails, check.photos, strict=True)]
    found = check.map if len(check.photos) == 1 else None
    if found is None:
        return shown
    top = max(float(found.expected.max()), float(found.ncc.max()), 4 * found.chance)
    return [
        *shown,
        (_heat(found.ncc, top, found, check), "The pattern that was found: bright means strong"),
        (_heat(found.expected, top, found, check), "The pattern that should be there"),
        (_missing(check.evidence.luma, found), "Where it is missing, in red"),
    ]


def _heat(values: FloatArray, top: float, found: CorrelationMap, check: Check) -> bytes:
    """A map in colours, in its place within the frame."""
    grey = np.clip(255 * values / top, 0, 255).astype(np.uint8)
    return _jpeg(_in_frame(cv2.applyColorMap(grey, cv2.COLORMAP_CIVIDIS), found, check.evidence.shape))


def _missing(luma: FloatArray, found: CorrelationMap) -> bytes:
    """The photo in grey, with red where the pattern is missing."""
    missing = _in_frame(np.where(found.missing, np.uint8(255), np.uint8(0)), found, luma.shape)
    small = cv2.resize(luma, missing.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
    colour = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    mixed = cv2.addWeighted(colour, 0.5, np.full_like(colour, _RED), 0.5, 0)
    return _jpeg(np.where(missing[..., None] > 0, mixed, colour).astype(np.uint8))


def _in_frame(cells: npt.NDArray[np.uint8], found: CorrelationMap, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Cells of a map as large as they are in the frame, which is made small; plain around them."""
    scale = _SIDE / max(shape[:2])
    rows, columns = found.centres
    top, left = (max(float(ends[0]) - found.step / 2, 0.0) * scale for ends in (rows, columns))
    bottom = min(float(rows[-1]) + found.step / 2, shape[0]) * scale
    right = min(float(columns[-1]) + found.step / 2, shape[1]) * scale
    frame = np.zeros((round(shape[0] * scale), round(shape[1] * scale), *cells.shape[2:]), np.uint8)
    size = max(round(right) - round(left), 1), max(round(bottom) - round(top), 1)
    part = cv2.resize(cells, size, interpolation=cv2.INTER_NEAREST)
    frame[round(top) : round(top) + size[1], round(left) : round(left) + size[0]] = part
    return frame


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return file.tobytes()


def _embedded(jpeg: bytes) -> str:
    return base64.b64encode(jpeg).decode()
