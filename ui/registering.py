"""The registration as the visitor sees it: progress, outcome, saving, and the list of cameras."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from prnu import THRESHOLD, FingerprintError
from ui import cards, plots, samples, state, wording
from ui.cameras import Camera, registered, shelf
from ui.enrolling import Registration, enrol
from ui.photos import Photo, data_url

_CURVE = "Expected score by number of photos used"


def grow(photos: Iterable[Photo], total: int) -> Registration:
    """Make a fingerprint and show how it grows, photo by photo."""
    bar = st.progress(0.0, text="Reading the first photo")
    curve, registration = st.empty(), Registration()
    for number, registration in enumerate(enrol(photos), 1):
        if number <= total:
            step = registration.steps[-1]
            word = "used" if step.accepted else "left out"
            bar.progress(number / (total + 1), text=f"Photo {number} of {total}: {step.name}, {word}")
        if len(registration.growth) > 1:
            with curve:
                cards.draw(plots.growth(registration.growth), f"growing-{number}", _CURVE, config=plots.STATIC)
    bar.empty()
    curve.empty()
    return registration


def register_samples() -> None:
    """Register all sample cameras that are not registered yet, by the same way as real ones."""
    missing = [name for name in samples.CAMERAS if name not in shelf().names()]
    bar = st.progress(0.0, text="Taking photos with the first simulated camera")
    total = max(1, len(missing) * samples.PHOTOS_TO_ENROL)
    for camera, name in enumerate(missing):
        for number, registration in enumerate(enrol(samples.wall_photos(name))):
            done = min((camera * samples.PHOTOS_TO_ENROL + number + 1) / total, 1.0)
            bar.progress(done, text=f"{name}: photo {min(number + 1, samples.PHOTOS_TO_ENROL)} taken and measured")
            if registration.fingerprint:
                shelf().save(name, registration.fingerprint, replace=True)
    bar.empty()


def show_registration(registration: Registration) -> None:
    """Outcome of an enrolment: how good, from which photos, and what to do next."""
    fingerprint = registration.fingerprint
    if fingerprint is None:
        st.error(registration.refusal, icon=cards.ICONS["no-match"], title="No fingerprint was made")
    else:
        grade = wording.grade(fingerprint)
        box, icon = (st.success, "match") if grade.word in ("Good", "Fair") else (st.warning, "unclear")
        box(grade.sentence, icon=cards.ICONS[icon], title=f"{grade.word} fingerprint")  # type: ignore[index]
        for issue in registration.quality.issues if registration.quality else ():
            st.caption(f":material/info: {issue.advice}")
        left, right = st.columns([2, 3], vertical_alignment="center")
        with left, st.container(horizontal=True):
            st.metric("Photos used", registration.used, width="content")
            st.metric("Left out", len(registration.steps) - registration.used, width="content")
            st.metric(
                "Expected score (PCE)",
                wording.about(fingerprint.expected_pce()),
                width="content",
                help=f"Threshold: {THRESHOLD:.0f}. A rough guide: content halves or doubles it.",
            )
        with right:
            cards.draw(plots.growth(registration.growth), "growth", _CURVE, config=plots.STATIC)
    _show_steps(registration)


def _show_steps(registration: Registration) -> None:
    refused = [step for step in registration.steps if not step.accepted]
    if refused:
        told = [f"- :material/cancel: **{step.name}**: {wording.upper(step.message)}" for step in refused[:12]]
        st.markdown("\n".join(["Left out:\n", *told]))
    title = f"What became of {wording.count(len(registration.steps), 'photo')}"
    with st.expander(title, icon=":material/photo_library:", expanded=bool(refused)):
        rows = [
            {
                "": data_url(small) if small else None,
                "Photo": step.name,
                "Result": wording.result_word(step),
                "Brightness": step.quality.brightness if step.quality else None,
                "Noise": step.quality.noise if step.quality else None,
                "Texture": 100 * step.quality.texture if step.quality else None,
                "Advice": wording.upper(step.message),
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
        st.dataframe(rows, column_config=columns, hide_index=True, row_height=64, placeholder="")


def save_form(registration: Registration) -> None:
    """Name and keep the fingerprint; an existing camera is replaced only on demand."""
    if registration.fingerprint is None:
        return
    if registration.saved_as:
        st.success(f"**{registration.saved_as}** is registered.", icon=":material/save:")
        return
    entered = st.text_input("Name of this camera", placeholder="for instance Anna's phone", key="camera_name")
    name = " ".join(entered.split())
    if registration.simulated and name:
        entered, name = name, samples.simulated_name(name)
        if name != entered:
            st.caption(f":material/science: A simulated camera took these photos, so its name will be “{name}”.")
    taken = name in shelf().names()
    replace = taken and st.checkbox(f"Replace the registered camera “{name}”", key="replace")
    if taken and not replace:
        st.warning(f"There is a camera “{name}” already. Choose another name, or replace it.", icon=":material/error:")
    if st.button("Save camera", type="primary", icon=":material/save:", disabled=taken and not replace):
        try:
            shelf().save(name, registration.fingerprint, replace=replace)
        except FingerprintError as error:
            st.error(str(error), icon=":material/error:")
        else:
            registration.saved_as = name
            st.rerun()


def camera_list() -> None:
    """All registered cameras, each with a way to delete it."""
    cameras = registered()
    st.subheader(f"Registered cameras ({len(cameras)})")
    st.caption(
        ":material/key: A fingerprint file is a secret: whoever has it can forge photos that pass for this camera's. "
        f"They are kept in `{shelf().folder}`, readable by this user only."
    )
    for number, camera in enumerate(cameras):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(_describe(camera), width="stretch")
            with st.popover("Delete", icon=":material/delete:", key=f"delete-{number}"):
                st.markdown(f"Delete **{camera.name}**? Its photos are needed to register it again.")
                if st.button("Yes, delete it", key=f"yes-{camera.name}", type="primary"):
                    shelf().delete(camera.name)
                    checked = state.latest_check()
                    if checked and checked.camera == camera.name:
                        state.keep_check(None)
                    st.rerun()


def _describe(camera: Camera) -> str:
    icon = ":material/science:" if camera.simulated else ":material/photo_camera:"
    if camera.problem:
        return f"{icon} **{camera.name}**  \n:material/error: {camera.problem}"
    word = wording.grade_expected(camera.expected).word.lower()
    return (
        f"{icon} **{camera.name}**  \n{camera.width} x {camera.height} pixels · from "
        f"{wording.count(camera.photos, 'photo')} · {word}, expected score {wording.about(camera.expected)}"
    )
