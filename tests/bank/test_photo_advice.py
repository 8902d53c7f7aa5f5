from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bank import factors, freshness, ledger, person, reuse
from bank.photo_advice import for_photos
from liveness import identity

# What only somebody present can do; a sentence that begins so must be put in other words for photos.
PRESENT = re.compile(r"(Look|Hold|Move|Turn|Keep|Take|Stay|Start|Try|Switch|Close|Do not turn|Only you)\b")

# They need a video, so nobody says them of photos.
OF_VIDEO = {
    "Turn your head further.",
    "Stay in view, in good light.",
    "Stay in view from start to end, in even light, without dark glasses.",
}


def sentences(module) -> set[str]:
    """All sentences in a module's texts, those of its f-strings too, as far as they are constant."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and node.body
            and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]
    return {sentence for text in texts for sentence in re.split(r"(?<=[.!?]) ", text) if " " in sentence}


@pytest.mark.parametrize("module", [factors, person, freshness, reuse, ledger, identity])
def test_nothing_that_is_said_of_photos_asks_somebody_to_do_something_now(module):
    live = {sentence for sentence in sentences(module) if PRESENT.match(sentence)} - OF_VIDEO
    left = {sentence for sentence in live if PRESENT.match(for_photos(sentence))}
    assert left == set()


def test_photos_are_called_so():
    assert for_photos("Still 3 of 4 is weak. Stills 1, 2 are not.") == "Photo 3 of 4 is weak. Photos 1, 2 are not."
    assert for_photos("Any still. Move closer.") == "Any photo. Use one that shows it larger."


def test_what_fits_photos_stays():
    told = "The photos were uploaded, so nobody knows when they were taken."
    assert for_photos(told) == told
