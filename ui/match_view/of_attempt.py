"""Sections of the match view: which attempt, how it ended, and why."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from prnu import Match
from ui.figures import maps
from ui.figures import scores as score_figures
from ui.figures.theme import HOVER
from ui.match_view import live_check, of_photos, report
from ui.photo_check import form
from ui.results import sample as sample_material
from ui.results.attempt import Attempt
from ui.results.photo_check import Check
from ui.results.photo_group import PhotoGroup
from ui.results.still_view import Sight, sight, thumbnail
from ui.sample import customer
from ui.shell import addresses, clock, links
from ui.shell.bank import bank_errors_told, registered_cameras
from ui.shell.session import (
    MATCH_VIEW_OF,
    MATCH_VIEW_SIGHT,
    MOST_ATTEMPTS,
    kept_attempts,
    kept_checks,
    single_checks,
)
from ui.text import maps as map_words
from ui.text import match_view as wording
from ui.text.plain import plain
from ui.text.scores import literal, region, score
from ui.widgets import cards


def choose() -> Attempt | Check | PhotoGroup | str | None:
    """Ask which check of this session; None if there is nothing yet, its key if its pictures are not here.

    The address says which one is shown: it survives a reload, and can be sent.
    """
    kept: list[Attempt | Check | PhotoGroup] = [*kept_attempts(), *kept_checks()]
    offered = {one.key: one for one in kept}
    keys = sorted(offered, key=lambda key: offered[key].when, reverse=True)
    wanted = addresses.CHECK.get()
    if wanted and wanted not in offered:
        one_of_several = next((check for check in single_checks() if check.key == wanted), None)
        if one_of_several is None:
            return wanted
        offered[wanted] = one_of_several
        keys = [wanted, *keys]
    if not keys:
        return None
    if wanted or MATCH_VIEW_OF.get() not in keys:
        MATCH_VIEW_OF.put(wanted or keys[0])
    zone = clock.zone()
    key = st.selectbox(
        "Which check?",
        keys,
        format_func=lambda key: plain(wording.label(offered[key], zone)),
        key=MATCH_VIEW_OF.key,
        persist_state="session",
        on_change=addresses.CHECK.clear,  # what was chosen counts, not what the address says
        help=f"The newest {MOST_ATTEMPTS} of this browser session at most, and the latest photos. Pictures are not "
        "kept longer; the figures of all attempts are in the audit log.",
    )
    addresses.CHECK.put(key)
    return offered[key]


def nothing_yet() -> None:
    """Doors to what can be looked at."""
    st.info(
        "Nothing was checked yet. Check a selfie or a photo first, or look at a doctored photo, for which the sample "
        "person is registered here (simulated).",
        icon=":material/info:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(links.VERIFY, label="Verify a selfie", icon=":material/verified_user:")
        st.page_link(links.SAMPLE, label="Play a sample check", icon=":material/science:")
        st.page_link(links.CHECK, label="Check a photo", icon=":material/frame_inspect:")
        sample = st.button("Look at a doctored photo", icon=":material/science:", type="primary")
    earlier()
    with bank_errors_told():
        if sample:
            customer.enrol_samples()
            doctored = sample_material.photos_to_check(sample_material.CAMERAS[0])[2]
            form.run(sample_material.BEST, registered_cameras(), [doctored.photo], None, doctored.truth)
            st.rerun()


def earlier() -> None:
    """Where earlier attempts are."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Pictures go with the browser session. Of earlier attempts the figures are kept:", width="content")
        st.page_link(links.AUDIT_LOG, label="Audit log", icon=":material/history:")


def show(attempt: Attempt) -> None:
    """An attempt: its outcome, then why. Where the person or the moment was the reason, that comes first."""
    _show_outcome(attempt)
    parts = [_show_camera, live_check.show]
    if wording.about_person(attempt):
        parts.reverse()
    for part in parts:
        part(attempt)
    st.divider()
    earlier()


def _show_camera(attempt: Attempt) -> None:
    if gap := wording.missing(attempt):
        st.warning(literal(gap), icon=":material/help:", title="The camera could not be compared")
    if attempt.one_by_one:
        attempt = _choose_photo(attempt)
    if attempt.stills:
        _show_selfie(attempt)
    if found := attempt.finding.found:
        word = wording.compared(found)
        of_photos.show_peak(found, attempt.finding.factor.threshold, word)
        if len(attempt.steps) > 1:
            _show_course(attempt)
        _show_chance(attempt, found, word)


def _show_outcome(attempt: Attempt) -> None:
    st.markdown(f"Is it **{literal(attempt.customer)}**, with a registered camera?")
    cards.show_decision(attempt.decision)
    if attempt.simulated:
        cards.simulated_badge()
    if attempt.truth:
        st.caption(f":material/science: What is true of this sample: {literal(attempt.truth)}")
    cards.show_factors(attempt.decision)
    with st.container(horizontal=True):
        cards.explain_score()
        st.download_button(
            "Download as a report",
            partial(report.report, attempt, clock.zone()),
            f"lenslock-{attempt.when.astimezone(clock.zone()):%Y-%m-%d-%H%M%S}.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
            help="One HTML file that works offline. It holds pictures of the face: give it to nobody who may not see "
            "them.",
        )


def _show_selfie(attempt: Attempt) -> None:
    st.subheader("The selfie")
    stills = attempt.stills
    scores = [score(step.alone.pce) for step in attempt.steps]
    with st.container(horizontal=True):
        for number, still in enumerate(stills, 1):
            caption = f"{number} · {scores[number - 1]}" if scores else str(number)
            st.image(thumbnail(still), caption, width=96, alt=f"The face in still {number}")
    about = ", each with its score" if scores else ""
    st.caption(f"The stills{about}. Shown as the sensor sees them: in grey, not turned upright, the face framed.")
    index = _choose_still(attempt)
    seen = _sight(attempt, index)
    shown = map_words.strength(seen.found, attempt.matches(seen.found)) if seen.found else None
    _explain(seen, shown)
    pattern = seen.fingerprint.pattern if seen.fingerprint else None
    figure = maps.face(
        seen.picture, seen.evidence.pattern, pattern, seen.map, seen.box, seen.window, cards.phone(), shown or "pattern"
    )
    cards.draw(figure, f"selfie-{index}", _alt(seen, shown))
    if seen.region:
        told = region(seen.region, shown == "pattern")
        cards.show_verdict(told)
    if seen.fingerprint:
        with st.expander("The noise itself, pixel by pixel", icon=":material/grain:"):
            part = seen.window
            centre = part.left + part.width // 2, part.top + part.height // 2
            of_photos.show_detail(seen.evidence.pattern, seen.fingerprint.pattern, centre, f"noise-{attempt.key}")


def _choose_photo(attempt: Attempt) -> Attempt:
    """The attempt as one of its photos shows it; first the one that speaks most against a match."""
    st.subheader("Photo by photo")
    st.markdown("Photos are of any scenes, so each is judged on its own. What follows is of one of them.")
    chosen = st.selectbox(
        "Look at one photo",
        range(len(attempt.stills)),
        index=attempt.decisive,
        format_func=lambda index: wording.photo(attempt, index),
        key=f"photo-of-{attempt.key}",
        persist_state="session",
    )
    return attempt.parts[chosen]


def _choose_still(attempt: Attempt) -> int | None:
    """Ask for a still; None stands for all of them."""
    number = len(attempt.stills)
    if number == 1:
        return 0
    words = {-1: f"All {number} together"} | {index: f"Still {index + 1}" for index in range(number)}
    chosen = st.pills(
        "Look at", list(words), default=-1, format_func=lambda index: words[index], required=True,
        key=f"still-{attempt.key}",
    )  # fmt: skip
    return None if chosen in (None, -1) else chosen


def _sight(attempt: Attempt, index: int | None) -> Sight:
    """What is drawn, computed once for what was chosen last."""
    wanted = (attempt.key, index)
    kept = MATCH_VIEW_SIGHT.get()
    if kept is None or kept[0] != wanted:
        MATCH_VIEW_SIGHT.clear()  # before the new one takes its memory
        kept = MATCH_VIEW_SIGHT.put((wanted, sight(attempt, index)))
    return kept[1]


def _explain(seen: Sight, shown: map_words.Strength | None) -> None:
    """What the views show."""
    words = "What is left of the selfie when the picture is taken away (noise residual)"
    if shown:
        words += (
            ", beside the registered camera's fingerprint: first how strong each is, bright means strong; then where "
            f"the two agree (local correlation). {map_words.agreement(shown)}"
        )
    else:
        words += ": bright means strong."
    frame = " The frame marks the inner part of the face, which is tested on its own." if seen.box else ""
    st.markdown(f"{words}{frame} A double click shows the whole picture.")


def _alt(seen: Sight, shown: map_words.Strength | None) -> str:
    if seen.map is None or shown is None:
        return "The selfie's noise beside the selfie, the face framed"
    where = map_words.described(seen.map, shown)
    return f"Three views of the face: the selfie's noise; the fingerprint; {where}"


def _show_course(attempt: Attempt) -> None:
    st.subheader("Still by still")
    last, threshold = attempt.steps[-1].together.pce, attempt.finding.factor.threshold
    best = float(np.max([step.alone.pce for step in attempt.steps]))
    st.markdown(
        "What is the camera's is the same in each still and adds up; everything else differs and does not. So all "
        "stills together should score more than any of them alone, if it is the camera; with another camera the score "
        f"stays around 0. Here the best still reaches {score(best)} alone, all together {score(last)}."
    )
    alt = f"Scores of {len(attempt.steps)} stills, growing to {score(last)} together; threshold {score(threshold)}"
    cards.draw(score_figures.course(attempt.steps, threshold), "course", alt, config=HOVER)


def _show_chance(attempt: Attempt, found: Match, word: str) -> None:
    st.subheader("Could it be chance?")
    st.markdown(f"{wording.false_alarm(found, attempt.cameras)} {wording.elsewhere(found.z, attempt.chance)}")
    needed = attempt.z_to_reach(found)
    alt = f"Scores by chance, around 0; {word} at {score(found.z)}; {score(needed)} is needed"
    cards.draw(score_figures.chance(found.z, needed, attempt.chance, word), "chance", alt, config=HOVER)
    st.caption(
        "Chance is not the only risk: a planted pattern is no chance. The figure says nothing about whoever has stolen "
        "the camera or its fingerprint."
    )
