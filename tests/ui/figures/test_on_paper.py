from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ui.figures import on_paper
from ui.text.scores import score


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_the_peak_on_paper_shows_each_row_the_score_and_the_threshold_at_their_heights(kind, request):
    found = request.getfixturevalue(kind).finding.found
    drawing = ElementTree.fromstring(on_paper.peak(found, 50.0))
    kinds = [element.tag.rpartition("}")[2] for element in drawing.iter()]
    assert kinds.count("polyline") == len(found.surface)
    words = [element.text for element in drawing.iter() if element.text]
    assert f"this photo {score(found.pce)}" in words
    assert "threshold 50" in words
    heights = [float(number) for number in re.findall(r'text [^>]*y="([\d.-]+)"', on_paper.peak(found, 50.0))]
    assert len(heights) == 2
    threshold, reached = heights[0] - 5, heights[1]
    assert (reached < threshold) == (found.pce > 50)
