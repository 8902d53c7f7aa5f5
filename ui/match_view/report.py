"""An attempt as one HTML file that needs no network: what was decided, and the pictures that show why."""

from __future__ import annotations

import base64
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from ui.figures import liveness, maps, on_paper, scores
from ui.figures.theme import FAINT, QUIET
from ui.results.attempt import Attempt
from ui.results.still_view import sight, thumbnail
from ui.text import decision as decision_words
from ui.text import live_check
from ui.text import maps as map_words
from ui.text import match_view as wording
from ui.text.report_pages import report_pages
from ui.text.scores import SIGNS, minute, region, score, upper

_PAGES = report_pages(Path(__file__).parent)
_DETAIL = 96  # pixels a side: one per cent of a fingerprint of 1280x720, no use to a forger
_THUMBNAIL = 200


def report(attempt: Attempt, zone: tzinfo = UTC) -> str:
    """Write an attempt as one HTML page.

    Parameters
    ----------
    attempt : Attempt
    zone : tzinfo
        That its time is told in.

    Returns
    -------
    str
        About 6 MB, most of it plotly.js. Holds pictures of the face; of the fingerprint how strong it is over
        the frame, and a detail of 96 x 96 pixels.
    """
    decision, when, camera = attempt.decision, minute(attempt.when, zone), attempt.finding.camera
    shown = attempt.parts[attempt.decisive] if attempt.one_by_one else attempt
    rows = decision_words.figure_rows(decision, {camera.id: camera.label} if camera else {})
    versions = {"Attempt": str(decision.get("attempt") or "unknown")} | decision_words.versions(decision)
    return _PAGES.get_template("report.html").render(
        attempt=attempt,
        when=when,
        source=f"{upper(wording.SOURCES[attempt.source])}, {when}",
        script=get_plotlyjs(),
        signs=SIGNS,
        detail=_DETAIL,
        outcome=decision_words.outcome(decision),
        cards=decision_words.factor_cards(decision),
        signals=decision_words.signals(decision),
        gap=wording.missing(attempt),
        selfie=_selfie(attempt),
        scores=_scores(shown),
        which=wording.photo(attempt, attempt.decisive) if attempt.one_by_one else "",
        live=_live(attempt),
        limits=wording.limits(decision),
        figures=[row.values() for row in rows],
        versions=versions,
    )


def _selfie(attempt: Attempt) -> dict[str, Any] | None:
    """The stills, their noise beside the fingerprint, and where the two agree."""
    if not attempt.stills:
        return None
    seen = sight(attempt.parts[attempt.decisive] if attempt.one_by_one else attempt)
    pattern = seen.fingerprint.pattern if seen.fingerprint else None
    strength = map_words.strength(seen.found, attempt.matches(seen.found)) if seen.found else None
    views = maps.face(
        seen.picture, seen.evidence.pattern, pattern, seen.map, seen.box, seen.window, shown=strength or "pattern"
    )
    detail = ""
    if pattern is not None:
        left = seen.window.left + (seen.window.width - _DETAIL) // 2
        top = seen.window.top + (seen.window.height - _DETAIL) // 2
        detail = _figure(maps.noise_detail(seen.evidence.pattern, pattern, left, top, side=_DETAIL), "detail")

    def called(number: int) -> str:
        return wording.photo(attempt, number) if attempt.one_by_one else f"Still {number + 1}"

    words = [f": {score(step.alone.pce)}" for step in attempt.steps] or [""] * len(attempt.stills)
    return {
        "stills": [
            (base64.b64encode(thumbnail(still, _THUMBNAIL)).decode(), f"{called(number)}{word}")
            for number, (still, word) in enumerate(zip(attempt.stills, words, strict=True))
        ],
        "agreement": map_words.agreement(strength) if strength else "",
        "views": _figure(views, "selfie"),
        "region": region(seen.region, strength == "pattern") if seen.region else None,
        "detail": detail,
    }


def _scores(attempt: Attempt) -> dict[str, str] | None:
    """The peak, how the stills add up, and whether it could be chance."""
    found, threshold = attempt.finding.found, attempt.finding.factor.threshold
    if found is None:
        return None
    word, needed = wording.compared(found), attempt.z_to_reach(found)
    course = _figure(scores.course(attempt.steps, threshold), "course") if len(attempt.steps) > 1 else ""
    return {
        "word": word,
        "peak": _figure(scores.peak(found, threshold, word=word), "peak"),
        "peak_on_paper": on_paper.peak(found, threshold, word),
        "course": course,
        "false_alarm": wording.false_alarm(found, attempt.cameras),
        "elsewhere": wording.elsewhere(found.z, attempt.chance),
        "chance": _figure(scores.chance(found.z, needed, attempt.chance, word), "chance"),
    }


def _live(attempt: Attempt) -> dict[str, Any] | None:
    """What was asked, answered and seen over time, and what was checked of the stills; None of photos."""
    if attempt.source == "photos":
        return None
    curves = _figure(liveness.over_time(attempt.timeline), "timeline") if attempt.timeline else ""
    tables = {
        "steps": live_check.step_rows(attempt.decision),
        "checks": live_check.freshness_rows(attempt.decision),
        "stills": live_check.still_rows(attempt.moments, attempt.refusals),
    }
    return {
        "curves": curves,
        "missing": "" if curves else live_check.NO_CURVES,
        "pace": live_check.pace(attempt.decision),
        "first": wording.about_person(attempt),
        **{name: (list(rows[0]), [row.values() for row in rows]) if rows else None for name, rows in tables.items()},
    }


def _figure(figure: go.Figure, name: str) -> str:
    """A figure without a background, whose text takes the page's colour from a script of the page."""
    figure.update_layout(template="none", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    lines = {"gridcolor": FAINT, "automargin": True}
    figure.update_xaxes(lines).update_yaxes(lines)
    config = {**QUIET, "responsive": True}
    html: str = figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{name}", config=config)
    return html
