"""Widgets and sections of the page that watches a video."""

from __future__ import annotations

import streamlit as st

from liveness.challenge import STEP_KINDS, Challenge
from liveness.models import ModelError
from liveness.video import VideoError
from ui.figures import liveness
from ui.figures.theme import QUIET, STATIC
from ui.results import sample_video
from ui.results.video import TYPES, Video, Watched, key_of, watch
from ui.shell.session import VIDEO_STEPS, WATCHED
from ui.text import liveness as wording
from ui.text.plain import file_name, literal, plain
from ui.text.scores import Kind, Verdict, upper
from ui.widgets.cards import draw, phone, simulated_badge
from ui.widgets.progress import Progress
from ui.widgets.reading import verdict_key

_ICONS: dict[Kind, str] = {
    "match": ":material/visibility:",
    "attention": ":material/report:",
    "no-match": ":material/visibility_off:",
    "unclear": ":material/help:",
}


def latest() -> Watched | None:
    """The video watched last in this session."""
    return WATCHED.get()


def choose_video() -> Video | None:
    """Let a video be uploaded, or the sample be taken; returns it when it is to be watched."""
    file = st.file_uploader(
        "A video of one person who looks into the camera, best 10 seconds",
        TYPES,
        key="video_file",
        on_change=WATCHED.clear,  # what is shown must not be taken for the new file's
    )
    st.caption(
        ":material/lock: The video stays on the machine that runs this app and is not kept. What was seen in it is "
        "forgotten when you close the page."
    )
    with st.container(horizontal=True):
        wanted = st.button("Watch the video", type="primary", icon=":material/visibility:", disabled=not _ready(file))
        sample = st.button("Use the sample video", icon=":material/science:", disabled=not _ready(True))
    if sample:
        with st.spinner("A portrait is held into a simulated camera"):
            return Video(sample_video.NAME, sample_video.held_photo(), sample_video.TRUTH)
    return Video(file.name, file.getvalue()) if file and wanted else None


def _ready(file: object) -> bool:
    return bool(file) and not wording.too_few_steps(len(VIDEO_STEPS.get() or []))


def choose_options() -> tuple[Challenge | None, bool]:
    """The challenge, if any, and whether to draw on the video."""
    with st.expander("Options: steps to answer, a video with what was seen", icon=":material/tune:"):
        steps = st.multiselect(
            "As if these steps had been asked for, in this order",
            STEP_KINDS,
            format_func=upper,
            placeholder="None: only watch",
            key=VIDEO_STEPS.key,
            persist_state="session",
            help="In a live check they are drawn at random. Left and right are the person's own.",
        )
        if problem := wording.too_few_steps(len(steps)):
            st.warning(problem, icon=":material/playlist_add:")
        seconds = st.slider("Seconds for each step", 3, 15, 7, key="video_seconds", persist_state="session")
        overlay = st.checkbox(
            "Also make a video with what was seen drawn on it (overlay)", key="video_overlay", persist_state="session"
        )
    return (Challenge(tuple(steps), float(seconds)) if steps and not problem else None), overlay


def run(video: Video, challenge: Challenge | None, overlay: bool) -> None:
    """Watch a video with its progress, and keep what was seen; the same again is not watched twice."""
    found = latest()
    if found and found.key == key_of(video, challenge, overlay):
        return
    WATCHED.clear()
    bar = Progress("Getting ready")
    try:
        WATCHED.put(watch(video, challenge, overlay, bar.progress))
    except VideoError as error:
        st.error(literal(upper(str(error))), icon=":material/broken_image:", title=literal(video.name))
    except ModelError as error:
        st.error(literal(str(error)), icon=":material/cloud_off:", title="The face model is missing")
    finally:
        bar.empty()


def show_outcome(watched: Watched) -> None:
    """Which video, the verdict, and what it does not say."""
    picture, words = st.columns([1, 3])
    with picture:
        st.image(watched.picture, width=240, alt=f"A frame of {plain(watched.name)}")
        st.caption(literal(watched.name))
        if watched.truth:
            simulated_badge()
    with words:
        with st.container(key=verdict_key(watched.key)):
            _card(wording.verdict(watched.report))
        st.warning(wording.DEEPFAKES, icon=":material/theater_comedy:", title="Most deepfakes pass, too")
        if watched.truth:
            st.caption(f":material/science: What is true of this sample: {watched.truth}")
    with st.container(horizontal=True):
        for name, value in wording.figures(watched.report).items():
            st.metric(name, value, width=118)
    if advice := wording.advice(watched.report):
        st.info("\n".join(f"- {line}" for line in advice), icon=":material/lightbulb:", title="For a better video")


def _card(told: Verdict) -> None:
    """A verdict as a coloured box. Blue, not green: a sign of life is no proof of anything."""
    box = {"match": st.info, "no-match": st.error}.get(told.kind, st.warning)
    box(told.detail, icon=_ICONS[told.kind], title=told.headline)


def show_challenge(watched: Watched) -> None:
    """What became of the steps."""
    if watched.challenge is None:
        return
    st.subheader("The steps")
    _card(wording.challenge_verdict(watched.report, watched.challenge))
    st.dataframe(wording.step_rows(watched.report, watched.challenge), hide_index=True)


def show_votes(watched: Watched) -> None:
    """The strip of votes."""
    st.subheader("The vote")
    windows = watched.report.windows
    if not windows:
        st.caption("The video has fewer than ten frames: there was no vote.")
        return
    st.markdown(
        "Every ten frames cast one vote, from left to right. The paper that this follows goes by their majority. What "
        "decides here is how many blinks and glances there were in that time."
    )
    st.html(liveness.vote_strip(windows) + liveness.vote_legend(windows))


def show_signals(watched: Watched) -> None:
    """Signals and events over time, and a table of the events."""
    st.subheader("What was seen, over time")
    report = watched.report
    if not report.detected:
        st.caption("There was no face in any frame, so nothing could be followed.")
        return
    narrow = phone()
    closer = "" if narrow else " Drag across to look closer; a double click zooms out."
    st.markdown(f"Grey bands mark where an event was found in a curve.{closer}")
    told = ", ".join(f"{name.lower()}: {value}" for name, value in wording.figures(report).items())
    config = STATIC if narrow else QUIET
    draw(liveness.over_time(report, narrow), "over_time", f"Eyes and head over time. {told}", config=config)
    if report.events:
        seconds = st.column_config.NumberColumn(format="%.2f")
        st.dataframe(
            wording.event_rows(report.events), hide_index=True, column_config={"From (s)": seconds, "To (s)": seconds}
        )
    else:
        st.caption("No blink, no glance, no turn of the head.")


def show_overlay(watched: Watched) -> None:
    """The video with what was seen drawn on it."""
    if not watched.overlay:
        return
    st.subheader("The video with what was seen")
    st.video(watched.overlay, width=640, alt=f"{plain(watched.name)} with eyes, face, events and votes drawn on it")
    name = f"{file_name(watched.name.rpartition('.')[0] or watched.name, 'video')} seen.mp4"
    st.download_button(
        "Download this video", watched.overlay, name, "video/mp4", icon=":material/download:", on_click="ignore"
    )
