"""How an attack is made, watched while it is made; and what a visitor may take home of it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from attacks.target import Target
from ui.attack_lab import making_steps
from ui.attack_lab.clip_recorder import Recorder
from ui.attack_lab.making_steps import Step, side_by_side
from ui.match_view import report
from ui.results.attack_offers import Offer
from ui.results.attempt import Attempt
from ui.shell.session import LAB_STEPS, Slot

_STEPS: Slot[list[Step]] = LAB_STEPS
_ACROSS = 2


def forget() -> None:
    """Forget how it was made."""
    _STEPS.clear()


def make(offer: Offer, strength: str, target: Target) -> None:
    """Make samples of what an attack is made of, each shown as soon as it is there; once for each attack."""
    if _STEPS.get() is not None:
        return

    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text="Getting ready")
        made: list[Step] = []
        columns = st.columns(_ACROSS)

        def tick(share: float, text: str) -> None:
            bar.progress(min(share, 1.0), text=text)

        for step in making_steps.steps(offer, strength, target, tick):
            with columns[len(made) % _ACROSS]:
                _show(len(made) + 1, step)
            made.append(step)
    place.empty()
    _STEPS.put(made)


def show() -> None:
    """The steps in which it was made."""
    _show_all(_STEPS.get() or [])


def show_folded(recorder: Recorder | None = None) -> None:
    """The same, folded; with a recorder also what the bank got to see in the end."""
    steps = list(_STEPS.get() or [])
    if recorder and recorder.pair:
        text = "A moment of the video, and the photo (still) that was handed in for it. Both must show the same."
        steps.append(Step("What the bank got", text, side_by_side(*recorder.pair)))
    with st.expander("How it was made", icon=":material/build:"):
        _show_all(steps)


def _show_all(steps: list[Step]) -> None:
    for first in range(0, len(steps), _ACROSS):
        row = zip(st.columns(_ACROSS), steps[first : first + _ACROSS], strict=False)
        for number, (column, step) in enumerate(row, first + 1):
            with column:
                _show(number, step)


def _show(number: int, step: Step) -> None:
    st.markdown(f"**{number}. {step.title}**")
    st.image(step.picture, width="stretch", alt=f"{step.title}. {step.text}")
    st.caption(step.text)


def downloads(recorder: Recorder, attempt: Attempt) -> None:
    """What may be kept: each says in itself that it is simulated."""
    st.subheader("Keep it")
    st.markdown(
        ":material/science: Every frame of the clip is marked *simulated*, and so are its file and the report. Use "
        "them to teach; show nobody as what they are not."
    )
    name = f"lenslock-simulated-{attempt.when:%Y-%m-%d-%H%M%S}"
    with st.container(horizontal=True):
        st.download_button(
            "Download the clip (MP4)",
            recorder.clip,
            f"{name}.mp4",
            "video/mp4",
            icon=":material/movie:",
            on_click="ignore",
            disabled=not recorder.clip,
        )
        st.download_button(
            "Download the report (HTML)",
            partial(report.report, attempt),
            f"{name}.html",
            "text/html",
            icon=":material/download:",
            on_click="ignore",
        )
