"""What is made of a visitor's photo, with the real networks."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from attacks.face.portrait import PortraitError
from liveness.models import MODELS
from prnu import scenes
from tests import needs
from ui.attack_lab import victim
from ui.results.photo import Photo


@pytest.fixture(scope="module", autouse=True)
def models():
    needs.models(*MODELS)


def photo(side):
    """A head with so many pixels on each side, on a wall where that is less than a photo may have."""
    file, head = io.BytesIO(), Image.fromarray(scenes.photo("astronaut", (512, 512))[:270, 90:360]).resize((side, side))
    wall = Image.new("RGB", (max(side, 256),) * 2, "grey")
    wall.paste(head, ((wall.width - side) // 2,) * 2)
    wall.save(file, "PNG")
    return Photo("portrait.png", file.getvalue(), f"key-{side}")


def test_a_face_that_is_too_small_for_some_attacks_is_refused_before_any_of_them(monkeypatch):
    monkeypatch.setattr(victim, "simulated", lambda *_, **__: pytest.fail("too late"))
    with pytest.raises(PortraitError, match="60 are needed") as refused:
        victim._target_of(photo(140))
    assert refused.value.code == "too-small"


def test_a_large_photo_is_reduced_and_its_victim_is_marked_as_the_visitors(monkeypatch):
    made: list[tuple[tuple[int, ...], str, str]] = []
    monkeypatch.setattr(victim, "simulated", lambda rules, rgb, *, name, label: made.append((rgb.shape, name, label)))
    victim._target_of(photo(2000))
    ((shape, name, label),) = made
    assert shape == (1600, 1600, 3)
    assert name == victim.OWN_PERSON
    assert "simulated" in name
    assert "simulated" in label
