"""Widgets of a check: search settings, sample photos, the run with its progress, the ranking of cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from bank.errors import NotFound
from prnu import THRESHOLD, Fingerprint, FingerprintError, ImageError, Search
from prnu.match import raised_threshold
from ui.results import photo, photo_check, photo_group
from ui.results import sample as sample_material
from ui.results.camera import Camera
from ui.results.photo import Photo
from ui.results.photo_check import Check, Tick
from ui.results.photo_group import PhotoGroup
from ui.shell.bank import fingerprint_of
from ui.shell.session import (
    COMPARED,
    MY_PHOTOS,
    PHOTO_SOURCE,
    SAMPLE_PHOTOS,
    evidence_of,
    keep_check,
    show_newest_attempt,
    start_with,
)
from ui.text.plain import plain, table
from ui.text.scores import count, literal, odds, score, upper
from ui.widgets import cards, uploads
from ui.widgets.progress import Progress

QUESTION = "Which camera took it?"
ALL = "All of them: which camera took this?"
_ZOOMS = (1.1, 1.2, 1.25, 1.3, 1.4, 1.5, 1.6, 1.75, 2.0)


def choose_source() -> bool:
    """Ask whose photos are checked; True for sample photos. With the others, another camera is looked at first."""
    source = st.segmented_control(
        "Photos",
        [MY_PHOTOS, SAMPLE_PHOTOS],
        required=True,
        key=start_with(PHOTO_SOURCE.key, MY_PHOTOS),
        persist_state="session",
        on_change=COMPARED.clear,
    )
    return source == SAMPLE_PHOTOS


def no_samples_yet() -> bool:
    """Sample photos without the cameras that took them: True if those are wanted."""
    st.info(
        "Sample photos are by the sample person's cameras. This registers them, as those of a simulated customer; they "
        "are not registered yet.",
        icon=":material/science:",
    )
    return st.button("Use sample cameras", icon=":material/science:", type="primary")


def choose_camera(cameras: Sequence[Camera]) -> str:
    """Name of the camera to compare with, or `ALL`; first the one registered or chosen last, or a real one."""
    names = [camera.name for camera in cameras]
    wanted = [*(camera.name for camera in cameras if not camera.simulated), sample_material.BEST, *names]
    if COMPARED.get() not in (*names, ALL):
        COMPARED.put(next(name for name in wanted if name in names))
    chosen = st.selectbox(
        "Registered camera", [*names, ALL], format_func=plain, key=COMPARED.key, persist_state="session"
    )
    return chosen or ALL


def sample_cameras(cameras: Sequence[Camera]) -> list[Camera]:
    """The cameras that take sample photos, as far as they are registered."""
    labels = sample_material.CAMERAS
    return [camera for camera in cameras if camera.customer == sample_material.PERSON and camera.label in labels]


def sample_of(cameras: Sequence[Camera], name: str) -> str:
    """The sample camera whose photos fit a choice of camera; the best of them for a choice of all, or of a customer."""
    chosen = (camera.label for camera in sample_cameras(cameras) if camera.name == name)
    return next(chosen, sample_material.CAMERAS[0])


def search_settings() -> Search | None:
    """Where else to look for the fingerprint; None for the native place only."""
    with st.expander("Search settings: the photo was shifted, cropped or zoomed", icon=":material/tune:"):
        st.caption(
            "By default the fingerprint is looked for at its own place only, as an original photo has it. Each further "
            "place is one more chance to score high by accident, so the threshold rises."
        )
        shift = st.number_input("Shifted by up to (pixels, each way)", 0, 64, 0, key="shift", persist_state="session")
        crop = st.checkbox("Cut out of a larger photo (crop)", key="crop", persist_state="session")
        zooms = st.multiselect("Digital zoom by a factor of", _ZOOMS, key="zooms", persist_state="session")
        places = (2 * shift + 1) ** 2 * (1 + len(zooms))
        raised = score(raised_threshold(THRESHOLD, places))
        more = " It rises further with each pixel that was cut off." if crop else ""
        st.caption(f"Threshold: {raised} with {count(places, 'place')} to look at.{more}")
    return Search(shift, crop, (1.0, *zooms)) if shift or crop or zooms else None


def upload_choice() -> list[Photo]:
    """Photos that are given; returned once, when the button is pressed."""
    given = uploads.choose(
        "One photo or several: each is checked on its own, and those that cannot tell alone also together",
        photo.TYPES,
        key="check_files",
    )
    label = "Check the photo" if len(given) < 2 else f"Check {len(given)} photos"
    if st.button(label, type="primary", icon=":material/frame_inspect:", disabled=not given):
        return given
    return []


def sample_choice(camera: str) -> tuple[list[Photo], str]:
    """Three sample photos to choose from; the chosen one and how it came about, once, when the button is pressed."""
    with st.spinner("The simulated cameras take their photos"):
        offered = sample_material.photos_to_check(camera)
    picture, choice = st.columns([1, 2])
    with choice:
        number = st.radio(
            "Sample photo",
            range(len(offered)),
            format_func=lambda index: offered[index].title,
            captions=[sample.truth for sample in offered],
            key="sample",
            persist_state="session",
        )
        sample = offered[number or 0]
        clicked = st.button("Check this photo", type="primary", icon=":material/frame_inspect:")
    with picture:
        st.image(sample.photo.data, width="stretch", alt=f"{sample.title}: a portrait")
        cards.simulated_badge()
    return ([sample.photo], sample.truth) if clicked else ([], "")


def run(name: str, cameras: Sequence[Camera], photos: Sequence[Photo], search: Search | None, truth: str) -> None:
    """Check photos against the camera of a name, or `ALL`, and keep the outcome; or say why they cannot be used."""
    try:
        _run(name, {camera.name: camera for camera in cameras}, photos, search, truth)
    except ImageError as error:
        cards.show_image_error(error, photos)
    except FingerprintError as error:
        st.error(literal(str(error)), icon=":material/error:")


def _run(name: str, cameras: Mapping[str, Camera], photos: Sequence[Photo], search: Search | None, truth: str) -> None:
    bar = Progress("Reading the photo")
    try:
        keep_check(None)
        made = _look(name, cameras, photos, search, bar.progress)
        made.truth = truth
        keep_check(made)
        show_newest_attempt()
    finally:
        bar.empty()


def _look(
    name: str, cameras: Mapping[str, Camera], photos: Sequence[Photo], search: Search | None, tick: Tick
) -> Check | PhotoGroup:
    """Check one photo, or each of several."""

    def load(one: str) -> Fingerprint:
        return fingerprint_of(_named(cameras, one))

    if len(photos) > 1:
        if name == ALL:
            return photo_group.rank_group(list(cameras), load, photos, search, tick)
        return photo_group.check_group(name, load(name), photos, search, tick)
    evidence = evidence_of(photos, lambda share, text: tick(0.7 * share, text))
    tick(0.7, "Comparing with the fingerprint")
    if name == ALL:
        made = photo_check.rank(
            list(cameras), load, photos, evidence, search, lambda share, text: tick(0.7 + 0.2 * share, text)
        )
    else:
        made = photo_check.check(name, load(name), photos, evidence, search)
    tick(0.9, "Drawing the map")
    assert made.suspect is None or made.native  # computed here, under the bar, and not while the page is drawn
    return made


def _named(cameras: Mapping[str, Camera], name: str) -> Camera:
    if name not in cameras:
        raise NotFound(f"There is no camera “{name}”. Register it first.")
    return cameras[name]


def show_ranking(check: Check) -> None:
    """How well each registered camera fits, best first."""
    if not check.ranking:
        return
    st.markdown("##### All registered cameras")
    rows = []
    for one in check.ranking:
        if one.match is None:
            rows.append({"Camera": one.camera, "Score (PCE)": "", "Verdict": "– Not compared", "By chance": one.note})
        else:
            word = "✓ Consistent" if one.match.passed(THRESHOLD, check.cameras) else "✗ No sign"
            sentence = upper(odds(one.match.false_alarm(check.cameras)))
            row = {"Camera": one.camera, "Score (PCE)": score(one.match.pce), "Verdict": word, "By chance": sentence}
            rows.append(row)
    counted = f"Counts that it may be any of the {check.cameras} cameras compared." if check.cameras > 1 else None
    columns = {"By chance": st.column_config.TextColumn(width="large", help=counted)}
    st.dataframe(table(rows), hide_index=True, column_config=columns)
