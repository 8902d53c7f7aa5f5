"""The idea, moving: two portraits that look alike, and what their noise says when it is laid over a fingerprint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import plotly.colors
from PIL import Image, ImageDraw, ImageFont

from prnu import THRESHOLD, Fingerprint, gather, match, scenes
from prnu.images import FloatArray
from ui.figures.theme import DIVERGING
from ui.results import sample

PANEL, GAP, PILL = (300, 150), 12, 188
"""Width and height of a picture, space between them, and width of what comes out, in pixels."""

DETAIL, PLACE = 3, (700, 315)
"""Pixels on a side of each pixel of noise that is shown, and where in the photo they are."""

STEPS = 7
"""Pictures of the way that the noise goes."""

_GREEN, _RED, _WHITE = (0, 96, 79), (156, 28, 46), (255, 255, 255)

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Row:
    """One portrait, and what comes of it: pictures of `PANEL`, and a score."""

    photo: Image.Image
    noise: Image.Image
    score: float


def write(path: Path) -> None:
    """Write it as an animation that plays once, for some six seconds, and ends with all that there is to see.

    What moves for longer would need a button that stops it (WCAG 2.2, 2.2.2). Its ground is transparent, for both
    themes. All is simulated, and both scores are measured.
    """
    name = sample.CAMERAS[0]
    fingerprint = Fingerprint.from_images(wall.open() for wall in sample.wall_photos(name))
    taken = Image.open(sample.photos_to_check(name)[0].photo.open())
    computed = Image.fromarray(scenes.photo("astronaut", sample.SHAPE))
    rows = [_row(picture, fingerprint) for picture in (taken, computed)]
    pattern = visible(fingerprint.pattern)
    film: list[tuple[Image.Image, int]] = [(_sheet(rows, pattern, 0, 0.0), 700)]
    for at in range(len(rows)):
        film.append((_sheet(rows, pattern, at, 0.05), 700))
        film += [(_sheet(rows, pattern, at, (step + 1) / STEPS), 60) for step in range(STEPS)]
        film.append((_sheet(rows, pattern, at + 1, 0.0), 1500))
    pictures, lengths = zip(*film, strict=True)
    # As APNG: Streamlit makes a still picture of an animation in WebP.
    pictures[0].save(path, "PNG", save_all=True, append_images=pictures[1:], duration=lengths, loop=1, optimize=True)


def visible(pattern: FloatArray) -> Image.Image:
    """A detail of a pattern in colours, as large as a panel."""
    left, top = PLACE
    detail = pattern[top : top + PANEL[1] // DETAIL, left : left + PANEL[0] // DETAIL]
    place = np.clip(detail / max(float(detail.std()), 1e-9) / 6 + 0.5, 0, 1)
    scale = plotly.colors.get_colorscale(DIVERGING)
    stops = [stop for stop, _ in scale]
    channels = zip(*(plotly.colors.unlabel_rgb(colour) for _, colour in scale), strict=True)
    rgb = np.stack([np.interp(place, stops, levels) for levels in channels], axis=-1).astype(np.uint8)
    return Image.fromarray(rgb).resize(PANEL, Image.Resampling.NEAREST)


def _row(picture: Image.Image, fingerprint: Fingerprint) -> Row:
    evidence = gather(np.asarray(picture.convert("L"), np.float32))
    width, height = picture.size
    tall = width * PANEL[1] // PANEL[0]
    photo = picture.convert("RGB").crop((0, (height - tall) // 3, width, (height - tall) // 3 + tall)).resize(PANEL)
    return Row(photo, visible(evidence.pattern), match(fingerprint, evidence).pce)


def _sheet(rows: list[Row], pattern: Image.Image, done: int, way: float) -> Image.Image:
    """All rows: before `done` with their outcome, row `done` with its noise so far on its way, the others waiting."""
    width, height = PANEL
    sheet = Image.new("RGBA", (3 * width + PILL + 3 * GAP, len(rows) * (height + GAP) - GAP))
    for number, row in enumerate(rows):
        top = number * (height + GAP)
        there, over = 2 * (width + GAP), number < done
        sheet.paste(row.photo, (0, top))
        sheet.paste(pattern, (there, top))
        if over or (number == done and way > 0.0):
            start = width + GAP
            left = round(start + (1.0 if over else way) * (there - start))
            sheet.paste(row.noise, (start, top))
            sheet.paste(Image.blend(row.noise, pattern, 0.5) if over else row.noise, (left, top))
        if over:
            _pill(sheet, (there + width + GAP, top + height // 2), row.score)
    return sheet


def _pill(sheet: Image.Image, place: tuple[int, int], score: float) -> None:
    """A score, with a tick or a cross: colour is never the only signal."""
    right = score >= THRESHOLD
    left, middle = place
    draw = ImageDraw.Draw(sheet)
    draw.rounded_rectangle((left, middle - 32, left + PILL - 1, middle + 32), 32, _GREEN if right else _RED)
    x, y = left + 34, middle
    tick = [(x - 11, y), (x - 3, y + 9), (x + 12, y - 10)]
    cross = [(x - 10, y - 10), (x + 10, y + 10)], [(x - 10, y + 10), (x + 10, y - 10)]
    for line in (tick,) if right else cross:
        draw.line(line, _WHITE, 5, joint="curve")
    draw.text((left + 60, middle), f"{max(score, 0.0):,.0f}", _WHITE, ImageFont.load_default(34), anchor="lm")
