"""The same as `attacks.recipes.copied_pattern`, but the bank knows the photos that the pattern is worked out from."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from attacks.recipe import Recipe
from attacks.recipes.copied_pattern import STOPS, Copying, Ways, make, steps

if TYPE_CHECKING:
    from attacks.target import Target
    from attacks.types import ImageArray
    from bank import Bank


def before(target: Target, way: Ways, seed: int, bank: Bank) -> Target:
    """Let the owner tell the bank of the photos."""
    tell(bank, target, Copying.of(way).photos)
    return target


def tell(bank: Bank, target: Target, count: int) -> None:
    """Let a bank know the photos that the enrolled camera's owner published.

    Raises
    ------
    bank.errors.NotFound
        If it has not enrolled the target.
    """
    bank.publish(target.name, target.label, (_file(photo) for photo in target.published(count)))


def _file(photo: ImageArray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(photo).save(file, "PNG", compress_level=1)
    return file.getvalue()


RECIPE = Recipe(
    order=100,
    code="copy-known",
    group="copy",
    icon=":material/fingerprint:",
    title="A copied camera pattern, and the bank knows the photos",
    teaser="The same, but the owner has told the bank which photos are public, so it can look for their noise "
    "(triangle test).",
    needs="The same.",
    stops=STOPS,
    ways=Ways,
    make=make,
    before=before,
    waiting=dict.fromkeys(Ways, "The bank is told which photos are public"),
    steps=steps,
    one_victim=True,
)
