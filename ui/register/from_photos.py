"""The registration as the visitor sees it: progress, outcome, and the list of cameras."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from prnu import THRESHOLD
from prnu.quality import by_reason, listed
from ui.figures import scores
from ui.figures.theme import STATIC
from ui.results.camera import Camera
from ui.results.photo import Photo, data_url
from ui.results.registration import Registration, enrol
from ui.shell import links
from ui.shell.bank import the_bank
from ui.text import scores as score_words
from ui.text.plain import table
from ui.text.scores import describe_camera
from ui.widgets import cards
from ui.widgets.progress import Progress

_CURVE = "Expected score by number of photos used"
_NAMED = 3  # photos that a sentence names; the table has all
_SERIOUS = ("odd-ones-out", "repeats", "no-agreement")  # of a set that makes a fingerprint all the same


def grow(photos: Iterable[Photo], total: int) -> Registration:
    """Make a fingerprint and show how it grows, photo by photo."""
    bar = Progress("Reading the first photo")
    curve, registration = st.empty(), Registration()
    for number, registration in enumerate(enrol(photos, the_bank().policy.enrolment), 1):
        if number <= total:
            step = registration.steps[-1]
            word = "used" if step.accepted else "left out"
            bar.progress(
                number / (total + 1), text=f"Photo {number} of {total}: {score_words.literal(step.name)}, {word}"
            )
        if len(registration.growth) > 1:
            with curve:
                cards.draw(scores.growth(registration.growth), f"growing-{number}", _CURVE, config=STATIC)
    bar.empty()
    curve.empty()
    return registration


def show_registration(registration: Registration) -> None:
    """Outcome of an enrolment: how good, from which photos, and what to do next."""
    sample = registration.sample
    if sample is None:
        st.error(
            score_words.literal(score_words.upper(registration.refusal)),
            icon=cards.ICONS["no-match"],
            title="No fingerprint was made",
        )
    else:
        grade = score_words.grade(sample.fingerprint)
        box, icon = (st.success, "match") if grade.word in ("Good", "Fair") else (st.warning, "unclear")
        box(grade.sentence, icon=cards.ICONS[icon], title=f"{grade.word} fingerprint")  # type: ignore[index]
        for issue in sample.quality.issues:
            if issue.code in _SERIOUS:
                st.warning(score_words.literal(issue.advice), icon=":material/warning:")
            else:
                st.caption(f":material/info: {score_words.literal(issue.advice)}")
        left, right = st.columns([2, 3], vertical_alignment="center")
        with left, st.container(horizontal=True):
            st.metric("Photos used", registration.used, width="content")
            st.metric("Left out", len(registration.steps) - registration.used, width="content")
            st.metric(
                "Expected score (PCE)",
                score_words.about(sample.fingerprint.expected_pce()),
                width="content",
                help=f"Threshold: {THRESHOLD:.0f}. A rough guide: content halves or doubles it.",
            )
        with right:
            cards.draw(scores.growth(registration.growth), "growth", _CURVE, config=STATIC)
    _show_steps(registration)


def _show_steps(registration: Registration) -> None:
    refused = [step for step in registration.steps if not step.accepted]
    if refused:
        reasons = by_reason((step.name, step.message) for step in refused)
        told = [
            f"- :material/cancel: **{_which(names)}**: {score_words.literal(score_words.upper(why))}"
            for why, names in reasons.items()
        ]
        st.markdown("\n".join(["Left out:\n", *told]))
    title = f"What became of {score_words.count(len(registration.steps), 'photo')}"
    many = any(len(names) > _NAMED for names in by_reason((step.name, step.message) for step in refused).values())
    with st.expander(title, icon=":material/photo_library:", expanded=many):
        rows = [
            {
                "": data_url(small) if small else None,
                "Photo": step.name,
                "Result": score_words.result_word(step),
                "Brightness": step.quality.brightness if step.quality else None,
                "Noise": step.quality.noise if step.quality else None,
                "Texture": 100 * step.quality.texture if step.quality else None,
                "Advice": score_words.upper(step.message),
            }
            for step, small in zip(registration.steps, registration.thumbnails, strict=True)
        ]
        columns = {
            "": st.column_config.ImageColumn(width=80),
            "Photo": st.column_config.TextColumn(width=140),
            "Result": st.column_config.TextColumn(width=100),
            "Brightness": st.column_config.NumberColumn(format="%.0f", help="Mean grey level, 0 black to 255 white."),
            "Noise": st.column_config.NumberColumn(format="%.1f", help="In grey levels. Very little means filters."),
            "Texture": st.column_config.NumberColumn(format="%.0f %%", help="Share of the frame with a scene in it."),
            "Advice": st.column_config.TextColumn(width="large"),
        }
        st.dataframe(table(rows), column_config=columns, hide_index=True, row_height=64, placeholder="")


def _which(names: Sequence[str]) -> str:
    """Photos by their names; of many how many they are, for the table below has the names."""
    return score_words.literal(listed(names, _NAMED)) if len(names) <= _NAMED else f"{len(names)} photos"


def camera_list(cameras: Sequence[Camera]) -> None:
    """All registered cameras with their owners."""
    st.subheader(f"Registered cameras ({len(cameras)})")
    for camera in cameras:
        st.markdown(describe_camera(camera, score_words.literal(camera.name)))
    st.caption(
        ":material/key: A fingerprint is a secret: whoever has it can forge photos that pass for this camera's. It is "
        "kept encrypted, and never leaves the bank."
    )
    if cameras:
        st.page_link(links.CUSTOMERS, label="Customers: what is kept, and deleting it", icon=":material/groups:")
