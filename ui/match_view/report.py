"""An attempt as one HTML file that needs no network: what was decided, and the pictures that show why."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from string import Template

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from prnu.chance import needed_z
from ui.figures import maps, scores
from ui.figures.theme import FAINT, QUIET
from ui.results.attempt import Attempt
from ui.results.still_view import sight, thumbnail
from ui.text import decision as decision_words
from ui.text import match_view as wording
from ui.text.scores import minute, region, score, upper

_PAGE = Template((Path(__file__).parent / "report.html").read_text(encoding="utf-8"))
_SIGNS = {"match": "✓", "no-match": "✗", "unclear": "?", "attention": "!"}
_DETAIL = 96  # pixels a side: one per cent of a fingerprint of 1280x720, no use to a forger
_THUMBNAIL = 200


def report(attempt: Attempt) -> str:
    """Write an attempt as one HTML page.

    Parameters
    ----------
    attempt : Attempt

    Returns
    -------
    str
        About 6 MB, most of it plotly.js. Holds pictures of the face; of the fingerprint how strong it is over
        the frame, and a detail of 96 x 96 pixels.
    """
    return _PAGE.substitute(
        title=escape(f"LensLock: {attempt.customer}, {minute(attempt.when)}"),
        script=get_plotlyjs(),
        body="".join(_body(attempt)),
    )


def _body(attempt: Attempt) -> Iterator[str]:
    decision = attempt.decision
    told = decision_words.outcome(decision)
    source = f"{upper(wording.SOURCES[attempt.source])}, {minute(attempt.when)}"
    yield f"<header><h1>Is it {escape(attempt.customer)}, with an enrolled camera?</h1><p>{escape(source)}</p>"
    if attempt.simulated:
        yield '<p class="simulated">⚗ Simulated: made by a program, no real camera or person was checked.</p>'
    if attempt.truth:
        yield f"<p>What is true of this sample: {escape(attempt.truth)}</p>"
    yield f'<p class="outcome {told.kind}"><strong>{_SIGNS[told.kind]} {escape(told.headline)}</strong><br>'
    yield f"{escape(told.detail)}</p></header>"
    yield '<p class="notice"><strong>Keep it to yourself.</strong> This file holds pictures of the face and figures of '
    yield "a check. Give it to nobody who may not see them. It holds no fingerprint of the camera, only how strong "
    yield f"that is and a detail of {_DETAIL} x {_DETAIL} pixels.</p>"
    yield from _factors(attempt)
    yield from _selfie(attempt)
    yield from _scores(attempt)
    yield from _record(attempt)


def _factors(attempt: Attempt) -> Iterator[str]:
    yield '<section><h2>The factors</h2><div class="cards">'
    for card in decision_words.factor_cards(attempt.decision):
        advisory = "" if card.required else " <small>not required</small>"
        figures = f"<p><small>{escape(card.figures)}</small></p>" if card.figures else ""
        yield f'<article class="{card.kind}"><h3>{_SIGNS[card.kind]} {escape(card.word)}: {escape(card.title)}'
        yield f"{advisory}</h3><p>{escape(card.question)}</p><p>{escape(card.advice)}</p>{figures}</article>"
    yield "</div>"
    if signals := decision_words.signals(attempt.decision):
        yield f"<h3>Circumstances (risk signals). They advise people, and decide nothing.</h3>{_list(signals)}"
    yield "</section>"


def _selfie(attempt: Attempt) -> Iterator[str]:
    if gap := wording.missing(attempt):
        yield f'<p class="notice"><strong>The camera could not be compared.</strong> {escape(gap)}</p>'
    if not attempt.stills:
        return
    yield '<section><h2>The selfie</h2><div class="stills">'
    for number, still in enumerate(attempt.stills, 1):
        data = base64.b64encode(thumbnail(still, _THUMBNAIL)).decode()
        words = f"Still {number}" + (f": {score(attempt.steps[number - 1].alone.pce)}" if attempt.steps else "")
        yield f'<figure><img src="data:image/jpeg;base64,{data}" alt="Still {number}"><figcaption>{words}</figcaption>'
        yield "</figure>"
    yield "</div><p>The stills with the inner part of the face framed, and the score (PCE) of each on its own.</p>"
    seen = sight(attempt)
    yield "<p>What is left of the selfie when the picture is taken away (noise residual), of all stills together"
    if seen.found:
        yield ", beside the enrolled camera's fingerprint: how strong each is. Then where the two agree (local "
        yield f"correlation). {escape(wording.agreement(seen.found))}</p>"
    else:
        yield ".</p>"
    pattern = seen.fingerprint.pattern if seen.fingerprint else None
    views = maps.face(seen.picture, seen.evidence.pattern, pattern, seen.map, seen.box, seen.window)
    yield _figure(views, "selfie", "wide")
    if seen.region:
        told = region(seen.region)
        yield f'<p class="outcome {told.kind}"><strong>{_SIGNS[told.kind]} {escape(told.headline)}</strong><br>'
        yield f"{escape(told.detail)}</p>"
    if pattern is not None:
        left = seen.window.left + (seen.window.width - _DETAIL) // 2
        top = seen.window.top + (seen.window.height - _DETAIL) // 2
        yield f"<p>A detail of {_DETAIL} x {_DETAIL} pixels, one to one.</p>"
        yield _figure(maps.noise_detail(seen.evidence.pattern, pattern, left, top, side=_DETAIL), "detail", "wide")
    yield "</section>"


def _scores(attempt: Attempt) -> Iterator[str]:
    found, factor = attempt.finding.found, attempt.finding.factor
    if found is None:
        return
    word = wording.compared(found)
    yield f"<section><h2>The peak</h2><p>The fingerprint was moved over {word}, pixel by pixel. If it is that camera, "
    yield "the two agree at exactly one place: a needle in the middle. Drag to turn it.</p>"
    yield _figure(scores.peak(found, factor.threshold, word=word), "peak") + "</section>"
    if len(attempt.steps) > 1:
        yield "<section><h2>Still by still</h2><p>What is the camera's is the same in each still and adds up.</p>"
        yield _figure(scores.course(attempt.steps, factor.threshold), "course") + "</section>"
    yield f"<section><h2>Could it be chance?</h2><p>{_bold(wording.false_alarm(found, attempt.cameras))} "
    yield f"{escape(wording.elsewhere(found.z, attempt.chance))}</p>"
    needed = needed_z(found, factor.threshold, attempt.false_alarm)
    yield _figure(scores.chance(found.z, needed, attempt.chance, word), "chance") + "</section>"


def _record(attempt: Attempt) -> Iterator[str]:
    if limits := wording.limits(attempt.decision):
        yield "<section><h2>What this does not stop</h2><p>A passed check says “consistent with”: it is no proof.</p>"
        yield _table(["Factor", "Does not stop"], limits.items()) + "</section>"
    known = {attempt.finding.camera.id: attempt.finding.camera.label} if attempt.finding.camera else {}
    if rows := decision_words.figure_rows(attempt.decision, known):
        yield "<section><h2>Reasons and further figures</h2>"
        yield _table(["Factor", "Figure", "Value"], (row.values() for row in rows)) + "</section>"
    yield "<section><h2>What decided</h2>"
    facts = {"Attempt": str(attempt.decision.get("attempt") or "unknown")}
    facts |= decision_words.versions(attempt.decision)
    yield _table(["What", "Version"], facts.items(), "long") + "</section>"


def _figure(figure: go.Figure, name: str, kind: str = "") -> str:
    """A figure without a background, whose text takes the page's colour from a script of the page."""
    figure.update_layout(template="none", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    lines = {"gridcolor": FAINT, "automargin": True}
    figure.update_xaxes(lines).update_yaxes(lines)
    config = {**QUIET, "responsive": True}
    html = figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{name}", config=config)
    return f'<div class="figure {kind}">{html}</div>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return (
        f'<div class="figure"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _bold(text: str) -> str:
    """Text of ours with Markdown's asterisks around what matters."""
    pieces = escape(text).split("**")
    return "".join(f"<strong>{piece}</strong>" if number % 2 else piece for number, piece in enumerate(pieces))
