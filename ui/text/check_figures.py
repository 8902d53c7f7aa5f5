"""What a check of photos leaves when its pictures go: figures of each photo, with its verdict in words."""

from __future__ import annotations

from ui.results.check_figures import CheckFigures
from ui.results.photo_check import Check
from ui.results.photo_group import PhotoGroup
from ui.text.scores import upper, verdict


def figures_of(made: Check | PhotoGroup) -> list[CheckFigures]:
    """Figures of one photo, or of each of several: of one that could not be compared, why not."""
    if isinstance(made, PhotoGroup):
        return [
            figures
            for one in made.members
            for figures in (
                figures_of(one.check)
                if one.check
                else [CheckFigures.of_problem(one.photo, made.camera, upper(one.note))]
            )
        ]
    told = verdict(made)
    return [CheckFigures.of(made, told.kind, told.headline, told.detail)]
