"""Sections of the match view of a check: peak, map, a region on its own, the noise itself."""

from __future__ import annotations

import streamlit as st

from prnu import Match
from prnu.images import FloatArray
from prnu.localize import MIN_REGION
from ui.figures import maps, on_paper, scores
from ui.results.photo_check import Check
from ui.results.photo_group import PhotoGroup
from ui.shell.session import REGION_OF, REGION_PICTURE, region_side
from ui.text import maps as map_words
from ui.text.scores import literal, region, score
from ui.widgets.cards import draw, explain_score, phone, show_outcome, show_reasons, show_verdict
from ui.widgets.photo_group import choose_member, show_group

_SIDES = ("left", "top", "width", "height")


def show(shown: Check | PhotoGroup) -> None:
    """A check of one photo, or of several: then the sections of the one that is chosen."""
    if isinstance(shown, Check):
        _show_check(shown)
        return
    show_group(shown)
    st.divider()
    member = choose_member(shown)
    if member is None or member.check is None:
        return
    for check in shown.checks:
        if check is not member.check:
            check.measured = None  # one photo's noise in memory is enough
    with st.spinner(f"Looking at {literal(member.photo.name)}"):
        assert member.check.evidence.images == 1
    _show_check(member.check)


def _show_check(check: Check) -> None:
    """All sections of a check."""
    show_outcome(check)
    explain_score()
    show_peak(check.match, check.threshold)
    if not check.native:
        st.info("The photo was found shifted, cropped or zoomed, so maps cannot be laid over the fingerprint.")
        return
    show_map(check)
    show_region(check)
    show_noise(check)


def show_peak(found: Match, threshold: float, word: str = "this photo") -> None:
    """How the agreement changes when the fingerprint is moved over what was compared with it."""
    st.subheader("The peak")
    st.markdown(
        f"The fingerprint was moved over {word}, pixel by pixel. If it is that camera, the two agree at exactly one "
        "place and nowhere else: a needle in the middle. Drag to turn it."
    )
    alt = f"Correlation surface; {score(found.pce)} in the middle, threshold {score(threshold)}"
    draw(scores.peak(found, threshold, phone(), word), "peak", alt)
    with st.container(key="on-paper"):  # seen there only (ui/shell/look.css)
        st.html(on_paper.image(on_paper.peak(found, threshold, word), alt))


def show_map(check: Check) -> None:
    """Where the pattern is, where it should be, and where it is missing; of no match, what agrees by chance."""
    found = check.map
    assert found is not None
    st.subheader("Where in the photo the pattern is")
    shown = map_words.strength(check.match, check.passed)
    st.markdown(map_words.where(found, shown, check.telling))
    alt = f"Views: {', '.join(map_words.TITLES[shown])}"
    draw(maps.where(check.evidence.luma, found, phone(), shown), "where", alt)
    st.caption("Shown as the sensor sees it: in grey, and not turned upright.")


def show_region(check: Check) -> None:
    """Test a region, given in numbers or drawn with the pointer."""
    st.subheader("Test one region")
    st.markdown(
        "A swapped face leaves the rest of a photo alone, so the photo as a whole still matches. Test the region that "
        "matters on its own: draw a box into the photo, or give its numbers."
    )
    height, width = check.evidence.shape
    _start_box(check)
    picture, numbers = st.columns([3, 2])
    with numbers:
        limits = {"left": width - MIN_REGION, "top": height - MIN_REGION, "width": width, "height": height}
        pairs = [*st.columns(2), *st.columns(2)]
        for side, column in zip(_SIDES, pairs, strict=True):
            least = MIN_REGION if side in ("width", "height") else 0
            column.number_input(f"{side.capitalize()} (pixels)", least, limits[side], step=8, key=region_side(side).key)
        left, top, across, down = (region_side(side).get() or 0 for side in _SIDES)
        box = (left, top, min(across, width - left), min(down, height - top))
        told = region(check.test_region(box), check.passed)
        show_verdict(told)
        show_reasons(told)
    with picture:
        figure = maps.region(check.evidence.luma, box)
        draw(
            figure,
            REGION_PICTURE.key,
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
    show_detail(residual, fingerprint, (width // 2, height // 2), "detail")


def show_detail(residual: FloatArray, fingerprint: FloatArray, centre: tuple[int, int], key: str) -> None:
    """A square of the noise beside the same of the fingerprint, at first around a pixel (across, down)."""
    height, width = residual.shape
    st.markdown(
        f"A square of {maps.DETAIL} x {maps.DETAIL} pixels, one to one. Your eye will hardly see the likeness: it "
        "is a fraction of the noise, spread over the whole photo. The score adds it up."
    )
    sliders = []
    for word, side, middle, column in zip(("left", "top"), (width, height), centre, st.columns(2), strict=True):
        most = side - maps.DETAIL
        first = min(max(middle - maps.DETAIL // 2, 0), most)
        sliders.append(column.slider(f"From the {word}", 0, most, first, 8, key=f"{key}_{word}") if most else 0)
    left, top = sliders
    figure = maps.noise_detail(residual, fingerprint, left, top, phone())
    alt = "A detail of the photo's noise beside the same detail of the fingerprint"
    draw(figure, key, alt)


def _start_box(check: Check) -> None:
    """Begin with the suspicious area, or the middle; again for each new check."""
    if REGION_OF.get() is check and region_side("left").get() is not None:
        return
    height, width = check.evidence.shape
    box = check.suspect.box if check.suspect else (width // 3, height // 3, width // 3, height // 3)
    _set_box(box)
    REGION_OF.put(check)


def _set_box(box: tuple[int, int, int, int]) -> None:
    for side, value in zip(_SIDES, box, strict=True):
        region_side(side).put(value)


def _take_drawn(check: Check) -> None:
    """Take over a box drawn with the pointer, as far as it can be tested."""
    drawn = REGION_PICTURE.get()
    boxes = drawn["selection"]["box"] if drawn else []
    if not boxes:
        return
    height, width = check.evidence.shape
    left, top, across, down = maps.pointer_box(boxes[-1], (height, width))
    left, top = min(left, width - MIN_REGION), min(top, height - MIN_REGION)
    _set_box((left, top, max(across, MIN_REGION), max(down, MIN_REGION)))
