"""Sections of the match view: peak, map, a region on its own, the noise itself."""

from __future__ import annotations

import streamlit as st

from ui import maps, plots
from ui.cards import draw, phone, show_reasons, show_verdict
from ui.checking import Check
from ui.wording import percent, region, score

_SIDES = ("left", "top", "width", "height")
_SMALLEST = 48


def show_peak(check: Check) -> None:
    """How the agreement changes when the fingerprint is moved over the photo."""
    st.subheader("The peak")
    st.markdown(
        "The fingerprint was moved over the photo, pixel by pixel. If the camera took it, the two agree at exactly one "
        "place and nowhere else: a needle in the middle. Drag to turn it."
    )
    alt = f"Correlation surface; {score(check.match.pce)} in the middle, threshold {score(check.threshold)}"
    draw(plots.peak(check.match, check.threshold, phone()), "peak", alt)


def show_map(check: Check) -> None:
    """Where the pattern is, where it should be, and where it is missing."""
    found = check.map
    assert found is not None
    st.subheader("Where in the photo the pattern is")
    missing = float(found.missing.mean())
    st.markdown(
        "Both maps of the pattern share one colour scale (local correlation). Smooth areas in medium light show the "
        "pattern best; white, black and finely textured ones can hide it. In "
        f"**{percent(check.telling)}** of this photo it should show clearly; it is missing in **{percent(missing)}**. "
        "Scattered spots are usual, whole areas are not. The views zoom together; a double click zooms out."
    )
    alt = "Four views: the photo; the pattern found; the areas where it is missing; the pattern expected"
    draw(maps.where(check.evidence.luma, found, phone()), "where", alt)
    st.caption("Shown as the sensor sees it: in grey, and not turned upright.")


def show_region(check: Check) -> None:
    """Test a region, given in numbers or drawn with the pointer."""
    st.subheader("Test one region")
    st.markdown(
        "A swapped face leaves the rest of the photo alone, so the whole photo still matches. Test the region that "
        "matters on its own: draw a box into the photo, or give its numbers."
    )
    height, width = check.evidence.shape
    _start_box(check)
    picture, numbers = st.columns([3, 2])
    with numbers:
        limits = {"left": width - _SMALLEST, "top": height - _SMALLEST, "width": width, "height": height}
        pairs = [*st.columns(2), *st.columns(2)]
        for side, column in zip(_SIDES, pairs, strict=True):
            least = _SMALLEST if side in ("width", "height") else 0
            column.number_input(f"{side.capitalize()} (pixels)", least, limits[side], step=8, key=f"region_{side}")
        left, top, across, down = (int(st.session_state[f"region_{side}"]) for side in _SIDES)
        box = (left, top, min(across, width - left), min(down, height - top))
        told = region(check.test_region(box))
        show_verdict(told)
        show_reasons(told)
    with picture:
        figure = maps.region(check.evidence.luma, box)
        draw(
            figure,
            "region_picture",
            "The photo with the region marked",
            config={"displayModeBar": False},
            selection_mode="box",
            on_select=lambda: _take_drawn(check),
        )


def show_noise(check: Check) -> None:
    """The photo's noise beside the fingerprint: strength over the frame, and a detail pixel by pixel."""
    st.subheader("The noise itself")
    residual, fingerprint = check.evidence.pattern, check.fingerprint.pattern
    st.markdown(
        "What is left of the photo when the picture is taken away (noise residual, weighted by what it can tell), "
        "beside the camera's fingerprint. First their strength over the frame; bright means strong."
    )
    alt = "Strength of the photo's noise beside that of the fingerprint"
    draw(maps.noise_overview(residual, fingerprint, phone()), "overview", alt)
    height, width = residual.shape
    st.markdown(
        f"Then a square of {maps.DETAIL} x {maps.DETAIL} pixels, one to one. Your eye will hardly see the likeness: it "
        "is a fraction of the noise, spread over the whole photo. The score adds it up."
    )
    across, down = st.columns(2)
    left = across.slider("From the left", 0, width - maps.DETAIL, (width - maps.DETAIL) // 2, 8, key="detail_left")
    top = down.slider("From the top", 0, height - maps.DETAIL, (height - maps.DETAIL) // 2, 8, key="detail_top")
    figure = maps.noise_detail(residual, fingerprint, left, top, phone())
    alt = "A detail of the photo's noise beside the same detail of the fingerprint"
    draw(figure, "detail", alt)


def _start_box(check: Check) -> None:
    """Begin with the suspicious area, or the middle; again for each new check."""
    if st.session_state.get("region_of") is check and "region_left" in st.session_state:
        return
    height, width = check.evidence.shape
    box = check.suspect.box if check.suspect else (width // 3, height // 3, width // 3, height // 3)
    _set_box(box)
    st.session_state["region_of"] = check


def _set_box(box: tuple[int, int, int, int]) -> None:
    for side, value in zip(_SIDES, box, strict=True):
        st.session_state[f"region_{side}"] = value


def _take_drawn(check: Check) -> None:
    """Take over a box drawn with the pointer, as far as it can be tested."""
    boxes = st.session_state["region_picture"]["selection"]["box"]
    if not boxes:
        return
    height, width = check.evidence.shape
    left, top, across, down = maps.pointer_box(boxes[-1], (height, width))
    left, top = min(left, width - _SMALLEST), min(top, height - _SMALLEST)
    _set_box((left, top, max(across, _SMALLEST), max(down, _SMALLEST)))
