"""The peak as a picture: what is drawn by the graphics processor leaves a hole where a page is printed."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from prnu import Match
from ui.text.scores import score

_LEFT, _TOP, _ACROSS, _DOWN, _HIGH, _SKEW = 20, 150, 620, 190, 140, 70  # of the drawing, in its own units
_INK, _LINE, _THRESHOLD = "#15202b", "#1b5e9e", "#8a5a00"


def peak(match: Match, threshold: float, word: str = "this photo") -> str:
    """The signed correlation energy at and around the best place, row behind row, on white.

    Parameters
    ----------
    match : Match
    threshold : float
        Height of the dashed line.
    word : str
        What was compared.

    Returns
    -------
    str
        SVG.
    """
    rows, columns = match.surface.shape
    scale = _HIGH / max(float(match.surface.max()), 1.25 * threshold)
    middle = _TOP + _DOWN * (rows // 2) / max(rows - 1, 1)
    right = _LEFT + _SKEW + _ACROSS
    drawn: list[str] = []
    for row, values in enumerate(match.surface):
        share = row / max(rows - 1, 1)
        ground = _TOP + _DOWN * share
        x = _LEFT + _SKEW * (1 - share) + np.linspace(0, _ACROSS, columns)
        line = " ".join(f"{across:.1f},{ground - scale * value:.1f}" for across, value in zip(x, values, strict=True))
        drawn.append(f'<polyline points="{x[0]:.1f},{ground} {line} {x[-1]:.1f},{ground}"/>')
        if row == rows // 2:
            level = ground - scale * threshold
            drawn.append(
                f'<path d="M{x[0]:.1f} {level:.1f}H{right}" fill="none" stroke="{_THRESHOLD}" stroke-width="2" '
                f'stroke-dasharray="6 4"/><text x="{right + 8}" y="{level + 5:.1f}" fill="{_THRESHOLD}" '
                f'stroke="none">threshold {score(threshold)}</text>'
            )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 850 360" font-family="sans-serif" font-size="16">'
        f'<rect width="850" height="360" fill="#fff"/><g fill="#fff" stroke="{_LINE}">{"".join(drawn)}</g>'
        f'<text x="{_LEFT + _SKEW / 2 + _ACROSS / 2 + 12}" y="{middle - scale * match.pce:.1f}" fill="{_INK}" '
        f'font-weight="bold">{word} {score(match.pce)}</text></svg>'
    )


def image(svg: str, alt: str) -> str:
    """HTML of a drawing that is there although nobody has seen it on the screen."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}" style="width:100%">'
