"""Colours and settings that all figures share."""

from __future__ import annotations

BLUE, TEAL, AMBER, GREY, RED, SKY = "#3f86c6", "#1f9d7d", "#c98a00", "#8592a0", "#d1495b", "#6aa5d8"
"""Legible on white and on the dark theme alike; they differ in lightness, too."""


FAINT = "rgba(133,146,160,.45)"
"""Grey for lines of a grid on any background."""


SEQUENTIAL = "Cividis"
"""Colour scale of amounts; made for all kinds of colour vision (Nuñez, Anderton and Renslow 2018)."""


DIVERGING = "PuOr"
"""Colour scale of signed values: orange against purple are safe for colour-blind people."""


STATIC = {"staticPlot": True}


HOVER = {"displayModeBar": False}


QUIET = {"displaylogo": False, "modeBarButtonsToRemove": ["toImage", "lasso2d", "autoScale2d"]}
