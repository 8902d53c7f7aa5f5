from __future__ import annotations

import tomllib

import pytest

from tests import needs

THEMES = tomllib.loads((needs.ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


def light(colour: str) -> float:
    """Relative luminance, after WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("background", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize("text", ["primaryColor", "textColor", "linkColor", "grayTextColor"])
def test_accent_and_text_can_be_read_on_every_background(theme, background, text):
    assert contrast(THEMES[theme][text], THEMES[theme][background]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_stands_on_the_accent_can_be_read(theme):
    """The page's background is the colour of text on the accent (ui/shell/look.py)."""
    assert contrast(THEMES[theme]["backgroundColor"], THEMES[theme]["primaryColor"]) >= 4.5
