"""The picture of imports in docs/architecture.md is the one that the modules give."""

from __future__ import annotations

import pytest

from docs.imports import BEGIN, DOCUMENT, END, own_imports, picture, rooms, written


def test_the_picture_of_imports_is_not_stale():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == written(text, picture(rooms(own_imports()))), "run: python -m docs.imports"


def test_only_what_is_between_the_markers_is_written():
    assert written(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\nnew\n{END}\nb"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_document_without_its_markers_is_refused(text):
    with pytest.raises(ValueError, match="expected the markers"):
        written(text, "")
