from __future__ import annotations

import math
from datetime import UTC, datetime

from ui.photo_check.report import report
from ui.results.check_figures import CheckFigures
from ui.text.plain import literal, plain

NAME = "An\u202ena <b>\n.jpg"


def test_names_are_shown_as_they_were_given():
    headline = f"**{literal(NAME)}** cannot be compared."
    figures = CheckFigures(
        "key", datetime(2026, 11, 27, tzinfo=UTC), (NAME,), NAME, (0, 0), math.nan, math.nan, math.nan, "unclear",
        headline, "", "", False,
    )  # fmt: skip
    page = report(figures, None)
    shown = plain(NAME).replace("<", "&lt;").replace(">", "&gt;")
    assert page.count(shown) == page.count("An\u27e8U+202E\u27e9na") == 5, "title, heading, verdict and two figures"
    assert "\u202e" not in page
    assert "--ink: #15202b" in page, "the style that both reports have"
