"""Pieces that several pages show: verdicts, doors to other pages, what a score means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from prnu import THRESHOLD, ImageError
from ui.figures import scores
from ui.figures.theme import QUIET, STATIC
from ui.results.photo import Photo
from ui.results.photo_check import Check
from ui.shell import links
from ui.shell.browser import on_phone
from ui.shell.session import take_notes
from ui.text import decision as decision_words
from ui.text.plain import plain
from ui.text.scores import WORDS, Kind, Verdict, literal, score, searched, upper, verdict
from ui.widgets import reading

ICONS: dict[Kind, str] = {
    "match": ":material/check_circle:",
    "attention": ":material/report:",
    "no-match": ":material/cancel:",
    "unclear": ":material/help:",
}
_BEAT_S = 0.45  # between two factors: long enough to read a title


def show_verdict(told: Verdict) -> None:
    """A verdict as a coloured box with a sign, a word and its sentences."""
    box = {"match": st.success, "no-match": st.error}.get(told.kind, st.warning)
    box(f"{told.headline}\n\n{told.detail}", icon=ICONS[told.kind], title=WORDS[told.kind])


def show_reasons(told: Verdict) -> None:
    """What a verdict may be due to."""
    if told.reasons:
        st.markdown("Possible reasons:\n" + "".join(f"\n- {reason}" for reason in told.reasons))


def show_outcome(check: Check) -> None:
    """The latest check: which photo and camera, the verdict, the score against its threshold."""
    picture, words = st.columns([1, 3])
    with picture:
        for photo, small in zip(check.photos, check.thumbnails, strict=True):
            st.image(small, width=240, alt=plain(photo.name))
            st.caption(literal(photo.name))
        if check.simulated:
            simulated_badge()
    with words:
        outcome = verdict(check)
        with st.container(key=reading.verdict_key(check.key)):
            show_verdict(outcome)
        alt = f"Score {score(check.match.pce)} on a scale on which the threshold is {score(check.threshold)}"
        draw(scores.gauge(check.match.pce, check.threshold), "gauge", alt, config=STATIC)
        if cost := searched(check):
            st.caption(cost)
        show_reasons(outcome)
        if check.truth:
            st.caption(f":material/science: What is true of this sample: {check.truth}")


def phone() -> bool:
    """Whether the browser says that it runs on a phone: its screen is narrow, so views go below each other."""
    return on_phone()


def draw(figure: go.Figure, key: str, alt: str, **options: Any) -> None:
    """A figure with its text in the colour of the page's."""
    ink = "#e8edf3" if st.context.theme.type == "dark" else "#15202b"
    figure.update_layout(font={"color": ink}).update_annotations(font={"color": ink})
    figure.update_shapes(selector={"name": "ink"}, line={"color": ink})
    options = {"config": QUIET, **options}
    if phone() and options["config"] is not STATIC:
        # A figure that takes every touch would hold the finger that wants to scroll past it.
        wanted = st.toggle("Explore: turn, zoom, read values", key=f"explore-{key}")
        options["config"] = options["config"] if wanted else STATIC
    with st.container(height=int(figure.layout.height), border=False, key=f"figure-{key}"):
        st.plotly_chart(figure, key=key, alt=alt, height="stretch", **options)


def show_image_error(error: ImageError, photos: Sequence[Photo]) -> None:
    """Why a photo cannot be checked, under its name."""
    name = photos[0].name if error.name == "image" else error.name
    told = literal(f"{upper(error.problem)}. {error.remedy}.")
    st.error(told, icon=":material/broken_image:", title=literal(name))


def show_decision(decision: Mapping[str, Any]) -> None:
    """How a verification ended, as it is written down. Where factors appear one by one, it appears after them."""
    told = decision_words.outcome(decision)
    box = {"match": st.success, "no-match": st.error}.get(told.kind, st.warning)
    with st.container(key="decision"):
        box(literal(told.detail), icon=ICONS[told.kind], title=literal(told.headline))


def show_factors(decision: Mapping[str, Any], one_by_one: bool = False) -> None:
    """The factors of a decision, side by side where there is room, and what was noticed besides."""
    factors = decision_words.factor_cards(decision)
    if one_by_one:
        st.html(_entrance([f"factor-{number}" for number in range(len(factors))] + ["decision"]))
    with st.container(key="factors"):
        for number, card in enumerate(factors):
            with st.container(border=True, height="stretch", key=f"factor-{number}"):
                colour = {"match": "green", "no-match": "red"}.get(card.kind, "orange")
                st.badge(literal(card.word), icon=ICONS[card.kind], color=colour)  # type: ignore[arg-type]
                advisory = "" if card.required else " :gray-badge[not required]"
                st.markdown(f"**{literal(card.title)}:** {literal(card.question)}{advisory}  \n{literal(card.advice)}")
                if card.figures:
                    st.caption(literal(card.figures))
    if signals := decision_words.signals(decision):
        lines = "\n".join(f"- {literal(signal)}" for signal in signals)
        st.markdown(f"**Circumstances** (risk signals). They advise people, and decide nothing.\n\n{lines}")


def _entrance(keys: Sequence[str]) -> str:
    """Style that lets containers appear one after another; at once for whoever asked for less motion."""
    rules = "".join(f".st-key-{key} {{ animation-delay: {number * _BEAT_S:.2f}s }}" for number, key in enumerate(keys))
    every = ", ".join(f".st-key-{key}" for key in keys)
    return (
        f"<style>@keyframes lenslock-appear {{ from {{ opacity: 0; transform: translateY(.4rem) }} }}"
        f"{every} {{ animation: lenslock-appear .35s ease-out both }} {rules}"
        f"@media (prefers-reduced-motion: reduce) {{ {every} {{ animation: none }} }}</style>"
    )


def show_notes() -> None:
    """What another page left to be said."""
    for note in take_notes():
        st.warning(literal(note), icon=":material/info:")


def simulated_badge() -> None:
    """Mark what exists in this program only."""
    st.badge("simulated", icon=":material/science:", color="violet", help="Made by this program: no real camera.")


def explain_score() -> None:
    """A button that opens a short explanation of the score."""
    with st.popover("What does the score mean?", icon=":material/info:"):
        st.markdown(
            f"The program lays the photo's noise over the camera's fingerprint and measures how sharply they agree at "
            f"exactly one place, against how they agree anywhere else. That is the score (**PCE**, peak-to-correlation "
            f"energy).\n\n"
            f"- Around **0**: no agreement; another camera scores this.\n"
            f"- **{THRESHOLD:.0f}**: the threshold. Chance must explain the score less than once in a million, too.\n"
            f"- **Hundreds or thousands**: what the camera's own photos usually reach.\n\n"
            f"A low score does not prove another camera: whatever weakens the noise lowers it, too."
        )


def nobody_to_verify() -> None:
    """Where to go while nobody is enrolled with a camera."""
    st.info("Nobody is registered with a camera yet.", icon=":material/person_add:")
    with st.container(horizontal=True):
        st.page_link(links.REGISTER_LIVE, label="Register live", icon=":material/videocam:")
        st.page_link(links.REGISTER, label="Register from photos", icon=":material/add_a_photo:")
        st.page_link(links.SAMPLE, label="Show me with sample material", icon=":material/science:")


def no_camera_yet() -> bool:
    """Two doors for whoever has no camera registered; True if the sample cameras are wanted."""
    st.info(
        "No camera is registered yet. Register one from its photos, or use sample cameras: that registers a simulated "
        "person.",
        icon=":material/photo_camera:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(links.REGISTER, label="Register a camera", icon=":material/add_a_photo:")
        return st.button("Use sample cameras", icon=":material/science:", type="primary")
