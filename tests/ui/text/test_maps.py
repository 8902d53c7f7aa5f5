from __future__ import annotations

from dataclasses import replace

import pytest

from testing.some import some
from ui.figures import maps as figures
from ui.text import maps
from ui.text.scores import verdict


def shown(check) -> maps.Strength:
    return maps.strength(check.match, check.passed)


def test_a_map_claims_a_pattern_only_where_the_verdict_is_a_match(checks):
    for check in checks:
        strength, found = shown(check), some(check.map)
        words = maps.where(found, strength, check.telling)
        titles = " ".join(maps.TITLES[strength])
        if verdict(check).kind in ("match", "attention"):
            assert "it is missing in" in words
            assert "Pattern found" in titles
        else:
            assert "no pattern to be found or missing" in words
            assert "found" not in titles
            assert "missing" not in titles


def test_a_score_between_chance_and_threshold_is_a_trace_and_claims_nothing_missing(checks):
    found = replace(checks[1].match, pce=38.0, z=6.0, p_value=1e-8)
    assert maps.strength(found, passed=False) == "trace"
    words = maps.where(some(checks[1].map), "trace", 0.0)
    assert "not enough for a match" in words
    assert "missing in" not in words
    assert "not enough for a match" in maps.agreement("trace")


@pytest.mark.parametrize(("strength", "word"), [("pattern", "dark hole"), ("chance", "nowhere more than chance")])
def test_what_to_look_for_in_a_map_follows_from_the_whole(strength, word):
    assert word in maps.agreement(strength)


def test_the_same_maps_in_words_agree_with_it(checks):
    own, stranger = (some(check.map) for check in checks[:2])
    assert maps.described(own, "pattern").endswith(f"Missing in {maps.missing(own)}")
    assert "Missing" not in maps.described(stranger, "chance")


def test_a_photo_that_does_not_match_is_drawn_without_what_is_missing_and_in_dull_colours(checks):
    stranger = checks[1]
    figure = figures.where(stranger.evidence.luma, some(stranger.map), shown=shown(stranger))
    assert [note.text for note in figure.layout.annotations] == ["Photo", "Agreement by chance"]
    assert {trace.type for trace in figure.data} == {"image", "heatmap"}
    (heat,) = figure.select_traces({"type": "heatmap"})
    assert (heat.zmin, heat.zmax) == figures.AGREEMENT
    assert heat.z.max() < 0.6 * heat.zmax
    own = figures.where(checks[0].evidence.luma, some(checks[0].map))
    assert {(one.zmin, one.zmax) for one in own.select_traces({"type": "heatmap"})} == {figures.AGREEMENT}
